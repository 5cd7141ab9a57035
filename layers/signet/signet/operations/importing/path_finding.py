"""The path above a certificate: what came with it, and what else is under management and the caller may look at."""

from collections.abc import Sequence
from dataclasses import dataclass

from signet.domain.certificates.certificate import Certificate, X509Body
from signet.domain.x509.certificate_facts import CertificatePath
from signet.ports.keys import PathCompleter
from signet.ports.session import Session
from signet.ports.store import Snapshot

MAX_STEPS = 4
"""So often the next issuer is looked for among the certificates under management: each has its own path with it."""


@dataclass(frozen=True, slots=True)
class PathFinder:
    """Finds paths for one caller.

    Of the certificates under management only those count that the caller may look at: else a path would tell that the
    others are there.
    """

    complete: PathCompleter
    within: Session

    def of_known(self, certificate: bytes, *known: Sequence[bytes]) -> CertificatePath:
        """The path above `certificate` out of `known` alone, of which the first is the path as it was."""
        return self.complete(certificate, *known, at=self.within.now)

    def of_held(
        self, certificate: bytes, *known: Sequence[bytes], snapshot: Snapshot, asked: CertificatePath
    ) -> tuple[bytes, ...]:
        """The path above `certificate` out of `known`, and what goes on above that.

        `snapshot` has the issuers that `asked`, a path found out of less, misses.
        """
        path, pools = self.of_known(certificate, *known), list(known)
        issuers = snapshot.issuers
        if path.missing_issuer and path.missing_issuer != asked.missing_issuer:
            issuers = self._held(path)
        for left in reversed(range(MAX_STEPS)):
            if not path.missing_issuer or not issuers:
                break
            pools += [
                (body.certificate, *body.chain)
                for issuer, body in issuers
                if snapshot.access.may_read(self.within.caller, issuer)
            ]
            higher = self.of_known(certificate, *pools)
            if len(higher.chain) <= len(path.chain):
                break
            path = higher
            issuers = self._held(path) if left else ()
        return path.chain

    def _held(self, path: CertificatePath) -> tuple[tuple[Certificate, X509Body], ...]:
        """The CA certificates under management that may stand above `path`: two reads, where there may be any."""
        found = self.within.records.issuers(path.missing_issuer) if path.missing_issuer else ()
        return tuple(self.within.records.with_x509(found)) if found else ()
