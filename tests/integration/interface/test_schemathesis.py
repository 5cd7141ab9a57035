"""schemathesis reads the OpenAPI document, and asks everything that it can think of, as three kinds of caller.

No answer is a fault of the service, and each is one that the document tells of. `SIGNET_TEST_DRAWS` asks more of each
operation. https://schemathesis.readthedocs.io/en/stable/ says what the checks look at. On a machine of one's own it
takes about two minutes.
"""

import json
import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.stack import start
from tests.support.certificates.issued import unused_name
from tests.support.checks.conformance import Conformance
from tests.support.services.over_http import Client, Service
from tools.openapi.document import DOCUMENT

pytestmark = pytest.mark.soak

SCHEMATHESIS = Path(__file__).resolve().parents[3] / ".tools/schemathesis/bin/schemathesis"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "missing_required_header",
    "ignored_auth",
    "use_after_free",
)
"""Not `negative_data_rejection` and `positive_data_acceptance`: what fits a schema may still name nothing. And not
`unsupported_method`: an HTTP API answers 404, and not 405, where a path has no route for a method."""
DRAWS = os.environ.get("SIGNET_TEST_DRAWS", "5")
CONFORMANCE = Conformance(json.loads(DOCUMENT.read_text()))
OF_THE_GATEWAY = {"431": {"description": "Request line and headers are over 10,240 bytes: API Gateway's answer."}}


def with_answers_of_the_gateway(folder: Path) -> Path:
    """The document, and what API Gateway answers before any function is asked."""
    document: Any = json.loads(DOCUMENT.read_text())
    for methods in document["paths"].values():
        for each in methods.values():
            each["responses"] |= OF_THE_GATEWAY
    written = folder / "openapi.json"
    written.write_text(json.dumps(document))
    return written


@pytest.fixture(scope="module")
def own() -> Iterator[Service]:
    """A service of its own: whoever may change anything here does."""
    printed: list[str] = []
    with start(workers=2, log=printed.append) as stack:
        yield Service(stack, printed, CONFORMANCE)
    assert not [line for line in printed if '"broken"' in line or "as IAM would" in line]


@pytest.fixture(scope="module")
def callers(own: Service) -> dict[str, Client]:
    """An administrator, somebody who manages and signs with one group of certificates, and nobody."""
    admin = own.caller("admin", "administrators")
    group = admin.good("POST", "/certificate-groups", {"name": unused_name("group")})
    admin.import_certificate(alias="release", groups=[group["id"]], owner="local/signer")
    permissions = ["certificates:view", "certificates:import", "certificates:edit", "policies:view"]
    scope = [{"group": group["id"], "rights": ["add", "remove"]}]
    role = {"name": "Signers", "priority": 10, "permissions": permissions, "certificate_groups": scope}
    admin.good("POST", "/roles", {**role, "users": ["local/signer"]})
    return {"admin": admin, "signer": own.caller("signer"), "nobody": own.nobody}


@pytest.mark.parametrize("name", ["nobody", "signer", "admin"])
def test_whoever_asks_everything_is_answered_as_documented(
    name: str, own: Service, callers: dict[str, Client], tmp_path: Path
) -> None:
    caller = callers[name]
    told = tmp_path / "told.har"
    done = subprocess.run(
        [
            *(
                SCHEMATHESIS,
                "run",
                with_answers_of_the_gateway(tmp_path),
                "--url",
                own.stack.url,
                "--checks",
                ",".join(CHECKS),
                "--no-color",
            ),
            *("--phases", "examples,coverage,fuzzing,stateful", "--max-examples", DRAWS, "--seed", "2711"),
            *("--workers", "2", "--suppress-health-check", "all", "--generation-database", "none", "--no-shrink"),
            *("--continue-on-failure", "--report", "har", "--report-har-path", told),
            *(() if caller.token is None else ("--header", f"Authorization: Bearer {caller.token}")),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]
    entries = json.loads(told.read_text())["log"]["entries"]
    print(name, Counter(entry["response"]["status"] for entry in entries))
    done_for = {operation_of(entry) for entry in entries if 200 <= entry["response"]["status"] < 300}
    assert done_for
    if name == "nobody":
        assert done_for <= OPEN


OPEN = {"GetAuthConfig", "GetHealth", "GetOpenapi"}


def operation_of(entry: Any) -> str:
    """The id of the operation that was asked, of an entry of a HAR file."""
    address = urlsplit(entry["request"]["url"])
    operation = CONFORMANCE.operation(entry["request"]["method"], address.path)
    return operation["operationId"] if operation else ""
