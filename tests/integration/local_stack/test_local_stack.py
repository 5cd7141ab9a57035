"""`python -m local` starts, says so, can be looked at, and ends without leaving anything behind."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError

from local.api_gateway.http_server import Request
from local.aws.resources import Resources
from local.aws.template import Template, TemplateError
from local.lambda_service.lambda_runtime import environment_of, functions_of
from local.oidc.local_issuer import LocalIssuer
from local.stack import CHECKOUT, PortTakenError, Stack, start
from tools.shifted_clock import shifted

TEMPLATE = Path(__file__).parent / "small_stack" / "template.yaml"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(**environment: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """`python -m local` on free ports, once it is ready, and what it printed."""
    settings = {"PORT": str(free_port()), "AWS_PORT": str(free_port()), "SEED": "0", **environment}
    process = subprocess.Popen(
        [sys.executable, "-m", "local"],
        cwd=CHECKOUT,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    assert process.stderr
    try:
        lines = []
        while line := process.stdout.readline():
            lines.append(line)
            if "Ctrl-C ends it" in line:
                break
        assert lines, process.stderr.read()
        yield process, lines
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def offspring(process: subprocess.Popen[str]) -> set[int]:
    """All processes that descend from `process`."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
    found, generation = set(), {process.pid}
    while generation := {pid for pid, parent in parents.items() if parent in generation}:
        found |= generation
    return found


def alive(pids: set[int]) -> set[int]:
    def is_running(pid: int) -> bool:
        try:
            return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return False

    return {pid for pid in pids if is_running(pid)}


def test_ctrl_c_ends_it_cleanly_while_it_is_coming_up() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "local"],
        cwd=CHECKOUT,
        env={**os.environ, "PORT": str(free_port()), "AWS_PORT": str(free_port()), "SEED": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while process.poll() is None and not catches(process.pid, signal.SIGTERM):
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    printed, complaints = process.communicate(timeout=60)
    assert (printed, complaints) == ("Signet has ended. Everything that was in it is gone.\n", "")


def catches(pid: int, number: signal.Signals) -> bool:
    """Whether the process has a handler of its own for the signal; Python sets none for SIGTERM."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


@pytest.mark.one_in(2)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it_cleanly_in_the_middle_of_work(number: signal.Signals) -> None:
    with running() as (process, lines):
        ready = [line for line in lines if line.startswith("Signet is ready: ")]
        assert len(ready) == 1
        assert lines[0] == ready[0]
        address = lines[0].removeprefix("Signet is ready: http://").strip()
        connection = http.client.HTTPConnection(address, timeout=300)
        connection.request("GET", "/v1/health")
        connection.getresponse().read()
        children = offspring(process)
        assert len(children) >= 3  # Moto, the zygote, a worker

        os.killpg(process.pid, number)  # as the terminal does: to the whole group
        assert process.wait(timeout=300) == 0
        assert process.stderr
        assert "Traceback" not in process.stderr.read()
        connection.close()
        assert not alive(children)


def log_of(lines: list[str]) -> Path:
    return Path(*re.findall(r"^The log of the functions is in (\S+), ", "".join(lines), re.MULTILINE))


def test_the_terminal_shows_a_line_a_request_and_the_log_goes_to_a_file_that_goes_at_the_end() -> None:
    with running() as (process, lines):
        address = lines[0].removeprefix("Signet is ready: http://").strip()
        connection = http.client.HTTPConnection(address, timeout=300)
        connection.request("POST", "/local/tokens", json.dumps({"user": "alice"}))
        token = json.loads(connection.getresponse().read())["token"]
        connection.request("GET", "/v1/certificates?q=secret", headers={"Authorization": f"Bearer {token}"})
        assert connection.getresponse().read()
        connection.close()
        log = log_of(lines)
        logged = [json.loads(line) for line in log.read_text().splitlines()]
        mode = log.stat().st_mode
        process.send_signal(signal.SIGINT)
        shown, complaints = process.communicate(timeout=300)

    assert any(line.get("route") == "GET /v1/certificates" for line in logged)
    assert mode & 0o077 == 0
    of_its_own = ("/2015-03-31/", "/local/issuer/")
    requests = [line for line in shown.splitlines() if not any(path in line for path in of_its_own)]
    assert [re.sub(r"^[\d:]{8} |\d+ ms", "", line) for line in requests] == [
        "POST /local/tokens 200  -",
        "GET /v1/certificates 200  local/alice",
        "Signet has ended. Everything that was in it is gone.",
    ]
    assert complaints == ""
    assert not log.exists()


@pytest.mark.soak
def test_a_log_of_ones_own_choice_stays(tmp_path: Path) -> None:
    with running(LOG=str(tmp_path / "signet.log")) as (process, lines):
        assert log_of(lines) == tmp_path / "signet.log"
        process.send_signal(signal.SIGINT)
        process.wait(timeout=300)

    assert (tmp_path / "signet.log").exists()


def test_a_log_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "local"],
        cwd=CHECKOUT,
        env={**os.environ, "PORT": str(free_port()), "AWS_PORT": str(free_port()), "LOG": str(tmp_path / "no" / "log")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr.startswith("Signet cannot start: the log cannot be written (")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example:3000"}, {"Origin": "http://evil.example"}, {"Origin": "null"}]
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/local/tokens"),
        ("GET", "/2015-03-31/functions/"),
        ("POST", "/2015-03-31/functions/Echo/invocations"),
        ("GET", "/local/issuer/jwks"),
    ],
)
def test_what_only_this_machine_has_answers_no_page_of_somebody_else(
    stack: Stack, method: str, path: str, headers: dict[str, str]
) -> None:
    connection = http.client.HTTPConnection(stack.url.removeprefix("http://"), timeout=300)
    connection.request(method, path, json.dumps({"user": "alice"}), headers)
    answer = connection.getresponse()
    told = answer.read()
    connection.close()

    assert answer.status == 403
    assert b"token" not in told


@pytest.mark.soak
def test_nothing_is_left_behind_when_it_is_killed() -> None:
    with running() as (process, lines):
        address = lines[0].removeprefix("Signet is ready: http://").strip()
        connection = http.client.HTTPConnection(address, timeout=300)
        connection.request("GET", "/v1/health")
        connection.getresponse().read()
        connection.close()
        children = offspring(process)
        process.kill()
        process.wait()

        end = time.monotonic() + 300
        while alive(children) and time.monotonic() < end:
            time.sleep(0.05)
        assert not alive(children)


@pytest.mark.parametrize("setting", ["PORT", "AWS_PORT"])
def test_a_taken_port_is_said_in_one_line(setting: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        settings = {"PORT": str(free_port()), "AWS_PORT": str(free_port()), "SEED": "0", setting: port}
        ended = subprocess.run(
            [sys.executable, "-m", "local"],
            cwd=CHECKOUT,
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr == f"Signet cannot start: port {port} is taken; choose another one with {setting}\n"


@pytest.mark.one_in(4)
@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_said_in_one_line(port: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "local"],
        cwd=CHECKOUT,
        env={**os.environ, "PORT": port},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr == f"Signet cannot start: PORT is '{port}', expected a port from 1 to 65535\n"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    extra = {"alias": "corp", "issuer": "http://127.0.0.1:1/corp", "audiences": ["signet"]}
    with start(template=TEMPLATE, extra_issuers=[extra], log=lambda text: None) as running_stack:
        yield running_stack


def test_the_second_stack_on_a_port_is_refused(stack: Stack) -> None:
    port = int(stack.url.rsplit(":", 1)[1])
    with pytest.raises(PortTakenError, match=f"port {port} is taken"), start(port=port, template=TEMPLATE):
        pass


def test_the_stack_listens_on_this_machine_alone(stack: Stack) -> None:
    listening = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        address, port = fields[1].split(":")
        if fields[3] == "0A":
            listening.add((address, int(port, 16)))
    for url in (stack.url, stack.aws_url):
        assert {address for address, port in listening if port == int(url.rsplit(":", 1)[1])} == {"0100007F"}


def test_resources_are_made_as_the_template_says(stack: Stack) -> None:
    dynamodb = stack.client("dynamodb")
    table = dynamodb.describe_table(TableName="signet-Table")["Table"]
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["by_kind"]
    assert table["GlobalSecondaryIndexes"][0]["Projection"] == {"ProjectionType": "KEYS_ONLY"}
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    assert table["DeletionProtectionEnabled"] is True
    assert table["SSEDescription"]["KMSMasterKeyArn"] == stack.resources.attribute("Key", "Arn")
    expiry = dynamodb.describe_time_to_live(TableName="signet-Table")["TimeToLiveDescription"]
    assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
    backups = dynamodb.describe_continuous_backups(TableName="signet-Table")["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["RecoveryPeriodInDays"] == 7
    kms = stack.client("kms")
    key = kms.describe_key(KeyId="alias/test")["KeyMetadata"]["KeyId"]
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True
    logs = stack.client("logs").describe_log_groups()["logGroups"]
    assert [(group["logGroupName"], group["retentionInDays"]) for group in logs] == [("/aws/lambda/signet-Collect", 30)]
    queues = stack.client("sqs").list_queues()["QueueUrls"]
    assert not any("OnlyRude" in url for url in queues)
    assert stack.outputs == {"TableName": "signet-Table"}


def test_what_moto_does_not_know_is_an_error_and_ends_nothing(stack: Stack) -> None:
    with pytest.raises(ClientError):
        stack.client("dynamodb").describe_global_table(GlobalTableName="none")
    with pytest.raises(ClientError):
        stack.client("dynamodb").describe_table(TableName="none")
    assert stack.client("dynamodb").list_tables()["TableNames"] == ["signet-Table"]


def test_no_web_page_may_read_what_moto_holds(stack: Stack) -> None:
    connection = http.client.HTTPConnection(stack.aws_url.removeprefix("http://"), timeout=300)
    connection.request("GET", "/moto-api/", headers={"Origin": "https://example.com"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.getheader("access-control-allow-origin") is None


def ask(stack: Stack, method: str, path: str, body: Any = None) -> tuple[int, str, Any]:
    connection = http.client.HTTPConnection(stack.url.removeprefix("http://"), timeout=300)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection.request(method, path, content)
    answer = connection.getresponse()
    read = answer.read()
    connection.close()
    return answer.status, answer.headers["content-type"], json.loads(read)


def test_the_local_issuer_signs_tokens_that_its_published_key_verifies(stack: Stack) -> None:
    status, _, answer = ask(stack, "POST", "/local/tokens", {"user": "alice", "groups": ["administrators"]})
    assert status == 200
    _, _, configuration = ask(stack, "GET", "/local/issuer/.well-known/openid-configuration")
    assert configuration["issuer"] == f"{stack.url}/local/issuer"
    _, _, keys = ask(stack, "GET", configuration["jwks_uri"].removeprefix(stack.url))

    claims = jwt.decode(answer["token"], jwt.PyJWK(keys["keys"][0]), audience="signet", issuer=configuration["issuer"])
    assert claims["sub"] == "alice"
    assert claims["groups"] == ["administrators"]
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["jti"]
    assert "d" not in keys["keys"][0]
    assert jwt.get_unverified_header(answer["token"])["kid"] == keys["keys"][0]["kid"]


def test_a_token_may_be_born_expired(stack: Stack) -> None:
    _, _, answer = ask(stack, "POST", "/local/tokens", {"user": "alice", "expires_in": -10})

    claims = jwt.decode(answer["token"], options={"verify_signature": False})
    assert claims["iat"] <= claims["exp"] < time.time()
    assert claims["groups"] == []


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"{", 400, None),
        ([], 422, ""),
        ({}, 422, "user"),
        ({"user": ""}, 422, "user"),
        ({"user": 5}, 422, "user"),
        ({"user": "a", "groups": "b"}, 422, "groups"),
        ({"user": "a", "groups": [1]}, 422, "groups"),
        ({"user": "a", "expires_in": "1"}, 422, "expires_in"),
        ({"user": "a", "expires_in": True}, 422, "expires_in"),
        ({"user": "a", "expires_in": 10**12}, 422, "expires_in"),
        ({"user": "a", "admin": True}, 422, "admin"),
    ],
)
def test_a_bad_request_for_a_token_is_a_problem(stack: Stack, body: Any, status: int, field: str | None) -> None:
    got, content_type, problem = ask(stack, "POST", "/local/tokens", body)

    assert got == status == problem["status"]
    assert content_type == "application/problem+json"
    assert problem["type"] == f"urn:signet:problem:{problem['code']}"
    assert field is None or problem["errors"][0]["field"] == field


def test_functions_trust_the_local_issuer_and_those_that_are_added(stack: Stack) -> None:
    trusted = json.loads(stack.environment["TRUSTED_ISSUERS"])

    assert (trusted[0]["alias"], trusted[0]["issuer"]) == ("local", f"{stack.url}/local/issuer")
    assert trusted[0]["audiences"] == ["signet"]
    assert trusted[0]["group_claims"] == ["groups"]
    assert trusted[1]["alias"] == "corp"


def test_a_request_for_somebody_else_is_not_the_issuers() -> None:
    issuer = LocalIssuer("http://127.0.0.1:3000")

    assert issuer.answer(Request("GET", "/v1/health", "HTTP/1.1", [], b"", "127.0.0.1")) is None
    assert issuer.answer(Request("GET", "/local/tokens", "HTTP/1.1", [], b"", "127.0.0.1")) is None


def test_a_shifted_clock_reaches_the_functions_and_what_plays_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in shifted(os.environ, timedelta(days=400)).items():
        monkeypatch.setenv(name, value)
    begun = datetime.now(UTC)

    with start(template=TEMPLATE, log=lambda text: None) as stack:
        _, _, answer = ask(stack, "GET", "/open")
        created = stack.client("dynamodb").describe_table(TableName="signet-Table")["Table"]["CreationDateTime"]

    for seen in (datetime.fromtimestamp(answer["now"], UTC), created):
        assert timedelta(days=399) < seen - begun < timedelta(days=401)


def write_template(folder: Path, text: str) -> Path:
    path = folder / "template.yaml"
    path.write_text("Transform: AWS::Serverless-2016-10-31\n" + text)
    return path


def test_a_resource_type_that_is_not_known_is_an_error(tmp_path: Path) -> None:
    path = write_template(tmp_path, "Resources: {Pool: {Type: AWS::Cognito::UserPool}}")
    resources = Resources(Template.load(path), lambda service: None, api_endpoint="")

    with pytest.raises(TemplateError, match="Pool: the local stack does not know the type AWS::Cognito::UserPool"):
        resources.make_all()


def test_a_property_that_is_not_known_is_an_error(tmp_path: Path) -> None:
    path = write_template(tmp_path, "Resources: {Key: {Type: AWS::KMS::Alias, Properties: {AliasName: a, Odd: 1}}}")

    class Kms:
        def create_alias(self, **_: Any) -> None: ...

    with pytest.raises(TemplateError, match=r"AWS::KMS::Alias Key: .* does not know Odd"):
        Resources(Template.load(path), lambda service: Kms(), api_endpoint="").make_all()


def test_a_parameter_that_is_not_known_or_has_no_value_is_an_error(tmp_path: Path) -> None:
    path = write_template(tmp_path, "Parameters: {Wanted: {Type: String}}\nResources: {Queue: {Type: AWS::SQS::Queue}}")

    with pytest.raises(TemplateError, match="no value for the parameter Wanted"):
        Template.load(path)
    with pytest.raises(TemplateError, match="has no parameter Other"):
        Template.load(path, {"Wanted": "", "Other": ""})


def test_what_sam_does_not_accept_is_said(tmp_path: Path) -> None:
    path = write_template(
        tmp_path, "Resources: {F: {Type: AWS::Serverless::Function, Properties: {CodeUri: x, Odd: 1}}}"
    )

    with pytest.raises(TemplateError, match=r"SAM does not accept it.*Odd"):
        Template.load(path)


def test_functions_that_are_told_different_things_under_one_name_are_an_error(tmp_path: Path) -> None:
    function = "{Type: AWS::Serverless::Function, Properties: {CodeUri: x, Handler: a.b, Runtime: python3.13%s}}"
    one, two, more = (function % f", Environment: {{Variables: {{{each}}}}}" for each in ("ODD: 1", "ODD: 2", "OWN: 3"))
    template = Template.load(write_template(tmp_path, f"Resources:\n  One: {one}\n  Two: {two}"))
    agreeing = Template.load(write_template(tmp_path, f"Resources:\n  One: {one}\n  Two: {more}"))
    resources = Resources(template, lambda service: None, api_endpoint="")

    assert set(functions_of(template, resources)) == {"One", "Two"}
    with pytest.raises(TemplateError, match="differ in ODD"):
        environment_of(template, resources)
    assert environment_of(agreeing, resources) == {"ODD": "1", "OWN": "3"}


def test_every_expression_is_resolved(tmp_path: Path) -> None:
    template = Template.load(
        write_template(
            tmp_path,
            """
Parameters: {Name: {Type: String, Default: it}, Days: {Type: Number, Default: 30}}
Mappings: {Sizes: {small: {memory: 128}}}
Conditions: {Named: !And [!Equals [!Ref Name, it], !Or [!Equals [a, b], !Condition Always]], Always: !Equals [a, a]}
Resources: {Queue: {Type: AWS::SQS::Queue}}
""",
        )
    )

    def attribute(name: str, key: str | None) -> str:
        return f"{name}.{key}" if key else name

    def resolve(node: Any) -> Any:
        return template.resolve(node, attribute)

    assert resolve({"Ref": "Name"}) == "it"
    assert resolve({"Ref": "AWS::Region"}) == "us-east-1"
    assert resolve({"Ref": "Days"}) == 30
    assert resolve({"Fn::Sub": "${Days} days"}) == "30 days"
    assert resolve({"Fn::Equals": [{"Ref": "Days"}, "30"]}) is True
    assert resolve({"Fn::GetAtt": ["Queue", "Arn"]}) == resolve({"Fn::GetAtt": "Queue.Arn"}) == "Queue.Arn"
    assert resolve({"Fn::Sub": "${Name}-${Queue}-${Queue.Arn}-${!Kept}"}) == "it-Queue-Queue.Arn-${Kept}"
    assert resolve({"Fn::Sub": ["${A}", {"A": {"Ref": "Name"}}]}) == "it"
    assert resolve({"Fn::If": ["Named", "yes", "no"]}) == "yes"
    assert resolve({"a": {"Ref": "AWS::NoValue"}, "b": [1, {"Ref": "AWS::NoValue"}]}) == {"b": [1]}
    assert resolve({"Fn::Join": ["-", ["a", {"Ref": "Name"}]]}) == "a-it"
    assert resolve({"Fn::Select": ["1", {"Fn::Split": [",", "a,b"]}]}) == "b"
    assert resolve({"Fn::FindInMap": ["Sizes", "small", "memory"]}) == 128
    with pytest.raises(TemplateError, match="Fn::ImportValue is not understood"):
        resolve({"Fn::ImportValue": "x"})
