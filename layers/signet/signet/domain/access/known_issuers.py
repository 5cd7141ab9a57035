"""Who is named in a policy, a role or as an owner is somebody who could call: of an issuer that is trusted.

`lcoal/eve` would otherwise be denied for good, and a name of an issuer that comes to be trusted later would have rights
that nobody remembers. Only names that are being added are looked at, so that an issuer can be given up without first
rewriting all that names its users.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from signet.domain.access.trusted_issuer import AUTOMATION
from signet.domain.errors import FieldError, InvalidInputError, UnknownIssuerError
from signet.domain.field_errors import MAX_ERRORS_NAMED

_PATTERN = (
    "a * is not read as a pattern: name a user group instead, which a claim of the token makes "
    "(group_claims of the trusted issuer), as in ci/environment:production"
)


def added_in(field: str, sent: Sequence[str] | None, before: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """The names in the list `sent` that are not among those `before`, each behind its path, `who.users[1]`."""
    for place, name in enumerate(sent or ()):
        if name not in before:
            yield f"{field}[{place}]", name


def added_to_who(
    who: Mapping[str, Any] | None, users: Collection[str] = (), user_groups: Collection[str] = ()
) -> dict[str, str]:
    """The names that the `who` of a policy, as it came, has in addition to `users` and `user_groups`."""
    sent = who or {}
    return dict(
        [
            *added_in("who.users", sent.get("users"), users),
            *added_in("who.user_groups", sent.get("user_groups"), user_groups),
        ]
    )


def added_to_role(
    plain: Mapping[str, Any], users: Collection[str] = (), user_groups: Collection[str] = ()
) -> dict[str, str]:
    """The names that a role, as it came, has in addition to `users` and `user_groups`."""
    return dict(
        [
            *added_in("users", plain.get("users"), users),
            *added_in("user_groups", plain.get("user_groups"), user_groups),
        ]
    )


def check_added(names: Mapping[str, str], trusted: Collection[str]) -> None:
    """Refuse `names`, by their paths, of issuers whose aliases are not in `trusted`; and what was meant as a pattern.

    Raises:
        UnknownIssuerError: an issuer is not trusted; with one field error for each.
        InvalidInputError: a name has a `*`.
    """
    known = {*trusted, AUTOMATION}
    unknown = [
        FieldError(field, _unknown(name, known)) for field, name in names.items() if name.partition("/")[0] not in known
    ]
    if unknown:
        raise UnknownIssuerError(*unknown[:MAX_ERRORS_NAMED])
    if patterns := [FieldError(field, _PATTERN) for field, name in names.items() if "*" in name]:
        raise InvalidInputError(*patterns[:MAX_ERRORS_NAMED])


def check_owner(owner: object, trusted: Collection[str], before: str | None = None) -> None:
    """Refuse a new owner whom `check_added` refuses; anything but a name, or the owner there is, is none.

    Raises:
        UnknownIssuerError, InvalidInputError: as there, at `owner`.
    """
    if isinstance(owner, str) and owner != before:
        check_added({"owner": owner}, trusted)


def _unknown(name: str, known: Collection[str]) -> str:
    text = f"no issuer {name.partition('/')[0]} is trusted here; there is {', '.join(sorted(known))}"
    return f"{text}; and {_PATTERN}" if "*" in name else text
