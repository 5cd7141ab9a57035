"""CreateCalendarLink: a secret link to the caller's expiry calendar; the one before it works no more."""

from dataclasses import replace

from signet.domain.calendar_link import CalendarLink, digest_of, new_secret, repeatable_secret
from signet.domain.principal import Principal
from signet.operations.afresh import afresh
from signet.operations.ports import AnsweredBeforeSignal, CalendarLinkChanged, CalendarLinks, Clock, Once, Records
from signet.operations.repeats import answer_repeat


def create_calendar_link(
    *, by: Principal, once: Once | None, records: Records, links: CalendarLinks, clock: Clock
) -> str:
    """The secret of a new link for `by`; it is shown this once, and kept nowhere."""
    secret = new_secret() if once is None else repeatable_secret(records.cursor_secret(), once.id)
    # What is kept of the answer for a repeat has no secret in it; the repeat makes it anew.
    promise = None if once is None else replace(once, render=lambda _: b'{"body": ""}')

    def decide() -> str:
        sight = records.sight(once=promise)
        try:
            answer_repeat(promise, sight)
        except AnsweredBeforeSignal:
            return secret
        link = CalendarLink(digest_of(secret), by.user, by.user_groups, clock.now())
        records.commit(CalendarLinkChanged(by.user, links.of(by.user), link), events=[], once=promise, result=None)
        return secret

    return afresh(decide)
