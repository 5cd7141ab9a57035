"""CreateRole: new permissions for managing, and who has them."""

from collections.abc import Collection, Mapping
from typing import Any

from signet.domain.access.known_issuers import added_to_role, check_added
from signet.domain.access.role import Role, RoleSettings
from signet.operations.access_changes import ROLE, commit_created
from signet.operations.authorisation import only_administrators
from signet.operations.idempotency import answer_stored_response
from signet.operations.references import with_ids_of_groups
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.operations.roles.role_rules import check_name, check_who_is_left
from signet.ports.session import Session


def create_role(plain: Mapping[str, Any], *, issuers: Collection[str], within: Session) -> Role:
    """Make a role of `plain`, its settings as JSON has them; `issuers` are the aliases whose users can sign in.

    Raises:
        InvalidInputError, RequestTooLargeError: as `RoleSettings.parse`.
        NotAllowedError: the caller is no Administrator; recorded.
        UnknownReferenceError: it names a certificate group that does not exist.
        UnknownIssuerError: it is given to somebody of an issuer that is not trusted.
        NameTakenError: another role has the name.
        LastAdministratorError: given to the caller, it would be in force in place of Administrator, with no other left.
    """
    settings = RoleSettings.parse(plain)

    def decide() -> Role:
        snapshot = within.load()
        access = snapshot.access
        only_administrators(access, within, ROLE.created, detail={"name": settings.name})
        named = with_ids_of_groups(settings, plain.get("certificate_groups"), access)
        check_added(added_to_role(plain), access.issuers)
        answer_stored_response(within, snapshot, access.roles.__contains__)
        check_name(settings)
        new = Role("", named, created_at=within.now)
        check_who_is_left({new.id: new}, access, within, issuers)
        return commit_created(
            ROLE,
            lambda identifier, at: Role(identifier, named, at, within.caller.user, at),
            access=access,
            within=within,
        )

    return retry_on_conflict(decide)
