"""Which of several certificates is meant, and the path from it upwards."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from signet.adapters.certificate_files import work
from signet.adapters.certificate_files.work import WorkBudget
from signet.adapters.certificate_files.x509.certificate import X509Certificate
from signet.adapters.certificate_files.x509.names import comparable
from signet.adapters.certificate_files.x509.public_keys import is_key
from signet.adapters.certificate_files.x509.signatures import is_signed_by
from signet.domain.errors import KeyMismatchError, SeveralCertificatesError


class CertificateSet:
    """The certificates of one file, each once, and who issued whom."""

    def __init__(self, certificates: Iterable[X509Certificate], budget: WorkBudget) -> None:
        self.certificates = list(dict.fromkeys(certificates))
        self._budget = budget
        self._by_subject: dict[object, dict[bytes, list[X509Certificate]]] = defaultdict(lambda: defaultdict(list))
        """By name, then by key: a signature is checked once for each key, however many certificates have that key."""
        for certificate in self.certificates:
            same_name = self._by_subject[comparable(certificate.subject)]
            same_name[certificate.public_key_info.encoded].append(certificate)
        self._issuers: dict[X509Certificate, list[X509Certificate]] = {}

    def of_key(self, public_info: bytes, *, marked: Collection[bytes] = ()) -> X509Certificate:
        """The one certificate made for the key `public_info`; of several the one whose DER is `marked`.

        Raises:
            KeyMismatchError: there is none.
            SeveralCertificatesError: there are several.
        """
        matching = [
            certificate for certificate in self.certificates if is_key(certificate.public_key_info, public_info)
        ]
        if not matching:
            raise KeyMismatchError("The private key is not that of any certificate in the file.")
        if len(matching) > 1:
            matching = [certificate for certificate in matching if certificate.der in marked]
        if len(matching) != 1:
            raise SeveralCertificatesError(
                "Several certificates in the file have the private key's public key, and no localKeyID decides."
            )
        return matching[0]

    def end_entity(self) -> X509Certificate:
        """The one certificate that issued none of the others.

        Raises:
            SeveralCertificatesError: there are several of that kind, or none since they issued each other.
        """
        if len(self.certificates) == 1:
            return self.certificates[0]
        issuers: set[X509Certificate] = set()
        for certificate in self.certificates:
            issuers.update(self.issuers(certificate))
        lowest = [certificate for certificate in self.certificates if certificate not in issuers]
        if len(lowest) != 1:
            raise SeveralCertificatesError(
                "Expected one certificate with its chain; the file has several of which none issued another."
            )
        return lowest[0]

    def path_from(self, certificate: X509Certificate, *, at: datetime | None = None) -> list[X509Certificate]:
        """The issuers of `certificate`, from its own upwards, each once; as far as they are here.

        Where there is a choice: one that is in force `at` that moment, if it is given; then a root rather than its
        cross-signed one, since the path is complete with it; then the one that was named first.
        """
        path = [certificate]
        while above := [each for each in self.issuers(path[-1]) if each not in path]:
            above.sort(key=lambda each: (at is not None and not each.is_in_force(at), not each.is_self_issued))
            path.append(above[0])
        return path[1:]

    def issuers(self, certificate: X509Certificate) -> list[X509Certificate]:
        """Every other certificate that issued this one."""
        if certificate not in self._issuers:
            same_name = self._by_subject.get(comparable(certificate.issuer), {})
            # Of two certificates with one key, as of a cross-signed root, neither issued the other.
            own = certificate.public_key_info.encoded
            self._issuers[certificate] = [
                issuer
                for key, candidates in same_name.items()
                if key != own
                for issuer in self._issuers_of_a_key(candidates, certificate)
            ]
        return self._issuers[certificate]

    def _issuers_of_a_key(
        self, candidates: list[X509Certificate], certificate: X509Certificate
    ) -> list[X509Certificate]:
        """Those of `candidates`, which all have the same key, that signature and key identifiers show to be issuers."""
        self._budget.spend(work.SIGNATURE_CHECK + len(candidates) * work.CANDIDATE, advice=work.FEWER_CERTIFICATES)
        verified = is_signed_by(certificate, candidates[0].public_key_info)
        if verified is not None:
            return candidates if verified else []
        wanted = certificate.authority_key_identifier
        return [
            each for each in candidates if None in (wanted, offered := each.subject_key_identifier) or wanted == offered
        ]
