"""What holds data is encrypted, recoverable, and outlives the stack."""

import pytest

from tests.architecture.source_tree import of_type, template

TABLES = of_type("AWS::DynamoDB::Table")
NOTHING_TO_RECOVER = {"IdempotencyTable"}


@pytest.mark.parametrize("name", sorted([*TABLES, *of_type("AWS::KMS::Key")]))
def test_tables_and_keys_outlive_the_stack(name: str) -> None:
    assert template().resources[name]["DeletionPolicy"] == "Retain"
    assert template().resources[name]["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_table_is_encrypted_and_cannot_be_deleted_by_mistake(name: str) -> None:
    assert TABLES[name]["SSESpecification"] == {"SSEEnabled": True}
    assert TABLES[name]["DeletionProtectionEnabled"] is True


@pytest.mark.parametrize("name", sorted(set(TABLES) - NOTHING_TO_RECOVER))
def test_a_table_can_be_recovered_and_a_deleted_key_only_for_a_day(name: str) -> None:
    assert TABLES[name]["PointInTimeRecoverySpecification"] == {
        "PointInTimeRecoveryEnabled": True,
        "RecoveryPeriodInDays": 1 if name == "PrivateKeyTable" else 35,
    }


@pytest.mark.parametrize("name", sorted(of_type("AWS::KMS::Key")))
def test_a_key_is_rotated(name: str) -> None:
    assert of_type("AWS::KMS::Key")[name]["EnableKeyRotation"] is True


def test_queues_and_topics_are_encrypted() -> None:
    assert all(queue.get("SqsManagedSseEnabled") is True for queue in of_type("AWS::SQS::Queue").values())
    assert all(topic.get("KmsMasterKeyId") for topic in of_type("AWS::SNS::Topic").values())


def test_the_events_table_streams_every_new_event() -> None:
    assert TABLES["EventTable"]["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
