"""The coming year as a picture, by the stage of warning that certificates have reached."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Route, expect

from tests.browser.console import Console

pytestmark = pytest.mark.soak


def test_each_stage_that_was_reached_is_told_in_words_and_drawn(console: Console) -> None:
    reached = {"mobile-app": 7, "nightly": 30}

    def warned(route: Route) -> None:
        answer = route.fetch()
        page = answer.json()
        for each in page["items"]:
            each["expiry"]["flagged_stage"] = reached.get(each["alias"])
        route.fulfill(response=answer, body=json.dumps(page))

    console.log_in(path="/console/me")
    console.page.route("**/v1/certificates?*", warned)
    console.screen("Expiry")

    legend = console.page.locator(".legend")
    expect(legend).to_contain_text("Warned of, 7 days before: 1")
    expect(legend).to_contain_text("Warned of, 30 days before: 1")
    expect(legend).to_contain_text("Expiring, not warned of yet: 1")
    picture = console.page.get_by_role("img", name="Certificates that end in the coming year")
    name = picture.get_attribute("aria-label") or ""
    assert "1 warned of, 7 days before" in name
    assert "1 warned of, 30 days before" in name
    expect(picture.locator("rect.urgent")).to_have_count(1)
    expect(picture.locator("rect.warned")).to_have_count(1)
    expect(picture.locator("rect.soon")).to_have_count(1)


PAGES = 12


def test_who_has_more_than_a_few_thousand_looks_further_as_far_as_there_are_any(console: Console) -> None:
    asked: list[str] = []

    def one_a_page(route: Route) -> None:
        answer = route.fetch(url=route.request.url.partition("&cursor=")[0])
        page = answer.json()
        asked.append(route.request.url)
        soon = datetime.now(UTC) + timedelta(days=100, minutes=len(asked))
        dated = {"alias": f"of page {len(asked)}", "valid_to": soon.strftime("%Y-%m-%dT%H:%M:%SZ"), "renewed_by": None}
        expiry = {"state": "valid", "days_left": 100, "flagged_stage": None, "flagged_at": None}
        page["items"] = [{**page["items"][-1], **dated, "expiry": expiry}]
        page["next_cursor"] = f"behind-{len(asked)}" if len(asked) < PAGES else None
        route.fulfill(response=answer, body=json.dumps(page))

    console.log_in(path="/console/me")
    console.page.route("**/v1/certificates?*", one_a_page)
    console.screen("Expiry")

    expect(console.page.locator(".legend")).to_have_text(re.compile("Later: 10$"))
    expect(console.page.get_by_role("main")).to_contain_text("There are more: the picture is complete until")
    console.page.get_by_role("button", name="Look further").click()
    expect(console.page.locator(".legend")).to_have_text(re.compile(f"Later: {PAGES}$"))
    expect(console.page.get_by_role("button", name="Look further")).to_have_count(0)
    assert len(asked) == PAGES
    assert [address.partition("&cursor=")[2] for address in asked] == ["", *(f"behind-{n}" for n in range(1, PAGES))]
