"""Key pairs and the CSRs that they sign."""

from signet.adapters.cryptography.certificate_signing_requests import build_csr, csr_command_of_certificate
from signet.adapters.cryptography.private_keys import generate_private_key
from signet.domain.errors import InvalidInputError
from signet.domain.signing_requests.csr_command import CsrCommand
from signet.ports.keys import NewRequest

MAX_CSR_BYTES = 128 * 1024
"""As PEM it is announced, and an entry on an EventBridge bus has 256 KB."""


class LocalRequestMaker:
    """Makes them in this process."""

    def make(self, command: CsrCommand) -> NewRequest:
        """A new key pair, and the CSR that `command` describes."""
        key = generate_private_key(command.key_algorithm)
        csr = build_csr(command, key.pkcs8)
        if len(csr) > MAX_CSR_BYTES:
            raise InvalidInputError.at("subject_alternative_names", f"The CSR would be over {MAX_CSR_BYTES} bytes.")
        return NewRequest(csr, key.pkcs8, key.spki_sha256)

    def command_of(self, certificate: bytes, key_algorithm: str) -> CsrCommand:
        """The command that asks for `certificate`, DER, again; its key is of `key_algorithm`."""
        return csr_command_of_certificate(certificate, key_algorithm)
