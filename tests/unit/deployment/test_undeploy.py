"""The stack goes once its name was typed, and what holds data stays."""

import io
import json
from pathlib import Path

import boto3
import pytest

from local.aws.template import Template
from tests.architecture.source_tree import template
from tools.deployment.stack_resources import resources_of
from tools.deployment.undeploy import STAYS, main

TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "DeletionPolicy": "Retain",
    "Properties": {
        "BillingMode": "PAY_PER_REQUEST",
        "TableName": "certificates",
        "DeletionProtectionEnabled": True,
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    },
}


@pytest.fixture
def config(account: boto3.Session, tmp_path: Path) -> Path:
    """A profile, and its stack with a table and a queue."""
    resources = {"CertificateTable": TABLE, "Queue": {"Type": "AWS::SQS::Queue"}}
    body = json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources})
    account.client("cloudformation").create_stack(StackName="signet-trial", TemplateBody=body)
    file = tmp_path / "samconfig.toml"
    file.write_text('[trial.deploy.parameters]\nstack_name = "signet-trial"\nregion = "us-east-1"\n')
    return file


def test_the_stack_goes_and_its_table_stays_with_what_it_costs(
    config: Path, account: boto3.Session, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("signet-trial\n"))

    assert main([str(config), "trial"]) == 0

    said = capsys.readouterr().out
    assert "CertificateTable (certificates): $0.25 a GB and month" in said
    assert "1 other resources go" in said
    assert "signet-trial is gone" in said
    assert resources_of(account.client("cloudformation"), "signet-trial") is None


@pytest.mark.parametrize("typed", ["", "y\n", "signet\n", "signet-trial and more\n"])
def test_nothing_goes_unless_the_name_was_typed(
    typed: str,
    config: Path,
    account: boto3.Session,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))

    assert main([str(config), "trial"]) == 1

    assert "Nothing was deleted." in capsys.readouterr().out
    assert set(resources_of(account.client("cloudformation"), "signet-trial") or {}) == {"CertificateTable", "Queue"}


def test_where_there_is_no_stack_nothing_is_asked(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(config.read_text().replace("signet-trial", "signet-other"))

    assert main([str(config), "trial"]) == 1
    assert "There is no stack signet-other." in capsys.readouterr().out


def test_what_it_says_stays_is_what_the_template_retains() -> None:
    def retained(whole: Template) -> set[str]:
        return {part["Type"] for part in whole.resources.values() if part.get("DeletionPolicy") == "Retain"}

    # The versions of functions go with their functions, since nothing can keep a version without its function.
    assert retained(template()) - {"AWS::Lambda::Version"} == set(STAYS)
