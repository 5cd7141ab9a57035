"""Everything that can be asked with a secret in it, done and refused, and everything that was said meanwhile."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.support.certificates.issued import KEY_ALGORITHMS, Issued, a_key, authority, in_base64, issue
from tests.support.checks.leaks import Haystack, Secret, of_bytes, of_key, of_pkcs8, of_text
from tests.support.services.over_http import ADMINISTRATORS, Client, Response, Service, at

# Marks that nothing else contains, and letters that each encoding writes in its own way.
PIN = 'Pin ω"7f3k9/+&<ü>'
SECOND_PIN = "second-pin-Zq8vT"
WRONG_PIN = "wrong-pin-Xk2mB"
LONG_PIN = "a-pin-that-is-too-long-" + "u4Wc" * 20
PASSWORD = 'Pass%wörd \\"J5hN2/'
KEY_PASSWORD = "key-password-R6yLp"
WRONG_PASSWORD = "wrong-password-D9sVe"

CALENDAR_LINK = "the secret of a calendar link"

ORDER = {"message": in_base64(b"m"), "message_type": "RAW", "signing_algorithm": "ECDSA_SHA_256"}


@dataclass
class Run:
    """Everything that was said while everything was done."""

    haystack: Haystack = field(default_factory=Haystack)
    secrets: list[Secret] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)

    def heard(self, response: Response) -> None:
        self.haystack.add("answers", response.body)
        self.haystack.add("answers", dict(response.headers))
        self.statuses.add(int(response.status))


def listening_queue(signet: Service) -> str:
    """A queue that gets all that comes over the bus."""
    sqs, events = signet.stack.client("sqs"), signet.stack.client("events")
    url: str = sqs.create_queue(QueueName="listening")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bus = signet.stack.environment["EVENT_BUS"]
    events.put_rule(Name="all", EventBusName=bus, EventPattern=json.dumps({"source": [{"prefix": ""}]}))
    events.put_targets(Rule="all", EventBusName=bus, Targets=[{"Id": "all", "Arn": arn}])
    return url


def everything(signet: Service, run: Run) -> None:
    """Every route, with what succeeds and what is refused; secrets in every place that takes one."""
    issuer = signet.stack.issuer
    tokens = {
        "the administrator's token": issuer.token("admin", [ADMINISTRATORS]),
        "a user's token": issuer.token("alice", []),
        "an expired token": issuer.token("alice", [], expires_in=-60),
    }
    tokens["a forged token"] = tokens["a user's token"][:-12] + "AAAAAAAAAAAA"
    # The signature is what makes a token of a text that anybody could write.
    run.secrets += [of_text(name, token.rpartition(".")[2]) for name, token in tokens.items() if "forged" not in name]
    run.secrets += [
        of_text(name, text)
        for name, text in {
            "the PIN": PIN,
            "the second PIN": SECOND_PIN,
            "a wrong PIN": WRONG_PIN,
            "a PIN that is too long": LONG_PIN,
            "the password": PASSWORD,
            "the key's password": KEY_PASSWORD,
            "a wrong password": WRONG_PASSWORD,
        }.items()
    ]
    admin, alice = signet.with_token(tokens["the administrator's token"]), signet.with_token(tokens["a user's token"])
    for name in ("an expired token", "a forged token"):
        assert signet.with_token(tokens[name]).get("/me").status == 401
    imports(admin, run)
    uses(admin, alice, tokens["a user's token"])
    reads(admin, alice)
    refusals(admin, alice, run)
    requests(admin)
    calendars(signet, admin, run)
    bodies_that_are_none(admin)
    broken(signet, admin, alice)
    admin.good("DELETE", at("Ed25519"))


def imports(admin: Client, run: Run) -> None:
    for algorithm in KEY_ALGORITHMS:
        issued = known(run, algorithm)
        body = {"content": in_base64(issued.pkcs12(PASSWORD)), "password": PASSWORD, "pin": PIN}
        alias = "Ed25519" if algorithm == "ED25519" else algorithm
        admin.good("POST", "/certificates", {**body, "alias": alias, "owner": "local/alice"})
    apart = known(run, "ECC_NIST_P256")
    body = {
        "content": in_base64(apart.pem),
        "private_key": apart.key_pem(KEY_PASSWORD).decode(),
        "private_key_password": KEY_PASSWORD,
        "alias": "apart",
        "owner": "local/alice",
    }
    assert admin.post("/certificates", {**body, "private_key_password": WRONG_PASSWORD}).code == "wrong_password"
    admin.post("/certificates", body, key="a key")
    assert admin.post("/certificates", body, key="a key").status == 201


def stating(pin: str, token: str) -> dict[str, Any]:
    """What people and programs write of themselves, with the secrets of the order in it."""
    return {
        "reason": f"my PIN is {pin}, {quote(pin)} or {json.dumps(pin)}",
        "pin": pin,
        "application": {
            "process": f"signtool {pin}"[:255],
            "command_line": f"signtool sign /p {json.dumps(pin)} /p{pin} /q={quote(pin)} /token {token} a.exe",
        },
    }


def uses(admin: Client, alice: Client, token: str) -> None:
    algorithms = {"RSA": "RSASSA_PSS_SHA_256", "ECC": "ECDSA_SHA_256", "ED2": "ED25519_SHA_512"}
    for algorithm in KEY_ALGORITHMS:
        order: dict[str, Any] = {
            **ORDER,
            "signing_algorithm": algorithms[algorithm[:3]],
            **stating(PIN, token),
        }
        alias = "Ed25519" if algorithm == "ED25519" else algorithm
        alice.good("POST", at(alias, "sign"), order)
        assert alice.post(at(alias, "sign"), order, key=f"using {alias}").status == 200
        assert alice.post(at(alias, "sign"), order, key=f"using {alias}").status == 200
        assert alice.post(at(alias, "sign"), {**order, "dry_run": True}).status == 200
    admin.good("PATCH", at("RSA_3072"), {"pin": SECOND_PIN, "owner": "local/alice", "ask_for_reason": True})
    for pin in (PIN, WRONG_PIN, WRONG_PIN, WRONG_PIN, WRONG_PIN, SECOND_PIN):
        order = {**ORDER, "signing_algorithm": "RSASSA_PSS_SHA_256", **stating(pin, token)}
        alice.post(at("RSA_3072", "sign"), order, headers={"User-Agent": f"signtool (token {token})"})
        # To an Administrator nothing is hidden, and what is not there is recorded.
        admin.post(at(f"no {pin} {token}"[:1500], "sign"), order)
    admin.good("PATCH", at("RSA_4096"), {"pin": None})
    admin.good("POST", at("apart", "disable"))
    admin.good("POST", at("apart", "enable"))


def reads(admin: Client, alice: Client) -> None:
    for client in (admin, alice):
        for path in ("", "?sort=alias&limit=2", "?owner=local%2Falice", "?usable=true&expiry=valid"):
            answer = client.good("GET", f"/certificates{path}")
            if answer["next_cursor"]:
                client.good("GET", f"/certificates{path}&cursor={answer['next_cursor']}")
        for rest in ((), ("details",), ("download",), ("events",), ("related",)):
            client.get(at("RSA_2048", *rest))
        for form in ("der", "pem", "pem_chain", "pkcs7"):
            assert client.get(at("RSA_2048", "download"), format=form).status == 200
        for event in admin.good("GET", "/events", limit=2)["items"]:
            client.get(f"/events/{event['id']}")
        client.get("/events", limit=200)
        client.get("/events", headers={"Accept": "text/csv"})
        for path in ("/me", "/health", "/openapi.json", "/policies", "/roles", "/certificate-groups", "/nothing"):
            client.get(path)


def refusals(admin: Client, alice: Client, run: Run) -> None:
    other = known(run, "ECC_NIST_P256")
    file = in_base64(other.pkcs12(PASSWORD))
    key = other.key_pem().decode()
    two_keys = other.pem + other.key_pem() + known(run, "ECC_NIST_P384").key_pem()
    weak = a_key("RSA_1024")
    run.secrets.append(of_key("a weak key", weak))
    weak_pem = weak.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    cut = other.pkcs12(None)[:-40]
    for body in (
        {"content": file, "password": WRONG_PASSWORD},
        {"content": file},
        {"content": in_base64(issue().pem), "private_key": key},
        {"content": in_base64(two_keys)},
        {"content": in_base64(weak_pem + other.pem)},
        {"content": in_base64(cut)},
        {"content": key},
        {"content": [key]},
        {"content": in_base64(other.pem), "private_key": {"pem": key}},
        {"content": in_base64(other.pem), "private_key": key[:-80]},
        {"content": file, "password": PASSWORD, "pin": LONG_PIN},
        {"content": file, "password": [PASSWORD], "pin": [PIN]},
        {"content": file, "password": PASSWORD, "pin": PIN, "unknown": True},
        {"content": file, "password": PASSWORD, "pin": PIN, "groups": ["grp_0"]},
        {"content": file, "password": PASSWORD, "pin": PIN, "alias": "a/b"},
        {"content": file, "password": PASSWORD, "pin": PIN, "alias": "RSA_2048"},
    ):
        assert admin.post("/certificates", body).status >= 400, body
        assert alice.post("/certificates", body).status >= 400
    for pin in (LONG_PIN, [PIN], {"pin": PIN}, PIN[:2]):
        admin.patch(at("RSA_2048"), {"pin": pin})
        alice.post(at("RSA_2048", "sign"), {**ORDER, "pin": pin})
    alice.patch(at("RSA_2048"), {"pin": PIN})
    alice.post(at("RSA_2048", "sign"), {**ORDER, "pin": PIN})  # an algorithm that does not fit
    admin.post(at("RSA_2048", "sign"), {**ORDER, "pin": PIN})
    admin.get("/certificates", cursor="forged", limit=1)


def requests(admin: Client) -> None:
    """Keys that are made here, and come out of no door."""
    order = {"subject": {"common_name": "Made here"}, "pin": PIN, "owner": "local/alice"}
    for algorithm in ("RSA_2048", "ECC_NIST_P256", "ED25519"):
        made = admin.post("/signing-requests", {**order, "key_algorithm": algorithm, "alias": f"made {algorithm}"})
        if made.status == 404:
            return
        assert made.status == 201, made
        csr = admin.get(f"/signing-requests/{made.json['id']}/csr").body
        if algorithm == "RSA_2048":
            content = in_base64(answer_to(csr))
            path = f"/signing-requests/{made.json['id']}/certificate"
            assert admin.post(path, {"content": in_base64(issue().pem)}).code == "key_mismatch"
            admin.good("POST", path, {"content": content})
            admin.good("POST", at(f"made {algorithm}", "renew"), {})
    admin.good("GET", "/signing-requests")


def calendars(signet: Service, admin: Client, run: Run) -> None:
    """A link is told once, to whom it is for; nothing keeps it."""
    for number, key in enumerate(("a link", None)):
        headers = {} if key is None else {"Idempotency-Key": key}
        for _ in range(2):
            made = admin.call("POST", "/me/calendar-link", headers=headers)
            assert made.status == 201, made
            secret = made.json["url"].partition("secret=")[2]
            run.secrets.append(of_text(f"{CALENDAR_LINK} {number}", secret))
            assert signet.nobody.get("/calendar", secret=secret).status == 200
            assert signet.nobody.get("/calendar", secret=secret[:-3] + "AAA").status == 401
    assert admin.get("/expiry.ics").status == 200
    admin.good("DELETE", "/me/calendar-link")


def answer_to(csr: bytes) -> bytes:
    """What a CA makes of a request."""
    asked, now = x509.load_pem_x509_csr(csr), datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .issuer_name(authority().certificate.subject)
        .subject_name(asked.subject)
        .public_key(asked.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=90))
    )
    return builder.sign(authority().key, hashes.SHA256()).public_bytes(Encoding.PEM)


def bodies_that_are_none(admin: Client) -> None:
    whole = json.dumps({"content": "AAAA", "pin": PIN, "password": PASSWORD}).encode()
    for body in (whole[:-1], whole + b"x", whole.replace(b"AAAA", b"\xff\xfe"), b"[" + whole + b"]", b"\x00" + whole):
        for path in ("/certificates", at("RSA_2048", "sign")):
            assert admin.call("POST", path, body).status in {400, 422}


def broken(signet: Service, admin: Client, alice: Client) -> None:
    """What is broken inside is told to the log, and of what it broke on nothing."""
    client = signet.stack.client("dynamodb")
    certificate = admin.good("GET", at("ECC_NIST_P384"))["id"]
    for table, key, attribute in (
        ("CERTIFICATE_TABLE", {"pk": {"S": certificate}, "sk": {"S": "certificate"}}, "pin_hash"),
        ("PRIVATE_KEY_TABLE", {"pk": {"S": certificate.replace("crt_", "key_")}}, "sealed"),
    ):
        name = signet.stack.environment[table]
        item = client.get_item(TableName=name, Key=key)["Item"]
        other = {"S": "nonsense"} if "S" in item[attribute] else {"B": item[attribute]["B"][:-20]}
        client.put_item(TableName=name, Item={**item, attribute: other})
        signet.stack.gateway.forget_authorizations()
        # A function that has the key in memory needs none; of several, one has not.
        answers = [alice.post(at("ECC_NIST_P384", "sign"), {**ORDER, "pin": PIN}).status for _ in range(4)]
        assert set(answers) <= {200, 500}, answers
        if attribute == "pin_hash":
            assert set(answers) == {500}
        client.put_item(TableName=name, Item=item)


def known(run: Run, algorithm: str) -> Issued:
    """A certificate whose key is watched for."""
    issued = issue(algorithm=algorithm)
    run.secrets.append(of_key(f"a key of {algorithm}", issued.key))
    return issued


def gather(signet: Service, queue: str, run: Run) -> None:
    """What is stored, and what went over the bus and into queues."""
    stack = signet.stack
    client, kms, sqs = stack.client("dynamodb"), stack.client("kms"), stack.client("sqs")
    for name in stack.template.of_type("AWS::DynamoDB::Table"):
        for page in client.get_paginator("scan").paginate(TableName=stack.resources.attribute(name)):
            for item in page["Items"]:
                run.haystack.add("the cursors' secret" if item["pk"] == {"S": "secret#cursors"} else name, item)
                if name == "PrivateKeyTable":
                    key_id = item["pk"]["S"]
                    context = {"key_id": key_id, "purpose": "signing"}
                    opened = kms.decrypt(CiphertextBlob=item["sealed"]["B"], EncryptionContext=context)["Plaintext"]
                    run.secrets.append(of_pkcs8(f"the stored key {key_id}", opened))
                if item["pk"] == {"S": "secret#cursors"}:
                    run.secrets.append(of_bytes("the cursors' secret", item["secret"]["B"]))
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        for url in {queue, *sqs.list_queues().get("QueueUrls", [])}:
            messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            for message in messages:
                run.haystack.add("messages", message["Body"])
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        if "AnnounceEventsFunction" not in stack.functions or run.haystack.places().get("messages", 0) > 20:
            break
