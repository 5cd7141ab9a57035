"""What reads bytes that others send, with what it may answer to them: all that a fuzzer has to know of a parser."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl, quote

import msgspec

from signet.adapters.certificate_files.certificate_file import read_certificate_file
from signet.adapters.certificate_files.x509.names import comparable
from signet.adapters.cryptography.asked_extensions import read_request
from signet.adapters.cryptography.certificate_decoder import certificate_details
from signet.adapters.cryptography.certificate_signing_requests import csr_command_of_certificate
from signet.adapters.cryptography.issued_certificates import differences
from signet.adapters.dynamodb.cursors import AuthenticatedCursors
from signet.adapters.identity.issuer_keys import UnreadableDocumentError, parse_key_set
from signet.adapters.identity.json_object import json_object
from signet.adapters.identity.token_verifier import JwksTokenVerifier
from signet.adapters.regular_expressions import objection_to
from signet.api.answering.media_types import preferred
from signet.api.bodies.action_bodies import ActionBody
from signet.api.bodies.certificate_bodies import ImportBody, UpdateBody
from signet.api.bodies.certificate_group_bodies import NewCertificateGroup
from signet.api.bodies.event_bodies import EventsQuery
from signet.api.bodies.explanation_bodies import ExplainBody
from signet.api.bodies.policy_bodies import NewPolicy
from signet.api.bodies.role_bodies import NewRole
from signet.api.bodies.signing_bodies import SignBody
from signet.api.bodies.signing_request_bodies import CreateRequestBody, IssuedBody, RequestsQuery
from signet.api.dialects.kms import KmsBody
from signet.api.dialects.transit import read_signature, segments_of
from signet.api.dialects.transit_bodies import TransitBody
from signet.api.reading.incoming import parsed_body, parsed_query, query_of, versions_of
from signet.api.reading.queries import CertificatesQuery, moment
from signet.api.reading.requested_action import RequestedAction
from signet.api.reading.text_input import json_octets
from signet.domain.access.certificate_group import CertificateGroupSettings
from signet.domain.access.principal import Principal
from signet.domain.access.role import RoleSettings
from signet.domain.access.token_claims import read_claims
from signet.domain.access.trusted_issuer import InvalidTrustedIssuersError, TrustedIssuer, parse_trusted_issuers
from signet.domain.asn1 import reader as der
from signet.domain.asn1.reader import Asn1Error
from signet.domain.errors import SignetError
from signet.domain.policies.policy import PolicySettings
from signet.domain.x509.distinguished_name_text import MAX_TEXT_CHARACTERS, parse_distinguished_name
from signet.domain.x509.general_name import KIND_TAGS, GeneralName, UnacceptableNameError
from signet_cli.pkcs11 import agent as agent_module
from signet_cli.pkcs11.agent import Agent, serve
from signet_cli.pkcs11.der import DerError, fixed_width_signature, read_certificate
from signet_cli.pkcs11.slots import Slots
from signet_cli.pkcs11.wire import WireError
from tests.fuzzing import mutations, seeds
from tests.fuzzing.mutations import Mutation
from tests.support.programs.pkcs11_program import PROGRAM, StandInService, ec_certificate
from tests.unit.certificate_files.hostile_files import PASSWORD, with_extension

CALLER = Principal("corp/alice")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
STAGES = (90, 30, 7)
CURSORS = AuthenticatedCursors(lambda: bytes(32))
KEYS_URL = f"{seeds.ISSUER_URL}/keys"
ISSUER = TrustedIssuer(
    "corp", seeds.ISSUER_URL, ("signet",), "sub", ("groups", "realm_access.roles"), jwks_uri=KEYS_URL
)
MAX_MESSAGE = 64 * 1024
"""What a fuzzer sends at most; what is larger has tests of its own (`test_hostile_certificate_files.py`)."""


class AgentFailedError(Exception):
    """The agent ended a call by an error that it did not expect."""


@dataclass(frozen=True)
class Parser:
    """One reader of foreign bytes."""

    name: str
    read: Callable[[bytes], object]
    seeds: Callable[[], Iterable[bytes]]
    """What people and programs really send: where the search begins."""
    refusals: tuple[type[Exception], ...] = (SignetError,)
    """All that may come of a bad input."""
    mutation: Mutation | None = None
    """What changes an input and keeps its form."""
    longest: int = 4096


# --- certificates and keys -----------------------------------------------------------------------------------------


def certificate_file(content: bytes) -> None:
    """DER, PEM, PKCS#7, PKCS#12 and the key stores that are told apart; what was read can be shown and renewed."""
    file = read_certificate_file(content, password=PASSWORD, private_key=None, private_key_password=None)
    certificate_details(file.certificate, file.chain)
    csr_command_of_certificate(file.certificate, file.facts.key_algorithm)


def private_key(content: bytes) -> None:
    """A key as text, beside its certificate."""
    text = content.decode(errors="replace")
    read_certificate_file(
        seeds.leaf().der, password=None, private_key=text, private_key_password=PASSWORD if content[:1] > b"," else None
    )


def extension(content: bytes) -> None:
    """One extension of a certificate; whatever it holds, it is shown or noted as broken."""
    dotted = seeds.EXTENSIONS[content[0] % len(seeds.EXTENSIONS)] if content else seeds.EXTENSIONS[0]
    certificate = with_extension(content[1:], dotted)
    assert certificate_details(certificate, ()).extensions[0].oid == dotted
    differences(seeds.csr(), certificate)


def signing_request(content: bytes) -> None:
    """A CSR (PKCS#10), read again to be compared with what a CA made of it."""
    read_request(content)
    differences(content, seeds.leaf().der)


def any_der(content: bytes) -> None:
    """Every value in it, to the innermost."""
    _walk(der.parse(content))


def _walk(element: der.Element) -> None:
    for read in (element.oid, element.named_bits):
        try:
            read()
        except Asn1Error:
            continue
    try:
        inner = element.children()
    except Asn1Error:
        return
    for each in inner:
        _walk(each)


# --- names, times and expressions ----------------------------------------------------------------------------------


def distinguished_name(content: bytes) -> None:
    """RFC 4514; what was read is written so that it reads the same again."""
    name = parse_distinguished_name(content.decode(errors="surrogateescape"))
    if len(name.text) <= MAX_TEXT_CHARACTERS:  # What is written escapes more.
        assert comparable(parse_distinguished_name(name.text)) == comparable(name), name.text


def alternative_names(content: bytes) -> None:
    """Hosts, mail addresses, URIs and IP addresses."""
    for text in content.decode(errors="surrogateescape").split("\n"):
        for kind in KIND_TAGS:
            try:
                name = GeneralName.parse(kind, text)
            except UnacceptableNameError:
                continue
            assert name.kind == kind
            assert name.text is not None


def timestamp(content: bytes) -> None:
    """RFC 3339, in bounds that a store can hold."""
    read = moment("from", content.decode(errors="surrogateescape"))
    assert read.tzinfo is UTC


def regular_expression(content: bytes) -> None:
    """Of a policy: objected to, or compiled within its bounds."""
    objection_to(content.decode(errors="surrogateescape"))


# --- bodies, queries and headers -----------------------------------------------------------------------------------


def _transit(body: TransitBody) -> None:
    for item in body.items():
        for command in (
            lambda item=item: body.sign_command("release", None, item, None),
            lambda item=item: body.verify_command("release", None, item),
        ):
            try:
                command()
            except SignetError:
                continue


def _kms(body: KmsBody) -> None:
    for action, command in (("Sign", lambda: body.sign_command(None)), ("Verify", body.verify_command)):
        try:
            body.checked(action)  # type: ignore[arg-type]  # two of the four literals
            command()
        except SignetError:
            continue


BODIES: Mapping[str, tuple[type, Callable[[Any], object]]] = {
    "POST /v1/certificates": (ImportBody, lambda body: body.command(STAGES)),
    "PATCH /v1/certificates/{certificate}": (UpdateBody, lambda body: body.update(STAGES)),
    "POST /v1/certificates/actions": (ActionBody, lambda body: body.command()),
    "POST /v1/certificates/{certificate}/sign": (SignBody, lambda body: body.command("release")),
    "POST /v1/signing-requests": (CreateRequestBody, lambda body: body.command(STAGES)),
    "POST /v1/signing-requests/{id}/certificate": (IssuedBody, lambda body: body.command()),
    "POST /v1/policies": (NewPolicy, lambda body: PolicySettings.parse(body.plain(), objection_to)),
    "POST /v1/policies/explain": (ExplainBody, lambda body: body.question()),
    "POST /v1/roles": (NewRole, lambda body: RoleSettings.parse(body.plain())),
    "POST /v1/certificate-groups": (NewCertificateGroup, lambda body: CertificateGroupSettings.parse(body.plain())),
    "POST /v1/transit/sign/{proxy+}": (TransitBody, _transit),
    "POST /": (KmsBody, _kms),
}
"""By route: the shape of a body, and what an operation is given of it."""


def body_of(route: str) -> Callable[[bytes], object]:
    """The reader of the body of `route`, from bytes to what an operation is given."""
    shape, use = BODIES[route]
    return lambda content: use(parsed_body(json_octets(content), shape))


QUERIES: tuple[tuple[type, Callable[[Any], object]], ...] = (
    (CertificatesQuery, lambda query: query.query()),
    (EventsQuery, lambda query: query.query()),
    (RequestsQuery, lambda query: query.wanted()),
)


def query_string(content: bytes) -> None:
    """The filters of a list; API Gateway decodes names and values before us."""
    text = content.decode(errors="replace")
    asked = query_of({"rawQueryString": text, "queryStringParameters": dict(parse_qsl(text, keep_blank_values=True))})
    for shape, use in QUERIES:
        try:
            use(parsed_query(asked, shape))
        except SignetError:
            continue


def headers(content: bytes) -> None:
    """`Accept` and `If-Match`: never refused, and never a fault."""
    text = content.decode("latin-1")
    preferred(text, ("application/json", "text/csv"))
    versions_of(text)


def cursor(content: bytes) -> None:
    """What says where a list goes on; only one that was made for the caller opens."""
    text = content.decode(errors="replace")
    position = CURSORS.open(text, query="all", by=CALLER)
    assert CURSORS.make(position, query="all", by=CALLER) == text


def transit_signature(content: bytes) -> None:
    """`vault:v1:...`, and the path of a key; what was read is written the same."""
    text = content.decode(errors="replace")
    for most in (1, 2):
        try:
            segments_of(f"/v1/transit/sign/{quote(text)}", "sign", most=most)
        except SignetError:
            continue
    read_signature(text, url_safe=len(text) % 2 == 1)


def requested_action(content: bytes) -> None:
    """An event that asks for an action in bulk."""
    asked = RequestedAction.parse(content.decode(errors="surrogateescape"))
    asked.command()
    assert asked.principal.user.encode()
    assert asked.once_id != asked.fingerprint


# --- tokens and issuers --------------------------------------------------------------------------------------------


def token(content: bytes) -> None:
    """A JWT, up to its signature; no key is fetched for an issuer that is not trusted."""
    _verifier().verify(content.decode(errors="surrogateescape"), NOW)


@cache
def _verifier() -> JwksTokenVerifier:
    return JwksTokenVerifier({ISSUER.issuer: ISSUER}, lambda url, deadline: seeds.key_set())


def claims(content: bytes) -> None:
    """The claims of a token whose signature is right; the user and the groups can be stored."""
    try:
        found = json_object(content)
    except (ValueError, TypeError):
        return
    verified = read_claims(found, ISSUER, NOW)
    for name in (verified.user, *verified.user_groups):
        assert name.encode()


def key_set(content: bytes) -> None:
    """The keys of an issuer (JWKS)."""
    for key in parse_key_set(content):
        key.fits("RS256")


def trusted_issuers(content: bytes) -> None:
    """The parameter of a deployment."""
    for each in parse_trusted_issuers(content.decode(errors="surrogateescape")).values():
        json.dumps(msgspec.to_builtins(each))


# --- the agent -----------------------------------------------------------------------------------------------------


def _tell(text: str) -> None:
    if text.startswith("The agent failed"):
        raise AgentFailedError(text)


def agent_frames(content: bytes) -> None:
    """What a program says to `signet-pkcs11`: frames of p11-kit's protocol, one after the other."""
    slots = Slots(StandInService({"release": ec_certificate()}), PROGRAM)
    with patch.object(agent_module, "tell", _tell):
        serve(io.BytesIO(content), io.BytesIO(), Agent(slots))


def agent_der(content: bytes) -> None:
    """What the agent reads of a certificate, and of a signature."""
    for coordinate_bytes in (32, 48, 66):
        try:
            fixed_width_signature(content, coordinate_bytes)
        except DerError:
            continue
    read_certificate(content)


_JSON, _DER = mutations.of_json, mutations.of_der

PARSERS: tuple[Parser, ...] = (
    Parser("certificate file", certificate_file, seeds.certificate_files, mutation=_DER, longest=MAX_MESSAGE),
    Parser("private key", private_key, seeds.private_keys, longest=MAX_MESSAGE),
    Parser("extension", extension, seeds.extensions, (), mutations.of_marked_der),
    Parser("signing request", signing_request, lambda: [seeds.csr()], (Asn1Error,), _DER),
    Parser("DER", any_der, seeds.certificates, (Asn1Error,), _DER),
    Parser("distinguished name", distinguished_name, seeds.distinguished_names),
    Parser("alternative names", alternative_names, seeds.alternative_names, ()),
    Parser("timestamp", timestamp, seeds.timestamps, longest=64),
    Parser("regular expression", regular_expression, seeds.regular_expressions, (), longest=1100),
    *(Parser(f"body of {route}", body_of(route), seeds.bodies_of(route), mutation=_JSON) for route in BODIES),
    Parser("query string", query_string, seeds.query_strings),
    Parser("Accept and If-Match", headers, seeds.header_values, (), longest=1024),
    Parser("cursor", cursor, lambda: [str(CURSORS.make("a/b", query="all", by=CALLER)).encode()]),
    Parser("signature and path of Vault", transit_signature, seeds.transit_signatures),
    Parser("event that asks for an action", requested_action, seeds.requested_actions, mutation=_JSON),
    Parser("token", token, seeds.tokens, longest=11_000),
    Parser("claims", claims, seeds.claims, mutation=_JSON),
    Parser("key set", key_set, lambda: [seeds.key_set()], (UnreadableDocumentError,), _JSON),
    Parser("trusted issuers", trusted_issuers, seeds.trusted_issuers, (InvalidTrustedIssuersError,), _JSON),
    Parser("frames of the agent", agent_frames, seeds.conversations, (WireError,), mutations.of_frames),
    Parser("DER of the agent", agent_der, seeds.certificates, (DerError,), _DER),
)
