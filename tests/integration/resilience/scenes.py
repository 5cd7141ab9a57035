"""What is done while calls of AWS fail: a request of each kind, and what it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509

from tests.support.certificates.issued import in_base64, issue
from tests.support.services.access_seeds import stored_group
from tests.support.services.in_process import InProcess, InProcessClient
from tests.support.services.over_http import Response, at


@dataclass
class Scene:
    """A service with something in it, and what is done next."""

    send: Callable[[], Response]
    status: int
    again: tuple[int, ...] = ()
    """What else a second try may get where the first took effect unseen: it has no Idempotency-Key then."""
    slack: Mapping[str, int] = field(default_factory=dict)
    """By how much the tables may differ from those of one undisturbed request."""
    code: str | None = None


def keyed(client: InProcessClient, path: str, body: object = None) -> Callable[[], Response]:
    return lambda: client.post(path, body, key="the one")


ORDER = {"message": "c2lnbiB0aGlz", "message_type": "RAW", "signing_algorithm": "ECDSA_SHA_256"}


def importing(signet: InProcess) -> Scene:
    groups = [stored_group("Release", 3), stored_group("More")]
    body = issue().body(alias="new", owner="local/alice", groups=groups)
    return Scene(keyed(signet.admin, "/certificates", body), 201)


def importing_without_a_key(signet: InProcess) -> Scene:
    return Scene(keyed(signet.admin, "/certificates", {"content": in_base64(issue().pem), "alias": "public"}), 201)


def bringing_the_key_later(signet: InProcess) -> Scene:
    issued = issue()
    signet.admin.good("POST", "/certificates", {"content": in_base64(issued.pem), "alias": "public"})
    return Scene(keyed(signet.admin, "/certificates", issued.body()), 200)


def signing(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine", owner="local/alice")
    return Scene(keyed(signet.caller("alice"), at("mine", "sign"), ORDER), 200)


def signing_for_the_second_time(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine", owner="local/alice")
    alice = signet.caller("alice")

    def send() -> Response:
        return alice.post(at("mine", "sign"), ORDER, key="the second")

    signet.forget()
    alice.good("POST", at("mine", "sign"), ORDER)
    return Scene(send, 200)


def signing_with_the_right_pin(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine", owner="local/alice", pin="2468")
    alice = signet.caller("alice")
    assert alice.post(at("mine", "sign"), {**ORDER, "pin": "1357"}).code == "pin_wrong"
    return Scene(keyed(alice, at("mine", "sign"), {**ORDER, "pin": "2468"}), 200)


def trying_a_wrong_pin(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine", owner="local/alice", pin="2468")
    send = keyed(signet.caller("alice"), at("mine", "sign"), {**ORDER, "pin": "1357"})
    # A refusal is not kept for a repeat: what took effect unheard is counted, and so is the second try.
    slack = {
        "event Certificate Use Refused refused pin_wrong": 1,
        "used 0, wrong PINs 2": 1,
        "used 0, wrong PINs 1": -1,
    }
    return Scene(send, 403, slack=slack, code="pin_wrong")


def signing_while_disabled(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine", owner="local/alice")
    signet.admin.good("POST", at("mine", "disable"))
    send = keyed(signet.caller("alice"), at("mine", "sign"), ORDER)
    slack = {"event Certificate Use Refused refused certificate_disabled": 1}
    return Scene(send, 403, slack=slack, code="certificate_disabled")


def updating(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="before", owner="local/alice", pin="2468", groups=[stored_group()])
    made = signet.admin.good("GET", at("before"))["id"]
    body = {"alias": "after", "description": "d", "owner": "local/bob", "ask_for_reason": True, "pin": None}
    return Scene(lambda: signet.admin.patch(at(made), body), 200)


def enabling(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine", owner="local/alice")
    signet.admin.good("POST", at("mine", "disable"))
    return Scene(keyed(signet.admin, at("mine", "enable")), 200)


def disabling(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine", owner="local/alice", groups=[stored_group()])
    return Scene(keyed(signet.admin, at("mine", "disable")), 200)


def disabling_what_is_disabled(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine")
    signet.admin.good("POST", at("mine", "disable"))
    return Scene(keyed(signet.admin, at("mine", "disable")), 200)


def deleting(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine", owner="local/alice", groups=[stored_group()])
    signet.caller("alice").good("POST", at("mine", "sign"), ORDER)
    return Scene(lambda: signet.admin.delete(at("mine")), 204, again=(404,))


def being_refused(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine", owner="local/alice")
    send = keyed(signet.caller("alice"), at("mine", "disable"))
    slack = {"event Certificate Disabled refused not_allowed": 1}
    return Scene(send, 403, slack=slack, code="not_allowed")


def reading(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine")
    return Scene(lambda: signet.admin.get(at("mine")), 200)


def listing(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine")
    signet.admin.import_certificate(alias="other")
    return Scene(lambda: signet.admin.get("/certificates", limit=1), 200)


def listing_events(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine")
    return Scene(lambda: signet.admin.get("/events"), 200)


def asking_a_ca(signet: InProcess) -> Scene:
    body = {"key_algorithm": "ECC_NIST_P256", "subject": {"common_name": "new"}, "groups": [stored_group()]}
    return Scene(keyed(signet.admin, "/signing-requests", body), 201)


def asked(signet: InProcess, **fields: Any) -> Any:
    body = {"key_algorithm": "ECC_NIST_P256", "subject": {"common_name": "new"}, **fields}
    return signet.admin.good("POST", "/signing-requests", body)


def certified(request: Any) -> str:
    public_key = x509.load_pem_x509_csr(request["csr"].encode()).public_key()
    return in_base64(issue("new", public_key=public_key).pem)


def importing_the_answer(signet: InProcess) -> Scene:
    request = asked(signet, owner="local/alice", groups=[stored_group("Release", 1)])
    return Scene(
        keyed(signet.admin, f"/signing-requests/{request['id']}/certificate", {"content": certified(request)}), 201
    )


def importing_the_answer_the_ordinary_way(signet: InProcess) -> Scene:
    request = asked(signet, owner="local/alice")
    return Scene(keyed(signet.admin, "/certificates", {"content": certified(request)}), 201)


def cancelling_a_request(signet: InProcess) -> Scene:
    request = asked(signet, groups=[stored_group()])
    return Scene(lambda: signet.admin.delete(f"/signing-requests/{request['id']}"), 204, again=(409,))


def renewing(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine", owner="local/alice", groups=[stored_group()])
    return Scene(keyed(signet.admin, at("mine", "renew"), {}), 201)


def importing_a_renewal(signet: InProcess) -> Scene:
    """The one step: alias, settings and groups go over, the old one gets another name, or nothing happens."""
    groups = [stored_group(f"Group {number}", 1) for number in range(25)]
    signet.admin.import_certificate(alias="mine", owner="local/alice", groups=groups, pin="2468")
    request = signet.admin.good("POST", at("mine", "renew"), {})
    body = {"content": certified(request), "disable_renewed": True}
    return Scene(keyed(signet.admin, f"/signing-requests/{request['id']}/certificate", body), 201)


def deleting_what_waits_for_its_renewal(signet: InProcess) -> Scene:
    signet.admin.import_certificate(alias="mine", groups=[stored_group()])
    signet.admin.good("POST", at("mine", "renew"), {})
    return Scene(lambda: signet.admin.delete(at("mine")), 204, again=(404,))


def making_a_group(signet: InProcess) -> Scene:
    return Scene(keyed(signet.admin, "/certificate-groups", {"name": "Release", "certificate_limit": 5}), 201)


def deleting_a_group(signet: InProcess) -> Scene:
    group = signet.admin.good("POST", "/certificate-groups", {"name": "Release"})
    path = f"/certificate-groups/{group['id']}"
    return Scene(lambda: signet.admin.delete(path), 204, again=(404,))


def changing_a_group(signet: InProcess) -> Scene:
    group = signet.admin.good("POST", "/certificate-groups", {"name": "Release"})
    path = f"/certificate-groups/{group['id']}"
    return Scene(lambda: signet.admin.patch(path, {"name": "Other", "certificate_limit": 7}), 200)


def making_a_policy(signet: InProcess) -> Scene:
    made = signet.admin.import_certificate(alias="mine")
    return Scene(keyed(signet.admin, "/policies", a_policy(made["id"])), 201)


def changing_a_policy(signet: InProcess) -> Scene:
    made = signet.admin.import_certificate(alias="mine")
    policy = signet.admin.good("POST", "/policies", a_policy(made["id"]))
    return Scene(lambda: signet.admin.patch(f"/policies/{policy['id']}", {"name": "Other", "enabled": False}), 200)


def deleting_a_policy(signet: InProcess) -> Scene:
    made = signet.admin.import_certificate(alias="mine")
    policy = signet.admin.good("POST", "/policies", a_policy(made["id"]))
    return Scene(lambda: signet.admin.delete(f"/policies/{policy['id']}"), 204, again=(404,))


def making_a_role(signet: InProcess) -> Scene:
    return Scene(keyed(signet.admin, "/roles", A_ROLE), 201)


def changing_a_role(signet: InProcess) -> Scene:
    role = signet.admin.good("POST", "/roles", A_ROLE)
    body = {"permissions": ["certificates:view", "certificates:edit"], "users": ["local/bob"]}
    return Scene(lambda: signet.admin.patch(f"/roles/{role['id']}", body), 200)


def deleting_a_role(signet: InProcess) -> Scene:
    role = signet.admin.good("POST", "/roles", A_ROLE)
    return Scene(lambda: signet.admin.delete(f"/roles/{role['id']}"), 204, again=(404,))


def making_a_calendar_link(signet: InProcess) -> Scene:
    return Scene(keyed(signet.caller("alice"), "/me/calendar-link"), 201)


def making_a_calendar_link_anew(signet: InProcess) -> Scene:
    alice = signet.caller("alice")
    alice.good("POST", "/me/calendar-link")
    return Scene(keyed(alice, "/me/calendar-link"), 201)


def deleting_a_calendar_link(signet: InProcess) -> Scene:
    alice = signet.caller("alice")
    alice.good("POST", "/me/calendar-link")
    return Scene(lambda: alice.delete("/me/calendar-link"), 204, again=(404,))


def revoking_a_calendar_link(signet: InProcess) -> Scene:
    link = signet.caller("alice").good("POST", "/me/calendar-link")
    return Scene(lambda: signet.admin.delete(f"/calendar-links/{link['id']}"), 204, again=(404,))


A_ROLE = {
    "name": "Releasers",
    "permissions": ["certificates:view"],
    "users": ["local/alice"],
    "certificate_groups": "all",
}


def a_policy(certificate: str) -> dict[str, Any]:
    what, who = {"certificates": [certificate]}, {"users": ["local/bob"]}
    return {"name": "Bob may", "action": "allow", "priority": 1, "what": what, "who": who}


SCENES = (
    making_a_group,
    changing_a_group,
    deleting_a_group,
    making_a_policy,
    changing_a_policy,
    deleting_a_policy,
    making_a_role,
    changing_a_role,
    deleting_a_role,
    making_a_calendar_link,
    making_a_calendar_link_anew,
    deleting_a_calendar_link,
    revoking_a_calendar_link,
    importing,
    importing_without_a_key,
    bringing_the_key_later,
    signing,
    signing_for_the_second_time,
    signing_with_the_right_pin,
    trying_a_wrong_pin,
    signing_while_disabled,
    updating,
    enabling,
    disabling,
    disabling_what_is_disabled,
    deleting,
    asking_a_ca,
    importing_the_answer,
    importing_the_answer_the_ordinary_way,
    cancelling_a_request,
    renewing,
    importing_a_renewal,
    deleting_what_waits_for_its_renewal,
    being_refused,
    reading,
    listing,
    listing_events,
)
