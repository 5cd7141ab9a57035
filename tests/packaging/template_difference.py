"""What another way to write the template would change about what is deployed.

    python -m tests.packaging.template_difference OLD NEW

Both are expanded by the official SAM translator and compared as CloudFormation would read them. It does not matter how
a template is written: what stands in `Globals`, which anchors name what, the order of statements and their Sids, and
whether a right comes from a function's own role or from a managed policy that the role takes in. Nor does it matter in
which log group a function writes, as long as it may write to that one; all else does.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.aws.template import Template

FUNCTION, ROLE, MANAGED_POLICY = "AWS::Lambda::Function", "AWS::IAM::Role", "AWS::IAM::ManagedPolicy"
HTTP_API = "AWS::ApiGatewayV2::Api"

_OWN_LOG_GROUP = "the log group that the function writes to"
_STATEMENT_KEYS = {"Sid", "Effect", "Action", "Resource", "Condition"}
_RIGHTS_KEYS = {"Policies", "ManagedPolicyArns"}


def differences(old: Path, new: Path, parameters: Mapping[str, str] | None = None) -> list[str]:
    """What `new` would deploy otherwise than `old`, a sentence each; nothing if they deploy the same.

    Resources whose condition is false with `parameters` are not looked at.
    """
    before, after = _Deployment(Template.load(old, parameters)), _Deployment(Template.load(new, parameters))
    found = []
    for what, then, now in (
        ("parameter and condition", _declared(old), _declared(new)),
        ("function", before.functions(), after.functions()),
        ("route", before.routes(), after.routes()),
        ("resource", before.others(), after.others()),
        ("output", before.template.outputs, after.template.outputs),
    ):
        found += [f"{what} {name} {change}" for name, change in _changes(then, now)]
    rights_before, rights_after = before.rights(), after.rights()
    for function in sorted(rights_before.keys() & rights_after.keys()):
        found += [
            f"{function} may no longer {right}" for right in sorted(rights_before[function] - rights_after[function])
        ]
        found += [f"{function} may now {right}" for right in sorted(rights_after[function] - rights_before[function])]
    return found


@dataclass(frozen=True)
class _Deployment:
    """An expanded template, by what is compared."""

    template: Template

    def functions(self) -> dict[str, Any]:
        """Every function with its role, without what the role allows."""
        roles = self.template.of_type(ROLE)
        found = {}
        for name, properties in self.template.of_type(FUNCTION).items():
            role = {key: value for key, value in roles[_role_of(properties)].items() if key not in _RIGHTS_KEYS}
            logging = {key: value for key, value in properties.get("LoggingConfig", {}).items() if key != "LogGroup"}
            whole = self.template.resources[name]
            found[name] = {**whole, "Properties": {**properties, "Role": role, "LoggingConfig": logging}}
        return found

    def rights(self) -> dict[str, set[str]]:
        """What each function may do: one sentence for each action on each resource under a condition."""
        roles, managed = self.template.of_type(ROLE), self.template.of_type(MANAGED_POLICY)
        found: dict[str, set[str]] = {}
        for name, properties in self.template.of_type(FUNCTION).items():
            role = roles[_role_of(properties)]
            documents = [policy["PolicyDocument"] for policy in role.get("Policies", [])]
            rights = found.setdefault(name, set())
            for policy in role.get("ManagedPolicyArns", []):
                if isinstance(policy, dict) and policy.get("Ref") in managed:
                    documents.append(managed[policy["Ref"]]["PolicyDocument"])
                else:
                    rights.add(f"do what {_text(policy)} says")
            group = properties.get("LoggingConfig", {}).get("LogGroup", {}).get("Ref")
            for document in documents:
                for statement in _several(document["Statement"]):
                    rights.update(_rights_of(statement, group))
        return found

    def routes(self) -> dict[str, Any]:
        """Every route of every HTTP API with what answers it and who is let through to it."""
        return {
            f"{method.upper()} {path} of {name}": operation
            for name, properties in self.template.of_type(HTTP_API).items()
            for path, methods in properties.get("Body", {}).get("paths", {}).items()
            for method, operation in methods.items()
        }

    def others(self) -> dict[str, Any]:
        """Every other resource whole; of an API what its body says beside the routes."""
        functions = self.template.of_type(FUNCTION).values()
        roles = self.template.of_type(ROLE)
        ours = {_role_of(properties) for properties in functions}
        taken_in = {
            policy["Ref"] for name in ours for policy in roles[name].get("ManagedPolicyArns", []) if "Ref" in policy
        }
        groups = {properties.get("LoggingConfig", {}).get("LogGroup", {}).get("Ref") for properties in functions}
        found = {}
        for name, part in self.template.resources.items():
            if part["Type"] == FUNCTION or name in ours | taken_in | groups:
                continue
            found[name] = dict(part)
            if part["Type"] == HTTP_API:
                properties = dict(part["Properties"])
                properties["Body"] = {key: value for key, value in properties.get("Body", {}).items() if key != "paths"}
                found[name]["Properties"] = properties
        return found


def _declared(path: Path) -> dict[str, Any]:
    from samtranslator.yaml_helper import yaml_parse

    source = yaml_parse(path.read_text())
    return {**source.get("Parameters", {}), **source.get("Conditions", {})}


def _role_of(properties: Mapping[str, Any]) -> str:
    return str(properties["Role"]["Fn::GetAtt"][0])


def _rights_of(statement: Mapping[str, Any], log_group: str | None) -> Iterator[str]:
    if odd := set(statement) - _STATEMENT_KEYS:
        raise ValueError(f"{', '.join(sorted(odd))} in the statement {statement.get('Sid')} is not understood here")
    condition = {
        operator: {key: sorted(_several(values), key=_text) for key, values in keys.items()}
        for operator, keys in statement.get("Condition", {}).items()
    }
    allowed = "" if statement["Effect"] == "Allow" else "(denied) "
    where = f" where {_text(condition)}" if condition else ""
    for action in _several(statement["Action"]):
        for resource in _several(statement["Resource"]):
            own = log_group is not None and resource == {"Fn::GetAtt": [log_group, "Arn"]}
            yield f"{allowed}{action} on {_OWN_LOG_GROUP if own else _text(resource)}{where}"


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            yield name, "is missing"
        elif name not in old:
            yield name, "is new"
        else:
            for where in _places(old[name], new[name]):
                yield name, f"differs in {where}"


def _places(old: Any, new: Any, path: str = "") -> Iterator[str]:
    """Where two nodes differ, and what stands there."""
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        for key in old:
            yield from _places(old[key], new[key], f"{path}.{key}" if path else str(key))
    elif old != new:
        yield f"{path or 'itself'}: {_text(old)} before, {_text(new)} now"


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(node: Any) -> str:
    return node if isinstance(node, str) else json.dumps(node, sort_keys=True)


if __name__ == "__main__":
    from tests.architecture.source_tree import PARAMETERS

    lines = differences(Path(sys.argv[1]), Path(sys.argv[2]), PARAMETERS)
    print("\n".join(lines) or "They deploy the same.")
    sys.exit(1 if lines else 0)
