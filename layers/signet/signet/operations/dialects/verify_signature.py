"""VerifySignature: whether a certificate's key made a signature."""

from signet.domain.certificates.certificate import Certificate
from signet.domain.signing.digest import digest_of, fitting
from signet.domain.signing.key_algorithm import algorithm_for
from signet.domain.signing.verify_command import VerifyCommand
from signet.operations.authorisation import readable_x509
from signet.ports.keys import PublicKeys
from signet.ports.session import Session


def verify_signature(command: VerifyCommand, *, within: Session, public_keys: PublicKeys) -> tuple[Certificate, bool]:
    """Whose signature it is said to be, and whether it is; whoever may look at a certificate may ask.

    Raises:
        NotFoundError: there is no such certificate that the caller sees.
        NotAllowedError: the caller's role covers it without letting look.
        AlgorithmMismatchError, DigestLengthError: what is asked does not fit the key.
    """
    certificate, x509 = readable_x509(within.load(command.certificate, x509=True), within)
    if command.place_in_line and (named := certificate.id_in_line(command.place_in_line)) != certificate.id:
        certificate, x509 = readable_x509(within.load(named, x509=True), within)
    name = algorithm_for(certificate.facts.key_algorithm, command.signing_algorithms)
    algorithm = fitting(name, certificate.facts.key_algorithm, command.message_type)
    digest = digest_of(command.message, algorithm, command.message_type)
    return certificate, public_keys.made(
        command.signature,
        command.message if algorithm.takes_the_message else digest,
        algorithm,
        command.message_type,
        by=x509.certificate,
    )
