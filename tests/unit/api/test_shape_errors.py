"""What is said of a body or query of another shape: which field, and what would do, in plain words."""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from signet.adapters.regular_expressions import objection_to
from signet.api.bodies.action_bodies import ActionBody
from signet.api.bodies.certificate_bodies import ImportBody
from signet.api.bodies.certificate_group_bodies import ChangedCertificateGroup, NewCertificateGroup
from signet.api.bodies.event_bodies import EventsQuery
from signet.api.bodies.policy_bodies import ChangedPolicy, NewPolicy
from signet.api.bodies.role_bodies import ChangedRole, NewRole
from signet.api.bodies.sent_body import SentBody
from signet.api.bodies.signing_bodies import SignBody
from signet.api.bodies.signing_request_bodies import CreateRequestBody
from signet.api.reading.queries import CertificatesQuery
from signet.api.reading.shape_errors import invalid_input
from signet.domain.access.certificate_group import CertificateGroupSettings
from signet.domain.access.role import RoleSettings
from signet.domain.errors import FieldError, InvalidInputError, RequestTooLargeError
from signet.domain.policies.policy import PolicySettings
from tools.openapi.document import found_functions

FUNCTIONS = list(found_functions())
BODIES = sorted({found.function.body for found in FUNCTIONS if found.function.body}, key=lambda each: each.__name__)
QUERIES = sorted({found.function.query for found in FUNCTIONS if found.function.query}, key=lambda each: each.__name__)
WRONG: tuple[Any, ...] = (
    None,
    True,
    5,
    -1,
    10**30,
    0.5,
    "",
    "\ud83d\ude00" * 3,
    "x" * 70_000,
    [],
    [7],
    ["x"] * 3000,
    {},
    {"x": 1},
)
BEGINNINGS = ("must be ", "is required", "is not a field here", "is not a parameter here")
FIELDS_OF_NAMES = "is not a field here; the fields are dns, email, uri, ip"
FOREIGN = re.compile(
    r"`|\b(str|int|bool|float|dict|tuple|array|NoneType|Expected|enum value|Object|Struct|regex)\b|of another kind"
)


def fault(value: Any, shape: type, *, strict: bool = True) -> FieldError | None:
    """What is said of `value`, sent where `shape` is asked for; None where it has that shape."""
    try:
        if strict:
            msgspec.json.decode(json.dumps(value).encode(), type=shape)
        else:
            msgspec.convert(value, shape, strict=False)
    except msgspec.ValidationError as error:
        (one,) = invalid_input(error, shape, in_query=not strict).errors
        return one
    return None


def samples(kind: msgspec.inspect.Type) -> Iterator[Any]:
    """Values that go deep into `kind`, so that each place within it comes to be wrong once."""
    match kind:
        case msgspec.inspect.UnionType(types=types):
            for each in types:
                yield from samples(each)
        case msgspec.inspect.Metadata(type=inner):
            yield from samples(inner)
        case msgspec.inspect.StructType(fields=fields):
            for field in fields:
                for value in (*WRONG, *samples(field.type)):
                    yield {field.encode_name: value}
            yield {"surprise": 1}
        case msgspec.inspect.VarTupleType(item_type=item):
            for value in (*WRONG, *samples(item)):
                yield [value]


@pytest.mark.parametrize("shape", BODIES, ids=lambda each: each.__name__)
def test_no_fault_of_a_body_is_told_in_words_of_a_library(shape: type) -> None:
    required = {each.encode_name: each for each in msgspec.structs.fields(shape) if each.required}
    faults = [fault(value, shape) for value in (*WRONG, *samples(msgspec.inspect.type_info(shape)))]
    told = [one for one in faults if one]

    assert len(told) > len(WRONG) / 2
    for one in told:
        assert not FOREIGN.search(one.message), one
        assert one.message.startswith(BEGINNINGS), one
        assert len(one.message) < 600, one
    assert bool(required) <= any(one.message.startswith("is required") for one in told)


@pytest.mark.parametrize("shape", QUERIES, ids=lambda each: each.__name__)
def test_no_fault_of_a_query_is_told_in_words_of_a_library(shape: type) -> None:
    names = [each.encode_name for each in msgspec.structs.fields(shape)]
    values = [{name: text} for name in [*names, "surprise"] for text in ("", "null", "x", "-1", "1e1", "x" * 5000)]
    told = [one for value in values if (one := fault(value, shape, strict=False))]

    assert told
    for one in told:
        assert not FOREIGN.search(one.message), one
        assert one.message.startswith(BEGINNINGS), one


@pytest.mark.parametrize(
    ("value", "shape", "field", "message"),
    [
        ({"content": 5}, ImportBody, "content", "must be a text in standard base64, got a whole number"),
        ({"content": "", "description": 7}, ImportBody, "description", "must be a text or null, got a whole number"),
        (
            {"content": "", "pin": 1234},
            ImportBody,
            "pin",
            "must be a text of 4 to 64 characters or null, got a whole number",
        ),
        ({"content": "", "groups": "x"}, ImportBody, "groups", "must be a list of at most 500 entries, got a text"),
        ({"content": "", "groups": ["x" * 513]}, ImportBody, "groups[0]", "must be a text of at most 512 characters"),
        ({}, ImportBody, "content", "is required: a text in standard base64"),
        ([], SignBody, "", None),
        ({"message": "", "message_type": "raw"}, SignBody, "message_type", "must be one of DIGEST, EXTERNAL_MU, RAW"),
        (
            {"action": "stop"},
            ActionBody,
            "action",
            "must be one of add_to_groups, delete, disable, enable, remove_from_groups",
        ),
        ({"name": "x", "permissions": ["fly"]}, NewRole, "permissions[0]", None),
        ({"name": "x", "certificate_groups": "some"}, NewRole, "certificate_groups", 'must be "all" or a list'),
        (
            {"name": "x", "certificate_groups": [{"group": "g", "rights": ["fly"]}]},
            NewRole,
            "certificate_groups[0].rights[0]",
            "must be one of add, assign, remove",
        ),
        ({"name": "x", "priority": "1"}, NewRole, "priority", "must be a whole number, got a text"),
        (
            {"subject_alternative_names": {"fax": []}},
            CreateRequestBody,
            "subject_alternative_names.fax",
            FIELDS_OF_NAMES,
        ),
        (
            {"subject": {"common_name": "x"}, "subject_alternative_names": []},
            CreateRequestBody,
            "subject_alternative_names",
            "must be an object (dns, email, uri, ip) or null, got a list",
        ),
        (
            {"name": "x", "action": "allow", "what": {"certificate": []}},
            NewPolicy,
            "what.certificate",
            "is not a field here; the fields are certificates, groups",
        ),
    ],
)
def test_it_is_told_what_would_do(value: Any, shape: type, field: str, message: str | None) -> None:
    one = fault(value, shape)

    assert one
    assert one.field == field
    assert message is None or one.message == message


@pytest.mark.parametrize(
    ("query", "shape", "field", "message"),
    [
        ({"limit": "0"}, CertificatesQuery, "limit", "must be a whole number from 1 to 200"),
        ({"limit": "x"}, CertificatesQuery, "limit", "must be a whole number from 1 to 200"),
        ({"sort": "name"}, CertificatesQuery, "sort", "must be one of alias, created_at, valid_to"),
        ({"renewal": "done"}, CertificatesQuery, "renewal", 'must be "pending"'),
        ({"from": "x" * 41}, EventsQuery, "from", "must be a time as in RFC 3339, such as 2026-11-22T13:00:00Z"),
    ],
)
def test_of_a_query_too(query: Any, shape: type, field: str, message: str) -> None:
    assert fault(query, shape, strict=False) == FieldError(field, message)


def test_every_type_of_event_is_named_where_another_was_asked_for() -> None:
    one = fault({"type": "Certificate Stolen"}, EventsQuery, strict=False)

    assert one
    assert "Certificate Imported, " in one.message
    assert "Stolen" not in one.message


def test_of_a_field_that_nobody_asked_for_only_a_part_is_repeated() -> None:
    one = fault({"x" * 5000: 1}, ImportBody)

    assert one
    assert one.field == "x" * 64


POLICY = {"name": "x", "action": "allow", "what": {"certificates": ["x"]}, "who": {"users": ["corp/eve"]}}
NAMED = {"name": "x"}


@pytest.mark.parametrize(
    ("shape", "fields", "field"),
    [
        (NewPolicy, {"name": None}, "name"),
        (NewPolicy, {"name": 5}, "name"),
        (ChangedPolicy, {"enabled": "yes"}, "enabled"),
        (ChangedPolicy, {"enabled": 1}, "enabled"),
        (ChangedPolicy, {"enabled": None}, "enabled"),
        (ChangedPolicy, {"action": None}, "action"),
        (NewPolicy, {"action": "permit"}, "action"),
        (NewPolicy, {"priority": True}, "priority"),
        (NewPolicy, {"priority": 1.5}, "priority"),
        (ChangedPolicy, {"what": None}, "what"),
        (NewPolicy, {"what": ["crt_a"]}, "what"),
        (NewPolicy, {"what": {"certificates": "crt_a"}}, "what.certificates"),
        (NewPolicy, {"what": {"certificates": [None]}}, "what.certificates[0]"),
        (ChangedPolicy, {"who": None}, "who"),
        (NewPolicy, {"who": {"users": ["corp/alice"], "groups": []}}, "who.groups"),
        (NewPolicy, {"where": []}, "where"),
        (NewPolicy, {"where": {"hosts": []}}, "where.hosts"),
        (NewPolicy, {"when": {}}, "when"),
        (NewPolicy, {"when": ["always"]}, "when[0]"),
        (NewPolicy, {"when": [{"days": "mon"}]}, "when[0].days"),
        (NewPolicy, {"when": [{"start_time": 800}]}, "when[0].start_time"),
        (NewPolicy, {"when": [{"time": "09:00"}]}, "when[0].time"),
        (NewPolicy, {"owner": "corp/alice"}, "owner"),
        (NewRole, {"permissions": "certificates:view"}, "permissions"),
        (NewRole, {"certificate_groups": {}}, "certificate_groups"),
        (ChangedRole, {"certificate_groups": None}, "certificate_groups"),
        (NewRole, {"certificate_groups": ["grp_a"]}, "certificate_groups[0]"),
        (NewRole, {"certificate_groups": [{"rights": ["add"]}]}, "certificate_groups[0].group"),
        (NewRole, {"certificate_groups": [{"group": "grp_a", "right": []}]}, "certificate_groups[0].right"),
        (NewRole, {"user_groups": [3]}, "user_groups[0]"),
        (NewRole, {"rights": []}, "rights"),
        (NewCertificateGroup, {"certificate_limit": "3"}, "certificate_limit"),
        (NewCertificateGroup, {"certificate_limit": False}, "certificate_limit"),
        (ChangedCertificateGroup, {"description": 3}, "description"),
        (ChangedCertificateGroup, {"members": []}, "members"),
    ],
)
def test_the_domain_is_handed_no_policy_role_or_group_of_another_shape(
    shape: type, fields: dict[str, Any], field: str
) -> None:
    whole = POLICY if issubclass(shape, ChangedPolicy) else NAMED

    one = fault({**whole, **fields}, shape)

    assert one
    assert one.field == field


@pytest.mark.parametrize("shape", [NewPolicy, NewRole, NewCertificateGroup])
def test_whatever_has_the_shape_the_domain_takes_or_says_what_is_wrong_with_it(shape: type[SentBody]) -> None:
    taken = refused = 0
    for fields in samples(msgspec.inspect.type_info(shape)):
        sent = {**(POLICY if shape is NewPolicy else NAMED), **fields}
        if fault(sent, shape):
            continue
        plain = msgspec.json.decode(json.dumps(sent).encode(), type=shape).plain()
        try:
            if shape is NewPolicy:
                PolicySettings.parse(plain, objection_to).changed(plain, objection_to)
            else:
                settings = RoleSettings if shape is NewRole else CertificateGroupSettings
                settings.parse(plain).changed(plain)
            taken += 1
        except (InvalidInputError, RequestTooLargeError):
            refused += 1
    assert taken
    assert refused
