"""What the architecture tests look at: the modules of functions, the expanded template, the permissions in it."""

import ast
import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.aws.template import Template

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers/signet/signet"

PARAMETERS = {
    "PermissionsBoundary": "arn:aws:iam::123456789012:policy/boundary",
    "Release": "0123456789abcdef",
    "DomainName": "signet.example.com",
    "DomainCertificate": "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
    "Tracing": "on",
    "TrustedIssuers": "[]",
    "AdministratorGroup": "corp/administrators",
    "AlarmEmail": "ops@example.com",
    "NotificationEmail": "certificates@example.com",
}


ALIAS = "live"


@functools.cache
def template() -> Template:
    """`template.yaml` as CloudFormation sees it, with every condition on but the one of a stored list of issuers."""
    return Template.load(ROOT / "template.yaml", PARAMETERS)


@functools.cache
def written() -> dict[str, Any]:
    """`template.yaml` as it is written, before SAM expands it; what an alias names is the anchor's own object."""
    from samtranslator.yaml_helper import yaml_parse

    source: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())
    return source


def resolved(node: Any) -> Any:
    """`node` of the template with references to resources as `<LogicalId>` or `<LogicalId.Attribute>`."""
    return template().resolve(node, lambda name, key: f"<{name}.{key}>" if key else f"<{name}>")


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of every resource of type `kind`, resolved, by logical id."""
    return {name: resolved(properties) for name, properties in template().of_type(kind).items()}


@functools.cache
def functions() -> dict[str, dict[str, Any]]:
    """Every Lambda function by logical id."""
    return of_type("AWS::Lambda::Function")


OPERATIONS_OF_DIALECTS = {
    "authorize_transit_request": ("access.authorize_request",),
    "authorize_kms_request": ("access.authorize_request",),
    "read_transit_key": ("dialects.read_key_versions",),
    "sign_with_transit_key": ("certificates.sign_with_certificate",),
    "verify_with_transit_key": ("dialects.verify_signature",),
    "answer_kms_call": (
        "certificates.sign_with_certificate",
        "dialects.read_key_versions",
        "dialects.verify_signature",
    ),
}
"""The functions that translate from another service's interface, and the operations that each ends in."""


@dataclass(frozen=True, slots=True)
class FunctionModule:
    """One folder under functions/."""

    folder: Path

    @property
    def action(self) -> str:
        """`sign_with_certificate`."""
        return self.folder.name

    @property
    def operation_id(self) -> str:
        """`SignWithCertificate`."""
        return "".join(word.capitalize() for word in self.action.split("_"))

    @property
    def operations(self) -> tuple[str, ...]:
        """The modules of its operations, below `signet.operations`; of most there is one."""
        return OPERATIONS_OF_DIALECTS.get(self.action, (f"{self.folder.parent.name}.{self.action}",))

    @property
    def translates(self) -> bool:
        """Whether it speaks the dialect of another service, whose own documentation describes it."""
        return self.action in OPERATIONS_OF_DIALECTS

    @property
    def serves_files(self) -> bool:
        """Whether it hands out the files of a web page, which are no part of the interface."""
        return self.action == "get_console"

    @property
    def function(self) -> str:
        """Its logical id in the template."""
        return f"{self.operation_id}Function"

    @property
    def source(self) -> str:
        """The text of its one module."""
        return (self.folder / "app.py").read_text()

    def __str__(self) -> str:
        return self.action


def function_modules() -> list[FunctionModule]:
    """All of them, each a folder below functions/<noun>/."""
    folders = (ROOT / "functions").glob("*/*/")
    return [FunctionModule(folder) for folder in sorted(folders) if "__pycache__" not in folder.parts]


def dialect_routes() -> set[str]:
    """The routes that speak the dialect of another service, in the form of `routes`."""
    translating = {module.function for module in function_modules() if module.translates}
    return {route for route, function in routes().items() if function in translating}


def file_routes() -> set[str]:
    """The routes that hand out a web page and its files, in the form of `routes`."""
    serving = {module.function for module in function_modules() if module.serves_files}
    return {route for route, function in routes().items() if function in serving}


def operation_modules() -> dict[str, Path]:
    """Every module of operations/ by its name below `signet.operations`, verbs and what they share."""
    top = PACKAGE / "operations"
    return {
        ".".join(path.relative_to(top).with_suffix("").parts): path
        for path in sorted(top.rglob("*.py"))
        if path.stem != "__init__"
    }


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy, and who has it."""

    owner: str
    """The logical id of the function, key or managed policy."""
    sid: str
    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Mapping[str, Any]


def statements_of(owner: str, document: Mapping[str, Any]) -> Iterator[Statement]:
    """The statements of a resolved policy document."""
    for each in document["Statement"]:
        yield Statement(
            owner,
            each["Sid"],
            each["Effect"],
            _several(each["Action"]),
            _several(each["Resource"]),
            each.get("Condition", {}),
        )


def _several(value: Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else (value,)


@functools.cache
def permissions() -> dict[str, list[Statement]]:
    """What each function may do, by its logical id: its role, and the managed policies that its role takes in."""
    roles = of_type("AWS::IAM::Role")
    managed = of_type("AWS::IAM::ManagedPolicy")
    found = {}
    for function, properties in functions().items():
        role = roles[properties["Role"].removeprefix("<").removesuffix(".Arn>")]
        documents = [policy["PolicyDocument"] for policy in role.get("Policies", [])]
        documents += [managed[arn.strip("<>")]["PolicyDocument"] for arn in role.get("ManagedPolicyArns", [])]
        found[function] = [each for document in documents for each in statements_of(function, document)]
    return found


def who_may(action: str, resource: str) -> set[str]:
    """The functions that may do `action` on the resource whose resolved name starts with `resource`."""
    return {
        function
        for function, statements in permissions().items()
        for each in statements
        if action in each.actions and any(name.startswith(resource) for name in each.resources)
    }


def called_in(text: str) -> str:
    """The function whose alias `text` of the resolved template names: whoever calls one calls it there."""
    name = re.search(rf"<(\w+)Alias{ALIAS}>", text)
    assert name, text
    return name[1]


@functools.cache
def routes() -> dict[str, str]:
    """Every route of the HTTP API, `GET /v1/health`, with the function that answers it."""
    found = {}
    for api in of_type("AWS::ApiGatewayV2::Api").values():
        for path, methods in api["Body"]["paths"].items():
            for method, operation in methods.items():
                uri = operation["x-amazon-apigateway-integration"]["uri"]
                found[f"{method.upper()} {path}"] = called_in(uri)
    return found


def imports_of(module: Path) -> set[str]:
    """Every module that `module` imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found
