"""What is asked about answers of a CA: the events of their imports, the path above them, the expiry check."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from tests.architecture.source_tree import ROOT
from tests.support.services.over_http import Client, Service, at


def imported_events(admin: Client, certificate: dict[str, Any]) -> list[dict[str, Any]]:
    """The events of its imports, the newest first."""
    return admin.items(at(certificate["id"], "events"), type="Certificate Imported")


def run_check(signet: Service) -> None:
    """Run the expiry check as of now."""
    event = {
        **json.loads((ROOT / "events/check_expiry.json").read_text()),
        "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    answered = signet.stack.lambda_client().invoke(FunctionName="CheckExpiryFunction", Payload=json.dumps(event))
    assert "FunctionError" not in answered


def chain_of(by: Client, certificate: dict[str, Any]) -> bytes:
    """The path above it, PEM."""
    whole = by.get(at(certificate["id"], "download"), format="pem_chain").body
    alone = by.get(at(certificate["id"], "download"), format="pem").body
    assert whole.startswith(alone)
    return whole.removeprefix(alone)
