"""Every sample under events/ works against the stack as `make run` brings it up, sample certificates included."""

import json
import re
from collections.abc import Iterator

import pytest

from local.stack import Stack, start
from tests.architecture.source_tree import ROOT, FunctionModule, function_modules, routes

BEHIND_THE_INTERFACE = [module for module in function_modules() if module.function in routes().values()]
IN_ORDER = sorted(BEHIND_THE_INTERFACE, key=lambda module: module.action.startswith("delete_"))
DONE = {200, 201, 204}
# Only aliases are known before anything is made: a sample that has to name an id names one that is not there, or that
# is always there and cannot be changed.
NAMES_AN_ID = re.compile(rb"\b(?:crt|req|grp|pol|rol|evt|cal)_[0-9a-z]{24}\b")
REFUSED_BECAUSE_OF_IT = {404, 409, 422}


@pytest.fixture(scope="module")
def sampled() -> Iterator[Stack]:
    """A stack with the sample certificates, for this module alone."""
    with start(seed=True) as stack:
        # So that there is one to end, whichever samples another process of the tests takes.
        link = (ROOT / "events/create_calendar_link.json").read_bytes()
        stack.lambda_client().invoke(FunctionName="CreateCalendarLinkFunction", Payload=link)
        yield stack


@pytest.mark.one_in(5)
@pytest.mark.parametrize("module", IN_ORDER, ids=str)
def test_a_sample_event_is_answered(module: FunctionModule, sampled: Stack) -> None:
    event = (ROOT / f"events/{module.action}.json").read_bytes()

    told = sampled.lambda_client().invoke(FunctionName=module.function, Payload=event)

    assert "FunctionError" not in told
    answer = json.loads(told["Payload"].read())
    assert answer["statusCode"] in DONE | (REFUSED_BECAUSE_OF_IT if NAMES_AN_ID.search(event) else set()), answer


@pytest.mark.parametrize("function", ["AuthorizeRequest", "AuthorizeTransitRequest", "AuthorizeKmsRequest"])
def test_the_sample_for_an_authorizer_makes_nobody_of_a_bad_token(function: str, sampled: Stack) -> None:
    (module,) = (module for module in function_modules() if module.operation_id == function)
    event = (ROOT / f"events/{module.action}.json").read_bytes()

    told = sampled.lambda_client().invoke(FunctionName=module.function, Payload=event)

    answer = json.loads(told["Payload"].read())
    assert answer["isAuthorized"] is True
    assert set(answer["context"]) == {"refused"}
