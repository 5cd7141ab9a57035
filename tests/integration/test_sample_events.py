"""Every sample under events/ works against the stack as `make run` brings it up, sample certificates included."""

import json
from collections.abc import Iterator

import pytest

from local.stack import Stack, start
from tests.architecture.house import ROOT, Room, rooms, routes

ROOMS = [room for room in rooms() if room.function in routes().values()]
IN_ORDER = sorted(ROOMS, key=lambda room: room.action.startswith("delete_"))
# Only aliases are known before anything is made: where a sample has to name an id, it names one that is not there.
NO_SUCH_ID = b"_000000000000000000000000"


@pytest.fixture(scope="module")
def sampled() -> Iterator[Stack]:
    """A stack with the sample certificates, for this module alone."""
    with start(seed=True) as stack:
        yield stack


@pytest.mark.parametrize("room", IN_ORDER, ids=str)
def test_a_sample_event_is_answered(room: Room, sampled: Stack) -> None:
    event = (ROOT / f"events/{room.action}.json").read_bytes()

    told = sampled.lambda_client().invoke(FunctionName=room.function, Payload=event)

    assert "FunctionError" not in told
    answer = json.loads(told["Payload"].read())
    assert answer["statusCode"] in ({404} if NO_SUCH_ID in event else {200, 201, 204}), answer


def test_the_sample_for_the_authorizer_makes_nobody_of_a_bad_token(sampled: Stack) -> None:
    event = (ROOT / "events/authorize_request.json").read_bytes()

    told = sampled.lambda_client().invoke(FunctionName="AuthorizeRequestFunction", Payload=event)

    assert json.loads(told["Payload"].read()) == {"isAuthorized": True, "context": {}}
