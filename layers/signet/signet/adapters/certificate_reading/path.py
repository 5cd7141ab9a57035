"""Which of several certificates is meant, and the path from it upwards."""

from collections import defaultdict
from collections.abc import Iterable

from signet.adapters.certificate_reading import work
from signet.adapters.certificate_reading.certificate import X509Certificate
from signet.adapters.certificate_reading.names import comparable
from signet.adapters.certificate_reading.public_keys import is_key
from signet.adapters.certificate_reading.signatures import is_signed_by
from signet.adapters.certificate_reading.work import WorkBudget
from signet.domain.errors import KeyMismatchError, SeveralCertificatesError


class CertificateSet:
    """The certificates of one file, each once, and who issued whom."""

    def __init__(self, certificates: Iterable[X509Certificate], budget: WorkBudget) -> None:
        self.certificates = list(dict.fromkeys(certificates))
        self._budget = budget
        self._by_subject: dict[object, list[X509Certificate]] = defaultdict(list)
        for certificate in self.certificates:
            self._by_subject[comparable(certificate.subject)].append(certificate)

    def of_key(self, public_info: bytes) -> X509Certificate:
        """The one certificate made for the key `public_info`.

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
            raise SeveralCertificatesError("Several certificates in the file have the private key's public key.")
        return matching[0]

    def end_entity(self) -> X509Certificate:
        """The one certificate that issued none of the others.

        Raises:
            SeveralCertificatesError: there are several of that kind, or none since they issued each other.
        """
        if len(self.certificates) == 1:
            return self.certificates[0]
        issuers = {issuer for certificate in self.certificates for issuer in self.issuers(certificate)}
        lowest = [certificate for certificate in self.certificates if certificate not in issuers]
        if len(lowest) != 1:
            raise SeveralCertificatesError(
                "Expected one certificate with its chain; the file has several of which none issued another."
            )
        return lowest[0]

    def path_from(self, certificate: X509Certificate) -> list[X509Certificate]:
        """The issuers of `certificate`, from its own upwards, each once; as far as the file has them."""
        path = [certificate]
        while above := [each for each in self.issuers(path[-1]) if each not in path]:
            # Of a root and its cross-signed twin the root: the path is complete with it.
            above.sort(key=lambda each: comparable(each.subject) != comparable(each.issuer))
            path.append(above[0])
        return path[1:]

    def issuers(self, certificate: X509Certificate) -> list[X509Certificate]:
        """Every other certificate that issued this one."""
        candidates = self._by_subject.get(comparable(certificate.issuer), ())
        return [each for each in candidates if each != certificate and self._issued(each, certificate)]

    def _issued(self, issuer: X509Certificate, certificate: X509Certificate) -> bool:
        """Whether the signature says so; where it cannot be checked, whether the key identifiers do."""
        if issuer.public_key_info.encoded == certificate.public_key_info.encoded:
            return False  # The same key twice, as of a cross-signed root: neither stands above the other.
        self._budget.spend(work.SIGNATURE_CHECK)
        verified = is_signed_by(certificate, issuer.public_key_info)
        if verified is not None:
            return verified
        wanted, offered = certificate.authority_key_identifier, issuer.subject_key_identifier
        return wanted is None or offered is None or wanted == offered
