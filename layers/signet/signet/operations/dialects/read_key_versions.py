"""ReadKeyVersions: the public keys of a certificate and of those that it renews."""

from signet.domain.signing.key_version import KeyVersion
from signet.operations.authorisation import readable_x509
from signet.ports.keys import PublicKeys
from signet.ports.session import Session

MAX_RENEWED_SHOWN = 25
"""Of a longer line of renewals the newest so many are shown, besides the last one."""


def read_key_versions(
    reference: str, *, within: Session, public_keys: PublicKeys, renewed: bool = True
) -> tuple[KeyVersion, ...]:
    """The certificate that `reference` names, and before it, if `renewed`, those that it renews, the oldest first.

    Left out are those that were deleted, or that the caller may not look at. No use is counted.

    Raises:
        NotFoundError: there is none that the caller sees.
        NotAllowedError: the caller's role covers it without letting look.
    """
    certificate, x509 = readable_x509(snapshot := within.load(reference, x509=True), within)
    older = certificate.renewed_ids[-MAX_RENEWED_SHOWN:] if renewed else ()
    found = [
        (each, body)
        for each, body in (within.records.with_x509(older) if older else ())
        if snapshot.access.may_read(within.caller, each)
    ]
    return tuple(
        KeyVersion(each, public_keys.public_key(body.certificate), (body.certificate, *body.chain))
        for each, body in (*found, (certificate, x509))
    )
