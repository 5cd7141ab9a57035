"""Every operation that the OpenAPI document tells of, for what is asked of each."""

import json
from typing import Any
from urllib.parse import quote

from tests.support.certificates.issued import in_base64, issue
from tools.openapi.document import DOCUMENT

Operation = tuple[str, str]
"""Method and path."""

DESCRIBED: dict[str, Any] = json.loads(DOCUMENT.read_text())["paths"]
OPERATIONS = {(method.upper(), path): each for path, methods in DESCRIBED.items() for method, each in methods.items()}
WITH_TOKEN = [key for key, each in OPERATIONS.items() if "security" not in each]
WITH_BODY = [key for key, each in OPERATIONS.items() if "requestBody" in each]
WITHOUT_BODY = [key for key, each in OPERATIONS.items() if "requestBody" not in each and key[0] != "GET"]
ON_A_CERTIFICATE = [key for key in OPERATIONS if "{certificate}" in key[1]]
BY_ID = [key for key in OPERATIONS if "{id}" in key[1]]
LISTS = [key for key, each in OPERATIONS.items() if "cursor" in {one["name"] for one in each.get("parameters", [])}]

ABSENT = "crt_000000000000000000000000"
SIGN = {"message": "AAAA", "message_type": "RAW", "signing_algorithm": "ECDSA_SHA_256"}
GOOD_BODIES: dict[Operation, Any] = {
    ("PATCH", "/v1/certificates/{certificate}"): {"description": "changed"},
    ("POST", "/v1/certificates/{certificate}/sign"): SIGN,
    ("POST", "/v1/signing-requests/{id}/certificate"): {"content": in_base64(issue("Not asked for").der)},
}


def named(operation: Operation) -> str:
    return str(OPERATIONS[operation]["operationId"])


def filled(path: str, name: str = ABSENT) -> str:
    """`path` with its parameter, percent-encoded."""
    before, brace, rest = path.partition("{")
    return before + quote(name, safe="") + rest.partition("}")[2] if brace else path
