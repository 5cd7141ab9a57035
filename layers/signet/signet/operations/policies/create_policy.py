"""CreatePolicy: somebody may, or may not, sign with something, from somewhere, at some time."""

from collections.abc import Mapping
from typing import Any

from signet.domain.access.known_issuers import added_to_who, check_added
from signet.domain.access.role import Permission
from signet.domain.policies.policy import ObjectionTo, Policy, PolicySettings, What
from signet.operations.access_changes import POLICY, commit_created
from signet.operations.authorisation import permitted_at_large
from signet.operations.idempotency import answer_stored_response
from signet.operations.policies.policy_visibility import check_references, policies_seen
from signet.operations.references import with_ids_in_what
from signet.operations.retry_on_conflict import retry_on_conflict
from signet.ports.session import Session


def create_policy(plain: Mapping[str, Any], *, objection_to: ObjectionTo, within: Session) -> Policy:
    """Make a policy of `plain`, its settings as JSON has them.

    Raises:
        InvalidInputError, RequestTooLargeError: as `PolicySettings.parse`.
        NotAllowedError: the caller may not create policies, or not assign what this one names; recorded.
        UnknownReferenceError: it names a certificate or certificate group that the caller does not see.
        UnknownIssuerError: it names somebody of an issuer that is not trusted.
        NameTakenError: another policy has the name.
    """
    settings = PolicySettings.parse(plain, objection_to)
    detail = {"name": settings.name}

    def decide() -> Policy:
        snapshot = within.load()
        permitted_at_large(Permission.CREATE_POLICIES, snapshot.access, within, POLICY.created, detail=detail)
        named = with_ids_in_what(settings, snapshot.access, within)
        check_references(
            named.what,
            What(),
            plain.get("what"),
            access=snapshot.access,
            within=within,
            intent=POLICY.created,
            detail=detail,
        )
        check_added(added_to_who(plain.get("who")), snapshot.access.issuers)
        answer_stored_response(within, snapshot, policies_seen(snapshot.access, within))
        return commit_created(
            POLICY,
            lambda identifier, at: Policy(identifier, named, at, within.caller.user, at),
            access=snapshot.access,
            within=within,
        )

    return retry_on_conflict(decide)
