"""The built stack on ministack, deployed as `make deploy` does, with our gateway before its functions."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.api_gateway.gateway import Gateway
from local.api_gateway.http_server import Answer, HttpServer, Request
from local.api_gateway.routes import routes_of
from local.aws.aws_clients import aws_client_factory
from local.aws.resources import Resources, function_arn
from local.aws.template import REGION, STACK_NAME, Template
from local.lambda_service.execution_environments import Outcome
from local.lambda_service.lambda_api import Functions
from local.lambda_service.lambda_runtime import Function, functions_of
from local.oidc.local_issuer import ALIAS, LocalIssuer
from local.oidc.people import PEOPLE
from local.oidc.provider import Provider, TokenIssuer
from local.stack import Stack
from tools.deployment.stack_resources import resources_of
from tools.ministack.emulator import CHECKOUT, KEY, Ministack
from tools.shifted_clock import unshifted

SAM = CHECKOUT / ".tools/sam/bin/sam"
PROFILE = "tests"


class DeployedResources(Resources):
    """What CloudFormation made of each resource of the template, as it tells."""

    def __init__(self, template: Template, client: Any, *, api_endpoint: str) -> None:
        super().__init__(template, client, api_endpoint=api_endpoint)
        self._deployed = resources_of(client("cloudformation"), STACK_NAME) or {}

    def attribute(self, name: str, key: str | None = None) -> Any:
        kind, physical = self._deployed[name]
        if key is None:
            return physical
        if (kind, key) == ("AWS::Lambda::Function", "Arn"):
            return function_arn(physical)
        return f"<{name}.{key}>"  # nobody asks here what else a resource has


class Deployment:
    """One stack of ministack's."""

    def __init__(self, aws: Ministack, build: Path, listener: socket.socket) -> None:
        self.build = build
        """What is deployed; a test may change it, and deploy again."""
        self.aws = aws
        self.client = aws_client_factory(aws.url)
        self.url = "http://{}:{}".format(*listener.getsockname())
        self.issuer = LocalIssuer(self.url)
        self._provider = Provider(self.url, TokenIssuer(self.issuer.token, self.issuer.key_set), PEOPLE)
        self.parameters = {
            "TrustedIssuers": json.dumps([self.issuer.trusted()]),
            "AdministratorGroup": f"{ALIAS}/administrators",
            "FutureExpiryChecks": "allowed",
            "Address": self.url,
        }
        self.stack: Stack
        """As tests know the local one."""
        self._answering: list[Callable[[Request], Answer | None]] = []

    def deploy(self, **parameters: str) -> str:
        """Deploy what is built as `make deploy` does, with `parameters` changed from now on; what it said."""
        self.parameters |= parameters
        self._config.write_text(
            "\n".join(
                (
                    "version = 0.1",
                    f"[{PROFILE}.deploy.parameters]",
                    f'stack_name = "{STACK_NAME}"',
                    'capabilities = "CAPABILITY_IAM CAPABILITY_NAMED_IAM"',
                    "resolve_s3 = true",
                    "confirm_changeset = false",
                    f"[{PROFILE}.deploy.parameters.parameter_overrides]",
                    # A JSON string is a basic string of TOML.
                    *(f"{name} = {json.dumps(value)}" for name, value in self.parameters.items()),
                )
            )
        )
        said = self._run("tools.deployment.deploy", str(SAM), str(self.build), str(self._config), PROFILE)
        self._look()
        return said

    def go_back(self) -> str:
        """As `make go-back` does; what it said."""
        said = self._run("tools.deployment.go_back", str(self._config), PROFILE)
        self.stack.gateway.forget_authorizations()
        return said

    def answer(self, request: Request) -> Answer:
        """The answer of the issuer, of Lambda, or of the API."""
        return next(found for ask in self._answering if (found := ask(request)))

    def invoke(self, function: Function, payload: bytes, _request_id: str = "") -> Outcome:
        """As API Gateway does: at the alias, which its integrations name."""
        told = self.client("lambda").invoke(FunctionName=function.arns[-1], Payload=payload)
        return Outcome(told["Payload"].read(), told.get("FunctionError"), "")

    @property
    def _config(self) -> Path:
        return self.build.parent / "samconfig.toml"

    def _run(self, module: str, *arguments: str) -> str:
        """A command of ours in an environment that knows ministack alone; it has to go well."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            env={
                **{name: unshifted(os.environ)[name] for name in ("PATH", "LANG") if name in os.environ},
                "HOME": str(self.build.parent),
                "PYTHONPATH": os.pathsep.join((str(CHECKOUT / "layers/signet"), str(CHECKOUT))),
                "AWS_ENDPOINT_URL": self.aws.url,
                "AWS_ACCESS_KEY_ID": KEY,
                "AWS_SECRET_ACCESS_KEY": KEY,
                "AWS_DEFAULT_REGION": REGION,
                "AWS_EC2_METADATA_DISABLED": "true",
                "SAM_CLI_TELEMETRY": "0",
            },
            cwd=self.build.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{self.aws.log.read_text(errors='replace')[-4000:]}"
        return done.stdout

    def _look(self) -> None:
        """See what is there now."""
        template = Template.load(CHECKOUT / "template.yaml", {**self.parameters, "Release": "0" * 16})
        resources = DeployedResources(template, self.client, api_endpoint=self.url)
        functions = functions_of(template, resources)
        described = self.client("cloudformation").describe_stacks(StackName=STACK_NAME)["Stacks"][0]
        self.stack = Stack(
            url=self.url,
            aws_url=self.aws.url,
            issuer=self.issuer,
            template=template,
            resources=resources,
            functions=functions,
            gateway=Gateway(routes_of(template, resources, functions), self.invoke),
            environment={},
            outputs={one["OutputKey"]: one["OutputValue"] for one in described["Outputs"]},
        )
        by_name = Functions(functions, self.invoke, plans={}, client=self.client, log=print)
        self._answering = [self._provider.answer, by_name.answer, self.stack.gateway.answer]


@contextmanager
def deployed(aws: Ministack, built: Path, third_party: Path, folder: Path) -> Iterator[Deployment]:
    """Deploy what is `built` to `aws`, with a third-party layer that this machine's processor can run.

    Everything is copied to `folder` first, so that it can be changed.
    """
    build = folder / "build"
    shutil.copytree(built, build, ignore=lambda _, names: {"ThirdPartyLayer"} & set(names))
    shutil.copytree(third_party, build / "ThirdPartyLayer")
    listener = socket.create_server(("127.0.0.1", 0))
    deployment = Deployment(aws, build, listener)
    server = HttpServer(listener, deployment.answer)
    try:
        server.start()
        deployment.deploy()
        yield deployment
    finally:
        server.close()
