"""`template.yaml` as CloudFormation reads it: expanded by the official SAM translator, its expressions resolved."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

REGION = "us-east-1"
ACCOUNT = "123456789012"  # the one account Moto plays unless told otherwise
STACK_NAME = "signet"

PSEUDO_PARAMETERS: Mapping[str, str] = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK_NAME}/local",
    "AWS::StackName": STACK_NAME,
    "AWS::URLSuffix": "amazonaws.com",
}

# The translator takes code from S3 only; the bucket's name marks what was a path in the template.
CODE_BUCKET = "code-of-this-checkout"

# What needs nothing but its arguments.
_PURE_FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {
    "Fn::Equals": lambda values: str(values[0]) == str(values[1]),
    "Fn::And": all,
    "Fn::Or": any,
    "Fn::Not": lambda values: not values[0],
    "Fn::Join": lambda values: values[0].join(str(part) for part in values[1]),
    "Fn::Split": lambda values: values[1].split(values[0]),
    "Fn::Select": lambda values: values[1][int(values[0])],
    "Fn::ToJsonString": json.dumps,
}

_NO_VALUE = object()
_PLACEHOLDER = re.compile(r"\$\{(!?)([^}]+)\}")


class TemplateError(Exception):
    """The template cannot be brought up here; the message says which part and why."""


@dataclass(frozen=True)
class Template:
    """An expanded template and the values of its parameters; expressions in it are still unresolved."""

    root: Path
    """The folder that paths in the template start from."""
    resources: Mapping[str, Mapping[str, Any]]
    """By logical id; resources whose condition is false are left out."""
    outputs: Mapping[str, Mapping[str, Any]]
    parameters: Mapping[str, str]
    conditions: Mapping[str, Any] = field(default_factory=dict)
    mappings: Mapping[str, Any] = field(default_factory=dict)
    numbers: frozenset[str] = frozenset()
    """The parameters that are numbers: a property that wants one takes no text."""

    @classmethod
    def load(cls, path: Path, parameters: Mapping[str, str] | None = None) -> Template:
        """Read the SAM template at `path`, with `parameters` instead of its defaults.

        Raises:
            TemplateError: it is not a template, a parameter is unknown or has no value, or SAM refuses it.
        """
        # Imported here: the translator takes a second, and the processes that only read a loaded template need none.
        from samtranslator.public.exceptions import InvalidDocumentException
        from samtranslator.translator.transform import transform
        from samtranslator.yaml_helper import yaml_parse

        # The translator asks botocore for a region when the environment names none.
        os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
        source = yaml_parse(path.read_text())
        if not isinstance(source, dict) or "Resources" not in source:
            raise TemplateError(f"{path}: no template with resources")
        values = _parameter_values(source.get("Parameters", {}), parameters or {})
        _point_code_at_bucket(source)
        try:
            expanded = transform(source, dict(values), _NoManagedPolicies())
        except InvalidDocumentException as error:
            causes = "; ".join(str(getattr(cause, "message", cause)) for cause in error.causes)
            raise TemplateError(f"{path}: SAM does not accept it: {causes}") from error
        whole = cls(
            root=path.parent,
            resources=expanded["Resources"],
            outputs=expanded.get("Outputs", {}),
            parameters=values,
            conditions=expanded.get("Conditions", {}),
            mappings=expanded.get("Mappings", {}),
            numbers=frozenset(name for name, part in source.get("Parameters", {}).items() if part["Type"] == "Number"),
        )
        return replace(
            whole,
            resources={name: part for name, part in whole.resources.items() if whole._wanted(part)},
            outputs={name: part for name, part in whole.outputs.items() if whole._wanted(part)},
        )

    def of_type(self, *types: str) -> dict[str, Mapping[str, Any]]:
        """The properties of every resource of one of `types`, by logical id."""
        return {name: part.get("Properties", {}) for name, part in self.resources.items() if part["Type"] in types}

    def resolve(self, node: Any, attribute: Callable[[str, str | None], Any]) -> Any:
        """`node` with every expression replaced by its value.

        `attribute` is asked for a resource's attribute by logical id and name; for `Ref` the name is None.
        """
        value = self._resolve(node, attribute)
        return None if value is _NO_VALUE else value

    def _wanted(self, part: Mapping[str, Any]) -> bool:
        condition = part.get("Condition")
        return condition is None or self._holds(condition)

    def _holds(self, condition: str) -> bool:
        if condition not in self.conditions:
            raise TemplateError(f"no condition is called {condition}")

        def no_resources(name: str, _: str | None) -> Any:
            raise TemplateError(f"condition {condition} may not look at the resource {name}")

        return bool(self._resolve(self.conditions[condition], no_resources))

    def _resolve(self, node: Any, attribute: Callable[[str, str | None], Any]) -> Any:
        if isinstance(node, list):
            values = [self._resolve(entry, attribute) for entry in node]
            return [value for value in values if value is not _NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            (function, argument), *_ = node.items()
            if function in {"Ref", "Condition"} and isinstance(argument, str):
                return self._reference(argument, attribute) if function == "Ref" else self._holds(argument)
            if function.startswith("Fn::"):
                return self._call(function, argument, attribute)
        values_by_key = {key: self._resolve(value, attribute) for key, value in node.items()}
        return {key: value for key, value in values_by_key.items() if value is not _NO_VALUE}

    def _reference(self, name: str, attribute: Callable[[str, str | None], Any]) -> Any:
        if name == "AWS::NoValue":
            return _NO_VALUE
        if name in PSEUDO_PARAMETERS:
            return PSEUDO_PARAMETERS[name]
        if name in self.parameters:
            text = self.parameters[name]
            return json.loads(text) if name in self.numbers else text
        return attribute(name, None)

    def _call(self, function: str, argument: Any, attribute: Callable[[str, str | None], Any]) -> Any:
        if function == "Fn::GetAtt":
            name, key = argument.split(".", 1) if isinstance(argument, str) else argument
            return attribute(name, key)
        if function == "Fn::If":
            condition, yes, no = argument
            return self._resolve(yes if self._holds(condition) else no, attribute)
        if function == "Fn::Sub":
            return self._substitute(argument, attribute)
        values = self._resolve(argument, attribute)
        if function == "Fn::FindInMap":
            return self.mappings[values[0]][values[1]][values[2]]
        if function not in _PURE_FUNCTIONS:
            raise TemplateError(f"{function} is not understood here")
        return _PURE_FUNCTIONS[function](values)

    def _substitute(self, argument: Any, attribute: Callable[[str, str | None], Any]) -> str:
        text, given = (argument, {}) if isinstance(argument, str) else argument

        def value_of(found: re.Match[str]) -> str:
            literal, name = found.groups()
            if literal:
                return "${" + name + "}"
            if name in given:
                return str(self._resolve(given[name], attribute))
            if "." in name and not name.startswith("AWS::"):
                return str(attribute(*name.split(".", 1)))
            return str(self._reference(name, attribute))

        return _PLACEHOLDER.sub(value_of, text)


class _NoManagedPolicies:
    """Stands in for the loader that asks IAM: our template names managed policies by ARN, if at all."""

    def load(self) -> dict[str, str]:
        return {}


def _parameter_values(declared: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    if unknown := set(given) - set(declared):
        raise TemplateError(f"the template has no parameter {', '.join(sorted(unknown))}")
    if odd := [name for name, part in declared.items() if part["Type"] not in {"String", "Number"}]:
        raise TemplateError(f"only String and Number parameters are understood here, not {', '.join(odd)}")
    values = {name: given.get(name, part.get("Default")) for name, part in declared.items()}
    if missing := [name for name, value in values.items() if value is None]:
        raise TemplateError(f"no value for the parameter {', '.join(missing)}")
    return {name: str(value) for name, value in values.items()}


def _point_code_at_bucket(source: Mapping[str, Any]) -> None:
    for part in source["Resources"].values():
        key = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri"}.get(part["Type"])
        if key is None:
            continue
        properties = part["Properties"]
        if not isinstance(properties.get(key), str):
            raise TemplateError(f"a {part['Type']} needs a path as its {key}")
        properties[key] = f"s3://{CODE_BUCKET}/{properties[key]}"
