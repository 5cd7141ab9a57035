"""ministack's own program, taught what it does not know of AWS: every change to it, in one place.

This is a script for ministack's own environment (.tools/ministack), which has nothing of ours: `python -I taught.py`.
Where the environment names some of `TAUGHT` in UNTAUGHT, separated by commas, those are left out; so
`tests/deployed/test_what_ministack_lacks.py` shows of each that ministack still needs it.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class Taught:
    """One thing that ministack is taught."""

    name: str
    documentation: str
    """AWS's words, and where they stand."""
    lacking: str
    """What ministack does without it."""
    teach: Callable[[], None]


class _Part(str):
    """An action or ARN that ministack looks at, with the partition keys of the items that it is about."""

    __slots__ = ("keys",)
    keys: list[str]


def _part(text: str, keys: Iterable[str]) -> _Part:
    part = _Part(text)
    part.keys = sorted(set(keys))
    return part


def _teach_principal_arn() -> None:
    from ministack.core import iam_evaluator
    from ministack.services import iam

    original = iam_evaluator._resolve_condition_key

    def resolve(key: str, context: Any) -> Any:
        if key.lower() == "aws:principalarn" and ":assumed-role/" in context.principal_arn:
            name = iam_evaluator._role_name_from_assumed_arn(context.principal_arn)
            role = iam._roles.get_scoped(context.principal_account, None, name)
            return role["Arn"] if role else f"arn:aws:iam::{context.principal_account}:role/{name}"
        return original(key, context)

    iam_evaluator._resolve_condition_key = resolve


def _teach_encryption_context() -> None:
    from ministack.core import iam_actions

    original = iam_actions.request_tag_context

    def context(service: str, action: str, body: bytes, params: Any) -> dict[str, Any]:
        found: dict[str, Any] = original(service, action, body, params)
        if service == "kms":
            given = json.loads(body or b"{}").get("EncryptionContext") or {}
            found |= {f"kms:EncryptionContext:{name}": value for name, value in given.items()}
        return found

    iam_actions.request_tag_context = context


def _teach_leading_keys() -> None:
    from ministack.core import iam_actions, iam_evaluator

    original = iam_evaluator.enforce

    def arns(body: bytes, region: str, account: str) -> list[str]:
        request = json.loads(body or b"{}")
        if "RequestItems" in request:
            return [
                _part(_table_arn(table, region, account), _keys_of_batch(table, wanted))
                for table, wanted in request["RequestItems"].items()
            ]
        if "TableName" not in request:
            return []
        arn = _table_arn(request["TableName"], region, account)
        keys = _keys_of(request, request["TableName"])
        return [_part(f"{arn}/index/{request['IndexName']}", []) if "IndexName" in request else _part(arn, keys)]

    def checks(action: str, body: bytes, region: str, account: str) -> list[tuple[str, str]]:
        if action not in ("dynamodb:TransactWriteItems", "dynamodb:TransactGetItems"):
            return []
        found: list[tuple[str, str]] = []
        for item in json.loads(body)["TransactItems"]:
            for kind, asked in item.items():
                arn = _table_arn(asked["TableName"], region, account)
                keys = _keys_of(asked, asked["TableName"])
                found.append((iam_actions._DYNAMODB_TRANSACT_ITEM_ACTIONS[kind], _part(arn, keys)))
        return found

    def enforce(
        key: str, action: str, service: str, region: str, resource_arn: str = "*", service_context: Any = None
    ) -> Any:
        if keys := getattr(resource_arn, "keys", None):
            service_context = {**(service_context or {}), "dynamodb:LeadingKeys": keys}
        return original(key, action, service, region, resource_arn=resource_arn, service_context=service_context)

    iam_actions.dynamodb_resource_arns = arns
    iam_actions.dynamodb_transaction_checks = checks
    iam_evaluator.enforce = enforce


def _table_arn(table: str, region: str, account: str) -> str:
    return table if table.startswith("arn:") else f"arn:aws:dynamodb:{region}:{account}:table/{table}"


def _partition_key(table: str) -> str:
    from ministack.services import dynamodb

    described = dynamodb._tables.get(table.rsplit("/", 1)[-1])
    return str(described["pk_name"]) if described else "pk"


def _keys_of(request: Mapping[str, Any], table: str) -> list[str]:
    """The partition keys that a request about one table names."""
    name = _partition_key(table)
    if item := request.get("Item") or request.get("Key"):
        return [str(next(iter(item[name].values())))]
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    found = re.findall(r"([#\w]+)\s*=\s*(:\w+)", request.get("KeyConditionExpression", ""))
    return [str(next(iter(values[value].values()))) for key, value in found if names.get(key, key) == name]


def _keys_of_batch(table: str, wanted: Any) -> list[str]:
    name = _partition_key(table)
    if isinstance(wanted, dict):
        return [str(next(iter(key[name].values()))) for key in wanted["Keys"]]
    return [key for write in wanted for asked in write.values() for key in _keys_of(asked, table)]


def _teach_transform_parameters() -> None:
    from ministack.services.cloudformation import changesets, engine, handlers
    from samtranslator.translator import transform as sam

    original, translate = engine._apply_transforms, sam.transform
    values: ContextVar[Mapping[str, str]] = ContextVar("values", default=MappingProxyType({}))

    def apply(template: dict[str, Any], provided: Any = None, previous: Any = None) -> Any:
        told = values.set(engine._transform_parameters(template, provided, previous))
        try:
            return original(template, provided, previous)
        finally:
            values.reset(told)

    def transform(template: Any, given: Mapping[str, str], *others: Any) -> Any:
        return translate(template, {**values.get(), **given}, *others)

    sam.transform = transform
    for module in (changesets, engine, handlers):
        module._apply_transforms = apply


def _teach_query_definitions() -> None:
    from ministack.services.cloudformation import provisioners

    def create(logical_id: str, _: Any, stack_name: str) -> tuple[str, dict[str, str]]:
        name = f"{stack_name}-{logical_id}"
        return name, {"QueryDefinitionId": name}

    provisioners._RESOURCE_HANDLERS["AWS::Logs::QueryDefinition"] = {
        "create": create,
        "update": lambda physical_id, *_: (physical_id, {}),
        "delete": lambda *_: None,
    }


def _teach_metric_math() -> None:
    from ministack.services.cloudformation import provisioners

    original = provisioners._cw_metric_alarm_record

    def record(name: str, properties: Mapping[str, Any]) -> Any:
        if metrics := properties.get("Metrics"):
            stat = next(metric["MetricStat"] for metric in metrics if "MetricStat" in metric)
            simple = {key: value for key, value in properties.items() if key != "Metrics"}
            metric = {key: stat["Metric"][key] for key in ("Namespace", "MetricName")}
            properties = {**simple, **metric, "Statistic": stat["Stat"], "Period": stat["Period"]}
        return original(name, properties)

    provisioners._cw_metric_alarm_record = record


def _teach_a_runtime_of_its_own() -> None:
    from ministack.core import lambda_runtime

    original = lambda_runtime._detect_runtime_binary
    interpreter = os.path.realpath(sys.executable)

    def binary(runtime: str) -> tuple[str, str]:
        found, script = original(runtime)
        return (interpreter if runtime.startswith("python") else found), script

    lambda_runtime._detect_runtime_binary = binary


TAUGHT = (
    Taught(
        "principal-arn",
        "For IAM roles, the request context returns the ARN of the role, not the ARN of the user that assumed the "
        "role. (IAM User Guide, AWS global condition context keys, aws:PrincipalArn)",
        "gives the ARN of the session, so that the key's policy, which names three roles, lets none of them unwrap",
        _teach_principal_arn,
    ),
    Taught(
        "encryption-context",
        "You can use the kms:EncryptionContext:context-key condition key to require a particular encryption context "
        "when controlling access to a symmetric encryption KMS key. (AWS KMS Developer Guide, AWS KMS condition keys)",
        "knows no such key, so that no function may wrap or unwrap",
        _teach_encryption_context,
    ),
    Taught(
        "leading-keys",
        "Represents the first key attribute of a table—in other words, the partition key. (Amazon DynamoDB Developer "
        "Guide, Using IAM policy conditions for fine-grained access control, dynamodb:LeadingKeys)",
        "knows no such key, and `ForAllValues` is true of what is not there: each role could write any item of a table",
        _teach_leading_keys,
    ),
    Taught(
        "transform-parameters",
        "Any parameters specified in the Parameters section of the template. CloudFormation evaluates these parameters "
        "before passing them to the function. (AWS CloudFormation User Guide, Create a CloudFormation macro "
        "definition, templateParameterValues)",
        "gives the SAM transform no parameters, which then cannot name a version by one",
        _teach_transform_parameters,
    ),
    Taught(
        "query-definitions",
        "Creates a query definition for CloudWatch Logs Insights. (AWS CloudFormation Template Reference, "
        "AWS::Logs::QueryDefinition)",
        "refuses the template; here it is made, and nothing is asked of it",
        _teach_query_definitions,
    ),
    Taught(
        "metric-math",
        "An array that enables you to create an alarm based on the result of a metric math expression. (AWS "
        "CloudFormation Template Reference, AWS::CloudWatch::Alarm, Metrics)",
        "rolls the stack back; here an alarm on several metrics watches the first of them",
        _teach_metric_math,
    ),
    Taught(
        "runtime",
        "Lambda invokes your function in an execution environment, which provides a secure and isolated runtime "
        "environment. (AWS Lambda Developer Guide, Understanding the Lambda execution environment lifecycle)",
        "runs functions in its own environment, whose packages would stand in for one that a layer lacks",
        _teach_a_runtime_of_its_own,
    ),
)
"""What the tests of the deployed stack need. What is played elsewhere or not at all: the routes of an HTTP API's body
(tests/deployed/deployment.py puts our gateway before the functions), point-in-time recovery, expiry and encryption of
tables."""


def main() -> None:
    """Teach, and serve until the process is ended."""
    untaught = os.environ.pop("UNTAUGHT", "").split(",")
    for one in TAUGHT:
        if one.name not in untaught:
            one.teach()
    from ministack import app

    sys.argv = ["ministack"]
    app.main()


if __name__ == "__main__":
    main()
