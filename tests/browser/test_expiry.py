"""The coming year as a picture, by the stage of warning that certificates have reached."""

import json

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

    console.page.route("**/v1/certificates?*", warned)
    console.log_in()
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
