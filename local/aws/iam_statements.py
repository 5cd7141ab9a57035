"""What each function may do, held to as IAM would hold it: by the role that the template gives it.

Moto enforces no policy, so a right that is missing would be missed first in AWS. Here a call that the role does not
cover is refused as AWS refuses it. What is understood is what the template uses; anything else is refused, too, and
says so.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from local.aws.resources import Resources
from local.aws.template import ACCOUNT, REGION, Template

Statement = Mapping[str, Any]


class Need(NamedTuple):
    """One right that a call needs."""

    action: str
    resource: str
    context: Mapping[str, Sequence[str]]
    """Condition keys with their values, as this call has them."""


def statements_of(template: Template, resources: Resources) -> dict[str, list[Statement]]:
    """The statements of each function's role and of the policies that the role takes in, by the function's name.

    A function whose role takes in AWS's own policies is left out, since what they say is not known here.
    """
    roles = template.of_type("AWS::IAM::Role")
    managed = template.of_type("AWS::IAM::ManagedPolicy")
    found = {}
    for name, properties in template.of_type("AWS::Lambda::Function").items():
        role = roles[properties["Role"]["Fn::GetAtt"][0]]
        taken_in = template.resolve(role.get("ManagedPolicyArns", []), lambda policy, _: {"Ref": policy})
        if not all(isinstance(policy, dict) and policy.get("Ref") in managed for policy in taken_in):
            continue
        documents = [policy["PolicyDocument"] for policy in role.get("Policies", [])]
        documents += [managed[policy["Ref"]]["PolicyDocument"] for policy in taken_in]
        statements = [each for document in documents for each in document["Statement"]]
        # As one list, from which a statement that depends on a condition is left out.
        found[str(resources.attribute(name))] = resources.resolve(statements)
    return found


def allowed(need: Need, statements: Sequence[Statement]) -> bool:
    """Whether a statement allows `need` and none denies it."""
    effects = {each["Effect"] for each in statements if covers(each, need)}
    return effects == {"Allow"}


def needs_of(service: str, operation: str, request: Mapping[str, Any]) -> Iterator[Need]:
    """The rights that a call needs.

    Raises:
        NotImplementedError: no function has made such a call before; teach it to this module.
    """
    match service, operation:
        case "dynamodb", "BatchGetItem":
            for table, wanted in request["RequestItems"].items():
                yield _on_table("BatchGetItem", table, wanted["Keys"])
        case "dynamodb", "TransactWriteItems":
            for item in request["TransactItems"]:
                ((kind, write),) = item.items()
                action = "ConditionCheckItem" if kind == "ConditionCheck" else f"{kind}Item"
                yield _on_table(action, write["TableName"], [write.get("Item") or write["Key"]])
        case "dynamodb", "Query":
            yield _query(request)
        case "dynamodb", "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem":
            yield _on_table(operation, request["TableName"], [request.get("Item") or request["Key"]])
        case "kms", "Encrypt" | "Decrypt":
            context = {
                f"kms:EncryptionContext:{name}": [value] for name, value in request.get("EncryptionContext", {}).items()
            }
            yield Need(f"kms:{operation}", request["KeyId"], context)
        case "events", "PutEvents":
            for bus in {entry["EventBusName"] for entry in request["Entries"]}:
                yield Need("events:PutEvents", f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{bus.rsplit('/')[-1]}", {})
        case "sns", "Publish":
            yield Need("sns:Publish", request["TopicArn"], {})
        case "sqs", "SendMessage" | "SendMessageBatch" | "ReceiveMessage" | "DeleteMessage":
            queue = request["QueueUrl"].rsplit("/")[-1]
            yield Need(f"sqs:{operation.removesuffix('Batch')}", f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}", {})
        case _:
            raise NotImplementedError(f"local/aws/iam_statements.py knows no rights for {service}:{operation}")


def enforce(
    statements: Mapping[str, Sequence[Statement]], used: Callable[[str, Need, Sequence[Statement]], None] | None = None
) -> None:
    """From now on, refuse in this process what the role of the function that runs does not cover.

    The function is the one that Lambda's own variable names, so it may change from one request to the next. `used` is
    told of each need of a function and of the statements that cover it.
    """
    from botocore.client import BaseClient
    from botocore.exceptions import ClientError

    # Not an event of botocore's: those are of one client each, and the clients are not made yet.
    whole: Any = BaseClient
    send: Callable[..., Any] = whole._make_api_call

    def refuse_or_send(client: Any, operation: str, request: Mapping[str, Any]) -> Any:
        function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
        for need in needs_of(client.meta.service_model.service_name, operation, request):
            if function in statements and used is not None:
                used(function, need, [each for each in statements[function] if covers(each, need)])
            if function in statements and not allowed(need, statements[function]):
                text = f"{function} is not authorized to perform {need.action} on {need.resource}"
                print(f"Refused as IAM would: {text}", file=sys.stderr)
                raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": text}}, operation)
        return send(client, operation, request)

    whole._make_api_call = refuse_or_send


def _table(name: str) -> str:
    return name if name.startswith("arn:") else f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"


def _on_table(action: str, table: str, keys: Sequence[Mapping[str, Any]]) -> Need:
    leading = sorted({str(next(iter(key["pk"].values()))) for key in keys})
    return Need(f"dynamodb:{action}", _table(table), {"dynamodb:LeadingKeys": leading})


def _query(request: Mapping[str, Any]) -> Need:
    if "IndexName" in request:
        return Need("dynamodb:Query", f"{_table(request['TableName'])}/index/{request['IndexName']}", {})
    names = request.get("ExpressionAttributeNames", {})
    for name, value in re.findall(r"([#\w]+) = (:\w+)", request["KeyConditionExpression"]):
        if names.get(name, name) == "pk":
            return _on_table("Query", request["TableName"], [{"pk": request["ExpressionAttributeValues"][value]}])
    raise NotImplementedError(f"local/aws/iam_statements.py finds no key in {request['KeyConditionExpression']}")


def covers(statement: Statement, need: Need) -> bool:
    """Whether `statement` is about `need`, also in what it says of the circumstances of the call."""
    return (
        any(fnmatchcase(need.action, action) for action in several(statement["Action"]))
        and any(fnmatchcase(need.resource, resource) for resource in several(statement["Resource"]))
        and all(_holds(operator, keys, need.context) for operator, keys in statement.get("Condition", {}).items())
    )


def _holds(operator: str, keys: Mapping[str, Any], context: Mapping[str, Sequence[str]]) -> bool:
    """Whether a condition holds (IAM User Guide, condition operators)."""
    for key, wanted in keys.items():
        values = context.get(key, [])
        match operator:
            case "StringEquals":
                good = bool(values) and all(value in several(wanted) for value in values)
            case "ForAllValues:StringEquals":
                good = all(value in several(wanted) for value in values)
            case "ForAllValues:StringLike":
                good = all(any(fnmatchcase(value, pattern) for pattern in several(wanted)) for value in values)
            case "StringLike":
                good = bool(values) and all(
                    any(fnmatchcase(value, pattern) for pattern in several(wanted)) for value in values
                )
            case _:
                raise NotImplementedError(f"local/aws/iam_statements.py knows no condition operator {operator}")
        if not good:
            return False
    return True


def several(value: Any) -> Sequence[str]:
    """What IAM writes as a list, or as the one entry of it."""
    return [value] if isinstance(value, str) else value
