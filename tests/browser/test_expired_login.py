"""A login that ends while a form, a dialog or a list of files is open: whoever logs in again goes on where it was."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, Route, expect

from tests.browser.console import Console
from tests.support.certificates.issued import issue, unused_name
from tests.support.services.over_http import Client

pytestmark = pytest.mark.soak

ENDED = {"code": "unauthenticated", "title": "No valid token", "status": 401, "detail": "The token has expired."}


def end(console: Console) -> None:
    """From now on no change is taken, and no other token is given."""

    def refuse(route: Route) -> None:
        if route.request.method == "GET":
            route.continue_()
        else:
            route.fulfill(status=401, content_type="application/problem+json", body=json.dumps(ENDED))

    console.page.route("**/v1/**", refuse)
    console.page.route(
        "**/local/issuer/token", lambda route: route.fulfill(status=400, body='{"error": "invalid_grant"}')
    )


def come_back(console: Console) -> None:
    """Log in as the same person, in the window that is offered."""
    expect(console.page.get_by_text("Nothing that you have typed is lost")).to_be_visible()
    console.page.unroute_all()
    with console.page.context.expect_page() as opening:
        console.page.get_by_role("button", name="Log in again").click()
    window: Page = opening.value
    with window.expect_event("close"):
        window.get_by_role("button", name=re.compile("^alice ")).click()
    expect(console.page.get_by_text("Nothing that you have typed is lost")).to_have_count(0)


def edit(console: Console, admin: Client) -> Callable[[], None]:
    certificate = admin.import_certificate(issue(alias := unused_name("late")), alias=alias)
    console.log_in(path=f"/console/certificates/{certificate['id']}")
    console.page.get_by_label("Description").fill("typed before")
    end(console)
    console.page.get_by_role("button", name="Save").click()

    def check() -> None:
        expect(console.page.get_by_text("Saved")).to_be_visible()
        assert admin.good("GET", f"/certificates/{certificate['id']}")["description"] == "typed before"

    return check


def wizard(console: Console, admin: Client) -> Callable[[], None]:
    alias = unused_name("late")
    console.log_in(path="/console/requests/new")
    console.page.locator("[name=common_name]").fill(alias)
    console.page.locator("[name=organization]").fill("Typed before")
    console.page.get_by_role("button", name="Next").click()
    console.page.get_by_role("button", name="Next").click()
    console.page.get_by_label("Description").fill("typed before")
    console.page.get_by_role("button", name="Next").click()
    end(console)
    console.page.get_by_role("button", name="Generate CSR").click()

    def check() -> None:
        expect(console.page.get_by_role("heading", name=alias)).to_be_visible()
        (made,) = [each for each in admin.items("/signing-requests", status="pending") if each["alias"] == alias]
        assert "Typed before" in made["subject"]
        assert made["description"] == "typed before"

    return check


def group(console: Console, admin: Client) -> Callable[[], None]:
    name = unused_name("late")
    console.log_in(path="/console/groups")
    console.page.get_by_role("button", name="New group").click()
    console.dialog().get_by_label("Name").fill(name)
    console.dialog().get_by_label("Description").fill("typed before")
    end(console)
    console.page.get_by_role("button", name="Create").click()

    def check() -> None:
        expect(console.dialog()).to_have_count(0)
        (made,) = [each for each in admin.items("/certificate-groups") if each["name"] == name]
        assert made["description"] == "typed before"

    return check


def policy(console: Console, admin: Client) -> Callable[[], None]:
    name = unused_name("late")
    console.log_in(path="/console/policies/new")
    console.page.locator("[name=name]").fill(name)
    console.page.get_by_label("Description").fill("typed before")
    console.page.locator("[name='what.certificates']").fill("production")
    console.page.locator("[name='who.users']").fill("local/admin")
    end(console)
    console.page.get_by_role("button", name="Save").click()

    def check() -> None:
        expect(console.page.get_by_role("heading", name=name)).to_be_visible()
        (made,) = [each for each in admin.items("/policies") if each["name"] == name]
        assert (made["description"], made["who"]["users"]) == ("typed before", ["local/admin"])

    return check


def files(console: Console, admin: Client) -> Callable[[], None]:
    aliases = [unused_name("late"), unused_name("late")]
    console.log_in(path="/console/certificates/import")
    chosen: list[FilePayload] = [
        {"name": f"{alias}.pfx", "mimeType": "application/x-pkcs12", "buffer": issue(alias).pkcs12()}
        for alias in aliases
    ]
    console.page.locator("input[type=file]").set_input_files(chosen)
    for alias in aliases:
        console.page.get_by_label(f"Password of {alias}.pfx").fill("open sesame")
        console.page.get_by_label(f"Name for {alias}.pfx").fill(f"{alias} typed")
    end(console)
    console.page.get_by_role("button", name="Import 2 files").click()

    def check() -> None:
        expect(console.page.get_by_text("2 certificates imported")).to_be_visible()
        for alias in aliases:
            assert [each["alias"] for each in admin.items("/certificates", q=alias)] == [f"{alias} typed"]

    return check


def deletion(console: Console, admin: Client) -> Callable[[], None]:
    certificate = admin.import_certificate(issue(alias := unused_name("late")), alias=alias)
    console.log_in(path=f"/console/certificates/{certificate['id']}")
    console.page.get_by_role("button", name="Delete", exact=True).click()
    console.dialog().get_by_label("Type its name to confirm").fill(alias)
    end(console)
    console.dialog().get_by_role("button", name="Delete", exact=True).click()

    def check() -> None:
        expect(console.page.get_by_text(f"{alias} is deleted")).to_be_visible()
        assert admin.get(f"/certificates/{certificate['id']}").status == 404

    return check


def many(console: Console, admin: Client) -> Callable[[], None]:
    group = admin.good("POST", "/certificate-groups", {"name": unused_name("late")})
    aliases = [unused_name("late"), unused_name("late")]
    for alias in aliases:
        admin.import_certificate(issue(alias), alias=alias, groups=[group["id"]])
    console.log_in(path=f"/console/certificates?group={group['id']}")
    console.page.get_by_role("checkbox", name="Select all on this page").check()
    console.bar().get_by_role("button", name="Disable").click()
    expect(console.dialog().get_by_role("status")).to_have_text("2 will be done, 0 are so already, 0 would be refused.")
    end(console)
    console.dialog().get_by_role("button", name="Disable (2)").click()

    def check() -> None:
        expect(console.dialog().get_by_role("status")).to_have_text("2 done, 0 were so already, 0 failed.")
        listed = admin.items("/certificates", group=group["id"])
        assert {each["status"] for each in listed} == {"disabled"}

    return check


FORMS = (edit, wizard, group, policy, files, deletion, many)


@pytest.mark.parametrize("form", FORMS, ids=[form.__name__ for form in FORMS])
def test_nothing_typed_is_lost_when_the_login_ends(
    console: Console, admin: Client, form: Callable[[Console, Client], Callable[[], None]]
) -> None:
    check = form(console, admin)
    come_back(console)
    check()
