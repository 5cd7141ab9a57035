"""Key pairs and the CSRs that they sign."""

from signet.adapters.certificate_signing_requests import build_csr, csr_order_of_certificate
from signet.adapters.private_keys import generate_private_key
from signet.domain.csr_order import CsrOrder
from signet.operations.ports import NewRequest


class LocalRequestMaker:
    """Makes them in this process."""

    def make(self, order: CsrOrder) -> NewRequest:
        """A new key pair, and the CSR that `order` describes."""
        key = generate_private_key(order.key_algorithm)
        return NewRequest(build_csr(order, key.pkcs8), key.pkcs8, key.spki_sha256)

    def order_of(self, certificate: bytes) -> CsrOrder:
        """The order that asks for `certificate`, DER, anew."""
        return csr_order_of_certificate(certificate)
