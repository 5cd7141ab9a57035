"""The whole stack on this machine, as one thing that starts, has addresses, and ends."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from local.api_gateway.exchanges import Exchange
from local.api_gateway.gateway import Gateway
from local.api_gateway.http_server import Answer, HttpServer, Request
from local.api_gateway.own_routes import refused
from local.api_gateway.routes import routes_of
from local.aws.aws_clients import aws_client_factory
from local.aws.iam_statements import statements_of
from local.aws.resources import Resources
from local.aws.template import Template
from local.dynamodb.recording import RECORD_DYNAMODB
from local.lambda_service.execution_environments import Outcome, WorkerPool
from local.lambda_service.lambda_api import Functions, failure_plans_of, mappings_of
from local.lambda_service.lambda_runtime import (
    Function,
    aws_environment,
    clock_environment,
    environment_of,
    functions_of,
    layer_paths_of,
)
from local.oidc.local_issuer import ALIAS, LocalIssuer
from local.oidc.people import PEOPLE
from local.oidc.pipeline import PATH as PIPELINE_PATH
from local.oidc.pipeline import PipelineIssuer
from local.oidc.provider import Provider, TokenIssuer
from local.samples.seed import IN_THE_PAST
from local.samples.seed import seed as bring_samples

CHECKOUT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"  # nobody else's business: tokens are free here
WORKERS = 8

Log = Callable[[str], None]
Seen = Callable[[Exchange], None]


class PortTakenError(Exception):
    """Somebody listens on the port already."""

    def __init__(self, port: int, setting: str) -> None:
        super().__init__(f"port {port} is taken; choose another one with {setting}")


@dataclass(frozen=True)
class Stack:
    """A running stack."""

    url: str
    """The gateway's address, such as `http://127.0.0.1:3000`."""
    aws_url: str
    """Moto's address."""
    issuer: LocalIssuer
    template: Template
    resources: Resources
    functions: Mapping[str, Function]
    gateway: Gateway
    environment: Mapping[str, str]
    """What the functions have in their environment, to call one in this process."""
    outputs: Mapping[str, str]

    def client(self, service: str) -> Any:
        """A boto3 client of this stack's AWS."""
        return aws_client_factory(self.aws_url)(service)

    def lambda_client(self) -> Any:
        """A boto3 Lambda client of this stack's functions."""
        return aws_client_factory(self.url)("lambda")


@contextmanager
def start(
    *,
    port: int = 0,
    aws_port: int = 0,
    seed: bool = False,
    history: bool = False,
    template: Path = CHECKOUT / "template.yaml",
    parameters: Mapping[str, str] | None = None,
    extra_issuers: Sequence[Mapping[str, Any]] = (),
    trusted_issuers: str = "",
    pipelines: bool = False,
    workers: int = WORKERS,
    log: Log | None = None,
    warn: Log | None = None,
    seen: Seen | None = None,
    played_at: str | None = None,
) -> Iterator[Stack]:
    """Bring the stack up, and down again at the end; port 0 takes a free one.

    `parameters` replace what the local stack sets itself. Trusted are the local issuer, `extra_issuers`, with
    `pipelines` the issuer of build pipelines `ci`, and what the JSON list `trusted_issuers` names; where that list is
    wrong, callers get what AWS would give them. `log`
    gets what functions print (by default standard error), `warn` what is wrong with the stack itself (by default the
    same), `seen` each request that was answered. With `seed` the sample certificates are brought in, with
    `history` as well what was done with them in some weeks. Where `played_at` is the address of another AWS than Moto,
    that one is used, and nothing here carries its events to functions.

    Raises:
        PortTakenError: somebody listens on a port asked for.
        TemplateError: the template cannot be brought up here.
    """
    write = log or _to_standard_error
    complain = warn or write
    with ExitStack() as cleanup:
        listener = _listen(port, "PORT")
        cleanup.callback(listener.close)
        aws_listener = _listen(aws_port, "AWS_PORT")
        cleanup.callback(aws_listener.close)
        url, aws_url = _address(listener), played_at or _address(aws_listener)
        # Three processes import at the same time what each needs; together that is most of the start.
        aws = _OtherAws() if played_at else _AwsProcess(aws_listener)
        cleanup.callback(aws.close)
        pool = WorkerPool(size=workers, python_path=[str(CHECKOUT)], log=complain)
        cleanup.callback(pool.close)

        issuer = LocalIssuer(url)
        provider = Provider(url, TokenIssuer(issuer.token, issuer.key_set), PEOPLE)
        of_pipelines = LocalIssuer(url, PIPELINE_PATH)
        pipeline = PipelineIssuer(url, TokenIssuer(of_pipelines.token, of_pipelines.key_set))
        ours = [issuer.trusted(), *([pipeline.trusted()] if pipelines else []), *extra_issuers]
        trusted = _trusted(ours, trusted_issuers)
        loaded = Template.load(template, _parameters(template, url, trusted, parameters or {}))
        client = aws_client_factory(aws_url)
        aws.wait_until_ready()
        resources = Resources(loaded, client, api_endpoint=url)
        resources.make_all()
        functions = functions_of(loaded, resources)
        environment = {**environment_of(loaded, resources), **aws_environment(aws_url)}
        runnable = {**functions, IN_THE_PAST.logical_id: IN_THE_PAST} if seed else functions
        pool.load(runnable, environment, layer_paths_of(loaded), statements_of(loaded, resources))

        def invoke(function: Function, payload: bytes, request_id: str) -> Outcome:
            outcome = pool.invoke(function, payload, request_id)
            if outcome.log:
                write(outcome.log)
            return outcome

        gateway = Gateway(routes_of(loaded, resources, functions), invoke)
        own = Functions(functions, invoke, plans=failure_plans_of(loaded, resources), client=client, log=complain)
        cleanup.callback(own.close)

        def answer(request: Request) -> Answer:
            begun = time.monotonic()
            asked = (refused, issuer.answer, provider.answer, pipeline.answer, own.answer)
            answered = next((found for ask in asked if (found := ask(request))), None) or gateway.answer(request)
            if seen:
                seen(Exchange(request, answered, time.monotonic() - begun))
            return answered

        server = HttpServer(listener, answer)
        cleanup.callback(server.close)
        server.start()
        if seed and issuers_fault(loaded.parameters["TrustedIssuers"]) is None:
            with pool.apart() as worker:
                bring_samples(gateway.routes, functions, worker.invoke, issuer, complain, history=history)
        aws.carry({"gateway": url, "aws": aws_url, "mappings": _carried(mappings_of(loaded, resources), seeded=seed)})
        running = Stack(url, aws_url, issuer, loaded, resources, functions, gateway, environment, resources.outputs())
        yield running


def issuers_fault(text: str) -> str | None:
    """What is wrong with a list of trusted issuers, so that every token is answered 503; None where it is right."""
    from signet.domain.access.trusted_issuer import InvalidTrustedIssuersError, parse_trusted_issuers

    try:
        parse_trusted_issuers(text)
    except InvalidTrustedIssuersError as error:
        return str(error)
    return None


def _carried(mappings: Sequence[Mapping[str, Any]], *, seeded: bool) -> list[Mapping[str, Any]]:
    """What is carried to functions; nothing of samples: what was recorded in the past was announced in the past."""
    if not seeded:
        return list(mappings)
    return [{**each, "StartingPosition": "LATEST"} if "StartingPosition" in each else each for each in mappings]


def _trusted(ours: Sequence[Mapping[str, Any]], others: str) -> str:
    """The parameter TrustedIssuers: `ours` before what `others` lists; what is no list is left as it is, and fails."""
    try:
        listed = json.loads(others or "[]")
    except ValueError:
        return others
    if not isinstance(listed, list):
        return others
    return json.dumps([*map(dict, ours), *listed], separators=(",", ":"))


def _parameters(template: Path, url: str, trusted: str, given: Mapping[str, str]) -> dict[str, str]:
    ours = {
        "Release": "0" * 16,  # one version is all there is
        "TrustedIssuers": trusted,
        "AdministratorGroup": f"{ALIAS}/administrators",
        "FutureExpiryChecks": "allowed",
        "Address": url,
    }
    text = template.read_text()  # a template that lacks one of ours is another one's, and need not have it
    return {**{name: value for name, value in ours.items() if f"\n  {name}:" in text}, **given}


class _OtherAws:
    """An AWS that somebody else has started, ends, and has carry its own events."""

    def wait_until_ready(self) -> None:
        pass

    def carry(self, order: Mapping[str, Any]) -> None:
        pass

    def close(self) -> None:
        pass


class _AwsProcess:
    """The parent's side of `local.aws.moto_process`."""

    def __init__(self, listener: socket.socket) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "local.aws.moto_process", str(listener.fileno())],
            pass_fds=[listener.fileno()],
            env={
                **aws_environment(f"http://{HOST}:{listener.getsockname()[1]}"),
                "MOTO_DISABLE_GLOBAL_CORS": "true",  # no page that a browser shows may read what is here
                "PATH": os.environ.get("PATH", ""),
                "PYTHONPATH": str(CHECKOUT),
                **clock_environment(),
                **({"TZ": zone} if (zone := os.environ.get("TZ")) else {}),
                **({RECORD_DYNAMODB: folder} if (folder := os.environ.get(RECORD_DYNAMODB)) else {}),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C in the terminal is for the parent alone
        )
        self._orders = cast("IO[str]", self._process.stdin)
        self._answers = cast("IO[str]", self._process.stdout)

    def wait_until_ready(self) -> None:
        self._expect("ready")

    def carry(self, order: Mapping[str, Any]) -> None:
        self._orders.write(json.dumps(order) + "\n")
        self._orders.flush()
        self._expect("carrying")

    def close(self) -> None:
        self._orders.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._answers.close()

    def _expect(self, line: str) -> None:
        if self._answers.readline().strip() != line:
            raise RuntimeError("the process that plays AWS did not start; what it printed says why")


def _listen(port: int, setting: str) -> socket.socket:
    listener = socket.socket()
    # A port that was in use a moment ago may be taken; a port that somebody listens on may not.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        raise PortTakenError(port, setting) from error
    return listener


def _address(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"


def _to_standard_error(text: str) -> None:
    sys.stderr.write(text if text.endswith("\n") else text + "\n")
    sys.stderr.flush()
