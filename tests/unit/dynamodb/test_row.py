"""A row reads and writes what is in an item, as PynamoDB would, and nothing else."""

from typing import Any

import pytest
from pynamodb.attributes import AttributeContainer
from pynamodb.exceptions import AttributeNullError

from signet.adapters.dynamodb.row import Row
from signet.adapters.dynamodb.tables import ROWS, CertificateRow, IdempotencyRow, PrivateKeyRow

ITEM: dict[str, dict[str, Any]] = {
    "pk": {"S": "crt_1"},
    "sk": {"S": "certificate"},
    "groups": {"L": [{"S": "grp_1"}]},
    "usage_count": {"N": "7"},
}


def test_a_row_reads_an_item_as_pynamodb_does() -> None:
    stored: dict[str, dict[str, Any]] = {**ITEM, "owner": {"NULL": True}, "of_a_later_version": {"S": "x"}}

    assert CertificateRow.from_raw_data(stored).attribute_values == CertificateRow._instantiate(stored).attribute_values


def test_a_row_writes_an_item_as_pynamodb_does() -> None:
    row = CertificateRow("crt_1", "certificate", groups=["grp_1"], usage_count=7, owner=None)

    assert row.serialize() == AttributeContainer._container_serialize(row) == ITEM


def test_an_attribute_that_is_stored_under_another_name_comes_back() -> None:
    item = PrivateKeyRow("key_1", ciphertext=b"c", created_at="now").serialize()

    assert item[PrivateKeyRow.ciphertext.attr_name] == {"B": b"c"}
    assert PrivateKeyRow.ciphertext.attr_name != "ciphertext"
    assert PrivateKeyRow.from_raw_data(item).ciphertext == b"c"


def test_a_row_without_what_it_must_have_is_not_written() -> None:
    with pytest.raises(AttributeNullError, match="body"):
        IdempotencyRow("x", fingerprint="f", expires_at=1).serialize()


@pytest.mark.parametrize("row", ROWS)
def test_no_attribute_has_what_a_row_leaves_out(row: type[Row]) -> None:
    assert row._get_discriminator_attribute() is None
    for attribute in row.get_attributes().values():
        assert attribute.default is None
        assert attribute.default_for_new is None
        assert not isinstance(attribute, AttributeContainer)
