"""The resources and the parameters of a stack that is deployed."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError


def resources_of(cloudformation: Any, stack: str) -> dict[str, tuple[str, str]] | None:
    """The type and the physical name of every resource by logical id; None where there is no such stack."""
    found: dict[str, tuple[str, str]] = {}
    try:
        for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack):
            for each in page["StackResourceSummaries"]:
                if "PhysicalResourceId" in each and each["ResourceStatus"] != "DELETE_COMPLETE":
                    found[each["LogicalResourceId"]] = (each["ResourceType"], each["PhysicalResourceId"])
    except ClientError as error:
        if _is_missing(error):
            return None
        raise
    return found


def parameters_of(cloudformation: Any, stack: str) -> dict[str, str]:
    """The parameters with which it was deployed; none where there is no such stack."""
    try:
        (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if _is_missing(error):
            return {}
        raise
    return {each["ParameterKey"]: each["ParameterValue"] for each in found.get("Parameters", [])}


def _is_missing(error: ClientError) -> bool:
    # CloudFormation has no error code of its own for it (API Reference, ListStackResources and DescribeStacks).
    return error.response["Error"]["Code"] == "ValidationError" and "does not exist" in str(error)
