"""Explain over HTTP: it says what signing then does, and why, and decides nothing itself."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.certificates.issued import in_base64, issue, unused_name
from tests.support.services.over_http import Client, Service, at

pytestmark = pytest.mark.clock


def policy(admin: Client, certificate: str, **fields: Any) -> str:
    sent = {
        "name": unused_name("policy"),
        "action": "allow",
        "what": {"certificates": [certificate]},
        "who": {"users": ["local/bob"]},
        **fields,
    }
    made: str = admin.good("POST", "/policies", sent)["id"]
    return made


def explain(by: Client, certificate: str, user: str = "local/bob", **fields: Any) -> Any:
    return by.good("POST", "/policies/explain", {"certificate": certificate, "user": user, **fields})


def verdicts(answer: Any) -> dict[str, str]:
    return {entry["policy"]: entry["verdict"] for entry in answer["trace"]}


def signed(by: Client, certificate: str, **fields: Any) -> str | None:
    """The code of the refusal; None where it was signed."""
    order = {
        "message": in_base64(hashlib.sha256(b"hello").digest()),
        "message_type": "DIGEST",
        "signing_algorithm": "ECDSA_SHA_256",
        "dry_run": True,
    }
    response = by.post(at(certificate, "sign"), {**order, **fields})
    return None if response.status == 200 else response.code


def test_it_tells_for_each_policy_which_of_the_four_did_not_match_and_why(admin: Client) -> None:
    certificate = admin.import_certificate()
    late = policy(admin, certificate["id"], priority=9)
    deny = policy(
        admin,
        certificate["id"],
        priority=1,
        action="deny",
        where={"source_networks": ["203.0.113.0/24"], "processes": ["other"]},
        when=[{"days": ["sat", "sun"], "time_zone": "Europe/Madrid"}],
    )
    off = policy(admin, certificate["id"], enabled=False, priority=0)
    decides = policy(admin, certificate["id"], priority=5, where={"command_lines": ["sha256$"]})
    somebody_elses = policy(admin, certificate["id"], priority=2, who={"user_groups": ["local/others"]})

    answer = explain(
        admin,
        certificate["alias"],
        application={"process": "signtool.exe", "command_line": "signtool sign /fd sha256"},
        source_ip="198.51.100.7",
        at=next_monday().isoformat(),
    )

    assert (answer["allowed"], answer["because"], answer["decided_by"]) == (True, "policy", decides)
    trace = {entry["policy"]: entry for entry in answer["trace"]}
    assert [entry for entry in trace if entry in {late, deny, off, decides, somebody_elses}] == [
        off,
        deny,
        somebody_elses,
        decides,
        late,
    ]
    assert trace[deny]["matched"] == {"what": True, "who": True, "where": False, "when": False}
    assert [reason.partition(":")[0] for reason in trace[deny]["reasons"]] == ["where", "where", "when"]
    assert "198.51.100.7" in trace[deny]["reasons"][0]
    assert "Europe/Madrid" in trace[deny]["reasons"][2]
    assert trace[somebody_elses]["matched"] == {"what": True, "who": False, "where": True, "when": True}
    assert trace[decides]["reasons"] == []
    assert trace[off]["verdict"] == "disabled"
    assert trace[late]["verdict"].startswith("matches, but")
    assert (trace[late]["action"], trace[late]["priority"]) == ("allow", 9)


def test_it_says_what_signing_then_does(signet: Service, admin: Client) -> None:
    bob, owner, ci = signet.caller(unused_name("bob")), signet.caller(unused_name("owner")), signet.caller("x", "ci-x")
    valid = admin.import_certificate(owner=owner.user)["id"]
    disabled = admin.import_certificate(owner=owner.user)["id"]
    admin.good("POST", at(disabled, "disable"))
    expired = admin.import_certificate(issue(begins_in_days=-9, days=-1), owner=owner.user)["id"]
    not_yet = admin.import_certificate(issue(begins_in_days=1, days=9), owner=owner.user)["id"]
    for certificate in (valid, disabled, expired, not_yet):
        policy(
            admin,
            certificate,
            who={"users": [bob.user], "user_groups": ["local/ci-x"]},
            where={"processes": ["signtool"], "source_networks": ["127.0.0.0/8"]},
        )
        policy(admin, certificate, who={"users": [bob.user]}, where={"processes": ["evil*"]}, action="deny", priority=1)

    for by, groups in ((bob, []), (owner, []), (ci, ["local/ci-x"])):
        for certificate in (valid, disabled, expired, not_yet):
            for application in (None, {"process": "signtool"}, {"process": "evil.exe"}):
                told = explain(
                    admin, certificate, by.user, user_groups=groups, application=application, source_ip="127.0.0.1"
                )
                done = signed(by, certificate, application=application)
                expected = told["because"] if not told["allowed"] else None
                assert done == expected, (by.user, certificate, application, told)
                assert told["because"] == ("owner" if by is owner and certificate == valid else told["because"])


def test_the_owner_may_and_whoever_could_not_sign_with_it_at_all_is_told_that_first(admin: Client) -> None:
    certificate = admin.import_certificate(owner="local/olga")["id"]
    deny = policy(admin, certificate, who={"users": ["local/olga"]}, action="deny")

    told = explain(admin, certificate, "local/olga")
    assert (told["allowed"], told["because"], told["decided_by"]) == (True, "owner", "owner")
    assert deny in verdicts(told)
    admin.good("POST", at(certificate, "disable"))
    told = explain(admin, certificate, "local/olga")
    assert (told["allowed"], told["because"], told["decided_by"]) == (False, "certificate_disabled", None)


def test_no_policy_and_a_deny_are_told_apart(admin: Client) -> None:
    certificate = admin.import_certificate()["id"]
    told = explain(admin, certificate, "local/zoe")
    assert (told["allowed"], told["because"], told["decided_by"]) == (False, "not_allowed_by_policy", None)

    deny = policy(admin, certificate, who={"users": ["local/zoe"]}, action="deny")
    told = explain(admin, certificate, "local/zoe")
    assert (told["allowed"], told["because"], told["decided_by"]) == (False, "not_allowed_by_policy", deny)


def next_monday() -> datetime:
    """Nine o'clock of a working day that every certificate made here sees."""
    now = datetime.now(UTC)
    return (now + timedelta(days=7 - now.weekday())).replace(hour=9, minute=0, second=0, microsecond=0)


def test_it_is_asked_of_any_moment(admin: Client) -> None:
    certificate = admin.import_certificate(issue(begins_in_days=-10, days=10))["id"]
    policy(admin, certificate, when=[{"days": ["mon"], "time_zone": "UTC"}])
    now = datetime.now(UTC).replace(hour=12)
    monday = now - timedelta(days=now.weekday())

    assert explain(admin, certificate, at=monday.isoformat())["allowed"] is True
    assert explain(admin, certificate, at=(monday + timedelta(days=1)).isoformat())["allowed"] is False
    assert explain(admin, certificate, at=(now + timedelta(days=11)).isoformat())["because"] == "certificate_expired"
    early = explain(admin, certificate, at="2001-01-01T00:00:00Z")
    assert early["because"] == "certificate_not_yet_valid"


def test_what_is_not_told_does_not_match(admin: Client) -> None:
    certificate = admin.import_certificate()["id"]
    policy(admin, certificate, where={"source_networks": ["0.0.0.0/0", "::/0"]})

    assert explain(admin, certificate)["allowed"] is False
    assert explain(admin, certificate, source_ip="2001:db8::1")["allowed"] is True
    assert explain(admin, certificate, source_ip="::ffff:203.0.113.7")["allowed"] is True


def test_without_a_private_key_nobody_signs(admin: Client) -> None:
    content = in_base64(issue().pem)
    certificate = admin.good("POST", "/certificates", {"content": content, "alias": unused_name()})["id"]
    policy(admin, certificate)

    assert explain(admin, certificate)["because"] == "no_private_key"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"user": "bob"}, "user"),
        ({"user": None}, "user"),
        ({"user_groups": ["local/a", "b"]}, "user_groups[1]"),
        ({"source_ip": "203.0.113.0/24"}, "source_ip"),
        ({"source_ip": ""}, "source_ip"),
        ({"at": "yesterday"}, "at"),
        ({"at": "1800-01-01T00:00:00Z"}, "at"),
        ({"application": {"process": 1}}, "application.process"),
        ({"odd": 1}, "odd"),
    ],
)
def test_bad_questions_are_refused_by_field(admin: Client, fields: dict[str, Any], field: str) -> None:
    certificate = admin.import_certificate()["id"]
    response = admin.post("/policies/explain", {"certificate": certificate, "user": "local/bob", **fields})

    assert (response.status, response.code) == (422, "invalid_input"), response
    assert [error["field"] for error in response.json["errors"]] == [field]


def test_it_needs_the_permission_to_look_at_policies_and_to_see_the_certificate(signet: Service, admin: Client) -> None:
    own = admin.good("POST", "/certificate-groups", {"name": unused_name("group")})["id"]
    viewer, owner, stranger = (signet.caller(unused_name(name)) for name in ("viewer", "owner", "stranger"))
    admin.good(
        "POST",
        "/roles",
        {
            "name": unused_name("role"),
            "permissions": ["policies:view"],
            "certificate_groups": [{"group": own, "rights": []}],
            "users": [viewer.user],
        },
    )
    inside = admin.import_certificate(groups=[own], owner=owner.user)["id"]
    outside = admin.import_certificate()["id"]
    about = policy(admin, inside, who={"users": ["local/dora"]})
    elsewhere = policy(admin, outside, who={"users": ["local/dora"]})

    def status(by: Client, certificate: str) -> int:
        return by.post("/policies/explain", {"certificate": certificate, "user": "local/dora"}).status

    assert [status(by, inside) for by in (viewer, owner, stranger)] == [200, 403, 404]
    assert [status(by, outside) for by in (viewer, owner, stranger, admin)] == [404, 404, 404, 200]
    assert status(admin, "crt_000000000000000000000000") == 404
    # What names something that the role does not reach is not told of.
    assert set(verdicts(explain(viewer, inside, "local/dora"))) == {about}
    assert set(verdicts(explain(admin, inside, "local/dora"))) == {about, elsewhere}


def test_it_changes_nothing_and_leaves_no_event(signet: Service, admin: Client) -> None:
    certificate = admin.import_certificate()["id"]
    policy(admin, certificate)
    before = signet.stored()

    explain(admin, certificate)
    explain(admin, certificate, "local/somebody")

    assert signet.stored() == before


def test_a_question_with_a_key_is_answered_the_same_again(admin: Client) -> None:
    question = {"certificate": admin.import_certificate()["id"], "user": "local/bob"}
    first = admin.post("/policies/explain", question, key="explain-once")

    assert admin.post("/policies/explain", question, key="explain-once").json == first.json
    other = admin.post("/policies/explain", {**question, "user": "local/eve"}, key="explain-once")
    assert other.code == "idempotency_key_reused"
