"""GET /openapi.json: what this service can be asked, for programs."""

from signet.api.answering.answer import Answer
from signet.api.http_function import Request, http_function
from signet.api.openapi import document


@http_function("GET /v1/openapi.json", answers={200: "application/json"}, public=True)
def lambda_handler(_request: Request[None, None]) -> Answer:
    """Answer the OpenAPI 3.1 document of every route; no token is asked for."""
    return Answer(200, document())
