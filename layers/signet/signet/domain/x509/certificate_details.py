"""Everything that an X.509 certificate says, for people to read (RFC 5280)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

JsonValue = None | bool | int | str | list[Any] | dict[str, Any]
"""What JSON can say."""


@dataclass(frozen=True, slots=True)
class NameAttribute:
    """One attribute of a distinguished name."""

    oid: str
    name: str
    """`common_name`, as a signing request's `subject` calls it; the identifier where there is no name."""
    value: str
    """`#` and the hex of its DER where it is no text."""


@dataclass(frozen=True, slots=True)
class AlgorithmName:
    """An algorithm by its identifier, and by the name that OpenSSL prints."""

    oid: str
    name: str


@dataclass(frozen=True, slots=True)
class PublicKeyDetails:
    """The certificate's public key."""

    algorithm: str
    """`RSA`, `EC`, `ED25519`, `ML-DSA-44`, `ML-DSA-65` or `ML-DSA-87`."""
    size: int
    """Bits: of the modulus, of the curve, or of a key of ML-DSA all of it, as OpenSSL counts."""
    curve: str | None
    """`P-256`, `P-384` or `P-521`; None unless `algorithm` is `EC`."""
    spki_sha256: str
    """Upper-case hex of the SHA-256 of the SubjectPublicKeyInfo's DER."""


@dataclass(frozen=True, slots=True)
class ExtensionDetails:
    """One extension, decoded as far as it is of a known kind.

    `value` is, by `name`:

    - `key_usage`: names of RFC 5280 in snake_case;
    - `extended_key_usage`: a list of `{oid, name}`;
    - `subject_alternative_name`, `issuer_alternative_name`: a list of names, each `{type, value}` with the type `dns`,
      `email`, `uri`, `ip`, `directory_name`, `registered_id`, `other_name` (with its `oid`), `x400_address` or
      `edi_party_name`;
    - `basic_constraints`: `{ca, path_length}`;
    - `subject_key_identifier`: upper-case hex;
    - `authority_key_identifier`: `{key_identifier, issuer, serial_number}`;
    - `certificate_policies`: a list of `{oid, name, qualifiers}`, these `{type: cps, uri}` or
      `{type: user_notice, text, organization, notice_numbers}`;
    - `crl_distribution_points`, `freshest_crl`: a list of `{names, relative_name, reasons, crl_issuer}`;
    - `authority_information_access`, `subject_information_access`: a list of `{oid, method, location}`, the method
      `ocsp` or `ca_issuers`;
    - `name_constraints`: `{permitted, excluded}`, lists of names;
    - `policy_constraints`: `{require_explicit_policy, inhibit_policy_mapping}`;
    - `policy_mappings`: a list of `{issuer_domain_policy, subject_domain_policy}`;
    - `private_key_usage_period`: `{not_before, not_after}`;
    - `inhibit_any_policy`: a number; `tls_feature`: numbers; `ocsp_no_check`: null;
    - of any other kind: the base64 of its DER.
    """

    oid: str
    name: str
    """In snake_case; the identifier where there is no name."""
    critical: bool
    value: JsonValue
    error: str | None = None
    """Why `value` is base64 though the kind is known: the issuer did not follow RFC 5280."""


@dataclass(frozen=True, slots=True)
class IssuerDetails:
    """One certificate of the chain."""

    subject: str
    issuer: str
    serial_number: str
    thumbprint_sha1: str
    thumbprint_sha256: str
    valid_from: datetime
    valid_to: datetime
    certificate: str
    """Base64 of the DER."""


@dataclass(frozen=True, slots=True)
class CertificateDetails:
    """A certificate and its chain; hex is in upper case without separators."""

    version: int
    """1 to 3."""
    serial_number: str
    thumbprint_sha1: str
    thumbprint_sha256: str
    signature_algorithm: AlgorithmName
    valid_from: datetime
    valid_to: datetime
    subject: str
    """RFC 4514 text."""
    subject_attributes: tuple[NameAttribute, ...]
    """In the order of the certificate, the most general first."""
    issuer: str
    issuer_attributes: tuple[NameAttribute, ...]
    public_key: PublicKeyDetails
    extensions: tuple[ExtensionDetails, ...]
    """In the order of the certificate."""
    chain: tuple[IssuerDetails, ...]
    """Issuer first."""
