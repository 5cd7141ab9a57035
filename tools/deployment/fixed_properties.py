"""What a later deployment cannot change, compared with what is deployed: tables, their indexes, and keys.

CloudFormation would fail half-way, or put an empty table in the place of a full one. Everything here only reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from local.aws.template import Template

Resources = Mapping[str, tuple[str, str]]
"""What is deployed: the type and the physical name of each resource, by its logical id."""

_TABLE, _KEY = "AWS::DynamoDB::Table", "AWS::KMS::Key"


def faults(template: Template, deployed: Resources, *, dynamodb: Any, kms: Any) -> list[str]:
    """What of `template` the deployment cannot become, a sentence each; nothing if it may be deployed.

    A table or key that is not the stack's any more must be named by a parameter, or else its data would be lost to
    the service.
    """
    found = []
    wanted = template.of_type(_TABLE, _KEY)
    for name, (kind, physical) in sorted(deployed.items()):
        if kind not in {_TABLE, _KEY}:
            continue
        if name not in wanted:
            if not any(physical in value for value in template.parameters.values()):
                found.append(
                    f"{name} ({physical}) is not in the template any more: what it holds would be out of reach"
                )
            continue
        properties = template.resolve(wanted[name], lambda resource, key: f"<{resource}.{key}>")
        if kind == _TABLE:
            there = dynamodb.describe_table(TableName=physical)["Table"]
            found += [f"{name} ({physical}): {fault}" for fault in _table_faults(there, properties)]
        else:
            there = kms.describe_key(KeyId=physical)["KeyMetadata"]
            found += [f"{name} ({physical}): {fault}" for fault in _key_faults(there, properties)]
    return found


def forgotten(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The parameters that named a table or key that is there already and do not any more, a sentence each.

    They are no resources of the stack, which would make new and empty ones in their place.
    """
    return [
        f"{name} was {value} and is not given now: the service would begin again with nothing in its place"
        for name, value in sorted(before.items())
        if name.startswith("Existing") and value and not now.get(name)
    ]


def _table_faults(there: Mapping[str, Any], properties: Mapping[str, Any]) -> Iterator[str]:
    # AWS CloudFormation User Guide, AWS::DynamoDB::Table: another KeySchema, attribute type of a key or local index is
    # a replacement; "you can delete or add one global secondary index"; both at once, or another key, fail.
    types_there, types = _types(there), _types(properties)
    now, then = _keys(there, types_there), _keys(properties, types)
    if now != then:
        yield f"its key would change from {now} to {then}; copy what it holds into another table"
    if _indexes(there, "LocalSecondaryIndexes", types_there) != _indexes(properties, "LocalSecondaryIndexes", types):
        yield "its local indexes would change, which only a new table can have"
    before = _indexes(there, "GlobalSecondaryIndexes", types_there)
    after = _indexes(properties, "GlobalSecondaryIndexes", types)
    for name in sorted(before.keys() & after.keys()):
        if before[name] != after[name]:
            yield f"index {name} would change; add one of another name, and drop this in a later deployment"
    moved = sorted(before.keys() ^ after.keys())
    if len(moved) > 1:
        yield f"the indexes {', '.join(moved)} would come or go at once; one in each deployment"
    stream, new_stream = there.get("StreamSpecification", {}), properties.get("StreamSpecification", {})
    if stream.get("StreamEnabled") and stream["StreamViewType"] != new_stream.get("StreamViewType"):
        yield "its stream would be another, and what has not been read of this one would be lost"


def _key_faults(there: Mapping[str, Any], properties: Mapping[str, Any]) -> Iterator[str]:
    # AWS CloudFormation User Guide, AWS::KMS::Key: an update that changes one of these fails.
    for name, default in (("KeySpec", "SYMMETRIC_DEFAULT"), ("KeyUsage", "ENCRYPT_DECRYPT"), ("MultiRegion", False)):
        now, then = there.get(name, default), properties.get(name, default)
        if str(now).lower() != str(then).lower():
            yield f"its {name} would change from {now} to {then}, which no key can"


def _types(table: Mapping[str, Any]) -> dict[str, str]:
    return {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}


def _keys(part: Mapping[str, Any], types: Mapping[str, str]) -> str:
    ordered = sorted(part["KeySchema"], key=lambda each: str(each["KeyType"]))  # HASH before RANGE
    return " + ".join(f"{each['AttributeName']} ({types[each['AttributeName']]})" for each in ordered)


def _indexes(table: Mapping[str, Any], kind: str, types: Mapping[str, str]) -> dict[str, tuple[str, str, list[str]]]:
    return {
        index["IndexName"]: (
            _keys(index, types),
            index["Projection"]["ProjectionType"],
            sorted(index["Projection"].get("NonKeyAttributes", [])),
        )
        for index in table.get(kind) or []
    }
