"""The template's resources: what Moto can be asked to make is made, the rest is named here with who plays it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from local.aws.template import ACCOUNT, REGION, STACK_NAME, Template, TemplateError

# A type that is neither here nor in `_MAKERS` is an error: nothing in the template is passed over in silence.
PLAYED_ELSEWHERE: Mapping[str, str] = {
    "AWS::ApiGatewayV2::Api": "Moto has no data plane for HTTP APIs: local/api_gateway/routes.py reads its body",
    "AWS::ApiGatewayV2::Stage": "the gateway has one stage, $default",
    "AWS::CloudWatch::Alarm": "no metrics arrive here that could move it",
    "AWS::CloudWatch::CompositeAlarm": "no metrics arrive here that could move it",
    "AWS::CloudWatch::Dashboard": "nobody looks at it here",
    "AWS::Events::EventBusPolicy": "Moto enforces no policy",
    "AWS::IAM::ManagedPolicy": "Moto enforces no policy",
    "AWS::IAM::Policy": "Moto enforces no policy",
    "AWS::IAM::Role": "Moto enforces no policy",
    "AWS::IAM::RolePolicy": "Moto enforces no policy",
    "AWS::Lambda::Alias": "there is one version here, and local/lambda_service/lambda_api.py knows it by this name",
    "AWS::Lambda::EventInvokeConfig": "local/lambda_service/lambda_api.py retries and sends failures on",
    "AWS::Lambda::EventSourceMapping": "Moto runs no function on a stream: local/event_sources/stream.py does",
    "AWS::Lambda::Function": "Moto needs Docker to run it: local/lambda_service/execution_environments.py does",
    "AWS::Lambda::LayerVersion": "its folder is on the path of the workers",
    "AWS::Lambda::Permission": "Moto enforces no policy",
    "AWS::Lambda::Version": "there is one version here, the code of this checkout",
    "AWS::Logs::QueryDefinition": "the functions' logs go to the terminal, not to CloudWatch",
    "AWS::Logs::MetricFilter": "the functions' logs go to the terminal, not to CloudWatch",
    "AWS::SNS::TopicPolicy": "Moto enforces no policy",
    "AWS::SQS::QueuePolicy": "Moto enforces no policy",
}

ClientFactory = Callable[[str], Any]
"""Gives the boto3 client of a service by its name."""


class Resources:
    """Makes the resources of one template and knows their names, ARNs and addresses."""

    def __init__(self, template: Template, client: ClientFactory, *, api_endpoint: str) -> None:
        self._template = template
        self._client = client
        self._api_endpoint = api_endpoint
        self._attributes: dict[str, dict[str | None, Any]] = {}
        self._being_made: list[str] = []

    def make_all(self) -> None:
        """Make every resource, each after those it refers to.

        Raises:
            TemplateError: a type or property is unknown here, or resources refer to each other in a circle.
        """
        for name in self._template.resources:
            self._made(name)

    def attribute(self, name: str, key: str | None = None) -> Any:
        """What `Ref` (no key) or `GetAtt` of the resource `name` gives; it is made if it was not yet."""
        attributes = self._made(name)
        if key not in attributes:
            raise TemplateError(f"{self._template.resources[name]['Type']} {name} has no attribute {key} here")
        return attributes[key]

    def resolve(self, node: Any) -> Any:
        """`node` of the template with every expression replaced by its value."""
        return self._template.resolve(node, self.attribute)

    def outputs(self) -> dict[str, str]:
        """The outputs of the stack, by name; where they give the API's address on AWS, the local one."""
        on_aws = f"https://{API_ID}.execute-api.{REGION}.amazonaws.com"
        values = {name: str(self.resolve(part["Value"])) for name, part in self._template.outputs.items()}
        return {name: value.replace(on_aws, self._api_endpoint) for name, value in values.items()}

    def _made(self, name: str) -> dict[str | None, Any]:
        if name in self._attributes:
            return self._attributes[name]
        if name not in self._template.resources:
            raise TemplateError(f"the template has no resource or parameter {name}")
        if name in self._being_made:
            raise TemplateError(f"resources refer to each other in a circle: {' -> '.join([*self._being_made, name])}")
        self._being_made.append(name)
        kind = self._template.resources[name]["Type"]
        properties = self._template.resources[name].get("Properties", {})
        if kind in _MAKERS:
            given = _Properties(name, kind, self.resolve(properties))
            self._attributes[name] = _MAKERS[kind](self._client, name, given)
            given.expect_none_left()
        elif kind in PLAYED_ELSEWHERE:
            self._attributes[name] = self._names_of_unmade(name, kind, properties)
        else:
            raise TemplateError(f"{name}: the local stack does not know the type {kind}")
        self._being_made.pop()
        return self._attributes[name]

    def _names_of_unmade(self, name: str, kind: str, properties: Mapping[str, Any]) -> dict[str | None, Any]:
        # Only the name is resolved: a role and the function that has it may well refer to each other's tables.
        def named(key: str) -> str:
            return str(self.resolve(properties[key])) if key in properties else physical_name(name)

        match kind:
            case "AWS::Lambda::Function":
                function = named("FunctionName")
                return {None: function, "Arn": function_arn(function)}
            case "AWS::Lambda::Version":
                return {None: f"{function_arn(named('FunctionName'))}:{ONLY_VERSION}", "Version": ONLY_VERSION}
            case "AWS::Lambda::Alias":
                return {None: f"{function_arn(named('FunctionName'))}:{named('Name')}"}
            case "AWS::Lambda::LayerVersion":
                arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:{named('LayerName')}:1"
                return {None: arn, "LayerVersionArn": arn}
            case "AWS::IAM::Role":
                role = named("RoleName")
                return {None: role, "Arn": f"arn:aws:iam::{ACCOUNT}:role/{role}", "RoleId": role}
            case "AWS::IAM::ManagedPolicy":
                return {None: f"arn:aws:iam::{ACCOUNT}:policy/{named('ManagedPolicyName')}"}
            case "AWS::ApiGatewayV2::Api":
                return {None: API_ID, "ApiId": API_ID, "ApiEndpoint": self._api_endpoint}
            case "AWS::ApiGatewayV2::Stage":
                return {None: "$default"}
            case "AWS::CloudWatch::Alarm":
                alarm = named("AlarmName")
                return {None: alarm, "Arn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{alarm}"}
        return {None: physical_name(name)}


API_ID = "local"
ONLY_VERSION = "1"


def physical_name(logical_id: str) -> str:
    """The name of a resource that the template does not name."""
    return f"{STACK_NAME}-{logical_id}"


def function_arn(function: str) -> str:
    """The ARN of the function called `function`."""
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}"


class _Properties:
    """A resource's properties, taken one by one; one that nobody took is an error, not a silent loss."""

    def __init__(self, name: str, kind: str, values: Mapping[str, Any]) -> None:
        self._name = name
        self._kind = kind
        self._left = dict(values)

    def take(self, key: str, default: Any = None) -> Any:
        return self._left.pop(key, default)

    def take_all(self, *keys: str) -> dict[str, Any]:
        return {key: self._left.pop(key) for key in keys if key in self._left}

    def expect_none_left(self) -> None:
        if self._left:
            raise TemplateError(f"{self._kind} {self._name}: the local stack does not know {', '.join(self._left)}")


def _make_table(client: ClientFactory, name: str, given: _Properties) -> dict[str | None, Any]:
    dynamodb = client("dynamodb")
    table = given.take("TableName", physical_name(name))
    stream = given.take("StreamSpecification")
    encryption = given.take("SSESpecification")
    backups = given.take("PointInTimeRecoverySpecification")
    expiry = given.take("TimeToLiveSpecification")
    given.take("Tags")
    optional: dict[str, Any] = given.take_all("GlobalSecondaryIndexes", "LocalSecondaryIndexes", "BillingMode")
    if stream:
        optional["StreamSpecification"] = {"StreamEnabled": True, **stream}
    if encryption:
        optional["SSESpecification"] = {"Enabled": encryption.pop("SSEEnabled"), **encryption}
    made = dynamodb.create_table(
        TableName=table,
        KeySchema=given.take("KeySchema"),
        AttributeDefinitions=given.take("AttributeDefinitions"),
        DeletionProtectionEnabled=given.take("DeletionProtectionEnabled", default=False),
        **optional,
    )["TableDescription"]
    if expiry:
        dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=expiry)
    if backups:
        dynamodb.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=backups)
    return {None: table, "Arn": made["TableArn"], "StreamArn": made.get("LatestStreamArn")}


def _make_key(client: ClientFactory, _: str, given: _Properties) -> dict[str | None, Any]:
    kms = client("kms")
    policy = given.take("KeyPolicy")
    given.take("PendingWindowInDays")  # for deletion, which is nobody's business here
    given.take("Tags")
    rotation, enabled = given.take("EnableKeyRotation", default=False), given.take("Enabled", default=True)
    period = given.take("RotationPeriodInDays", 365)
    key = kms.create_key(
        **({"Policy": json.dumps(policy)} if policy else {}),
        **given.take_all("Description", "KeyUsage", "KeySpec", "MultiRegion"),
    )["KeyMetadata"]
    if rotation:
        kms.enable_key_rotation(KeyId=key["KeyId"], RotationPeriodInDays=int(period))
    if not enabled:
        kms.disable_key(KeyId=key["KeyId"])
    return {None: key["KeyId"], "Arn": key["Arn"], "KeyId": key["KeyId"]}


def _make_key_alias(client: ClientFactory, _: str, given: _Properties) -> dict[str | None, Any]:
    alias = given.take("AliasName")
    client("kms").create_alias(AliasName=alias, TargetKeyId=given.take("TargetKeyId"))
    return {None: alias}


def _make_bus(client: ClientFactory, name: str, given: _Properties) -> dict[str | None, Any]:
    bus = given.take("Name", physical_name(name))
    given.take("Tags")
    given.take("Policy")  # nothing enforces it
    # Moto knows neither; both are about how AWS keeps an event that waits, and here none does.
    given.take("KmsKeyIdentifier"), given.take("DeadLetterConfig")
    arn = client("events").create_event_bus(Name=bus, **given.take_all("Description"))["EventBusArn"]
    return {None: bus, "Arn": arn, "Name": bus}


def _make_rule(client: ClientFactory, name: str, given: _Properties) -> dict[str | None, Any]:
    events = client("events")
    rule, bus = given.take("Name", physical_name(name)), given.take("EventBusName", "default")
    pattern, targets = given.take("EventPattern"), given.take("Targets", [])
    given.take("RoleArn")  # nothing enforces it
    arn = events.put_rule(
        Name=rule,
        EventBusName=bus,
        **({"EventPattern": json.dumps(pattern)} if pattern else {}),
        **given.take_all("ScheduleExpression", "State", "Description"),
    )["RuleArn"]
    if targets:
        events.put_targets(Rule=rule, EventBusName=bus, Targets=targets)
    return {None: rule if bus == "default" else f"{bus}|{rule}", "Arn": arn}


def _make_archive(client: ClientFactory, name: str, given: _Properties) -> dict[str | None, Any]:
    archive, pattern = given.take("ArchiveName", physical_name(name)[:48]), given.take("EventPattern")
    arn = client("events").create_archive(
        ArchiveName=archive,
        EventSourceArn=given.take("SourceArn"),
        **({"EventPattern": json.dumps(pattern)} if pattern else {}),
        **given.take_all("RetentionDays", "Description"),
    )["ArchiveArn"]
    return {None: archive, "ArchiveName": archive, "Arn": arn}


def _make_queue(client: ClientFactory, name: str, given: _Properties) -> dict[str | None, Any]:
    queue = given.take("QueueName", physical_name(name))
    given.take("Tags")
    attributes = given.take_all(
        "ContentBasedDeduplication",
        "DelaySeconds",
        "FifoQueue",
        "KmsDataKeyReusePeriodSeconds",
        "KmsMasterKeyId",
        "MaximumMessageSize",
        "MessageRetentionPeriod",
        "ReceiveMessageWaitTimeSeconds",
        "RedriveAllowPolicy",
        "RedrivePolicy",
        "SqsManagedSseEnabled",
        "VisibilityTimeout",
    )
    sqs = client("sqs")
    url = sqs.create_queue(QueueName=queue, Attributes={key: _as_text(value) for key, value in attributes.items()})[
        "QueueUrl"
    ]
    return {None: url, "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}", "QueueName": queue, "QueueUrl": url}


def _make_topic(client: ClientFactory, name: str, given: _Properties) -> dict[str | None, Any]:
    topic = given.take("TopicName", physical_name(name))
    given.take("Tags")
    subscriptions = given.take("Subscription", [])
    attributes = given.take_all("DisplayName", "KmsMasterKeyId", "FifoTopic", "ContentBasedDeduplication")
    sns = client("sns")
    arn = sns.create_topic(Name=topic, Attributes={key: _as_text(value) for key, value in attributes.items()})[
        "TopicArn"
    ]
    for subscription in subscriptions:
        sns.subscribe(TopicArn=arn, Protocol=subscription["Protocol"], Endpoint=subscription["Endpoint"])
    return {None: arn, "TopicArn": arn, "TopicName": topic}


def _make_subscription(client: ClientFactory, _: str, given: _Properties) -> dict[str | None, Any]:
    attributes = given.take_all("RawMessageDelivery", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy")
    arn = client("sns").subscribe(
        TopicArn=given.take("TopicArn"),
        Protocol=given.take("Protocol"),
        Endpoint=given.take("Endpoint"),
        Attributes={key: _as_text(value) for key, value in attributes.items()},
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    return {None: arn, "Arn": arn}


def _make_log_group(client: ClientFactory, name: str, given: _Properties) -> dict[str | None, Any]:
    group, days = given.take("LogGroupName", physical_name(name)), given.take("RetentionInDays")
    given.take("Tags")
    logs = client("logs")
    logs.create_log_group(logGroupName=group, **({"kmsKeyId": key} if (key := given.take("KmsKeyId")) else {}))
    if days:
        logs.put_retention_policy(logGroupName=group, retentionInDays=int(days))
    return {None: group, "Arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:*"}


def _make_schedule(client: ClientFactory, name: str, given: _Properties) -> dict[str | None, Any]:
    schedule = given.take("Name", physical_name(name))
    arn = client("scheduler").create_schedule(
        Name=schedule,
        **given.take_all(
            "Description",
            "EndDate",
            "FlexibleTimeWindow",
            "GroupName",
            "KmsKeyArn",
            "ScheduleExpression",
            "ScheduleExpressionTimezone",
            "StartDate",
            "State",
            "Target",
        ),
    )["ScheduleArn"]
    return {None: schedule, "Arn": arn}


def _make_schedule_group(client: ClientFactory, name: str, given: _Properties) -> dict[str | None, Any]:
    group = given.take("Name", physical_name(name))
    given.take("Tags")
    arn = client("scheduler").create_schedule_group(Name=group)["ScheduleGroupArn"]
    return {None: group, "Arn": arn}


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value)


_MAKERS: Mapping[str, Callable[[ClientFactory, str, _Properties], dict[str | None, Any]]] = {
    "AWS::DynamoDB::Table": _make_table,
    "AWS::Events::Archive": _make_archive,
    "AWS::Events::EventBus": _make_bus,
    "AWS::Events::Rule": _make_rule,
    "AWS::KMS::Alias": _make_key_alias,
    "AWS::KMS::Key": _make_key,
    "AWS::Logs::LogGroup": _make_log_group,
    "AWS::SNS::Subscription": _make_subscription,
    "AWS::SNS::Topic": _make_topic,
    "AWS::SQS::Queue": _make_queue,
    "AWS::Scheduler::Schedule": _make_schedule,
    "AWS::Scheduler::ScheduleGroup": _make_schedule_group,
}
