"""Every route has an authorizer but those that anybody may ask, and the table of the guide is that of the template."""

import pytest

from signet.api.problems import UNJUDGED_FOR_SECONDS
from tests.architecture.route_table import BEGIN, END, PAGE, route_table
from tests.architecture.source_tree import called_in, file_routes, functions, of_type, routes

ANYBODY_MAY_ASK = {"GET /v1/health", "GET /v1/openapi.json", "GET /v1/auth-config", *file_routes()}

(API,) = of_type("AWS::ApiGatewayV2::Api").values()


@pytest.mark.parametrize("route", sorted(routes()))
def test_a_route_has_an_authorizer_unless_anybody_may_ask(route: str) -> None:
    method, path = route.split()
    security = API["Body"]["paths"][path][method.lower()].get("security", [])
    authorizers = {name for each in security for name in each}

    if route in ANYBODY_MAY_ASK:
        assert authorizers in (set(), {"NONE"})
    else:
        assert len(authorizers) == 1
        assert authorizers <= set(API["Body"]["components"]["securitySchemes"])


def test_what_anybody_may_ask_is_throttled_below_what_callers_have() -> None:
    (stage,) = of_type("AWS::ApiGatewayV2::Stage").values()
    shared = stage["DefaultRouteSettings"]

    assert set(stage["RouteSettings"]) == ANYBODY_MAY_ASK
    for settings in stage["RouteSettings"].values():
        assert settings["ThrottlingRateLimit"] < shared["ThrottlingRateLimit"]
        assert settings["ThrottlingBurstLimit"] < shared["ThrottlingBurstLimit"]
        assert settings["DetailedMetricsEnabled"] == shared["DetailedMetricsEnabled"]


def test_the_authorizer_is_ours_answers_simply_and_is_asked_again_after_a_minute() -> None:
    authorizer = API["Body"]["components"]["securitySchemes"]["Caller"]["x-amazon-apigateway-authorizer"]

    assert called_in(authorizer["authorizerUri"]) == "AuthorizeRequestFunction"
    assert authorizer["authorizerPayloadFormatVersion"] == "2.0"
    assert authorizer["enableSimpleResponses"] is True
    assert authorizer["identitySource"] == ["$request.header.Authorization"]
    assert authorizer["authorizerResultTtlInSeconds"] == UNJUDGED_FOR_SECONDS


def test_api_gateway_may_call_every_function_it_leads_to() -> None:
    granted = {
        called_in(permission["FunctionName"])
        for permission in of_type("AWS::Lambda::Permission").values()
        if permission["Principal"] == "apigateway.amazonaws.com"
    }

    assert granted >= {*routes().values(), "AuthorizeRequestFunction"}


def test_one_route_leads_to_one_function_and_vaults_clients_may_write_by_put_as_well() -> None:
    others = [route for route in routes() if route.startswith("PUT ")]
    files = len(file_routes()) - 1

    assert all(routes()[route] == routes()[route.replace("PUT", "POST")] for route in others)
    assert all(route.startswith("PUT /v1/transit/") for route in others)
    assert len(set(routes().values())) == len(routes()) - len(others) - files
    assert set(routes().values()) <= set(functions())


def test_a_dialect_has_the_authorizer_that_finds_its_clients_tokens_and_no_other_route_has_it() -> None:
    def authorizer_of(route: str) -> str:
        method, path = route.split()
        ((name,),) = API["Body"]["paths"][path][method.lower()].get("security", [{"NONE": []}])
        return str(name)

    found = {route: authorizer_of(route) for route in routes()}

    assert {route for route, name in found.items() if name == "Transit"} == {
        route for route in routes() if "/transit/" in route
    }
    assert {route for route, name in found.items() if name == "Kms"} == {"POST /"}


def test_the_authorizer_of_vaults_clients_reads_headers_so_nothing_that_it_answers_is_kept() -> None:
    authorizer = API["Body"]["components"]["securitySchemes"]["Transit"]["x-amazon-apigateway-authorizer"]

    assert called_in(authorizer["authorizerUri"]) == "AuthorizeTransitRequestFunction"
    assert authorizer["identitySource"] == ["$context.routeKey"]
    assert authorizer["authorizerResultTtlInSeconds"] == 0


def test_the_authorizer_of_kms_clients_is_kept_by_their_token_for_as_long_as_ours() -> None:
    authorizer = API["Body"]["components"]["securitySchemes"]["Kms"]["x-amazon-apigateway-authorizer"]

    assert called_in(authorizer["authorizerUri"]) == "AuthorizeKmsRequestFunction"
    assert authorizer["identitySource"] == ["$request.header.X-Amz-Security-Token"]
    assert authorizer["authorizerResultTtlInSeconds"] == UNJUDGED_FOR_SECONDS


def test_the_guides_table_of_actions_is_the_templates() -> None:
    page = PAGE.read_text()
    shown = page[page.index(BEGIN) + len(BEGIN) : page.index(END)]

    assert shown.strip() == route_table().strip(), "run: python -m tests.architecture.route_table"
