"""What is answered about certificates, and what is asked of them: JSON in `snake_case`."""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from signet.api.bodies.fields import Base64, GroupId, Hex, Mention, Moment, SerialNumber, base64_text, time_of
from signet.api.reading.base64_text import decoded
from signet.domain import errors
from signet.domain.access.user_name import is_user_name
from signet.domain.certificates.alias import Alias
from signet.domain.certificates.certificate_settings import KEEP, CertificateUpdate
from signet.domain.certificates.import_command import ImportCommand
from signet.domain.certificates.overview import Overview
from signet.domain.errors import FileTooLargeError, InvalidInputError
from signet.domain.moments import rfc3339
from signet.domain.signing.pin import Pin
from signet.domain.text.display_name import parse_description
from signet.domain.text.visible_text import unseen_in
from signet.ports.keys import MAX_CERTIFICATE_FILE_BYTES
from signet.ports.listings import CertificateCount

MAX_PASSWORD_CHARACTERS = 1024
MAX_KEY_CHARACTERS = 64 * 1024
MAX_NAMED_GROUPS = 500

IMPORT_BODY_BYTES = 6 * 1024 * 1024
"""All that a Lambda takes: what is too large in such a body is told by field, with its own code."""

IMPORT_PROBLEMS = (
    errors.NotFoundError,  # a repeat, of what is not there for the caller any more
    errors.NotAllowedError,
    errors.GroupRequiredError,
    errors.UnknownReferenceError,
    errors.TooManyGroupsError,
    errors.UnreadableFileError,
    errors.UnsupportedFormatError,
    errors.WrongPasswordError,
    errors.PasswordRequiredError,
    errors.NoCertificateError,
    errors.SeveralCertificatesError,
    errors.SeveralKeysError,
    errors.KeyMismatchError,
    errors.WeakKeyError,
    errors.CompromisedKeyError,
    errors.UnsupportedKeyError,
    errors.FileTooLargeError,
    errors.AliasTakenError,
    errors.CertificateExistsError,
    errors.GroupFullError,
    errors.AnswerExpiredError,
    errors.AnswerNotYetValidError,
    errors.UnknownIssuerError,
)
Password = Annotated[str, Meta(max_length=MAX_PASSWORD_CHARACTERS)]
# Only told here: the domain bounds these, once they are normalised.
AliasText = Annotated[str, Meta(extra_json_schema={"minLength": 1, "maxLength": 128, "pattern": r"^[^/?#%\\]+$"})]
PinText = Annotated[str, Meta(extra_json_schema={"minLength": 4, "maxLength": 64})]


# --- answers -------------------------------------------------------------------------------------------------------


class StatusInfo(msgspec.Struct, frozen=True):
    """The four flags of a certificate's status."""

    enabled: bool
    has_owner: bool
    pin_required: bool
    reason_required: bool


class Expiry(msgspec.Struct, frozen=True):
    """Where the moment of reading lies in a certificate's life."""

    state: Literal["not_yet_valid", "valid", "expiring", "expired"]
    days_left: int
    """Whole days, rounded down; negative once expired."""
    flagged_stage: int | None
    """The tightest stage announced, in days; 0 once expiry is."""
    flagged_at: Moment | None


class CertificateBody(msgspec.Struct, frozen=True):
    """The overview of a certificate."""

    id: str
    alias: str
    description: str
    owner: str | None
    status: Literal["enabled", "disabled"]
    status_info: StatusInfo
    usage_count: int
    """Signatures made."""
    last_used_at: Moment | None
    groups: tuple[Mention, ...]
    policies: tuple[Mention, ...]
    subject: str
    issuer: str
    serial_number: SerialNumber
    thumbprint_sha1: Hex
    thumbprint_sha256: Hex
    key_algorithm: str
    """`RSA_<bits>`, `ECC_NIST_P256`, `ECC_NIST_P384`, `ECC_NIST_P521`, `ED25519` or `ML_DSA_44`, `_65`, `_87`."""
    has_private_key: bool
    valid_from: Moment
    valid_to: Moment
    expiry: Expiry
    renews: str | None
    renewed_by: str | None
    pending_request: str | None
    renew_at_stage: int | None
    created_at: Moment
    created_by: str
    updated_at: Moment
    version: int
    """Counts changes of settings, not uses; `ETag` is made of it."""
    pin_locked_until: Moment | UnsetType | None = UNSET
    """To who may edit it: until when wrong PINs have locked its PIN, null where it is not locked."""
    certificate: Base64 | UnsetType = UNSET
    """DER, in lists that were asked for with `include=certificate`."""

    @classmethod
    def of(cls, overview: Overview, der: bytes | None = None) -> "CertificateBody":
        """What is shown of `overview`; with the X.509 if given."""
        certificate, usage = overview.certificate, overview.usage
        facts = certificate.facts
        return cls(
            id=certificate.id,
            alias=certificate.alias.text,
            description=certificate.description,
            owner=certificate.owner,
            status=certificate.status.value,
            status_info=StatusInfo(
                enabled=certificate.enabled,
                has_owner=certificate.owner is not None,
                pin_required=certificate.pin_hash is not None,
                reason_required=certificate.ask_for_reason,
            ),
            usage_count=usage.count,
            last_used_at=time_of(usage.last_used_at),
            groups=tuple(Mention(group.id, group.name) for group in overview.groups),
            policies=tuple(Mention(policy.id, policy.name) for policy in overview.policies),
            subject=facts.subject,
            issuer=facts.issuer,
            serial_number=facts.serial_number,
            thumbprint_sha1=facts.thumbprint_sha1,
            thumbprint_sha256=facts.thumbprint_sha256,
            key_algorithm=facts.key_algorithm,
            has_private_key=certificate.has_private_key,
            valid_from=rfc3339(facts.not_before),
            valid_to=rfc3339(facts.not_after),
            expiry=Expiry(
                state=certificate.expiry_state(overview.at, overview.stages).value,
                days_left=certificate.days_left(overview.at),
                flagged_stage=certificate.flagged_stage,
                flagged_at=time_of(certificate.flagged_at),
            ),
            renews=certificate.renews,
            renewed_by=certificate.renewed_by,
            pending_request=certificate.pending_request,
            renew_at_stage=certificate.renew_at_stage,
            created_at=rfc3339(certificate.created_at),
            created_by=certificate.created_by,
            updated_at=rfc3339(certificate.updated_at),
            version=certificate.version,
            pin_locked_until=_lock_of(overview),
            certificate=UNSET if der is None else base64_text(der),
        )


class CertificatePage(msgspec.Struct, frozen=True):
    """One page of certificates."""

    items: tuple[CertificateBody, ...]
    next_cursor: str | None
    total: int | UnsetType = UNSET
    """Where `count=true` asked for it: how many there are on all pages together, counted up to 10,000."""
    total_is_at_least: bool | UnsetType = UNSET
    """Only where counting ended before everything was looked at: there may be more than `total`."""

    @classmethod
    def of(
        cls, items: tuple[CertificateBody, ...], next_cursor: str | None, count: CertificateCount | None
    ) -> "CertificatePage":
        """A page of `items`, with what was counted."""
        if count is None:
            return cls(items, next_cursor)
        return cls(items, next_cursor, count.total, UNSET if count.is_all else True)


# --- requests ------------------------------------------------------------------------------------------------------


class ImportBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A certificate file, and the settings that it is to have."""

    content: Base64
    """Base64 of the file: PKCS#12, PKCS#7, PEM or DER, at most 256 KiB."""
    password: Password | None = None
    private_key: Annotated[str, Meta(max_length=MAX_KEY_CHARACTERS)] | None = None
    """PEM, beside a file without one."""
    private_key_password: Password | None = None
    alias: AliasText | None = None
    """Else the friendly name in the PKCS#12, else the CN."""
    description: str | None = None
    owner: str | None = None
    """A user, `<issuer alias>/<name>`; none unless given, which needs `certificates:set_owner`."""
    groups: Annotated[tuple[GroupId, ...], Meta(max_length=MAX_NAMED_GROUPS)] = ()
    ask_for_reason: bool | UnsetType = UNSET
    """False unless given."""
    pin: PinText | None = None
    renew_at_stage: int | None = None
    """One of the deployment's expiry stages: by then the expiry check asks for its renewal by itself."""

    def command(self, stages: Sequence[int]) -> ImportCommand:
        """Its fields, parsed; `stages` are those of the deployment."""
        return ImportCommand(
            content=certificate_file_of(self.content),
            password=self.password,
            private_key=self.private_key,
            private_key_password=self.private_key_password,
            settings=CertificateUpdate(
                alias=KEEP if self.alias is None else Alias.parse(self.alias),
                description=KEEP if self.description is None else description_of(self.description),
                owner=KEEP if self.owner is None else owner_of(self.owner),
                ask_for_reason=KEEP if self.ask_for_reason is UNSET else self.ask_for_reason,
                pin=KEEP if self.pin is None else Pin.parse(self.pin),
                renew_at_stage=KEEP if self.renew_at_stage is None else stage_of(self.renew_at_stage, stages),
            ),
            groups=tuple(dict.fromkeys(self.groups)),
        )


class UpdateBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Settings of a certificate to change; null takes an owner or a PIN away."""

    alias: AliasText | UnsetType = UNSET
    description: str | UnsetType = UNSET
    owner: str | UnsetType | None = UNSET
    ask_for_reason: bool | UnsetType = UNSET
    pin: PinText | UnsetType | None = UNSET
    renew_at_stage: int | UnsetType | None = UNSET

    def update(self, stages: Sequence[int]) -> CertificateUpdate:
        """Its fields, parsed; `stages` are those of the deployment."""
        return CertificateUpdate(
            alias=KEEP if self.alias is UNSET else Alias.parse(self.alias),
            description=KEEP if self.description is UNSET else description_of(self.description),
            owner=KEEP if self.owner is UNSET else owner_of(self.owner),
            ask_for_reason=KEEP if self.ask_for_reason is UNSET else self.ask_for_reason,
            pin=KEEP if self.pin is UNSET else None if self.pin is None else Pin.parse(self.pin),
            renew_at_stage=KEEP if self.renew_at_stage is UNSET else stage_of(self.renew_at_stage, stages),
        )


def certificate_file_of(content: str) -> bytes:
    """The file that `content` is the base64 of."""
    if len(content) > 4 * -(-MAX_CERTIFICATE_FILE_BYTES // 3):
        raise FileTooLargeError(f"A certificate file is at most {MAX_CERTIFICATE_FILE_BYTES} bytes.")
    return decoded(content, "content", of="the bytes of the certificate file")


def description_of(text: str) -> str:
    """`text` as a description, or InvalidInputError."""
    try:
        return parse_description(text)
    except ValueError as error:
        raise InvalidInputError.at("description", str(error)) from None


def stage_of(stage: int | None, stages: Sequence[int]) -> int | None:
    """`stage`, which is one of `stages`, or None."""
    if stage is not None and stage not in stages:
        known = ", ".join(map(str, stages))
        raise InvalidInputError.at("renew_at_stage", f"must be one of the deployment's stages, {known}, or null")
    return stage


def owner_of(user: str | None) -> str | None:
    """`user` as an owner, or InvalidInputError."""
    if user is not None and (unseen := unseen_in(user)):
        raise InvalidInputError.at("owner", unseen)
    if user is not None and not is_user_name(user):
        raise InvalidInputError.at("owner", "must be a user, <issuer alias>/<name>")
    return user


def _lock_of(overview: Overview) -> str | UnsetType | None:
    if not overview.tells_pin_lock:
        return UNSET
    until = overview.usage.pin_locked_until if overview.certificate.pin_hash is not None else None
    # A lock that is over is none, though it is remembered until the next PIN comes.
    return None if until is None or until <= overview.at else rfc3339(until)
