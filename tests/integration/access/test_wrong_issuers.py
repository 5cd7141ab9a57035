"""A wrong list of trusted issuers is said before a deployment, and answered 503 after it: never 401."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.stack import Stack, start
from tests.architecture.source_tree import dialect_routes
from tests.integration.access.test_identity_over_http import assert_unjudged, call, mint
from tests.support.programs.built_console import NOT_BUILT, is_built
from tests.support.services.oidc_issuer import answer_json, jwk, key, running_issuer
from tests.support.services.over_http import Client

CHECKOUT = Path(__file__).parents[3]
GOOD = {"alias": "corp", "issuer": "https://login.example.com", "audiences": ["signet"], "user_claim": "sub"}
FORMER = {"alias": "ci", "issuer": "https://token.example.com", "audience": "signet", "user_claim": "sub"}


@pytest.fixture(scope="module")
def printed() -> list[str]:
    """What the functions logged."""
    return []


@pytest.fixture(scope="module")
def stack(printed: list[str]) -> Iterator[Stack]:
    """A stack whose second entry, behind the local issuer's, is wrong."""
    with start(trusted_issuers=json.dumps([FORMER]), seed=True, workers=1, log=printed.append) as running:
        yield running


def test_every_route_that_wants_a_token_is_answered_503(stack: Stack) -> None:
    authorization = f"Bearer {mint(stack, user='alice', groups=['administrators'])}"

    for route in stack.gateway.routes:
        if route.authorizer is None or route.path == "/v1/calendar" or route.key in dialect_routes():
            continue
        path = route.path.replace("{", "").replace("}", "")
        assert_unjudged(call(stack, authorization, path, route.method), "list of trusted issuers")


def test_the_clients_of_other_services_are_told_so_in_their_dialect(stack: Stack) -> None:
    token, caller = mint(stack, user="alice", groups=["administrators"]), Client(stack.url, None)
    amazon = {"X-Amz-Security-Token": token, "Content-Type": "application/x-amz-json-1.1"}

    by_kms = caller.send("POST", "/", b"{}", {**amazon, "X-Amz-Target": "TrentService.DescribeKey"})
    by_transit = caller.send("GET", "/v1/transit/keys/any", None, {"X-Vault-Token": token})

    assert (by_kms.status, by_kms.json["__type"]) == (503, "DependencyTimeoutException")
    assert "list of trusted issuers" in by_kms.json["message"]
    assert by_transit.status == 503
    assert "list of trusted issuers" in by_transit.json["errors"][0]
    assert by_kms.headers["retry-after"] == by_transit.headers["retry-after"] == "60"


def test_the_log_names_the_entry_and_the_reason_and_a_metric_counts_it(stack: Stack, printed: list[str]) -> None:
    del printed[:]
    call(stack, f"Bearer {mint(stack, user='bob')}")

    said = "".join(printed)
    assert "entry 2 (ci): audience is now audiences, a list" in said
    assert "TrustedIssuersRefused" in said
    assert "TokensUnjudged" in said


def test_health_is_not_ok_and_nobody_is_sent_to_log_in(stack: Stack) -> None:
    for path in ("/v1/health", "/v1/auth-config"):
        assert_unjudged(call(stack, None, path), "list of trusted issuers")
    assert call(stack, None, "/v1/openapi.json").status == 200


def test_the_console_comes_and_may_ask_nobody_but_the_service(stack: Stack) -> None:
    if not is_built():
        pytest.skip(NOT_BUILT)
    answer = Client(stack.url, None).send("GET", "/console/", None, {})

    assert answer.status == 200
    assert "connect-src 'self';" in answer.headers["content-security-policy"]


def test_what_is_no_list_is_answered_in_the_same_way() -> None:
    with start(trusted_issuers="[{", seed=True, workers=1, log=lambda _: None) as stack:
        assert_unjudged(call(stack, f"Bearer {mint(stack, user='alice')}"), "list of trusted issuers")
        assert_unjudged(call(stack, None, "/v1/health"), "list of trusted issuers")


def make_issuers(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "issuers", *arguments],
        cwd=CHECKOUT,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_make_issuers_says_of_each_entry_whether_it_is_right(tmp_path: Path) -> None:
    file = tmp_path / "my issuers.json"
    file.write_text(json.dumps([GOOD, FORMER, {**GOOD, "alias": "automation", "issuer": "https://x.example.com"}]))

    said = make_issuers(f"FILE={file}")

    assert said.returncode != 0
    assert said.stdout.splitlines() == [
        "entry 1 (corp): fine",
        "entry 2 (ci): audience is now audiences, a list",
        "entry 3 (automation): the issuer alias automation is reserved",
    ]


def test_make_issuers_ends_well_where_all_is_right(tmp_path: Path) -> None:
    file = tmp_path / "issuers.json"
    file.write_text(json.dumps([GOOD]))

    said = make_issuers(f"FILE={file}")

    assert (said.returncode, said.stdout) == (0, "entry 1 (corp): fine\n")


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    "content", [b"", b"[", b"{}", b"[]", b"\xff", json.dumps([GOOD | {"user_claim": "x" * 3200}]).encode()]
)
def test_make_issuers_refuses_what_could_not_be_deployed(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "issuers.json"
    file.write_bytes(content)

    said = make_issuers(f"FILE={file}")

    assert said.returncode != 0
    assert "Traceback" not in said.stdout + said.stderr


def test_make_issuers_knows_how_much_the_parameter_store_takes(tmp_path: Path) -> None:
    file = tmp_path / "issuers.json"
    longer = [{**GOOD, "alias": f"a{number}", "issuer": f"https://a{number}.example.com"} for number in range(40)]
    file.write_text(json.dumps(longer))
    assert "8192 into the Parameter Store" in make_issuers(f"FILE={file}").stdout
    assert make_issuers(f"FILE={file}", "STORED=1").returncode == 0

    file.write_text(json.dumps([GOOD | {"user_claim": "x" * 8192}]))
    said = make_issuers(f"FILE={file}", "STORED=1")
    assert said.returncode != 0
    assert "8192 fit into an advanced parameter" in said.stdout


def test_make_issuers_without_a_file_says_how_to_name_one() -> None:
    said = make_issuers()

    assert said.returncode != 0
    assert "make issuers FILE=issuers.json" in said.stderr


def test_make_issuers_asks_the_issuer_when_told_to(tmp_path: Path) -> None:
    file = tmp_path / "issuers.json"
    with running_issuer() as issuer:
        issuer.keys = [jwk(key("RSA"), kid="k1")]
        file.write_text(json.dumps([GOOD | {"issuer": issuer.url}]))
        assert make_issuers(f"FILE={file}", "ASK=1").returncode == 0

        issuer.answers["/keys"] = lambda: answer_json({"keys": []})
        said = make_issuers(f"FILE={file}", "ASK=1")
    assert said.returncode != 0
    assert "its key set has no key" in said.stdout
