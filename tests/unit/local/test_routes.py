"""Which route of an HTTP API answers a path, and with which parameters."""

import pytest

from local.api_gateway.routes import Route
from local.lambda_service.lambda_runtime import Function

FUNCTION = Function(
    "AFunction", "a", "arn:aws:lambda:us-east-1:123456789012:function:a", "functions/a", "app.a", 5, 256
)


@pytest.mark.parametrize(
    ("path", "asked", "parameters"),
    [
        ("/console/{proxy+}", "/console/", {"proxy": ""}),
        ("/console/{proxy+}", "/console/assets/a.js", {"proxy": "assets/a.js"}),
        ("/console/{proxy+}", "/console//", {"proxy": "/"}),
        ("/console/{proxy+}", "/console/../v1", {"proxy": "../v1"}),
        ("/console/{proxy+}", "/console", None),
        ("/console/{proxy+}", "/consoles/a", None),
        ("/console", "/console", {}),
        ("/console", "/console/", None),
        ("/", "/", {}),
        ("/", "//", None),
        ("/things/{thing}", "/things/", None),
        ("/things/{thing}", "/things/a", {"thing": "a"}),
    ],
)
def test_a_greedy_parameter_takes_what_is_left_and_no_other_takes_nothing(
    path: str, asked: str, parameters: dict[str, str] | None
) -> None:
    assert Route("GET", path, FUNCTION, None).match("GET", asked[1:].split("/")) == parameters


def test_the_more_specific_route_comes_first() -> None:
    paths = ["/console/{proxy+}", "/console/{thing}", "/console/me"]
    routes = sorted((Route("GET", path, FUNCTION, None) for path in paths), key=lambda route: route.rank)

    assert [route.path for route in routes] == paths[::-1]
