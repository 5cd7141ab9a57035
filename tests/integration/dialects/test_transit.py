"""Clients of Vault's transit engine sign with certificates: same rights, same records, their own form of errors."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from signet.domain.signing.raw_ecdsa import der_of
from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.certificates.issued import KEY_ALGORITHMS, issue
from tests.support.services.actions import complete, renew
from tests.support.services.dialects import MESSAGE, Vault, b64, flipped, openssl_takes, pem_of, signature_in, uses_of
from tests.support.services.over_http import Client, Response, Service, at

OWNER = "local/alice"
TYPES = {
    "RSA_2048": "rsa-2048",
    "RSA_3072": "rsa-3072",
    "RSA_4096": "rsa-4096",
    "ECC_NIST_P256": "ecdsa-p256",
    "ECC_NIST_P384": "ecdsa-p384",
    "ECC_NIST_P521": "ecdsa-p521",
    "ED25519": "ed25519",
}
ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")  # RFC 8410, 4: what stands before the 32 bytes of a key


@pytest.fixture
def vault(signet: Service) -> Vault:
    """Alice, by the tools of Vault."""
    return Vault(signet, "alice")


@pytest.fixture
def mine(admin: Client) -> dict[str, Any]:
    """A certificate of alice's, with an RSA key."""
    return admin.import_certificate(issue(algorithm="RSA_2048"), owner=OWNER)


def assert_error(response: Response, status: int = 400) -> str:
    """The answer is an error of Vault, in full; its text."""
    assert response.status == status, response
    assert set(response.json) == {"errors"}
    (text,) = response.json["errors"]
    assert text
    return str(text)


@pytest.mark.parametrize("algorithm", KEY_ALGORITHMS)
def test_openssl_takes_what_is_signed_and_nothing_that_differs_in_a_bit(
    algorithm: str, admin: Client, vault: Vault, tmp_path: Path
) -> None:
    certificate = admin.import_certificate(issue(algorithm=algorithm), owner=OWNER)
    name = certificate["alias"]
    key = vault.read(f"keys/{name}").json["data"]
    assert (key["type"], key["latest_version"], list(key["keys"])) == (TYPES[algorithm], 1, ["1"])
    public = key["keys"]["1"]["public_key"]
    if algorithm == "ED25519":
        public = pem_of(ED25519_SPKI + signature_in(f"::{public}"))
    schemes = ("pss", "pkcs1v15") if algorithm.startswith("RSA") else (None,)
    hashes = (None,) if algorithm == "ED25519" else ("sha2-256", "sha2-384", "sha2-512")

    made = 0
    for scheme in schemes:
        for hash_name in hashes:
            body = {"input": b64(MESSAGE), "signature_algorithm": scheme, "hash_algorithm": hash_name}
            answer = vault.write(f"sign/{name}", body).json["data"]
            made += 1
            signature = signature_in(answer["signature"])
            digest = "" if hash_name is None else f"sha{hash_name[-3:]}"
            pss = scheme == "pss"
            assert answer["key_version"] == 1
            assert openssl_takes(public, digest, pss, signature, MESSAGE, tmp_path)
            assert not openssl_takes(public, digest, pss, flipped(signature), MESSAGE, tmp_path)
            for text, valid in ((answer["signature"], True), (f"vault:v1:{b64(flipped(signature))}", False)):
                checked = vault.write(f"verify/{name}", {**body, "signature": text})
                assert checked.json["data"] == {"valid": valid}

    assert uses_of(admin, certificate) == (made, made)


@pytest.mark.parametrize("method", ["PUT", "POST"])
@pytest.mark.parametrize("path", ["{}/sha2-384", "{}//sha2-384", "/{}/sha2-384"])
def test_the_hash_stands_in_the_path_behind_as_many_slashes_as_a_client_writes(
    method: str, path: str, mine: dict[str, Any], vault: Vault
) -> None:
    behind = path.format(mine["alias"])
    asked = {"input": b64(hashlib.sha384(MESSAGE).digest()), "prehashed": True, "hash_algorithm": "sha2-256"}

    made = vault.write(f"sign/{behind}", asked, method=method).json["data"]
    checked = vault.write(f"verify/{behind}", {**asked, "signature": made["signature"]}, method=method)

    assert checked.json["data"] == {"valid": True}


def test_jsign_sends_its_token_as_bearer_and_the_version_as_text(mine: dict[str, Any], vault: Vault) -> None:
    headers = {"Authorization": f"Bearer {vault.token}", "Content-Type": "application/json"}
    digest = hashlib.sha256(MESSAGE).digest()
    asked = {"key_version": "1", "prehashed": "true", "signature_algorithm": "pkcs1v15", "input": b64(digest)}

    read = vault.send("GET", f"/v1/transit/keys/{mine['alias']}", None, headers)
    made = vault.send("POST", f"/v1/transit/sign/{mine['alias']}/sha2-256", asked, headers)

    assert read.json["data"]["type"] == "rsa-2048"
    assert made.json["data"]["key_version"] == 1


@pytest.mark.parametrize(("algorithm", "octets"), [("ECC_NIST_P256", 64), ("ECC_NIST_P521", 132)])
def test_a_signature_of_jws_is_two_numbers_in_the_url_safe_alphabet(
    algorithm: str, octets: int, admin: Client, vault: Vault, tmp_path: Path
) -> None:
    name = admin.import_certificate(issue(algorithm=algorithm), owner=OWNER)["alias"]
    asked = {"input": b64(MESSAGE), "marshaling_algorithm": "jws"}

    made = vault.write(f"sign/{name}", asked).json["data"]["signature"]

    raw = signature_in(made)
    assert len(raw) == octets
    public = vault.read(f"keys/{name}").json["data"]["keys"]["1"]["public_key"]
    assert openssl_takes(public, "sha256", False, der_of(raw) or b"", MESSAGE, tmp_path)
    assert vault.write(f"verify/{name}", {**asked, "signature": made}).json["data"] == {"valid": True}
    other = f"vault:v1:{('A' if made[9] != 'A' else 'B') + made[10:]}"
    assert vault.write(f"verify/{name}", {**asked, "signature": other}).json["data"] == {"valid": False}


def test_a_batch_signs_each_and_tells_of_each_that_goes_wrong(
    admin: Client, mine: dict[str, Any], vault: Vault
) -> None:
    batch = [{"input": b64(b"one"), "reference": "first"}, {"input": "?"}, {"input": b64(b"three")}]

    answer = vault.write(f"sign/{mine['alias']}", {"batch_input": batch})

    first, second, third = answer.json["data"]["batch_results"]
    assert (first["reference"], set(second)) == ("first", {"error"})
    assert uses_of(admin, mine) == (2, 2)
    signatures = [
        {"input": b64(text), "signature": made["signature"]} for text, made in ((b"one", first), (b"3", third))
    ]
    checked = vault.write(f"verify/{mine['alias']}", {"batch_input": signatures})
    assert [each["valid"] for each in checked.json["data"]["batch_results"]] == [True, False]


def test_a_batch_has_a_bound_and_takes_no_idempotency_key(admin: Client, mine: dict[str, Any], vault: Vault) -> None:
    path = f"sign/{mine['alias']}"

    many = vault.write(path, {"batch_input": [{"input": "AA=="}] * 51})
    repeated = vault.write(path, {"batch_input": [{"input": "AA=="}]}, **{"Idempotency-Key": "a"})

    assert_error(many)
    assert "Idempotency-Key" in assert_error(repeated)
    assert uses_of(admin, mine) == (0, 0)


def test_a_repeat_with_its_idempotency_key_is_answered_the_same_signature(
    admin: Client, mine: dict[str, Any], vault: Vault
) -> None:
    path, asked = f"sign/{mine['alias']}", {"input": b64(MESSAGE)}

    first, again = (vault.write(path, asked, **{"Idempotency-Key": mine["id"]}) for _ in range(2))

    assert first.status == again.status == 200
    assert first.json["data"] == again.json["data"]
    assert uses_of(admin, mine) == (1, 1)


def test_versions_are_the_line_of_renewals(
    admin: Client, vault: Vault, ca: CertificationAuthority, tmp_path: Path
) -> None:
    old = admin.import_certificate(issue(algorithm="RSA_2048"), owner=OWNER)
    new = complete(admin, ca, renew(admin, old["alias"]))
    name, asked = old["alias"], {"input": b64(MESSAGE)}
    key = vault.read(f"keys/{name}").json["data"]
    assert (key["latest_version"], set(key["keys"])) == (2, {"1", "2"})

    for version, signer in ((0, "2"), (1, "1"), (2, "2")):
        made = vault.write(f"sign/{name}", {**asked, "key_version": version}).json["data"]
        assert made["key_version"] == int(signer)
        public = key["keys"][signer]["public_key"]
        assert openssl_takes(public, "sha256", True, signature_in(made["signature"]), MESSAGE, tmp_path)
        assert vault.write(f"verify/{name}", {**asked, "signature": made["signature"]}).json["data"]["valid"]

    assert (uses_of(admin, old), uses_of(admin, new)) == ((1, 1), (2, 2))
    beyond = vault.write(f"sign/{name}", {**asked, "key_version": 3})
    assert "key_version" in assert_error(beyond)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"{", 400, "JSON"),
        ({}, 400, "input"),
        ({"input": "not base64!"}, 400, "base64"),
        ({"input": "AA=="[:3]}, 400, "padding"),
        ({"input": b64(MESSAGE), "hash_algorithm": "sha1"}, 400, "sha2-256"),
        ({"input": b64(MESSAGE), "hash_algorithm": "none", "prehashed": True}, 400, "sha2-256"),
        ({"input": b64(MESSAGE), "signature_algorithm": "rot13"}, 400, "pkcs1v15"),
        ({"input": b64(MESSAGE), "marshaling_algorithm": "xml"}, 400, "asn1"),
        ({"input": b64(MESSAGE), "salt_length": 20}, 400, "as long as the hash"),
        ({"input": b64(MESSAGE), "prehashed": True}, 400, "bytes long"),
        ({"input": b64(MESSAGE), "context": "AAAA"}, 400, "derived"),
        ({"input": b64(MESSAGE), "key_version": -1}, 400, "key_version"),
        ({"input": b64(MESSAGE), "padding": "zeros"}, 400, "padding"),
        ({"input": b64(bytes(4 * 1024 * 1024 + 1))}, 413, "4194304"),
    ],
)
def test_what_cannot_be_done_is_told_as_vault_tells_it_and_nothing_is_signed(
    body: Any, status: int, said: str, admin: Client, mine: dict[str, Any], vault: Vault
) -> None:
    # As JSON: API Gateway hands on anything else in base64, and a Lambda takes 6 MB.
    answer = vault.write(f"sign/{mine['alias']}", body, **{"Content-Type": "application/json"})

    assert said in assert_error(answer, status)
    assert uses_of(admin, mine) == (0, 0)


@pytest.mark.parametrize(
    "signature", ["", "vault:v1:", "vault:v0:AAAA", "vault:v1:AA", "v1:AAAA", "vault:v9:AAAA", None]
)
def test_a_signature_that_is_none_is_refused(signature: str | None, mine: dict[str, Any], vault: Vault) -> None:
    answer = vault.write(f"verify/{mine['alias']}", {"input": b64(MESSAGE), "signature": signature})

    assert_error(answer)


def test_a_certificate_that_asks_for_a_reason_or_a_pin_says_so(signet: Service, admin: Client, vault: Vault) -> None:
    for fields, word in (({"ask_for_reason": True}, "reason"), ({"pin": "2468"}, "PIN")):
        certificate = admin.import_certificate(owner=OWNER, **fields)
        answer = vault.write(f"sign/{certificate['alias']}", {"input": b64(MESSAGE)})

        text = assert_error(answer, 403)
        assert word in text
        assert "client of Signet" in text
        events = admin.good("GET", at(certificate["id"], "events"))["items"]
        assert events[0]["code"] == f"{word.lower()}_required"


def test_who_sees_nothing_finds_nothing_and_who_may_look_may_not_sign(
    signet: Service, admin: Client, mine: dict[str, Any]
) -> None:
    stranger, viewer = Vault(signet, "mallory"), Vault(signet, "admin", "administrators")
    asked = {"input": b64(MESSAGE)}
    unseen = [stranger.read(f"keys/{mine['alias']}"), stranger.write(f"sign/{mine['alias']}", asked)]
    nowhere = [stranger.read("keys/nothing"), stranger.write("sign/nothing", asked)]

    assert {(each.status, each.body) for each in (*unseen, *nowhere)} == {(404, unseen[0].body)}
    assert viewer.read(f"keys/{mine['alias']}").status == 200
    assert viewer.write(f"sign/{mine['alias']}", asked).status == 403
    assert uses_of(admin, mine) == (0, 0)


def test_a_token_that_is_none_or_has_ended_is_refused_as_vault_refuses_it(
    signet: Service, mine: dict[str, Any], vault: Vault
) -> None:
    path = f"/v1/transit/keys/{mine['alias']}"
    ended = Vault(signet, "alice", expires_in=-60)
    sent: list[dict[str, str]] = [
        {},
        {"X-Vault-Token": "s.abcdef"},
        {"X-Vault-Token": ended.token},
        {"Authorization": "Basic YTpi"},
        {"X-Vault-Token": "s.abcdef", "Authorization": f"Bearer {vault.token}"},
    ]

    for headers in sent:
        answer = vault.send("GET", path, None, headers)
        assert_error(answer, 403)


def test_the_record_and_the_log_hold_no_token(
    signet: Service, admin: Client, mine: dict[str, Any], vault: Vault
) -> None:
    agent = f"tool {vault.token}"
    vault.write(f"sign/{mine['alias']}", {"input": b64(MESSAGE)}, **{"User-Agent": agent})

    (event,) = admin.good("GET", "/events", certificate=mine["id"], type="Certificate Used")["items"]
    assert event["user"] == OWNER
    assert event["user_agent"] == "tool ***"
    assert not [line for line in signet.printed if vault.token in line]
