"""What tests of several features do over HTTP, in one line each: ask a CA, sign, hand out groups, roles, policies."""

from __future__ import annotations

import base64
from typing import Any

from tests.support.certificates.certification_authority import CertificationAuthority, is_signature
from tests.support.certificates.issued import ML_DSA_ALGORITHMS, in_base64, unused_name
from tests.support.services.over_http import Client, Response, Service, at
from tests.unit.access import reference_roles

MESSAGE = b"what is signed here"

ALGORITHM_OF = {
    "RSA_2048": "RSASSA_PSS_SHA_256",
    "RSA_3072": "RSASSA_PKCS1_V1_5_SHA_384",
    "RSA_4096": "RSASSA_PSS_SHA_512",
    "ECC_NIST_P256": "ECDSA_SHA_256",
    "ECC_NIST_P384": "ECDSA_SHA_384",
    "ECC_NIST_P521": "ECDSA_SHA_512",
    "ED25519": "ED25519_SHA_512",
    **dict.fromkeys(ML_DSA_ALGORITHMS, "ML_DSA_SHAKE_256"),
}
"""A signing algorithm for each key algorithm that keys are made of."""

EVERY_PERMISSION = reference_roles.PERMISSIONS


def sign_order(key_algorithm: str = "ECC_NIST_P256", **fields: Any) -> dict[str, Any]:
    """What asks for a signature over `MESSAGE`."""
    order = {"message": in_base64(MESSAGE), "message_type": "RAW", "signing_algorithm": ALGORITHM_OF[key_algorithm]}
    return {**order, **fields}


def sign(by: Client, certificate: str, key_algorithm: str = "ECC_NIST_P256", **fields: Any) -> Response:
    """`by` signs `MESSAGE` with the certificate of that id or alias."""
    return by.post(at(certificate, "sign"), sign_order(key_algorithm, **fields))


def is_signed(response: Response, certificate: bytes) -> bool:
    """Whether openssl takes what was answered for a signature by the key of `certificate`, PEM."""
    assert response.status == 200, response
    answer = response.json
    return is_signature(base64.b64decode(answer["signature"]), MESSAGE, certificate, answer["signing_algorithm"])


# --- asking a CA -------------------------------------------------------------------------------------------------


def request_body(**fields: Any) -> dict[str, Any]:
    """What asks for a CSR, under a common name not used before."""
    return {
        "key_algorithm": "ECC_NIST_P256",
        "subject": {"common_name": unused_name("asked"), "country": "US"},
    } | fields


def ask(by: Client, **fields: Any) -> dict[str, Any]:
    """A new signing request."""
    made: dict[str, Any] = by.good("POST", "/signing-requests", request_body(**fields))
    return made


def renew(by: Client, certificate: str, **fields: Any) -> dict[str, Any]:
    """A new request for a renewal."""
    made: dict[str, Any] = by.good("POST", at(certificate, "renew"), fields)
    return made


def below(request: dict[str, Any], *rest: str) -> str:
    """The path of a signing request, and of what is below it."""
    return "/".join(["/signing-requests", request["id"], *rest])


def answer(by: Client, request: dict[str, Any], content: bytes, **fields: Any) -> Response:
    """The CA's file, imported against the request."""
    return by.post(below(request, "certificate"), {"content": in_base64(content), **fields})


def complete(by: Client, ca: CertificationAuthority, request: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Issued by `ca` and imported; the new certificate."""
    response = answer(by, request, ca.issue(request["csr"]) + ca.chain, **fields)
    assert response.status == 201, response
    made: dict[str, Any] = response.json
    return made


def keeps_key(signet: Service, identifier: str) -> bool:
    """Whether there is a private key for a request or a certificate."""
    _, _, body = identifier.partition("_")
    table = signet.stack.resources.attribute("PrivateKeyTable")
    return "Item" in signet.stack.client("dynamodb").get_item(TableName=table, Key={"pk": {"S": f"key_{body}"}})


# --- handing out -------------------------------------------------------------------------------------------------


def a_group(admin: Client, **fields: Any) -> str:
    """The id of a new certificate group."""
    made: str = admin.good("POST", "/certificate-groups", {"name": unused_name("group"), **fields})["id"]
    return made


def a_role(admin: Client, *holders: Client, permissions: Any = EVERY_PERMISSION, groups: Any = "all") -> dict[str, Any]:
    """A new role for `holders`; of `groups`, if they are a list of ids, it has every right."""
    if groups != "all":
        groups = [{"group": group, "rights": ["add", "remove", "assign"]} for group in groups]
    body = {
        "name": unused_name("role"),
        "permissions": list(permissions),
        "certificate_groups": groups,
        "users": [holder.user for holder in holders],
    }
    made: dict[str, Any] = admin.good("POST", "/roles", body)
    return made


def a_policy(admin: Client, *users: Client, **fields: Any) -> dict[str, Any]:
    """A new policy that allows, unless told; what it is about is in `certificates` or `groups`."""
    what = {name: fields.pop(name) for name in ("certificates", "groups") if name in fields}
    body = {
        "name": unused_name("policy"),
        "action": "allow",
        "what": what,
        "who": {"users": [user.user for user in users]},
        **fields,
    }
    made: dict[str, Any] = admin.good("POST", "/policies", body)
    return made
