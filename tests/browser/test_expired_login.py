"""A login that ends while a form, a dialog or a list of files is open: whoever logs in again goes on where it was."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.x509 import load_pem_x509_csr
from playwright.sync_api import FilePayload, Page, Route, expect

from tests.browser.console import Console
from tests.support.certificates.certification_authority import told_of_csr
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


def renewal(console: Console, admin: Client) -> Callable[[], None]:
    certificate = admin.import_certificate(issue(alias := unused_name("late")), alias=alias)
    console.log_in(path=f"/console/certificates/{certificate['id']}/renew")
    console.page.get_by_label("Subject").fill(f"CN={alias},O=Typed before")
    console.page.get_by_label("Key algorithm").select_option("RSA_3072")
    console.page.get_by_role("button", name="Next").click()
    console.page.get_by_label("DNS names").fill("typed.example.com")
    console.page.get_by_role("button", name="Next").click()
    end(console)
    console.page.get_by_role("button", name="Generate CSR").click()

    def check() -> None:
        expect(console.page.get_by_role("heading", name="1. Give this CSR to the CA")).to_be_visible()
        request = admin.good("GET", f"/certificates/{certificate['id']}")["pending_request"]
        made = admin.good("GET", f"/signing-requests/{request}")
        assert (made["subject"], made["key_algorithm"]) == (f"CN={alias},O=Typed before", "RSA_3072")
        assert "DNS:typed.example.com" in told_of_csr(made["csr"])

    return check


def a_request(admin: Client) -> dict[str, Any]:
    """A request that waits for the CA."""
    order = {"key_algorithm": "ECC_NIST_P256", "subject": {"common_name": unused_name("late")}}
    request: dict[str, Any] = admin.good("POST", "/signing-requests", order)
    return request


def answer(console: Console, admin: Client) -> Callable[[], None]:
    request = a_request(admin)
    console.log_in(path=f"/console/requests/{request['id']}")
    expect(console.page.get_by_role("heading", name="2. Bring the certificate in")).to_be_visible()
    end(console)
    issued = issue(public_key=load_pem_x509_csr(request["csr"].encode()).public_key())
    file = FilePayload(name="answer.pem", mimeType="application/x-pem-file", buffer=issued.pem)
    console.page.locator("input[type=file]").set_input_files(file)

    def check() -> None:
        expect(console.page.get_by_text("The certificate is in.")).to_be_visible()
        assert admin.good("GET", f"/signing-requests/{request['id']}")["status"] == "completed"

    return check


def pasted(console: Console, admin: Client) -> Callable[[], None]:
    request = a_request(admin)
    console.log_in(path=f"/console/requests/{request['id']}")
    console.page.get_by_text("Or paste it").click()
    issued = issue(public_key=load_pem_x509_csr(request["csr"].encode()).public_key())
    console.page.get_by_label("Certificate as PEM").fill(issued.pem.decode())
    end(console)
    console.page.get_by_role("button", name="Import what was pasted").click()
    expect(console.page.get_by_label("Certificate as PEM")).to_have_value(issued.pem.decode())

    def check() -> None:
        expect(console.page.get_by_text("The certificate is in.")).to_be_visible()
        assert admin.good("GET", f"/signing-requests/{request['id']}")["status"] == "completed"

    return check


def role(console: Console, admin: Client) -> Callable[[], None]:
    name = unused_name("late")
    console.log_in(path="/console/roles/new")
    console.page.get_by_label("Name", exact=True).fill(name)
    console.page.get_by_label("Description").fill("typed before")
    console.page.get_by_role("group", name="Events").get_by_role("checkbox", name="view own").check()
    console.page.get_by_label("Users", exact=True).fill("local/olga")
    end(console)
    console.page.get_by_role("button", name="Save").click()

    def check() -> None:
        expect(console.page.get_by_role("heading", name=name)).to_be_visible()
        (made,) = [each for each in admin.items("/roles") if each["name"] == name]
        assert (made["description"], made["permissions"]) == ("typed before", ["events:view_own"])
        assert made["users"] == ["local/olga"]

    return check


def changed_role(console: Console, admin: Client) -> Callable[[], None]:
    body = {"name": unused_name("late"), "permissions": ["events:view_own"], "certificate_groups": []}
    made = admin.good("POST", "/roles", body)
    console.log_in(path=f"/console/roles/{made['id']}")
    console.page.get_by_role("button", name="Edit").click()
    console.page.get_by_label("Description").fill("typed before")
    end(console)
    console.page.get_by_role("button", name="Save").click()

    def check() -> None:
        expect(console.page.get_by_role("definition").filter(has_text="typed before")).to_be_visible()
        assert admin.good("GET", f"/roles/{made['id']}")["description"] == "typed before"

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


FORMS = (
    edit,
    wizard,
    renewal,
    answer,
    pasted,
    role,
    changed_role,
    group,
    policy,
    files,
    deletion,
    many,
)


@pytest.mark.parametrize("form", FORMS, ids=[form.__name__ for form in FORMS])
def test_nothing_typed_is_lost_when_the_login_ends(
    console: Console, admin: Client, form: Callable[[Console, Client], Callable[[], None]]
) -> None:
    check = form(console, admin)
    come_back(console)
    check()
