"""POST /roles: new permissions for managing, and who has them."""

from signet.api.bodies.access_bodies import NewRole, RoleBody
from signet.api.http_function import Answer, Request, http_function
from signet.domain.access.role import Role
from signet.domain.errors import (
    LastAdministratorError,
    NameTakenError,
    NotAllowedError,
    NotFoundError,
    UnknownIssuerError,
    UnknownReferenceError,
)
from signet.operations.roles.create_role import create_role
from signet.wiring import wiring


@http_function(
    "POST /v1/roles",
    body=NewRole,
    answers={201: RoleBody},
    problems=(
        NotFoundError,
        NotAllowedError,
        UnknownReferenceError,
        UnknownIssuerError,
        NameTakenError,
        LastAdministratorError,
    ),
)
def lambda_handler(request: Request[NewRole, None]) -> Answer:
    """Answer the new role."""
    ports = wiring()

    def answer(made: Role) -> Answer:
        return Answer(201, RoleBody.of(made))

    return answer(
        create_role(
            request.body.plain(),
            issuers=ports.issuers,
            by=request.principal,
            idempotency=request.idempotency(answer),
            records=ports.records,
            clock=ports.clock,
        )
    )
