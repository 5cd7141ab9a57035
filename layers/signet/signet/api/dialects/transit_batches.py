"""What Vault answers of one message, and of a batch of them."""

from collections.abc import Callable, Mapping
from typing import Any

from signet.api.dialects.transit import TransitAnswer, text_of
from signet.api.dialects.transit_bodies import TransitBody, TransitItem
from signet.api.http_function import Request
from signet.api.problems import STATUS
from signet.domain.errors import InvalidInputError, SignetError


def each_of(request: Request[TransitBody, None], answer: Callable[[TransitItem], Mapping[str, Any]]) -> TransitAnswer:
    """What `answer` makes of each item of the batch; one that goes wrong stops no other.

    Raises:
        InvalidInputError: an Idempotency-Key came with it.
    """
    if request.sent_header("idempotency-key"):
        raise InvalidInputError.at("Idempotency-Key", "is for one signature, not for a batch")
    results = [{**_told(item, answer), **_reference(item)} for item in request.body.items()]
    return TransitAnswer(request.principal.request_id, {"batch_results": results})


def _told(item: TransitItem, answer: Callable[[TransitItem], Mapping[str, Any]]) -> Mapping[str, Any]:
    try:
        return answer(item)
    except SignetError as error:
        if type(error) not in STATUS:
            raise
        return {"error": text_of(error)}


def _reference(item: TransitItem) -> Mapping[str, Any]:
    return {} if item.reference is None else {"reference": item.reference}
