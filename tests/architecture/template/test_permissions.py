"""Least privilege, read from the expanded template: what each function may do, and that nothing else may."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.aws.template import Template
from tests.architecture.source_tree import (
    PARAMETERS,
    ROOT,
    Statement,
    functions,
    of_type,
    permissions,
    statements_of,
    who_may,
    written,
)

SIGN = {"SignWithCertificateFunction", "SignWithTransitKeyFunction", "AnswerKmsCallFunction"}

# Where AWS has no narrower word, and why. Nothing else in the template is a wildcard.
WILDCARDS = {
    ("FunctionPolicy", "LeaveTraces"): "X-Ray has no resources to name",
    (
        "WrappingKey",
        "LeaveToTheAccountsOwnPolicies",
    ): "in a key's policy `*` is the key; without it nobody could keep it",
    ("WrappingKey", "UnwrapNowhereElse"): "in a key's policy `*` is the key, and whom it denies is everybody",
    ("TopicKey", "LeaveToTheAccountsOwnPolicies"): "in a key's policy `*` is the key; without it nobody could keep it",
    ("TopicKey", "AdmitAlarms"): "in a key's policy `*` is the key",
    ("AnnounceEventsFunction", "FindStreams"): "dynamodb:ListStreams has no resources to name",
}

TAKES_KEYS_IN = {
    "ImportCertificateFunction",
    "CreateSigningRequestFunction",
    "RenewCertificateFunction",
    "CheckExpiryFunction",  # makes the renewal request that a certificate asks for
}
DESTROYS_KEYS = {
    "DeleteCertificateFunction",
    "ApplyCertificateActionFunction",
    "ApplyRequestedActionFunction",
    "CancelSigningRequestFunction",
}


def all_statements() -> list[Statement]:
    """Every statement of the template, of functions, managed policies, keys, queues and topics."""
    found = [each for statements in permissions().values() for each in statements]
    for name, properties in of_type("AWS::IAM::ManagedPolicy").items():
        found += statements_of(name, properties["PolicyDocument"])
    for name, properties in of_type("AWS::KMS::Key").items():
        found += statements_of(name, properties["KeyPolicy"])
    for kind in ("AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy"):
        for name, properties in of_type(kind).items():
            found += statements_of(name, properties["PolicyDocument"])
    return found


def test_nothing_is_a_wildcard_but_what_aws_has_no_narrower_word_for() -> None:
    shared = {(name, each["Sid"]) for name, each in _managed_statements()}
    wide = {
        (each.owner, each.sid)
        for each in all_statements()
        if each.effect == "Allow" and any("*" in word for word in (*each.actions, *each.resources))
    }
    # A function that takes in a managed policy has its statements; they are listed once, under the policy.
    wide = {(owner, sid) for owner, sid in wide if owner not in functions() or sid not in {s for _, s in shared}}

    assert wide <= set(WILDCARDS)


def _managed_statements() -> list[tuple[str, dict[str, str]]]:
    return [
        (name, each)
        for name, properties in of_type("AWS::IAM::ManagedPolicy").items()
        for each in properties["PolicyDocument"]["Statement"]
    ]


def test_private_keys_are_unwrapped_only_where_signing_is_done() -> None:
    assert who_may("kms:Decrypt", "<WrappingKey") == SIGN


@pytest.mark.parametrize("action", ["GetItem", "BatchGetItem", "Query", "Scan"])
def test_wrapped_keys_are_read_only_where_signing_is_done(action: str) -> None:
    assert who_may(f"dynamodb:{action}", "<PrivateKeyTable") <= SIGN


def test_private_keys_are_wrapped_only_where_one_comes_in_or_is_made() -> None:
    assert who_may("kms:Encrypt", "<WrappingKey") == TAKES_KEYS_IN & set(functions())
    assert who_may("dynamodb:PutItem", "<PrivateKeyTable") == TAKES_KEYS_IN & set(functions())


def test_private_keys_are_destroyed_only_where_something_is_deleted() -> None:
    assert who_may("dynamodb:DeleteItem", "<PrivateKeyTable") == DESTROYS_KEYS & set(functions())
    assert who_may("dynamodb:UpdateItem", "<PrivateKeyTable") == set()


def test_the_console_is_handed_out_by_a_function_that_may_read_no_table_and_use_no_key() -> None:
    needs = {each.sid for each in permissions()["GetConsoleFunction"]}

    assert needs == {each["Sid"] for name, each in _managed_statements() if name == "FunctionPolicy"}
    assert needs == {"WriteLogs", "LeaveTraces"}


def test_the_key_is_used_for_nothing_but_wrapping_for_signing() -> None:
    uses = [
        each for statements in permissions().values() for each in statements if "<WrappingKey.Arn>" in each.resources
    ]

    assert uses
    for each in uses:
        assert each.condition == {
            "StringEquals": {"kms:EncryptionContext:purpose": "signing"},
            "StringLike": {"kms:EncryptionContext:key_id": "key_*"},
        }


def test_the_keys_own_policy_lets_nobody_else_unwrap_whatever_the_account_allows() -> None:
    roles = {of_type("AWS::IAM::Role")[f"{name.removesuffix('Function')}Role"]["RoleName"] for name in SIGN}
    denied = [
        each
        for each in statements_of("", of_type("AWS::KMS::Key")["WrappingKey"]["KeyPolicy"])
        if each.effect == "Deny"
    ]

    assert [each.actions for each in denied] == [("kms:Decrypt", "kms:ReEncryptFrom")]
    but_for = denied[0].condition["ArnNotEquals"]["aws:PrincipalArn"]
    assert {arn.rpartition(":role/")[2] for arn in but_for} == roles


@pytest.mark.parametrize("action", ["UpdateItem", "DeleteItem", "BatchWriteItem"])
def test_no_function_changes_or_deletes_an_event(action: str) -> None:
    assert who_may(f"dynamodb:{action}", "<EventTable") == set()


def test_functions_that_only_read_write_no_event() -> None:
    readers = {
        name for name in functions() if name.startswith(("Get", "List", "Download", "Read", "Verify", "Explain"))
    }

    assert readers
    assert who_may("dynamodb:PutItem", "<EventTable") & readers == set()


def test_no_statement_allows_each_of_several_actions_on_each_of_several_resources() -> None:
    products = [(each.owner, each.sid) for each in all_statements() if len(each.actions) > 1 < len(each.resources)]

    assert products == []


def test_a_topics_key_admits_alarms_alone_since_mails_are_sent_by_a_function() -> None:
    (admitted,) = (
        each["Principal"]["Service"]
        for each in of_type("AWS::KMS::Key")["TopicKey"]["KeyPolicy"]["Statement"]
        if "Service" in each["Principal"]
    )

    assert admitted == "cloudwatch.amazonaws.com"
    targets = [target["Arn"] for rule in of_type("AWS::Events::Rule").values() for target in rule["Targets"]]
    assert targets
    assert not [arn for arn in targets if arn.strip("<>").partition(".")[0] in of_type("AWS::SNS::Topic")]


def test_a_queue_takes_from_the_rules_that_name_it_and_from_no_other() -> None:
    rules = of_type("AWS::Events::Rule")
    for properties in of_type("AWS::SQS::QueuePolicy").values():
        (statement,) = properties["PolicyDocument"]["Statement"]
        queue = statement["Resource"]
        sources = statement["Condition"]["ArnEquals"]["aws:SourceArn"]
        named = {
            f"<{name}.Arn>"
            for name, rule in rules.items()
            for target in rule["Targets"]
            if queue in (target["Arn"], target.get("DeadLetterConfig", {}).get("Arn"))
        }
        assert ({sources} if isinstance(sources, str) else set(sources)) == named


def test_no_function_scans_a_table() -> None:
    assert who_may("dynamodb:Scan", "<") == set()


@pytest.mark.parametrize("function", sorted(functions()))
def test_a_function_writes_to_its_log_group_only(function: str) -> None:
    group = functions()[function]["LoggingConfig"]["LogGroup"].strip("<>")
    writes = [each for each in permissions()[function] if any(action.startswith("logs:") for action in each.actions)]

    assert [(each.actions, each.resources) for each in writes] == [
        (("logs:CreateLogStream", "logs:PutLogEvents"), (f"<{group}.Arn>",))
    ]


def test_each_need_is_written_once_and_named_from_there_on() -> None:
    first: dict[str, dict[str, Any]] = {}

    for each in _written_statements():
        need = json.dumps({key: value for key, value in each.items() if key != "Sid"}, sort_keys=True)
        assert first.setdefault(need, each) is each, f"{each['Sid']} is written twice; write *{first[need]['Sid']}"


def _written_statements() -> Iterator[dict[str, Any]]:
    for part in written()["Resources"].values():
        properties = part.get("Properties", {})
        if part["Type"] == "AWS::IAM::ManagedPolicy":
            yield from properties["PolicyDocument"]["Statement"]
        if part["Type"] == "AWS::IAM::Role":
            for policy in properties.get("Policies", []):
                yield from policy["PolicyDocument"]["Statement"]


@pytest.mark.parametrize("function", sorted(functions()))
def test_a_function_has_a_role_of_its_own(function: str) -> None:
    assert functions()[function]["Role"] == f"<{function.removesuffix('Function')}Role.Arn>"


def test_every_role_has_the_boundary_that_was_given_and_none_where_none_was() -> None:
    without = Template.load(ROOT / "template.yaml", {**PARAMETERS, "PermissionsBoundary": ""})

    assert {role.get("PermissionsBoundary") for role in of_type("AWS::IAM::Role").values()} == {
        PARAMETERS["PermissionsBoundary"]
    }
    for name, role in without.of_type("AWS::IAM::Role").items():
        assert "PermissionsBoundary" not in without.resolve({"Role": role}, lambda *_: "")["Role"], name


READ_ISSUERS = {
    "AuthorizeRequestFunction",
    "AuthorizeTransitRequestFunction",
    "AuthorizeKmsRequestFunction",
    "GetHealthFunction",
    "WatchIssuersFunction",
    "GetAuthConfigFunction",
    "GetConsoleFunction",
}


def test_a_stored_list_of_issuers_is_read_by_those_that_need_it_and_nobody_where_there_is_none() -> None:
    stored = Template.load(ROOT / "template.yaml", {**PARAMETERS, "TrustedIssuersParameter": "/signet/trusted-issuers"})

    def resolved(node: Any) -> Any:
        return stored.resolve(node, lambda name, key: f"<{name}.{key}>" if key else f"<{name}>")

    policy = resolved(stored.of_type("AWS::IAM::ManagedPolicy")["IssuersPolicy"])
    roles = {name: resolved(role["ManagedPolicyArns"]) for name, role in stored.of_type("AWS::IAM::Role").items()}
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == "ssm:GetParameter"
    assert statement["Resource"] == "arn:aws:ssm:us-east-1:123456789012:parameter/signet/trusted-issuers"
    assert {
        function
        for function, properties in stored.of_type("AWS::Lambda::Function").items()
        if "<IssuersPolicy>" in roles[properties["Role"]["Fn::GetAtt"][0]]
    } == READ_ISSUERS
    assert who_may("ssm:GetParameter", "") == set()
    assert "IssuersPolicy" not in of_type("AWS::IAM::ManagedPolicy")
