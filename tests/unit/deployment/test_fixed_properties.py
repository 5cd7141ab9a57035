"""What a later deployment cannot change is refused before it, by a comparison with what is there."""

from pathlib import Path

import boto3
import pytest

from local.aws.resources import ClientFactory, Resources
from local.aws.template import Template
from tests.architecture.source_tree import PARAMETERS
from tests.unit.deployment.data_template import DATA_TEMPLATE
from tools.deployment.fixed_properties import faults, forgotten

INDEX = """
        - IndexName: {}
          KeySchema: [{{AttributeName: listing, KeyType: HASH}}, {{AttributeName: id, KeyType: RANGE}}]
          Projection: {{ProjectionType: KEYS_ONLY}}"""
FIRST_INDEX = "\n        - IndexName: by_alias\n"


def loaded(folder: Path, text: str, **parameters: str) -> Template:
    (folder / "template.yaml").write_text(text)
    return Template.load(folder / "template.yaml", {**PARAMETERS, **parameters})


class Deployment:
    """The template as it is, deployed."""

    def __init__(self, folder: Path, account: boto3.Session) -> None:
        self._folder, self._account = folder, account
        template = loaded(folder, DATA_TEMPLATE)
        clients: ClientFactory = account.client  # type: ignore[assignment]  # one overload for each service
        resources = Resources(template, clients, api_endpoint="http://localhost")
        self.there = {
            name: (template.resources[name]["Type"], str(resources.attribute(name)))
            for name in template.of_type("AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::SQS::Queue")
        }

    def faults_of(self, *changes: tuple[str, str]) -> list[str]:
        text = DATA_TEMPLATE
        for before, after in changes:
            assert before in text, before
            text = text.replace(before, after)
        dynamodb, kms = self._account.client("dynamodb"), self._account.client("kms")
        return faults(loaded(self._folder, text), self.there, dynamodb=dynamodb, kms=kms)


@pytest.fixture
def deployment(tmp_path: Path, account: boto3.Session) -> Deployment:
    return Deployment(tmp_path, account)


def test_the_same_template_may_be_deployed_again(deployment: Deployment) -> None:
    assert deployment.faults_of() == []


def test_one_index_may_come_or_go_with_each_deployment(deployment: Deployment) -> None:
    assert deployment.faults_of((FIRST_INDEX, INDEX.format("new") + FIRST_INDEX)) == []


def test_two_indexes_at_once_are_refused(deployment: Deployment) -> None:
    (fault,) = deployment.faults_of((FIRST_INDEX, INDEX.format("new") + INDEX.format("newer") + FIRST_INDEX))

    assert fault.startswith(
        "CertificateTable (signet-CertificateTable): the indexes new, newer would come or go at once"
    )


def test_an_index_cannot_have_another_name(deployment: Deployment) -> None:
    (fault,) = deployment.faults_of((FIRST_INDEX, FIRST_INDEX.replace("by_alias", "by_name")))

    assert "the indexes by_alias, by_name would come or go at once" in fault


def test_an_index_cannot_have_another_key_or_hold_something_else(deployment: Deployment) -> None:
    key = "{AttributeName: shard, KeyType: HASH}, {AttributeName: pk"
    (fault,) = deployment.faults_of((key, key.replace("shard", "user")))
    assert "EventTable" in fault
    assert "index by_shard would change" in fault

    due = "{AttributeName: valid_to_sort, KeyType: RANGE}]\n          Projection: {ProjectionType: ALL}"
    (fault,) = deployment.faults_of((due, due.replace("ALL", "KEYS_ONLY")))
    assert "index due would change" in fault


def test_a_table_cannot_have_another_key(deployment: Deployment) -> None:
    table = "AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]\n      KeySchema: [{AttributeName: pk"
    found = deployment.faults_of((table, table.replace("pk", "id")))
    assert len(found) == 2  # the keys' and the stored responses'
    assert "its key would change from pk (S) to id (S)" in found[0]

    found = deployment.faults_of((table, table.replace("AttributeType: S", "AttributeType: B")))
    assert "its key would change from pk (S) to pk (B)" in found[0]


def test_a_stream_that_is_read_cannot_become_another(deployment: Deployment) -> None:
    (fault,) = deployment.faults_of(("StreamViewType: NEW_IMAGE", "StreamViewType: NEW_AND_OLD_IMAGES"))

    assert "EventTable" in fault
    assert "its stream would be another" in fault


def test_the_wrapping_key_cannot_become_another_kind_of_key(deployment: Deployment) -> None:
    before = "Description: Wraps the private keys of Signet\n"
    (fault,) = deployment.faults_of((before, f"{before}      KeySpec: RSA_4096\n"))

    assert "WrappingKey" in fault
    assert "its KeySpec would change from SYMMETRIC_DEFAULT to RSA_4096" in fault


@pytest.mark.parametrize("name", ["CertificateTable", "WrappingKey"])
def test_what_holds_data_cannot_leave_the_template_unless_a_parameter_names_it(
    name: str, deployment: Deployment, tmp_path: Path, account: boto3.Session
) -> None:
    renamed = DATA_TEMPLATE.replace(name, f"Other{name}")
    clients = {"dynamodb": account.client("dynamodb"), "kms": account.client("kms")}

    (fault,) = faults(loaded(tmp_path, renamed), deployment.there, **clients)
    assert f"{name} ({deployment.there[name][1]}) is not in the template any more" in fault

    taken_over = loaded(tmp_path, renamed, Address=f"https://{deployment.there[name][1]}")
    assert faults(taken_over, deployment.there, **clients) == []


def test_what_was_there_before_the_stack_stays_named() -> None:
    named = {"ExistingCertificateTable": "restored", "ExistingIdempotencyTable": "", "KeyCacheSeconds": "60"}

    assert forgotten(named, named) == []
    assert forgotten(named, {**named, "ExistingCertificateTable": "restored again", "KeyCacheSeconds": ""}) == []
    for now in ({}, {**named, "ExistingCertificateTable": ""}):
        (fault,) = forgotten(named, now)
        assert fault.startswith("ExistingCertificateTable was restored and is not given now")
