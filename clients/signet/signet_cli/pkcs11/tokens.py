"""A certificate as a token: what it is called, and the objects in it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from signet_cli.pkcs11 import cryptoki as ck
from signet_cli.pkcs11.der import X509, EcPublicKey, RsaPublicKey, encode
from signet_cli.pkcs11.mechanisms import EC_MECHANISMS, RSA_MECHANISMS
from signet_cli.pkcs11.wire import AttributeValue

Attributes = dict[int, AttributeValue]

_OCTET_STRING: Final = 0x04

_SECRETS: Final = frozenset(
    {
        ck.CKA_VALUE,
        ck.CKA_PRIVATE_EXPONENT,
        ck.CKA_PRIME_1,
        ck.CKA_PRIME_2,
        ck.CKA_EXPONENT_1,
        ck.CKA_EXPONENT_2,
        ck.CKA_COEFFICIENT,
    }
)


@dataclass(frozen=True, slots=True)
class Object:
    """One object of a token."""

    attributes: Attributes

    @property
    def kind(self) -> int:
        """CKO_CERTIFICATE, CKO_PUBLIC_KEY or CKO_PRIVATE_KEY."""
        return int(self.attributes[ck.CKA_CLASS])

    @property
    def is_private(self) -> bool:
        """Whether it is seen only after a login."""
        return self.attributes.get(ck.CKA_PRIVATE) is True

    def matches(self, template: dict[int, AttributeValue | None]) -> bool:
        """Whether it has every value of `template`."""
        return all(self.attributes.get(kind) == value for kind, value in template.items())

    def hides(self, kind: int) -> bool:
        """Whether it has the attribute `kind` and never shows it."""
        return self.kind == ck.CKO_PRIVATE_KEY and kind in _SECRETS


@dataclass(frozen=True)
class Token:
    """One certificate that the caller may use."""

    certificate_id: str
    alias: str
    certificate: X509
    chain: tuple[X509, ...]
    pin_required: bool
    reason_required: bool
    asks_for_login: bool
    """Whether programs are to log in first: it has a PIN, and none is at hand."""

    @property
    def serial_number(self) -> str:
        """16 characters that tell tokens apart: the end of the certificate's id."""
        return self.certificate_id[-16:]

    @property
    def public_key(self) -> RsaPublicKey | EcPublicKey:
        """Its public key, of a kind that the agent signs with."""
        if self.certificate.public_key is None:
            raise TypeError("a token is made only of a certificate with a key that can sign here")
        return self.certificate.public_key

    @property
    def mechanisms(self) -> tuple[int, ...]:
        """What its key signs with."""
        return RSA_MECHANISMS if isinstance(self.public_key, RsaPublicKey) else EC_MECHANISMS

    @property
    def signature_bytes(self) -> int:
        """How long a signature is."""
        key = self.public_key
        return (key.bits + 7) // 8 if isinstance(key, RsaPublicKey) else 2 * key.coordinate_bytes

    @cached_property
    def objects(self) -> tuple[Object, ...]:
        """The certificate, both halves of its key, and the rest of its path."""
        authorities = [
            _certificate(each, each.common_name or "issuer", ck.CK_CERTIFICATE_CATEGORY_AUTHORITY)
            for each in self.chain
        ]
        own = _certificate(self.certificate, self.alias, ck.CK_CERTIFICATE_CATEGORY_TOKEN_USER)
        return (own, self._public_object(), self._private_object(), *authorities)

    def _public_object(self) -> Object:
        key = self._key_attributes() | {
            ck.CKA_CLASS: ck.CKO_PUBLIC_KEY,
            ck.CKA_PRIVATE: False,
            ck.CKA_TRUSTED: False,
            ck.CKA_ENCRYPT: False,
            ck.CKA_VERIFY: True,
            ck.CKA_VERIFY_RECOVER: False,
            ck.CKA_WRAP: False,
        }
        if isinstance(self.public_key, RsaPublicKey):
            key[ck.CKA_MODULUS_BITS] = self.public_key.bits
        return Object(key)

    def _private_object(self) -> Object:
        return Object(
            self._key_attributes()
            | {
                ck.CKA_CLASS: ck.CKO_PRIVATE_KEY,
                ck.CKA_PRIVATE: self.asks_for_login,
                ck.CKA_SENSITIVE: True,
                ck.CKA_ALWAYS_SENSITIVE: False,
                ck.CKA_EXTRACTABLE: False,
                ck.CKA_NEVER_EXTRACTABLE: False,
                ck.CKA_DECRYPT: False,
                ck.CKA_SIGN: True,
                ck.CKA_SIGN_RECOVER: False,
                ck.CKA_UNWRAP: False,
                ck.CKA_WRAP_WITH_TRUSTED: False,
                ck.CKA_ALWAYS_AUTHENTICATE: False,
            }
        )

    def _key_attributes(self) -> Attributes:
        attributes: Attributes = _stored(self.alias, _key_id(self.certificate)) | {
            ck.CKA_SUBJECT: self.certificate.subject,
            ck.CKA_DERIVE: False,
            ck.CKA_LOCAL: False,
            ck.CKA_START_DATE: b"",
            ck.CKA_END_DATE: b"",
            ck.CKA_PUBLIC_KEY_INFO: self.certificate.spki,
        }
        key = self.public_key
        if isinstance(key, RsaPublicKey):
            return attributes | {
                ck.CKA_KEY_TYPE: ck.CKK_RSA,
                ck.CKA_MODULUS: _unsigned(key.modulus),
                ck.CKA_PUBLIC_EXPONENT: _unsigned(key.exponent),
            }
        return attributes | {
            ck.CKA_KEY_TYPE: ck.CKK_EC,
            ck.CKA_EC_PARAMS: key.curve,
            ck.CKA_EC_POINT: encode(_OCTET_STRING, key.point),
        }


def _certificate(certificate: X509, label: str, category: int) -> Object:
    return Object(
        _stored(label, _key_id(certificate))
        | {
            ck.CKA_CLASS: ck.CKO_CERTIFICATE,
            ck.CKA_PRIVATE: False,
            ck.CKA_CERTIFICATE_TYPE: ck.CKC_X_509,
            ck.CKA_CERTIFICATE_CATEGORY: category,
            ck.CKA_TRUSTED: False,
            ck.CKA_SUBJECT: certificate.subject,
            ck.CKA_ISSUER: certificate.issuer,
            ck.CKA_SERIAL_NUMBER: certificate.serial_number,
            ck.CKA_VALUE: certificate.der,
            ck.CKA_START_DATE: b"",
            ck.CKA_END_DATE: b"",
            ck.CKA_PUBLIC_KEY_INFO: certificate.spki,
        }
    )


def _stored(label: str, key_id: bytes) -> Attributes:
    return {
        ck.CKA_TOKEN: True,
        ck.CKA_MODIFIABLE: False,
        ck.CKA_COPYABLE: False,
        ck.CKA_DESTROYABLE: False,
        ck.CKA_LABEL: label.encode(),
        ck.CKA_ID: key_id,
    }


def _key_id(certificate: X509) -> bytes:
    """The same for a certificate and its key, and for a certificate that was issued again to the same key."""
    return hashlib.sha1(certificate.spki, usedforsecurity=False).digest()


def _unsigned(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
