"""Signing over HTTP: every algorithm on every key, by openssl's word; the decision in its order; the PIN; dry runs."""

import hashlib
import subprocess
from base64 import b64decode
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.certificates.issued import KEY_ALGORITHMS, in_base64, issue, unused_name
from tests.support.services.over_http import Client, Response, Service, assert_refused, at

MESSAGE = b"What is signed, and by whom.\n" * 40
HASHES = (256, 384, 512)
RSA = [f"RSASSA_{padding}_SHA_{bits}" for padding in ("PKCS1_V1_5", "PSS") for bits in HASHES]
ECDSA = [f"ECDSA_SHA_{bits}" for bits in HASHES]
ED25519 = ["ED25519_SHA_512"]
ALGORITHMS = [*RSA, *ECDSA, *ED25519]
OWNER = "local/alice"


def fitting(key_algorithm: str) -> list[str]:
    return RSA if key_algorithm.startswith("RSA") else ED25519 if key_algorithm == "ED25519" else ECDSA


def order(algorithm: str = "ECDSA_SHA_256", message: bytes = MESSAGE, kind: str = "RAW", **more: Any) -> dict[str, Any]:
    return {"message": in_base64(message), "message_type": kind, "signing_algorithm": algorithm, **more}


def digest(algorithm: str, message: bytes = MESSAGE) -> bytes:
    return hashlib.new("sha" + algorithm[-3:], message).digest()


@pytest.fixture(scope="module")
def of_each_kind(admin: Client) -> Mapping[str, dict[str, Any]]:
    """A certificate of alice's for every key algorithm, and one of an unusual length."""
    return {
        algorithm: admin.import_certificate(issue(algorithm=algorithm), owner=OWNER)
        for algorithm in (*KEY_ALGORITHMS, "RSA_2056")
    }


@pytest.fixture
def mine(admin: Client) -> dict[str, Any]:
    """A certificate of alice's."""
    return admin.import_certificate(owner=OWNER)


@cache
def public_key(certificate: bytes, folder: Path) -> Path:
    """The public key that openssl finds in a downloaded certificate."""
    file = folder / f"{hashlib.sha256(certificate).hexdigest()}.pem"
    shown = subprocess.run(
        ["openssl", "x509", "-inform", "DER", "-pubkey", "-noout"], input=certificate, capture_output=True, check=True
    )
    file.write_bytes(shown.stdout)
    return file


def openssl_verifies(certificate: bytes, algorithm: str, signature: bytes, message: bytes, folder: Path) -> bool:
    """Whether the `openssl` command line takes `signature` for the holder's of `certificate`."""
    (folder / "signature").write_bytes(signature)
    (folder / "message").write_bytes(message)
    key = public_key(certificate, folder)
    if algorithm == "ED25519_SHA_512":
        command = [
            "pkeyutl",
            "-verify",
            "-pubin",
            "-inkey",
            str(key),
            "-rawin",
            "-sigfile",
            "signature",
            "-in",
            "message",
        ]
    else:
        # The salt as long as the digest, and no other.
        pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"] if "PSS" in algorithm else []
        command = ["dgst", f"-sha{algorithm[-3:]}", *pss, "-verify", str(key), "-signature", "signature", "message"]
    return subprocess.run(["openssl", *command], cwd=folder, capture_output=True, check=False).returncode == 0


@pytest.mark.one_in(7)
@pytest.mark.parametrize(
    ("key_algorithm", "algorithm", "kind"),
    [
        (key, algorithm, kind)
        for key in (*KEY_ALGORITHMS, "RSA_2056")
        for algorithm in fitting(key)
        for kind in ("RAW", "DIGEST")
        if (algorithm, kind) != ("ED25519_SHA_512", "DIGEST")
    ],
)
def test_openssl_accepts_every_signature(
    key_algorithm: str, algorithm: str, kind: str, of_each_kind: Mapping[str, Any], alice: Client, tmp_path: Path
) -> None:
    certificate = of_each_kind[key_algorithm]
    message = MESSAGE if kind == "RAW" else digest(algorithm)

    made = alice.good("POST", at(certificate["id"], "sign"), order(algorithm, message, kind))

    downloaded = alice.get(at(certificate["id"], "download")).body
    assert openssl_verifies(downloaded, algorithm, b64decode(made["signature"]), MESSAGE, tmp_path)
    assert not openssl_verifies(downloaded, algorithm, b64decode(made["signature"]), MESSAGE + b"!", tmp_path)
    assert made["signing_algorithm"] == algorithm
    assert made["certificate_id"] == certificate["id"]
    assert made["thumbprint_sha256"] == hashlib.sha256(downloaded).hexdigest().upper()


@pytest.mark.parametrize("key_algorithm", ["RSA_2048", "ECC_NIST_P256", "ECC_NIST_P521", "ED25519"])
def test_an_algorithm_that_does_not_fit_the_key_is_refused(
    key_algorithm: str, of_each_kind: Mapping[str, Any], signet: Service, alice: Client
) -> None:
    path = at(of_each_kind[key_algorithm]["id"], "sign")
    wrong = [name for name in ALGORITHMS if name not in fitting(key_algorithm)]

    with signet.nothing_stored():
        for algorithm in wrong:
            assert_refused(alice.post(path, order(algorithm), key=unused_name()), 422, "algorithm_mismatch")
            assert_refused(alice.post(path, order(algorithm, dry_run=True)), 422, "algorithm_mismatch")


def test_ed25519_signs_messages_and_no_digests(of_each_kind: Mapping[str, Any], signet: Service, alice: Client) -> None:
    path = at(of_each_kind["ED25519"]["id"], "sign")

    with signet.nothing_stored():
        refused = alice.post(path, order("ED25519_SHA_512", digest("SHA_512"), "DIGEST"))

    assert_refused(refused, 422, "algorithm_mismatch")


@pytest.mark.parametrize("key_algorithm", ["RSA_2048", "ECC_NIST_P384"])
def test_a_digest_is_as_long_as_the_algorithms_hash(
    key_algorithm: str, of_each_kind: Mapping[str, Any], signet: Service, alice: Client
) -> None:
    path = at(of_each_kind[key_algorithm]["id"], "sign")

    with signet.nothing_stored():
        for algorithm in fitting(key_algorithm):
            right = int(algorithm[-3:]) // 8
            for length in {0, 1, 20, 32, 48, 64, right - 1, right + 1, 4096} - {right}:
                for more in ({}, {"dry_run": True}):
                    refused = alice.post(path, order(algorithm, bytes(length), "DIGEST", **more))
                    assert_refused(refused, 422, "digest_length")


def test_a_message_of_four_mebibytes_is_signed_and_a_longer_one_is_not(
    mine: dict[str, Any], signet: Service, alice: Client, tmp_path: Path
) -> None:
    message = bytes(4 * 1024 * 1024)
    path = at(mine["id"], "sign")

    made = alice.good("POST", path, order(message=message))
    with signet.nothing_stored():
        assert_refused(alice.post(path, order(message=message + b"\0")), 413, "message_too_large")
        assert_refused(alice.post(path, order(message=message + bytes(100_000))), 413, "message_too_large")
        assert alice.post(path, order(message=message + message)).status == 413

    certificate = alice.get(at(mine["id"], "download")).body
    assert openssl_verifies(certificate, "ECDSA_SHA_256", b64decode(made["signature"]), message, tmp_path)


BAD_ORDERS: list[tuple[str, Any]] = [
    ("message", None),
    ("message", 7),
    ("message", "not base64"),
    ("message", "QQ"),
    ("message", "QQ==\n"),
    ("message", "-_-_"),
    ("message_type", "raw"),
    ("message_type", None),
    ("message_type", "HASH"),
    ("signing_algorithm", "RSASSA_PSS_SHA_1"),
    ("signing_algorithm", "none"),
    ("signing_algorithm", ""),
    ("signing_algorithm", None),
    ("signing_algorithm", "ecdsa_sha_256"),
    ("reason", 7),
    ("reason", "x" * 1025),
    ("pin", 1234),
    ("pin", "x" * 257),  # longer than any PIN before it is composed (NFC)
    ("dry_run", "true"),
    ("dry_run", None),
    ("application", "signtool"),
    ("application", []),
    ("application.process", {"process": 7}),
    ("application.process", {"process": "x" * 256}),
    ("application.command_line", {"command_line": "x" * 65537}),
    ("application.user", {"user": "root"}),
]


@pytest.mark.one_in(4)
@pytest.mark.parametrize(("name", "value"), BAD_ORDERS, ids=[f"{n}={str(v)[:20]!r}" for n, v in BAD_ORDERS])
def test_an_order_that_is_not_as_it_must_be_is_refused(
    name: str, value: Any, mine: dict[str, Any], signet: Service, alice: Client
) -> None:
    with signet.nothing_stored():
        refused = alice.post(at(mine["id"], "sign"), {**order(), name.partition(".")[0]: value})

    assert_refused(refused, 422, "invalid_input", name)


@pytest.mark.parametrize("name", ["message", "message_type", "signing_algorithm"])
def test_what_an_order_must_say_is_required(name: str, mine: dict[str, Any], signet: Service, alice: Client) -> None:
    short = {key: value for key, value in order().items() if key != name}

    with signet.nothing_stored():
        assert_refused(alice.post(at(mine["id"], "sign"), short), 422, "invalid_input", name)


# --- who may, and when -------------------------------------------------------------------------------------------


class Attempts:
    """Attempts to sign with one certificate, each of which is to be refused, with an event and nothing else."""

    def __init__(self, service: Service, admin: Client, certificate: str) -> None:
        self._service = service
        self._admin = admin
        self._certificate = certificate

    def refused(self, status: int, code: str, by: Client, **more: Any) -> Response:
        """Refused in earnest, with an event, and in a dry run, without one."""
        path = at(self._certificate, "sign")
        if code == "pin_wrong":  # which is counted
            response = by.post(path, order(**more), key=unused_name())
        else:
            with self._service.nothing_stored(code):
                response = by.post(path, order(**more), key=unused_name())
        assert_refused(response, status, code)
        if code != "pin_wrong":
            with self._service.nothing_stored():
                assert_refused(by.post(path, order(dry_run=True, **more)), status, code)
        event = self._admin.good("GET", at(self._certificate, "events"), limit=1)["items"][0]
        assert (event["type"], event["outcome"], event["code"]) == ("Certificate Use Refused", "refused", code)
        assert (event["user"], event["certificate"]["id"]) == (by.user, self._certificate)
        assert event["detail"]["signing_algorithm"] == "ECDSA_SHA_256"
        return response


def test_the_decision_is_taken_in_its_order(signet: Service, admin: Client, alice: Client, mallory: Client) -> None:
    issued = issue(begins_in_days=-30, days=-2)
    body = {
        "content": in_base64(issued.der),
        "alias": unused_name(),
        "owner": OWNER,
        "ask_for_reason": True,
        "pin": "1234",
    }
    made = admin.good("POST", "/certificates", body)
    attempts = Attempts(signet, admin, made["id"])
    admin.good("POST", at(made["id"], "disable"))

    # All that can be wrong is; one after the other is put right.
    attempts.refused(409, "no_private_key", alice)
    attempts.refused(409, "no_private_key", admin)
    assert admin.post("/certificates", issued.body()).status == 200
    attempts.refused(403, "certificate_disabled", alice)
    attempts.refused(403, "certificate_disabled", admin)
    admin.good("POST", at(made["id"], "enable"))
    attempts.refused(403, "certificate_expired", alice, reason="r", pin="1234")
    attempts.refused(403, "certificate_expired", admin)

    # What has expired stays so; another goes on from there.
    valid = admin.import_certificate(owner=OWNER, ask_for_reason=True, pin="1234")
    attempts = Attempts(signet, admin, valid["id"])
    attempts.refused(403, "not_allowed_by_policy", admin)
    attempts.refused(403, "not_allowed_by_policy", admin, reason="r", pin="1234")
    attempts.refused(403, "reason_required", alice)
    attempts.refused(403, "reason_required", alice, pin="1234")
    attempts.refused(403, "reason_required", alice, reason=" \n ", pin="1234")
    attempts.refused(403, "pin_required", alice, reason="r")
    attempts.refused(403, "pin_wrong", alice, reason="r", pin="0000")
    signed = alice.good("POST", at(valid["id"], "sign"), order(reason="r", pin="1234"))

    assert signed["signature"]
    with signet.nothing_stored():
        assert_refused(mallory.post(at(valid["id"], "sign"), order(reason="r", pin="1234")), 404, "not_found")


def test_a_certificate_that_is_not_yet_valid_signs_nothing(signet: Service, admin: Client, alice: Client) -> None:
    early = admin.import_certificate(issue(begins_in_days=1, days=9), owner=OWNER, ask_for_reason=True)

    Attempts(signet, admin, early["id"]).refused(403, "certificate_not_yet_valid", alice)


def test_disabled_comes_before_expired_and_a_missing_key_before_both(
    signet: Service, admin: Client, alice: Client
) -> None:
    expired = admin.import_certificate(issue(begins_in_days=-9, days=-1), owner=OWNER)
    attempts = Attempts(signet, admin, expired["id"])

    attempts.refused(403, "certificate_expired", alice)
    admin.good("POST", at(expired["id"], "disable"))
    attempts.refused(403, "certificate_disabled", alice)


def test_an_administrator_does_not_sign_with_what_others_own(
    signet: Service, admin: Client, mine: dict[str, Any]
) -> None:
    Attempts(signet, admin, mine["id"]).refused(403, "not_allowed_by_policy", admin)


def test_only_the_present_owner_signs(signet: Service, admin: Client, alice: Client, mine: dict[str, Any]) -> None:
    bob = signet.caller("bob")
    path = at(mine["id"], "sign")

    assert [alice.post(path, order()).status, bob.post(path, order()).status] == [200, 404]
    admin.good("PATCH", at(mine["id"]), {"owner": "local/bob"})
    assert [alice.post(path, order()).status, bob.post(path, order()).status] == [404, 200]
    admin.good("PATCH", at(mine["id"]), {"owner": None})
    assert [alice.post(path, order()).status, bob.post(path, order()).status] == [404, 404]


@pytest.mark.parametrize("user", ["ALICE", "alice ", "Alice", "alic\u0435", "local/alice", "alice\u200b"])
def test_a_name_that_looks_like_the_owners_is_not_the_owners(user: str, signet: Service, mine: dict[str, Any]) -> None:
    with signet.nothing_stored():
        response = signet.caller(user).post(at(mine["id"], "sign"), order())

    assert response.code in {"not_found", "unauthenticated"}


def test_a_deleted_certificate_signs_nothing(admin: Client, alice: Client, mine: dict[str, Any]) -> None:
    assert alice.post(at(mine["id"], "sign"), order()).status == 200
    assert admin.delete(at(mine["id"])).status == 204

    assert_refused(alice.post(at(mine["id"], "sign"), order()), 404, "not_found")
    assert_refused(alice.post(at(mine["alias"], "sign"), order()), 404, "not_found")


def test_a_disable_is_obeyed_at_once_and_so_is_an_enable(admin: Client, alice: Client, mine: dict[str, Any]) -> None:
    for _ in range(3):
        admin.good("POST", at(mine["id"], "disable"))
        assert_refused(alice.post(at(mine["alias"], "sign"), order()), 403, "certificate_disabled")
        admin.good("POST", at(mine["id"], "enable"))
        assert alice.post(at(mine["alias"], "sign"), order()).status == 200


# --- what is recorded --------------------------------------------------------------------------------------------


def test_a_use_is_counted_and_told(admin: Client, alice: Client, mine: dict[str, Any]) -> None:
    application = {"process": "signtool", "command_line": 'signtool sign /v "a b.exe"'}

    answers = [
        alice.good("POST", at(mine["id"], "sign"), order(reason=f"release {n}", application=application))
        for n in range(3)
    ]

    seen = alice.good("GET", at(mine["id"]))
    events = admin.items(at(mine["id"], "events"), type="Certificate Used")
    assert seen["usage_count"] == len(events) == 3
    assert seen["last_used_at"] == answers[-1]["used_at"] == events[0]["occurred_at"]
    assert (seen["version"], seen["updated_at"]) == (mine["version"], mine["updated_at"])
    assert [event["id"] for event in events] == [answer["event_id"] for answer in reversed(answers)]
    assert events[0]["detail"] == {
        "signing_algorithm": "ECDSA_SHA_256",
        "message_type": "RAW",
        "digest": digest("SHA_256").hex(),
        "reason": "release 2",
        "application": application,
        "decided_by": "owner",
    }


def test_a_dry_run_decides_and_stores_nothing(signet: Service, alice: Client, mine: dict[str, Any]) -> None:
    with signet.nothing_stored():
        tried = alice.good(
            "POST", at(mine["id"], "sign"), order(dry_run=True), headers={"Idempotency-Key": unused_name()}
        )

    assert tried["dry_run"] is True
    assert not {"signature", "event_id", "used_at"} & set(tried)
    assert (tried["certificate_id"], tried["signing_algorithm"]) == (mine["id"], "ECDSA_SHA_256")


# --- the PIN -----------------------------------------------------------------------------------------------------


@pytest.fixture
def guarded(admin: Client) -> str:
    """A certificate of alice's whose PIN is 2468."""
    return str(admin.import_certificate(owner=OWNER, pin="2468")["id"])


def with_pin(client: Client, certificate: str, pin: str | None, **more: Any) -> str:
    """How a signature with that PIN is answered."""
    response = client.post(at(certificate, "sign"), order(pin=pin, **more))
    return response.code or str(response.status)


def test_five_wrong_pins_lock_it_to_the_right_one_too(
    signet: Service, admin: Client, alice: Client, guarded: str
) -> None:
    assert [with_pin(alice, guarded, f"000{n}") for n in range(5)] == ["pin_wrong"] * 5

    locked = Attempts(signet, admin, guarded).refused(429, "pin_locked", alice, pin="2468")
    assert 0 < int(locked.headers["retry-after"]) <= 15 * 60
    assert with_pin(alice, guarded, "9999") == "pin_locked"
    assert with_pin(alice, guarded, None) in {"pin_required", "pin_locked"}
    assert with_pin(alice, guarded, "2468", dry_run=True) == "pin_locked"
    assert alice.good("GET", at(guarded))["usage_count"] == 0


def test_a_right_pin_starts_the_count_again(alice: Client, guarded: str) -> None:
    for _ in range(2):
        assert [with_pin(alice, guarded, "0000") for _ in range(4)] == ["pin_wrong"] * 4
        assert with_pin(alice, guarded, "2468") == "200"
    assert [with_pin(alice, guarded, "0000") for _ in range(6)] == ["pin_wrong"] * 5 + ["pin_locked"]


def test_wrong_pins_are_counted_whoever_sends_them(signet: Service, admin: Client, alice: Client, guarded: str) -> None:
    assert [with_pin(alice, guarded, "0000") for _ in range(3)] == ["pin_wrong"] * 3
    admin.good("PATCH", at(guarded), {"owner": "local/bob"})
    bob = signet.caller("bob")

    assert [with_pin(bob, guarded, "0000") for _ in range(3)] == ["pin_wrong"] * 2 + ["pin_locked"]


def test_a_new_pin_is_obeyed_at_once_and_ends_the_lock(admin: Client, alice: Client, guarded: str) -> None:
    assert [with_pin(alice, guarded, "0000") for _ in range(6)][-1] == "pin_locked"

    admin.good("PATCH", at(guarded), {"pin": "1357"})

    assert with_pin(alice, guarded, "2468") == "pin_wrong"
    assert with_pin(alice, guarded, "1357") == "200"
    admin.good("PATCH", at(guarded), {"pin": None})
    assert with_pin(alice, guarded, None) == "200"
    assert with_pin(alice, guarded, "any") == "200"


def test_a_dry_run_says_of_a_pin_only_whether_one_is_needed(signet: Service, alice: Client, guarded: str) -> None:
    with signet.nothing_stored():
        assert with_pin(alice, guarded, None, dry_run=True) == "pin_required"
        assert {with_pin(alice, guarded, pin, dry_run=True) for pin in ("2468", "0000", "x")} == {"200"}
        assert [with_pin(alice, guarded, "0000", dry_run=True) for _ in range(7)] == ["200"] * 7
    assert with_pin(alice, guarded, "2468") == "200"


def test_wrong_pins_of_others_do_not_lock(
    signet: Service, admin: Client, alice: Client, mallory: Client, guarded: str
) -> None:
    assert {with_pin(mallory, guarded, "0000") for _ in range(6)} == {"not_found"}
    assert {with_pin(admin, guarded, "0000") for _ in range(6)} == {"not_allowed_by_policy"}

    assert with_pin(alice, guarded, "2468") == "200"


@pytest.mark.one_in(4)
@pytest.mark.parametrize(
    "pin", ["1234", "пароль", "パスワード", "🔑🔑🔑🔑", "a b c d", "x" * 64, "caf\u00e9"], ids=ascii
)
def test_a_pin_may_be_of_any_script(pin: str, admin: Client, alice: Client) -> None:
    guarded = admin.import_certificate(owner=OWNER, pin=pin)["id"]

    assert with_pin(alice, guarded, pin) == "200"
    assert with_pin(alice, guarded, pin[:-1] + "!") == "pin_wrong"
    assert with_pin(alice, guarded, "") in {"pin_wrong", "pin_required"}


def test_neither_an_event_nor_a_log_holds_a_pin(signet: Service, admin: Client, alice: Client) -> None:
    right, wrong = "r1ght-7719-pin", "wr0ng-7719-pin"
    guarded = admin.import_certificate(owner=OWNER, pin=right)["id"]

    with_pin(alice, guarded, wrong)
    with_pin(alice, guarded, right)
    admin.good("PATCH", at(guarded), {"pin": wrong})

    everything = "".join(item for items in signet.stored().values() for item in items) + "".join(signet.printed)
    assert right not in everything
    assert wrong not in everything
