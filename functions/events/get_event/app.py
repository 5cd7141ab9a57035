"""GET /events/{id}: one line of the audit record."""

from signet.api.answering.answer import Answer
from signet.api.bodies.event_bodies import EventBody
from signet.api.http_function import Request, http_function
from signet.domain.errors import NotFoundError
from signet.operations.events.get_event import get_event
from signet.wiring import at_init, wiring

at_init(lambda ports: ports.records)


@http_function("GET /v1/events/{id}", answers={200: EventBody}, problems=(NotFoundError,))
def lambda_handler(request: Request[None, None]) -> Answer:
    """Answer the event."""
    event = get_event(request.path["id"], within=request.session(wiring()))
    # An event never changes: there is one version of it.
    return Answer(200, EventBody.of(event), {"ETag": '"1"'})
