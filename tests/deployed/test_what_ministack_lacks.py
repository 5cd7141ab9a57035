"""Each thing that ministack is taught it still needs to be taught: without it, AWS's words do not hold."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, WaiterError

from local.aws.aws_clients import aws_client_factory
from local.aws.template import ACCOUNT, REGION
from tools.ministack.emulator import PYTHON, ministack
from tools.ministack.taught import TAUGHT

pytestmark = pytest.mark.soak

ROLE = f"arn:aws:iam::{ACCOUNT}:role/somebody"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}],
}
CONTEXT = {"purpose": "signing"}


def in_role(url: str, *statements: dict[str, Any]) -> Callable[[str], Any]:
    """Gives clients of one who has taken on the role `somebody`, which may do what `statements` say."""
    root = aws_client_factory(url)
    root("iam").create_role(RoleName="somebody", AssumeRolePolicyDocument=json.dumps(TRUST))
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    root("iam").put_role_policy(RoleName="somebody", PolicyName="may", PolicyDocument=json.dumps(policy))
    got = root("sts").assume_role(RoleArn=ROLE, RoleSessionName="session")["Credentials"]
    session = boto3.Session(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"], REGION)
    return lambda service: session.client(service, endpoint_url=url)  # type: ignore[call-overload]


def is_allowed(call: Callable[..., Any], **asked: Any) -> bool:
    try:
        call(**asked)
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDeniedException":
            raise
        return False
    return True


def principal_arn(url: str) -> bool:
    allow = {"Sid": "All", "Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"}
    deny = {**allow, "Sid": "But", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "kms:Encrypt"}
    deny["Condition"] = {"ArnNotEquals": {"aws:PrincipalArn": [ROLE]}}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow, deny]})
    key = aws_client_factory(url)("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]
    somebody = in_role(url, {"Effect": "Allow", "Action": "kms:Encrypt", "Resource": key})
    return is_allowed(somebody("kms").encrypt, KeyId=key, Plaintext=b"x")


def encryption_context(url: str) -> bool:
    key = aws_client_factory(url)("kms").create_key()["KeyMetadata"]["Arn"]
    condition = {"StringEquals": {"kms:EncryptionContext:purpose": "signing"}}
    somebody = in_role(url, {"Effect": "Allow", "Action": "kms:Encrypt", "Resource": key, "Condition": condition})
    assert not is_allowed(somebody("kms").encrypt, KeyId=key, Plaintext=b"x", EncryptionContext={"purpose": "other"})
    return is_allowed(somebody("kms").encrypt, KeyId=key, Plaintext=b"x", EncryptionContext=CONTEXT)


def leading_keys(url: str) -> bool:
    table = aws_client_factory(url)("dynamodb").create_table(
        TableName="table",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )["TableDescription"]["TableArn"]
    condition = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["count#*"]}}
    may = {"Effect": "Allow", "Action": ["dynamodb:PutItem", "dynamodb:BatchGetItem"], "Resource": table}
    dynamodb = in_role(url, {**may, "Condition": condition})("dynamodb")
    own, foreign = ({"pk": {"S": text}} for text in ("count#1", "access"))
    assert is_allowed(dynamodb.put_item, TableName="table", Item=own)
    assert is_allowed(dynamodb.transact_write_items, TransactItems=[{"Put": {"TableName": "table", "Item": own}}])
    assert is_allowed(dynamodb.batch_get_item, RequestItems={"table": {"Keys": [own]}})
    return not any(
        (
            is_allowed(dynamodb.put_item, TableName="table", Item=foreign),
            is_allowed(
                dynamodb.transact_write_items,
                TransactItems=[{"Put": {"TableName": "table", "Item": one}} for one in (own, foreign)],
            ),
            is_allowed(dynamodb.batch_get_item, RequestItems={"table": {"Keys": [own, foreign]}}),
        )
    )


def stack_of(url: str, resource: dict[str, Any], parameters: Mapping[str, str] = {}, **more: Any) -> bool:
    """Whether a stack with this one resource, these parameters, and `more` in its template, can be made."""
    client = aws_client_factory(url)("cloudformation")
    try:
        declared = {name: {"Type": "String"} for name in parameters}
        client.create_stack(
            StackName="s",
            TemplateBody=json.dumps({"Resources": {"One": resource}, "Parameters": declared, **more}),
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        client.get_waiter("stack_create_complete").wait(StackName="s", WaiterConfig={"Delay": 1})
    except (ClientError, WaiterError):
        return False
    return True


def transform_parameters(url: str) -> bool:
    function = {
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "InlineCode": "def handler(*_): pass",
        "AutoPublishAlias": "live",
        "AutoPublishCodeSha256": {"Ref": "Release"},
    }
    return stack_of(
        url,
        {"Type": "AWS::Serverless::Function", "Properties": function},
        {"Release": "0123456789abcdef"},
        Transform="AWS::Serverless-2016-10-31",
    )


def query_definitions(url: str) -> bool:
    query = {"Name": "q", "QueryString": "fields @timestamp"}
    return stack_of(url, {"Type": "AWS::Logs::QueryDefinition", "Properties": query})


def metric_math(url: str) -> bool:
    metric = {"Namespace": "AWS/Lambda", "MetricName": "Errors"}
    properties = {
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
        "Threshold": 0,
        "Metrics": [
            {"Id": "a", "ReturnData": False, "MetricStat": {"Stat": "Sum", "Period": 60, "Metric": metric}},
            {"Id": "all", "Expression": "a * 2"},
        ],
    }
    return stack_of(url, {"Type": "AWS::CloudWatch::Alarm", "Properties": properties})


def runtime(url: str) -> bool:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        code = "from importlib.util import find_spec\n\n\ndef handler(*_):\n    return find_spec('ministack') is None\n"
        archive.writestr("app.py", code)
    root = aws_client_factory(url)
    root("iam").create_role(RoleName="somebody", AssumeRolePolicyDocument=json.dumps(TRUST))
    client = root("lambda")
    client.create_function(
        FunctionName="f",
        Runtime="python3.13",
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": packed.getvalue()},
    )
    return bool(json.loads(client.invoke(FunctionName="f")["Payload"].read()))


HOLDS = {
    check.__name__.replace("_", "-"): check
    for check in (
        principal_arn,
        encryption_context,
        leading_keys,
        transform_parameters,
        query_definitions,
        metric_math,
        runtime,
    )
}
"""Whether what AWS says holds of the ministack at an address, by what it is taught."""


@pytest.mark.parametrize("name", [one.name for one in TAUGHT])
def test_what_aws_says_holds_only_where_ministack_is_taught(name: str) -> None:
    if not PYTHON.exists():
        pytest.skip("ministack is not here; `make .tools/ministack/.ready` brings it")
    with ministack(enforcing=True) as taught:
        assert HOLDS[name](taught.url)
    with ministack(enforcing=True, untaught=[name]) as bare:
        assert not HOLDS[name](bare.url), f"ministack knows {name} by now: tools/ministack/taught.py need not teach it"
