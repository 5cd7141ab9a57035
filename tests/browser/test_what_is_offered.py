"""What the screens offer to each role is what the service lets it do: nothing that is refused, all that is allowed."""

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.console import Console
from tests.support.certificates.issued import in_base64, issue, unused_name
from tests.support.services.over_http import Client, Service

pytestmark = pytest.mark.soak

LOOKS = ["certificates:view", "signing_requests:view"]
MANAGES = [
    "certificates:import",
    "certificates:edit",
    "certificates:delete",
    "signing_requests:create",
    "signing_requests:delete",
]
POLICIES = ["policies:view", "policies:create", "policies:edit", "policies:delete"]
REFUSED = {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}


@dataclass(frozen=True)
class Person:
    """Somebody at the screen."""

    user: str
    groups: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    rights: tuple[str, ...] | None = None
    """On the group of the cast; None for a role that is for all groups."""


PEOPLE = {
    "an administrator": Person("offered-admin", ("administrators",)),
    "a viewer": Person("offered-viewer"),
    "a manager of a group": Person(
        "offered-manager",
        permissions=(*LOOKS, *MANAGES, *POLICIES, "events:view_certificates"),
        rights=("add", "remove", "assign"),
    ),
    "one who edits and may not regroup": Person(
        "offered-editor", permissions=(*LOOKS, *POLICIES, "certificates:edit", "events:view_own"), rights=()
    ),
    "one who imports and has no group to import into": Person(
        "offered-importer", permissions=(*LOOKS, "certificates:import", "signing_requests:create"), rights=()
    ),
    "an importer everywhere": Person(
        "offered-everywhere", permissions=(*LOOKS, "certificates:import", "certificates:set_owner", "events:view_all")
    ),
    "an owner without a role": Person("offered-owner"),
    "a signer by policy": Person("offered-signer"),
    "nobody in particular": Person("offered-nobody"),
}


@dataclass(frozen=True)
class Cast:
    """What there is to act on."""

    certificates: dict[str, dict[str, Any]]
    group: str
    other: str
    requests: dict[str, str] = field(default_factory=dict)
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def cast(admin: Client) -> Cast:
    """Certificates in the managers' group and outside it, one owned by everybody in turn, and who may what."""
    mine, second, other, empty = (
        admin.good("POST", "/certificate-groups", {"name": unused_name("Offered")})["id"] for _ in range(4)
    )
    for person in PEOPLE.values():
        if not person.permissions:
            continue
        groups: Any = "all"
        if person.rights is not None:
            groups = [{"group": each, "rights": list(person.rights)} for each in (mine, second)]
        role = {"name": unused_name("Offered"), "priority": 5, "permissions": list(person.permissions)}
        admin.good("POST", "/roles", {**role, "certificate_groups": groups, "users": [f"local/{person.user}"]})
    viewer = next(role for role in admin.items("/roles") if role["name"] == "Viewer")
    admin.good("PATCH", f"/roles/{viewer['id']}", {"users": [*viewer["users"], "local/offered-viewer"]})
    certificates: dict[str, dict[str, Any]] = {
        "inside": {"groups": [mine, second], "owner": "local/offered-owner"},
        "outside": {"groups": [other], "owner": "local/offered-manager"},
        "alone": {"owner": "local/offered-editor"},
    }
    made = {name: admin.import_certificate(issue(), **fields) for name, fields in certificates.items()}
    admin.good("POST", f"/certificates/{made['outside']['id']}/disable")
    policy = {
        "name": unused_name("Offered"),
        "action": "allow",
        "what": {"certificates": [made["inside"]["id"]]},
        "who": {"users": ["local/offered-signer"]},
    }
    admin.good("POST", "/policies", policy)
    requests = {}
    for name, groups in (("request inside", [mine]), ("request outside", [other])):
        body = {"key_algorithm": "ECC_NIST_P256", "subject": {"common_name": unused_name("Offered")}, "groups": groups}
        requests[name] = admin.good("POST", "/signing-requests", body)["id"]
    policies = {
        name: admin.good("POST", "/policies", a_policy(group)) for name, group in (("inside", mine), ("outside", empty))
    }
    return Cast(made, mine, other, requests, policies)


def a_policy(group: str) -> dict[str, Any]:
    """The body of a policy about a certificate group."""
    name, who = unused_name("Offered"), {"users": ["local/somebody"]}
    return {"name": name, "action": "allow", "what": {"groups": [group]}, "who": who}


@pytest.fixture(params=PEOPLE.values(), ids=[name.replace(" ", "-") for name in PEOPLE])
def person(request: pytest.FixtureRequest) -> Person:
    """Each of them."""
    chosen: Person = request.param
    return chosen


@pytest.fixture
def caller(person: Person, signet: Service) -> Client:
    """The same person, over HTTP."""
    return signet.caller(person.user, *person.groups)


@pytest.fixture
def at_screen(person: Person, console: Console) -> Page:
    """The same person at the screen."""
    console.log_in_by_name(person.user, ", ".join(person.groups))
    return console.page


def show(page: Page, path: str) -> None:
    """Go to a screen without logging in again, and wait until it has loaded."""
    page.evaluate("(to) => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')); }", path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("Loading")).to_have_count(0)


def is_allowed(caller: Client, method: str, path: str, body: object = None) -> bool:
    """Whether the service would not refuse it for who asks."""
    return caller.call(method, path, body).status not in REFUSED


def allowed_at_once(caller: Client, certificate: str, action: str, **fields: Any) -> bool:
    """Whether a dry run of the action says that it would not be refused."""
    body = {"action": action, "certificates": [certificate], "dry_run": True, **fields}
    answer = caller.post("/certificates/actions", body)
    # A group that is seen because of a certificate in it, and that the role does not reach, is no group to act on.
    assert answer.status == HTTPStatus.OK or answer.code == "unknown_reference", answer
    return answer.status == HTTPStatus.OK and answer.json["summary"]["failed"] == 0


def allowed_actions(caller: Client, admin: Client, certificate: dict[str, Any]) -> set[str]:
    """The quick actions that the service would do for the caller."""
    path, is_enabled = f"/certificates/{certificate['id']}", certificate["status"] == "enabled"
    allowed = set()
    if allowed_at_once(caller, certificate["id"], "disable" if is_enabled else "enable"):
        allowed.add("Disable" if is_enabled else "Enable")
    if allowed_at_once(caller, certificate["id"], "delete"):
        allowed.add("Delete")
    if is_allowed(caller, "GET", f"{path}/download"):
        allowed.add("Download")
    renewal = caller.post(f"{path}/renew", {})
    if renewal.status == HTTPStatus.CREATED:
        allowed.add("CSR / Renew")
        admin.good("DELETE", f"/signing-requests/{renewal.json['id']}")
    return allowed


def allowed_in_bar(caller: Client, certificate: dict[str, Any]) -> set[str]:
    """The bar's actions that the service would do for the caller to this certificate."""
    identifier = certificate["id"]
    groups = [group["id"] for group in caller.items("/certificate-groups")]
    allowed = {
        title
        for action, title in (("add_to_groups", "Add to groups"), ("remove_from_groups", "Remove from groups"))
        if any(allowed_at_once(caller, identifier, action, groups=[group]) for group in groups)
    }
    for action, title in (("enable", "Enable"), ("disable", "Disable"), ("delete", "Delete")):
        if allowed_at_once(caller, identifier, action):
            allowed.add(title)
    return allowed


def check_table(caller: Client, admin: Client, cast: Cast, page: Page) -> None:
    """Each row's menu, tick box and bar."""
    seen = {each["id"] for each in caller.items("/certificates")}
    for name, certificate in cast.certificates.items():
        alias = certificate["alias"]
        show(page, f"/console/certificates?contains={alias}")
        row = page.get_by_role("row").filter(has=page.get_by_role("link", name=alias, exact=True))
        expect(row).to_have_count(1 if certificate["id"] in seen else 0)
        if certificate["id"] not in seen:
            continue
        certificate = caller.good("GET", f"/certificates/{certificate['id']}")  # noqa: PLW2901 - as it is now
        row.get_by_role("button", name=f"Actions for {alias}").click()
        offered = {text.strip() for text in page.get_by_role("menuitem").all_inner_texts() if text.strip()}
        page.keyboard.press("Escape")
        offered.remove("Copy as command")
        assert (name, offered) == (name, allowed_actions(caller, admin, certificate))

        in_bar: set[str] = set()
        if row.get_by_role("checkbox").count():
            row.get_by_role("checkbox").check()
            bar = page.get_by_role("toolbar", name="Actions for the selected certificates")
            expect(bar).to_be_visible()
            in_bar = {text.strip() for text in bar.get_by_role("button").all_inner_texts()} - {"Clear"}
            bar.get_by_role("button", name="Clear").click()
        assert (name, in_bar) == (name, allowed_in_bar(caller, certificate))


def check_certificates(caller: Client, admin: Client, cast: Cast, page: Page) -> None:
    """Each certificate's page: its actions, fields and tabs."""
    for name, certificate in cast.certificates.items():
        path = f"/certificates/{certificate['id']}"
        show(page, f"/console{path}")
        answer = caller.get(path)
        if answer.status in REFUSED:
            expect(page.get_by_role("heading", name="No such certificate")).to_be_visible()
            continue
        now = answer.json
        expect(page.get_by_role("heading", name=now["alias"])).to_be_visible()
        row = page.locator(".title-row")
        offered = {text.strip() for text in row.get_by_role("button").all_inner_texts()}
        assert (name, offered) == (name, allowed_actions(caller, admin, now))
        may_edit = is_allowed(caller, "PATCH", path, {"description": now["description"]})
        may_own = is_allowed(caller, "PATCH", path, {"owner": now["owner"]})
        for field_name, may in (
            ("Certificate Alias", may_edit),
            ("Owner", may_own),
            ("Description", may_edit),
            ("Ask for a reason when used", may_edit),
            ("Always ask for PIN", may_edit),
        ):
            expect(page.get_by_label(re.compile(f"^\\s*{field_name}"))).to_be_enabled(enabled=may)
        for tab, shown in (
            ("related", "Certificate Groups"),
            ("details", "Extended Key Usage"),
            ("x509", "Extensions"),
        ):
            show(page, f"/console{path}/{tab}")
            expect(page.get_by_text(shown).first).to_be_visible()
        show(page, f"/console{path}/related")
        for policy in caller.good("GET", f"{path}/related")["policies"]:
            links = page.get_by_role("link", name=policy["name"])
            expect(links).to_have_count(1 if is_allowed(caller, "GET", f"/policies/{policy['id']}") else 0)
        show(page, f"/console{path}/activity")
        may_look = is_allowed(caller, "GET", f"{path}/events")
        expect(page.get_by_text("Your role does not let you look at events.")).to_have_count(0 if may_look else 1)
        expect(page.get_by_role("alert")).to_have_count(0)


def check_screens(caller: Client, admin: Client, cast: Cast, page: Page) -> None:
    """The navigation, and what each screen begins."""
    screens = {
        "Requests": is_allowed(caller, "GET", "/signing-requests"),
        "Policies": is_allowed(caller, "GET", "/policies"),
        "Events": is_allowed(caller, "GET", "/events"),
        "Certificates": True,
        "Groups": True,
        "Expiry": True,
        "Who am I": True,
    }
    navigation = page.get_by_role("navigation", name="Screens")
    for screen, may in screens.items():
        expect(navigation.get_by_role("link", name=screen, exact=True)).to_have_count(1 if may else 0)

    groups = [None, *([cast.group] if is_allowed(caller, "GET", f"/certificate-groups/{cast.group}") else [])]
    body = {"content": in_base64(b"no certificate")}
    may_import = any(
        is_allowed(caller, "POST", "/certificates", {**body, **({"groups": [group]} if group else {})})
        for group in groups
    )
    may_request = False
    for group in groups:
        order = {"key_algorithm": "ECC_NIST_P256", "subject": {"common_name": unused_name("Offered")}}
        made = caller.post("/signing-requests", {**order, **({"groups": [group]} if group else {})})
        if made.status == HTTPStatus.CREATED:
            may_request = True
            admin.good("DELETE", f"/signing-requests/{made.json['id']}")
    show(page, "/console/certificates")
    expect(page.get_by_role("link", name="Import", exact=True)).to_have_count(1 if may_import else 0)
    expect(page.get_by_role("link", name="Generate CSR")).to_have_count(1 if may_request else 0)
    show(page, "/console/certificates/import")
    expect(page.locator(".drop")).to_have_count(1 if may_import else 0)
    show(page, "/console/requests/new")
    expect(page.get_by_label("Common name")).to_have_count(1 if may_request else 0)

    may_make_groups = is_allowed(caller, "POST", "/certificate-groups", {"name": unused_name("Offered")})
    show(page, "/console/groups")
    expect(page.get_by_role("button", name="New group")).to_have_count(1 if may_make_groups else 0)
    for screen in ("", "expiry", "me"):
        show(page, f"/console/{screen}")
        expect(page.get_by_role("alert")).to_have_count(0)


def check_requests(caller: Client, cast: Cast, page: Page) -> None:
    """Each request's page."""
    for name, request in cast.requests.items():
        show(page, f"/console/requests/{request}")
        if caller.get(f"/signing-requests/{request}").status in REFUSED:
            expect(page.get_by_role("button", name="Copy CSR")).to_have_count(0)
            continue
        expect(page.get_by_role("heading", name="1. Give this CSR to the CA")).to_be_visible()
        answer = {"content": in_base64(b"no certificate")}
        may_bring = is_allowed(caller, "POST", f"/signing-requests/{request}/certificate", answer)
        # Cancelling cannot be tried without doing it: by what the caller is told of the role.
        me = caller.good("GET", "/me")
        covered = me["certificate_groups"]
        is_covered = covered == "all" or (
            name == "request inside" and cast.group in {each["group"] for each in covered}
        )
        may_cancel = is_covered and "signing_requests:delete" in me["permissions"]
        expect(page.locator(".drop")).to_have_count(1 if may_bring else 0)
        expect(page.get_by_role("button", name="Cancel the request")).to_have_count(1 if may_cancel else 0)


def check_policies(caller: Client, admin: Client, cast: Cast, page: Page) -> None:
    """The list's and the form's way to a new policy, and what each policy's page offers."""
    made = caller.post("/policies", a_policy(cast.group))
    may_make = made.status == HTTPStatus.CREATED
    if may_make:
        admin.good("DELETE", f"/policies/{made.json['id']}")
    show(page, "/console/policies/new")
    expect(page.get_by_role("heading", name="New policy")).to_be_visible()
    expect(page.get_by_role("heading", name="Not for you")).to_have_count(0 if may_make else 1)
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_count(1 if may_make else 0)
    if is_allowed(caller, "GET", "/policies"):
        show(page, "/console/policies")
        expect(page.get_by_role("heading", name="Policies", exact=True)).to_be_visible()
        expect(page.get_by_role("link", name="New policy")).to_have_count(1 if may_make else 0)
    for name, policy in cast.policies.items():
        path = f"/policies/{policy['id']}"
        show(page, f"/console{path}")
        answer = caller.get(path)
        if answer.status in REFUSED:
            expect(page.get_by_role("heading", name="Not there")).to_be_visible()
            continue
        expect(page.get_by_role("heading", name=policy["name"])).to_be_visible()
        alike = admin.good("POST", "/policies", a_policy(policy["what"]["groups"][0]))
        may_delete = is_allowed(caller, "DELETE", f"/policies/{alike['id']}")
        if not may_delete:
            admin.good("DELETE", f"/policies/{alike['id']}")
        allowed = {
            "Edit": is_allowed(caller, "PATCH", path, {"description": answer.json["description"]}),
            "Copy": may_make,
            "Delete": may_delete,
        }
        row = page.locator(".title-row")
        offered = {text.strip() for text in row.locator("button, a").all_inner_texts()}
        assert (name, offered) == (name, {title for title, may in allowed.items() if may})


def check_roles(caller: Client, admin: Client, page: Page) -> None:
    """Whom the list of roles is offered to, and who makes, changes and deletes one."""
    made = caller.post("/roles", {"name": unused_name("Offered")})
    may_make = made.status == HTTPStatus.CREATED
    role = made.json if may_make else admin.good("POST", "/roles", {"name": unused_name("Offered")})
    may_look = is_allowed(caller, "GET", "/roles")
    navigation = page.get_by_role("navigation", name="Screens")
    expect(navigation.get_by_role("link", name="Roles", exact=True)).to_have_count(1 if may_look else 0)
    show(page, "/console/roles/new")
    expect(page.get_by_role("heading", name="New role")).to_be_visible()
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_count(1 if may_make else 0)
    if may_look:
        show(page, "/console/roles")
        expect(page.get_by_role("heading", name="Roles", exact=True)).to_be_visible()
        expect(page.get_by_role("link", name="New role")).to_have_count(1 if may_make else 0)
    own = caller.good("GET", "/me")["role"]
    for each in [role, *([own] if own else [])]:
        path = f"/roles/{each['id']}"
        show(page, f"/console{path}")
        answer = caller.get(path)
        if answer.status in REFUSED:
            expect(page.get_by_role("heading", name="Not there")).to_be_visible()
            continue
        expect(page.get_by_role("heading", name=each["name"])).to_be_visible()
        allowed = {"Edit"} if is_allowed(caller, "PATCH", path, {"priority": answer.json["priority"]}) else set()
        if each is role and is_allowed(caller, "DELETE", path):  # it was for that
            allowed.add("Delete")
        offered = {text.strip() for text in page.locator(".title-row").get_by_role("button").all_inner_texts()}
        assert (each["name"], offered) == (each["name"], allowed)
    admin.delete(f"/roles/{role['id']}")


def test_what_is_offered_is_what_is_allowed(caller: Client, admin: Client, cast: Cast, at_screen: Page) -> None:
    check_screens(caller, admin, cast, at_screen)
    check_table(caller, admin, cast, at_screen)
    check_certificates(caller, admin, cast, at_screen)
    check_requests(caller, cast, at_screen)
    check_policies(caller, admin, cast, at_screen)
    check_roles(caller, admin, at_screen)
