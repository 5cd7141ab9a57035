"""What is asked of signing requests, and what is answered about them: JSON in `snake_case`."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from signet.api.answering.answer import Answer
from signet.api.bodies.certificate_bodies import (
    CertificateBody,
    certificate_file_of,
    description_of,
    owner_of,
    stage_of,
)
from signet.api.bodies.fields import GroupId, Mention
from signet.api.http_function import Request
from signet.api.reading.queries import Cursor, Limit
from signet.domain import errors
from signet.domain.certificates.alias import Alias
from signet.domain.certificates.certificate_settings import KEEP, CertificateUpdate
from signet.domain.certificates.import_command import Imported, IssuedCommand
from signet.domain.certificates.overview import RequestOverview
from signet.domain.moments import rfc3339
from signet.domain.signing.pin import Pin
from signet.domain.signing_requests.csr_command import CsrCommand, parse_csr_order
from signet.domain.signing_requests.signing_request import RequestStatus, SigningRequestCommand

CREATE_PROBLEMS = (
    errors.NotFoundError,  # a repeat, of what is not there for the caller any more
    errors.NotAllowedError,
    errors.GroupRequiredError,
    errors.UnknownReferenceError,
    errors.TooManyGroupsError,
    errors.AliasTakenError,
    errors.UnknownIssuerError,
)
RENEW_PROBLEMS = (
    errors.NotFoundError,
    errors.NotAllowedError,
    errors.RenewalPendingError,
    errors.AlreadyRenewedError,
    errors.UnreadableFileError,
)
ISSUED_PROBLEMS = (
    errors.NotFoundError,
    errors.NotAllowedError,
    errors.GroupRequiredError,
    errors.RequestNotPendingError,
    errors.AnswerExpiredError,
    errors.AnswerNotYetValidError,
    errors.KeyMismatchError,
    errors.CertificateExistsError,
    errors.GroupFullError,
    errors.UnknownReferenceError,
    errors.TooManyGroupsError,
    errors.UnreadableFileError,
    errors.UnsupportedFormatError,
    errors.PasswordRequiredError,
    errors.NoCertificateError,
    errors.SeveralCertificatesError,
    errors.SeveralKeysError,
    errors.WeakKeyError,
    errors.CompromisedKeyError,
    errors.UnsupportedKeyError,
    errors.FileTooLargeError,
    errors.UnknownIssuerError,
)

Text = Annotated[str, Meta(max_length=1024)]
Names = Annotated[tuple[Text, ...], Meta(max_length=250)]


class SubjectBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """A subject by its parts."""

    common_name: Text | None = None
    organization: Text | None = None
    organizational_unit: Text | None = None
    locality: Text | None = None
    state: Text | None = None
    country: Text | None = None
    """Two letters (ISO 3166)."""
    email: Text | None = None


class NamesBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """Subject alternative names (RFC 5280, 4.2.1.6)."""

    dns: Names | None = None
    email: Names | None = None
    uri: Names | None = None
    ip: Names | None = None


class CsrBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a CSR is to say; what is not given is taken from the certificate to renew, if there is one."""

    key_algorithm: Text | None = None
    hash: Text | None = None
    """`SHA_256` unless given."""
    subject: SubjectBody | None = None
    distinguished_name: Annotated[str, Meta(max_length=4096)] | None = None
    """RFC 4514 text, in place of `subject`."""
    subject_alternative_names: NamesBody | None = None
    extended_key_usage: Annotated[tuple[Text, ...], Meta(max_length=50)] | None = None
    """RFC 5280 names in snake_case, `document_signing` (RFC 9336), or dotted identifiers."""

    def csr_order(self, renewed: CsrCommand | None = None) -> CsrCommand:
        """Its fields, parsed."""
        names = self.subject_alternative_names
        return parse_csr_order(
            key_algorithm=self.key_algorithm,
            hash=self.hash,
            subject=None if self.subject is None else msgspec.structs.asdict(self.subject),
            distinguished_name=self.distinguished_name,
            subject_alternative_names=None if names is None else msgspec.structs.asdict(names),
            extended_key_usage=self.extended_key_usage,
            renewed=renewed,
        )


class CreateRequestBody(CsrBody, forbid_unknown_fields=True, frozen=True):
    """A CSR, and the settings that its certificate is to have."""

    alias: str | None = None
    """The common name unless given; held while the request is pending."""
    description: str | None = None
    owner: str | None = None
    groups: Annotated[tuple[GroupId, ...], Meta(max_length=500)] = ()
    ask_for_reason: bool = False
    pin: str | None = None
    renew_at_stage: int | None = None
    """Of the certificate: by this expiry stage the expiry check asks for its renewal by itself."""

    def command(self, stages: Sequence[int]) -> SigningRequestCommand:
        """Its fields, parsed; `stages` are those of the deployment."""
        return SigningRequestCommand(
            csr=self.csr_order(),
            settings=CertificateUpdate(
                alias=KEEP if self.alias is None else Alias.parse(self.alias),
                description=description_of(self.description or ""),
                owner=KEEP if self.owner is None else owner_of(self.owner),
                ask_for_reason=self.ask_for_reason,
                pin=KEEP if self.pin is None else Pin.parse(self.pin),
                renew_at_stage=KEEP if self.renew_at_stage is None else stage_of(self.renew_at_stage, stages),
            ),
            groups=tuple(dict.fromkeys(self.groups)),
        )


class IssuedBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The CA's answer."""

    content: str
    """Base64 of the file: PEM, DER or PKCS#7, with the chain or without, in any order."""
    owner: str | UnsetType | None = UNSET
    groups: Annotated[tuple[GroupId, ...], Meta(max_length=500)] | UnsetType = UNSET
    disable_renewed: bool = False

    def command(self) -> IssuedCommand:
        """Its fields, parsed."""
        return IssuedCommand(
            content=certificate_file_of(self.content),
            owner=KEEP if self.owner is UNSET else owner_of(self.owner),
            groups=KEEP if self.groups is UNSET else tuple(dict.fromkeys(self.groups)),
            disable_renewed=self.disable_renewed,
        )


class RequestsQuery(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A filter over signing requests."""

    status: Literal["pending", "completed", "cancelled"] | None = None
    limit: Limit = 50
    cursor: Cursor | None = None

    def wanted(self) -> RequestStatus | None:
        """The status looked for."""
        return None if self.status is None else RequestStatus(self.status)


class CsrFileQuery(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The kind of file."""

    format: Literal["pem", "der"] = "pem"


class RequestBody(msgspec.Struct, frozen=True):
    """A signing request."""

    id: str
    status: Literal["pending", "completed", "cancelled"]
    alias: str
    description: str
    owner: str | None
    groups: tuple[Mention, ...]
    ask_for_reason: bool
    pin_required: bool
    renew_at_stage: int | None
    subject: str
    """RFC 4514 text."""
    key_algorithm: str
    csr: str
    """PEM (RFC 2986; RFC 7468, 7)."""
    spki_sha256: str
    renews: str | None
    certificate_id: str | None
    """Once completed."""
    created_at: str
    created_by: str
    updated_at: str
    version: int
    warnings: tuple[Literal["names_left_out", "usages_left_out", "key_usage_left_out"], ...]
    """Of a renewal: what of the old certificate could not be read, wholly or in part, and is not asked for."""

    @classmethod
    def of(cls, seen: RequestOverview) -> "RequestBody":
        """What is shown of `seen`."""
        request = seen.request
        return cls(
            id=request.id,
            status=request.status.value,
            alias=request.alias.text,
            description=request.description,
            owner=request.owner,
            groups=tuple(Mention(group.id, group.name) for group in seen.groups),
            ask_for_reason=request.ask_for_reason,
            pin_required=request.pin_hash is not None,
            renew_at_stage=request.renew_at_stage,
            subject=request.subject,
            key_algorithm=request.key_algorithm,
            csr=request.csr_pem,
            spki_sha256=request.spki_sha256,
            renews=request.renews,
            certificate_id=request.certificate_id,
            created_at=rfc3339(request.created_at),
            created_by=request.created_by,
            updated_at=rfc3339(request.updated_at),
            version=request.version,
            warnings=request.warnings,  # type: ignore[arg-type]
        )


class RequestPage(msgspec.Struct, frozen=True):
    """One page of signing requests, the newest first."""

    items: tuple[RequestBody, ...]
    next_cursor: str | None

    @classmethod
    def of(cls, page: tuple[Iterable[RequestOverview], str | None]) -> "RequestPage":
        """What is shown of `page`, and the cursor of the next."""
        return cls(tuple(map(RequestBody.of, page[0])), page[1])


class IssuedCertificateBody(CertificateBody, frozen=True, kw_only=True):
    """The overview of a certificate that came in; if it answers a signing request, what is odd about it."""

    warnings: tuple[
        Literal[
            "not_yet_valid",
            "subject_differs",
            "names_missing",
            "usages_missing",
            "ca_certificate",
            "ends_before_renewed",
            "issuer_unknown",
            "self_signed",
        ],
        ...,
    ]

    @classmethod
    def of_import(cls, done: Imported) -> "IssuedCertificateBody":
        """What is shown of `done`."""
        return cls(warnings=done.warnings, **msgspec.structs.asdict(CertificateBody.of(done.overview)))  # type: ignore[arg-type]


def imported_answer(done: Imported, _request: Request[Any, Any]) -> Answer:
    """The certificate: 201 where it is new here."""
    return Answer(201 if done.created else 200, IssuedCertificateBody.of_import(done))
