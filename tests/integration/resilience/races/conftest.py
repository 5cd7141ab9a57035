"""A service with more functions at work than there are processors, for all races over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.stack import start
from tests.support.checks.invariants import violations
from tests.support.services.over_http import ADMINISTRATORS, Client, Service


@pytest.fixture(scope="module")
def signet() -> Iterator[Service]:
    """A service with more functions at work than there are processors."""
    printed: list[str] = []
    with start(workers=12, log=printed.append) as stack:
        yield Service(stack, printed)


@pytest.fixture(scope="module")
def admin(signet: Service) -> Client:
    return signet.caller("admin", ADMINISTRATORS).patient()


@pytest.fixture(scope="module")
def alice(signet: Service) -> Client:
    return signet.caller("alice").patient()


@pytest.fixture(autouse=True)
def everything_fits(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test, all tables fit together."""
    yield
    if "signet" in request.fixturenames:
        service: Service = request.getfixturevalue("signet")
        client = service.stack.client("dynamodb")
        tables = {
            name: [
                item
                for page in client.get_paginator("scan").paginate(TableName=service.stack.resources.attribute(name))
                for item in page["Items"]
            ]
            for name in service.stack.template.of_type("AWS::DynamoDB::Table")
        }
        assert not violations(tables)
