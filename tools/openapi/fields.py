"""What a field, a parameter or a tag means, and an example of it: for all that has no docstring of its own.

A field is looked up as `<schema>.<field>` first, then by its name alone, since a field means the same wherever it
stands. A docstring under the field itself goes before what is said here. Where there is no example, one is made of the
field's type.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TAGS: Mapping[str, str] = {
    "access": "Who the caller is, and what the caller may do.",
    "calendar": "When certificates end, for a calendar program.",
    "certificate groups": "Named sets of certificates, which policies and roles are about.",
    "certificates": "Certificates under management: bringing them in, looking at them, signing with them.",
    "events": "The audit record: who did, or was refused, what, when, to which certificate.",
    "policies": "Who may sign with what, from where and when.",
    "roles": "Permissions for managing certificates, policies and signing requests, and whom they are given to.",
    "service": "Whether the service answers, and what it can be asked.",
    "signing requests": "Key pairs made here and their CSRs, which wait for a CA's certificate.",
}

CRT, REQ, GRP = "crt_1hw9z6r3vk8mxbq2c7t5h4wa", "req_1hw9z6r3vk8mxbq2c7t5h4wa", "grp_1hvq2c7t5h4w9z6r3vk8mxba"
POL, ROL, EVT = "pol_1hx2c7t5h4w9z6r3vk8mxbqa", "rol_1hx3c7t5h4w9z6r3vk8mxbqa", "evt_1hy4s0k3e9w4mxbq2c7t5h4w"
OLD = "crt_1gv7z6r3vk8mxbq2c7t5h4wb"
SHA1, SHA256 = "5E" * 20, "5E" * 32
TIME, START, END = "2026-11-22T13:00:00Z", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"
CSR = "-----BEGIN CERTIFICATE REQUEST-----\nMIHZMIGAAgEAMB4xCzAJBgNVBAYTAlVT...\n-----END CERTIFICATE REQUEST-----\n"
PEM = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUT0m...\n-----END CERTIFICATE-----\n"

NONE_MADE = object()
"""No example is given: one is made of the type."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a field."""

    description: str
    example: Any = NONE_MADE


_A_TIME = "in UTC, RFC 3339 to the second"

FIELDS: Mapping[str, tuple[str] | tuple[str, Any]] = {
    # --- what everything has ---
    "id": ("Opaque and prefixed by its kind; sorts by creation. It never changes.", CRT),
    "CertificateGroupBody.id": ("Begins with `grp_`; it never changes.", GRP),
    "EventBody.id": ("Begins with `evt_`; events of one certificate sort by it as they took effect.", EVT),
    "Mention.id": ("The id of the certificate group, policy or role.", GRP),
    "PolicyBody.id": ("Begins with `pol_`; it never changes.", POL),
    "RequestBody.id": ("Begins with `req_`; its certificate will have the same behind `crt_`.", REQ),
    "RoleBody.id": ("Begins with `rol_`; it never changes.", ROL),
    "name": ("What people call it: 1 to 128 printable characters, unique whatever the case.", "Release"),
    "description": ("For people: at most 1024 characters; empty where there is none.", "Signs our releases"),
    "created_at": (f"When it was made, {_A_TIME}.", START),
    "created_by": ("The user who made it, `<issuer alias>/<name>`.", "corp/alice"),
    "updated_at": (f"When a setting last changed, {_A_TIME}.", TIME),
    "version": ("Counts changes of settings from 1; `ETag` is made of it, and `If-Match` asks for it.", 3),
    "X509Details.version": ("The X.509 version: 1, 2 or 3.", 3),
    "items": ("What this page holds, in the order asked for.",),
    "next_cursor": ("Send it as `cursor` to get the next page; null on the last one.", None),
    "total": ("How many there are, where `count=true` asked for it; counted up to 10,000.", 12),
    # --- parameters ---
    "limit": ("How many items a page has at most.", 50),
    "cursor": ("The `next_cursor` of the page before; it belongs to its query and its caller.", "gAAAAABpIbXZ"),
    "sort": ("What the list is ordered by.",),
    "order": ("Whether the list runs up or down.",),
    "expires_before": ("Only those whose `valid_to` lies before this moment, RFC 3339 with an offset.", END),
    "renewal": ("`pending`: only those whose renewal waits for the CA.",),
    "format": ("The kind of file.",),
    "secret": ("The secret of a calendar link, as its `url` holds it.", "c2VjcmV0LW9mLTMyLWJ5dGVz"),
    "q": ("How the alias begins, whatever the case.", "release"),
    "from": ("Only events at or after this moment, RFC 3339 with an offset.", START),
    "to": ("Only events at or before this moment, RFC 3339 with an offset.", END),
    "certificate": ("Id or alias of a certificate.", CRT),
    "group": ("A certificate group, by id or name.", GRP),
    "GroupGrant.group": ("Id of a certificate group.", GRP),
    "GrantAnswer.group": ("Id of a certificate group.", GRP),
    "thumbprint": ("SHA-1 or SHA-256 of the certificate, hex; found exactly.", SHA256),
    "contains": ("Any part of subject, issuer or alias, whatever the case.", "example"),
    "count": ("`true`: the answer has the `total`.",),
    "include": ("`certificate`: each one's DER comes with it.",),
    "usable": ("`true`: only those the caller could sign with now.",),
    # --- a certificate ---
    "alias": ("The name people use: 1 to 128 characters, unique after NFC and case folding.", "release-2027"),
    "owner": (
        "The user who may use it whatever the policies say, `<issuer alias>/<name>`; null where there is none.",
        "corp/alice",
    ),
    "status": ("Whether it may be used at all.", "enabled"),
    "RequestBody.status": ("Whether it waits for its certificate, has it, or never will.", "pending"),
    "HealthBody.status": ("`ok` where the service can do its work.", "ok"),
    "RequestsQuery.status": ("Only those that wait, are completed, or are cancelled.", "pending"),
    "CertificatesQuery.status": ("Only those that may be used, or may not.", "enabled"),
    "CertificatesQuery.expiry": ("Only those in this part of their life.", "expiring"),
    "Problem.status": ("The HTTP status, once more.", 422),
    "status_info": ("The status in its four parts.",),
    "enabled": ("Whether it is in force; what is disabled is as if it were not there.", True),
    "StatusInfo.enabled": ("Whether anybody may sign with it; not even its owner otherwise.", True),
    "has_owner": ("Whether it has an owner.", True),
    "pin_required": ("Whether each use asks for a PIN.", False),
    "reason_required": ("Whether each use asks for a reason.", False),
    "usage_count": ("How many signatures were made with it.", 12),
    "last_used_at": (f"When it last signed, {_A_TIME}; null if never.", TIME),
    "groups": ("The certificate groups that it is in.",),
    "ImportBody.groups": ("Certificate groups that it is to be in, by id or name.", [GRP]),
    "CreateRequestBody.groups": ("Certificate groups that its certificate is to be in, by id or name.", [GRP]),
    "IssuedBody.groups": ("Certificate groups in place of those of the request, by id or name.", [GRP]),
    "ActionBody.groups": ("Certificate groups, by id or name, for the two actions about groups.", [GRP]),
    "WhatAnswer.groups": ("Ids of certificate groups whose members it is about.", [GRP]),
    "WhatBody.groups": ("Certificate groups whose members it is about, by id or name.", [GRP]),
    "policies": ("The policies that name it, what it renewed, or one of its groups.",),
    "subject": ("Whom it is made out to, RFC 4514 text.", "CN=Example,O=Example Corp,C=US"),
    "CsrBody.subject": ("The subject by its parts, in place of `distinguished_name`.",),
    "CreateRequestBody.subject": ("The subject by its parts, in place of `distinguished_name`.",),
    "issuer": ("Who made it out, RFC 4514 text.", "CN=Example CA,C=US"),
    "serial_number": ("Upper-case hex without separators, whole bytes, as OpenSSL writes it.", "3F0A7B"),
    "thumbprint_sha1": ("SHA-1 of its DER, upper-case hex.", SHA1),
    "thumbprint_sha256": ("SHA-256 of its DER, upper-case hex.", SHA256),
    "key_algorithm": (
        "`RSA_2048`, `RSA_3072`, `RSA_4096`, `ECC_NIST_P256`, `ECC_NIST_P384`, `ECC_NIST_P521` or `ED25519`.",
        "RSA_2048",
    ),
    "has_private_key": ("Whether its private key is held here, so that it can sign.", True),
    "valid_from": (f"The first moment of its validity, {_A_TIME}.", START),
    "valid_to": (f"The last moment of its validity, {_A_TIME}.", END),
    "expiry": ("Where the moment of reading lies in its life.",),
    "state": ("`expiring` from the widest stage of the deployment on.", "valid"),
    "days_left": ("Whole days until `valid_to`, rounded down; negative once expired.", 364),
    "flagged_stage": ("The tightest stage announced, in days; 0 once expiry is; null before.", None),
    "flagged_at": (f"As of when that stage was announced, {_A_TIME}; null before.", None),
    "renews": ("Id of the certificate that this one renews; null where it renews none.", None),
    "renewed_by": ("Id of the certificate that renewed it; null where none has.", None),
    "pending_request": ("Id of the signing request that is to renew it; null where none waits.", None),
    "renew_at_stage": (
        "The stage, in days before `valid_to`, by which its renewal is asked for by itself; null for never.",
        30,
    ),
    "pin_locked_until": (f"Until when wrong PINs have locked it, {_A_TIME}; null where they have not.", None),
    "ask_for_reason": ("Whether each use is to ask for a reason.", False),
    "pin": ("What each use is to ask for: 4 to 64 characters. Kept as a salted, slow hash only.", "2468"),
    "SignBody.pin": ("The certificate's PIN, where it has one.", "2468"),
    "content": ("Base64 of the file.", "MIIBszCCAVmgAwIBAgIUT0m="),
    "password": ("Opens the file, where it is protected.", "open sesame"),
    "private_key": ("The private key as PEM, beside a file without one.",),
    "private_key_password": ("Opens `private_key`, where it is protected.", "open sesame"),
    "warnings": ("What is odd about it, though it was taken.", []),
    # --- what a certificate says ---
    "oid": ("Object identifier, dotted.", "2.5.29.15"),
    "AlgorithmName.name": ("As OpenSSL prints it.", "ecdsa-with-SHA256"),
    "AlgorithmName.oid": ("Object identifier, dotted.", "1.2.840.10045.4.3.2"),
    "NameAttribute.oid": ("Object identifier, dotted.", "2.5.4.3"),
    "NameAttribute.name": ("As `subject` of a signing request calls it.", "common_name"),
    "NameAttribute.value": ("Its text.", "Example"),
    "ExtensionDetails.name": ("In snake_case; the identifier where there is no name.", "key_usage"),
    "critical": ("Whether who does not know it has to refuse the certificate.", True),
    "value": ("Decoded, of a known kind; else the base64 of its DER.", ["digital_signature"]),
    "error": ("Why it is not decoded though its kind is known.", None),
    "signature_algorithm": ("What it is signed with.",),
    "subject_attributes": ("The subject, attribute by attribute, the most general first.",),
    "issuer_attributes": ("The issuer, attribute by attribute, the most general first.",),
    "public_key": ("The public key.",),
    "PublicKeyDetails.algorithm": ("`RSA`, `EC` or `ED25519`.", "EC"),
    "PublicKeyDetails.size": ("Bits.", 256),
    "PublicKeyDetails.curve": ("Of an `EC` key.", "P-256"),
    "spki_sha256": ("SHA-256 of the public key (SubjectPublicKeyInfo, DER), upper-case hex.", SHA256),
    "IssuerDetails.certificate": ("Base64 of its DER.", "MIIBszCCAVmgAwIBAgIUT0m="),
    # --- signing ---
    "message": ("Base64 of the message, or of its digest.", "U2lnbmV0IHNpZ25zIHRoaXMu"),
    "FieldProblem.message": ("What would do.", "must be a whole number from 1 to 200"),
    "message_type": ("`RAW`: the message, hashed here; `DIGEST`: its digest.", "RAW"),
    "signing_algorithm": ("As AWS KMS calls it; it must fit the key.", "ECDSA_SHA_256"),
    "reason": ("Why, where the certificate asks for it; at most 1024 characters.", "release 1.4"),
    "application": ("The program that signs, as the client states it: a claim, and no proof.",),
    "process": ("Name of the executable; case and `.exe` do not matter.", "signtool"),
    "command_line": ("The whole command line.", "signtool sign /fd sha256 app.exe"),
    "dry_run": ("Decide everything and change nothing.", False),
    "SignatureBody.dry_run": ("Whether this only tells what would be done.", False),
    "signature": ("Base64; a dry run makes none.", "MEUCIQDx2nY0x5qY3hO8oZ0="),
    "certificate_id": ("Id of the certificate.", CRT),
    "RequestBody.certificate_id": ("Id of its certificate once it is completed; null before.", None),
    "Problem.certificate_id": ("With `certificate_exists`, where the caller can see it.", CRT),
    "used_at": (f"When, {_A_TIME}; a dry run has no moment.", TIME),
    "event_id": ("Id of the event that records the use; a dry run makes none.", EVT),
    # --- signing requests ---
    "csr": ("The CSR as PEM.", CSR),
    "hash": ("What the CSR is signed with: `SHA_256`, `SHA_384` or `SHA_512`.", "SHA_256"),
    "distinguished_name": ("The subject as RFC 4514 text, in place of `subject`.", "CN=Example,C=US"),
    "subject_alternative_names": ("Other names that the certificate is for.",),
    "extended_key_usage": ("What the certificate is for, by name or dotted identifier.", ["code_signing"]),
    "common_name": ("The name that people know it by.", "Example"),
    "organization": ("Organisation.", "Example Corp"),
    "organizational_unit": ("Unit of the organisation.", "Release"),
    "locality": ("Town.", "Madrid"),
    "SubjectBody.state": ("State or province.", "Madrid"),
    "country": ("Two letters, ISO 3166; written in upper case.", "ES"),
    "email": ("Mail address.", "release@example.com"),
    "NamesBody.email": ("Mail addresses.", ["release@example.com"]),
    "dns": ("Host names, international ones in their ASCII form.", ["signing.example.com"]),
    "uri": ("Absolute URIs.", ["https://example.com/signing"]),
    "ip": ("IPv4 or IPv6 addresses.", ["192.0.2.1"]),
    "disable_renewed": ("Whether the certificate that is renewed is to be disabled at once.", False),
    # --- groups, policies, roles ---
    "certificate_limit": ("How many certificates it may hold; null for any number.", 25),
    "certificate_count": ("How many it holds, renewed ones not counted.", 3),
    "action": ("Whether a match allows or denies.", "allow"),
    "ActionBody.action": ("What to do to each certificate.", "add_to_groups"),
    "priority": ("0 is asked first; at equal priority `deny` wins.", 10),
    "RoleBody.priority": ("Of several roles given in the same way the lowest is in force.", 10),
    "what": ("The certificates that it is about.",),
    "who": ("The callers that it is about.",),
    "where": ("What a use must come from; absent or empty matches always.",),
    "when": ("When a use must be made: one window of these; absent or empty matches always.",),
    "MatchedBody.what": ("Whether the certificate is one of its own.", True),
    "MatchedBody.who": ("Whether the caller is one of its own.", True),
    "MatchedBody.where": ("Whether the use comes from where it asks.", True),
    "MatchedBody.when": ("Whether the moment is one that it asks for.", True),
    "certificates": ("Certificates, by id or alias.", [CRT]),
    "WhatAnswer.certificates": ("Ids of certificates; their renewals are covered too.", [CRT]),
    "users": ("Users, `<issuer alias>/<name>`.", ["corp/alice"]),
    "user_groups": ("User groups, `<issuer alias>/<name>`.", ["corp/release"]),
    "RelatedBody.users": ("Users whom those policies name, the owner first.",),
    "RelatedBody.user_groups": ("User groups whom those policies name.",),
    "processes": ("Names of executables without extension, `*` as a wildcard.", ["signtool"]),
    "command_lines": ("Regular expressions (RE2), searched in the whole command line.", ["--release\\b"]),
    "source_networks": ("IPv4 or IPv6 networks in CIDR notation.", ["203.0.113.0/24"]),
    "days": ("Days of the week: `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`; none for all.", ["mon", "tue"]),
    "start_date": ("The first day, `YYYY-MM-DD`; null for no bound.", "2026-11-01"),
    "end_date": ("The last day, `YYYY-MM-DD`; null for no bound.", "2027-10-31"),
    "start_time": ("From this time of day on, `HH:MM`; null, like `end_time`, for the whole day.", "08:00"),
    "end_time": ("Until just before this time, `HH:MM`; before `start_time` it is of the next day.", "18:00"),
    "time_zone": ("A zone of the IANA database, daylight saving included.", "Europe/Madrid"),
    "permissions": ("What it lets do.", ["certificates:view"]),
    "certificate_groups": ("`all`, or the certificate groups that it works in, each with its rights.", "all"),
    "rights": ("To `add` certificates to it, `remove` them, `assign` it in a policy; none lets look.", ["add"]),
    "built_in": ("Whether it is always there.", False),
    "can_sign": ("`always`, `conditionally` (a where, when, PIN or reason stands before it) or `never`.",),
    # --- who calls ---
    "user": ("A user, `<issuer alias>/<name>`.", "corp/alice"),
    "role": ("The role in force; null where the caller has none.",),
    "url": ("The whole link, its secret included.", "https://signet.example.com/v1/calendar?secret=c2VjcmV0"),
    "issuers": ("One for each issuer that people log in with.",),
    "LoginIssuerBody.alias": ("What its users and user groups are named by: `corp` in `corp/alice`.", "corp"),
    "LoginIssuerBody.issuer": ("The URL below which its discovery document lies.", "https://login.example.com"),
    "client_id": ("The public client of programs on people's machines.", "signet-cli"),
    "scopes": ("What to ask for, separated by spaces.", "openid profile offline_access"),
    "token": ("Which token of the issuer's answer to send as the bearer token.", "access_token"),
    # --- events ---
    "type": ("What was done, or refused; the `detail-type` of its announcement.", "Certificate Used"),
    "outcome": ("Whether it was done.", "done"),
    "ActionResult.outcome": ("What came of it; `unchanged` where it was so already.", "done"),
    "occurred_at": (f"When, {_A_TIME}.", TIME),
    "source_ip": ("The address that API Gateway saw; empty for what the service does by itself.", "203.0.113.7"),
    "user_agent": ("As the client calls itself.", "curl/8.5.0"),
    "request_id": ("The id of the request, as the log has it too.", "W2mGxjQzIAMEVdQ="),
    "EventBody.certificate": ("The certificate as it was then; absent where none is concerned.",),
    "ActionResult.certificate": ("As it was named.", "release-2027"),
    "EventBody.detail": (
        "By type: for a use the algorithm, the digest, the reason, the application and the policy that decided.",
        {"signing_algorithm": "ECDSA_SHA_256", "reason": "release 1.4"},
    ),
    "EventBody.code": ("Of a refusal, as in the problem.", NONE_MADE),
    # --- bulk actions, explanations, problems ---
    "results": ("One for each certificate named, in the order asked.",),
    "summary": ("How many of each outcome.",),
    "done": ("How many were changed.", 1),
    "unchanged": ("How many were so already.", 0),
    "failed": ("How many could not be changed; `problem` says why.", 0),
    "ActionResult.problem": ("Of a failure: the problem that the action alone would have been answered with.",),
    "allowed": ("Whether signing would be allowed, apart from reason and PIN.", True),
    "because": ("`owner`, `policy`, or the code of the refusal.", "policy"),
    "decided_by": ("`owner`, the id of the policy that decides, or null.", POL),
    "TraceBody.policy": ("Its id.", POL),
    "matched": ("Which of its four conditions hold.",),
    "verdict": ("What came of it, for a person.", "decides"),
    "reasons": ("For each condition that does not hold, why; for a person.", []),
    "at": ("The moment of the use, RFC 3339 with an offset; now unless given.", TIME),
    "Problem.type": ("`urn:signet:problem:<code>`.", "urn:signet:problem:invalid_input"),
    "title": ("The code in words.", "Invalid input"),
    "detail": ("What is wrong, for a person; it may improve.", "limit: must be a whole number from 1 to 200"),
    "code": ("What is wrong, for a program; it never changes.", "invalid_input"),
    "errors": ("For bad input: what is wrong where.",),
    "field": ("Path of the field, such as `when[0].time_zone`; empty for the body itself.", "limit"),
    "GatewayMessage.message": ("What API Gateway says.", "Unauthorized"),
}


def told(schema: str, field: str) -> Told | None:
    """What is said of `field` in `schema`; None where nothing is."""
    entry = FIELDS.get(f"{schema}.{field}") or FIELDS.get(field)
    return None if entry is None else Told(*entry)
