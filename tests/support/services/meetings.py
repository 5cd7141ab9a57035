"""Transactions that meet on an item: DynamoDB cancels one of them, where Moto lets each wait for the other."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from botocore.awsrequest import AWSResponse

from tests.support.services.in_process import Fault, Send, answered


def meetings_cancel(seconds: float) -> Callable[[int, str], Fault | None]:
    """For `InProcess.counting`: a transaction takes `seconds`, and one on an item of another's is cancelled."""
    under_way, lock = Counter[str](), threading.Lock()

    def fault(index: int, name: str) -> Fault | None:
        return transaction if name == "dynamodb:TransactWriteItems" else None

    def transaction(send: Send, asked: Any) -> AWSResponse:
        items = [next(iter(entry.values())) for entry in asked["TransactItems"]]
        keys = [
            str(sorted((item.get("Key") or {k: item["Item"][k] for k in ("pk", "sk") if k in item["Item"]}).items()))
            for item in items
        ]
        with lock:
            met = [under_way[key] > 0 for key in keys]
            if not any(met):
                under_way.update(keys)
        if any(met):
            reasons = [{"Code": "TransactionConflict" if one else "None"} for one in met]
            text = {"__type": "TransactionCanceledException", "message": "", "CancellationReasons": reasons}
            return answered(400, text)
        try:
            time.sleep(seconds)
            return send()
        finally:
            with lock:
                under_way.subtract(keys)

    return fault
