"""signet sign, signet verify."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from signet_cli import cms, names, signing, unanswered
from signet_cli.client import Client, path_of
from signet_cli.commands.pins import ask_for_pin, ask_for_reason, given_pin
from signet_cli.context import client_of
from signet_cli.errors import CommandError, ExitCode, UsageError
from signet_cli.output import say
from signet_cli.signing import SignOptions
from signet_cli.unanswered import Attempt

MAX_SIGNATURE_BYTES = 1024 * 1024


class SignatureFormat(StrEnum):
    """What a signature file holds."""

    RAW = "raw"
    """The bytes of the signature."""
    CMS = "cms"
    """A detached CMS signature with the certificate and its path (`openssl cms -verify -binary -inform DER`)."""

    @property
    def suffix(self) -> str:
        """Put behind the name of the file that was signed."""
        return ".sig" if self is SignatureFormat.RAW else ".p7s"


Certificate = Annotated[
    str, typer.Option("--certificate", "-c", help="The certificate, by alias or id.", autocompletion=names.certificates)
]
Algorithm = Annotated[
    str | None,
    typer.Option("--algorithm", "-a", help=f"One of {', '.join(signing.ALGORITHMS)}; by default as the key is."),
]


def sign(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="What to sign.", metavar="FILE...", show_default=False)],
    certificate: Certificate,
    algorithm: Algorithm = None,
    reason: Annotated[str | None, typer.Option(help="Why; some certificates ask for it.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Where to write it, for one file.")] = None,
    form: Annotated[SignatureFormat, typer.Option("--format", help="What to write.")] = SignatureFormat.RAW,
    pin_fd: Annotated[int | None, typer.Option("--pin-fd", help="Read the PIN from this file descriptor.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only ask whether it would be allowed.")] = False,
) -> None:
    """Sign files. They are hashed here; each signature lies beside its file, as FILE.sig or FILE.p7s."""
    if output is not None and len(files) > 1:
        raise UsageError("--output is for one file.")
    for path in files:
        if not path.is_file():
            raise CommandError(f"{path} is no file.")
    client = client_of(context)
    found = client.get(path_of("certificates", certificate))
    # By its id from here on: a renewal in the middle signs the rest with the certificate that was looked at.
    options = _options(
        found, algorithm, reason, given_pin(pin_fd), dry_run=dry_run, for_cms=form is SignatureFormat.CMS
    )
    needs_path = form is SignatureFormat.CMS or options.algorithm == signing.ML_DSA
    path_certificates = _path(client, options.certificate) if needs_path else []
    for path in files:
        message, message_type = signing.message_of(options, path, next(iter(path_certificates), None))
        asked = (client.address, options.certificate, options.algorithm, options.reason, form, dry_run)
        # Until the signature is written, it is one that is still to be had by who asks for the same again.
        with unanswered.attempt(*asked, hashlib.sha512(message).hexdigest()) as attempt:
            if dry_run:
                signing.sign(client, options, message, message_type, attempt)
                say(f"{path}: would be signed with {found['alias']}")
                continue
            if form is SignatureFormat.CMS:
                signature = _cms(client, options, message, path_certificates, attempt)
            else:
                signature = signing.sign(client, options, message, message_type, attempt)
            target = output or path.with_name(path.name + form.suffix)
            _write(target, signature)
        say(f"{path}: signed with {found['alias']}, {target}")


def verify(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="What was signed.", show_default=False)],
    signature: Annotated[
        Path | None, typer.Argument(help="By default FILE.sig or FILE.p7s.", show_default=False)
    ] = None,
    certificate: Annotated[
        str | None, typer.Option("--certificate", "-c", help="By alias or id.", autocompletion=names.certificates)
    ] = None,
    certificate_file: Annotated[
        Path | None, typer.Option("--certificate-file", help="A certificate file in PEM or DER, instead of asking.")
    ] = None,
    algorithm: Algorithm = None,
) -> None:
    """Verify a signature with the certificate that made it."""
    signature = signature or next((each for each in _beside(file) if each.is_file()), None)
    if signature is None:
        raise UsageError(f"There is no signature beside {file}; name it.")
    content = signing.read_small_file(signature, MAX_SIGNATURE_BYTES, "any signature")
    signer = _certificate(context, certificate, certificate_file)
    good = (
        _is_good_cms(signer, file, content)
        if signature.suffix == ".p7s"
        else _is_good(signer, file, content, algorithm)
    )
    if not good:
        raise _VerificationError(f"{file}: the signature is not good.")
    say(f"{file}: the signature is good, by {signer.subject.rfc4514_string()}")


class _VerificationError(CommandError):
    exit_code = ExitCode.LOCAL


def _options(
    found: dict[str, Any], algorithm: str | None, reason: str | None, pin: str | None, *, dry_run: bool, for_cms: bool
) -> SignOptions:
    alias, status = found["alias"], found["status_info"]
    chosen = signing.parse_algorithm(algorithm) if algorithm else None
    if status["pin_required"] and pin is None and not dry_run:
        pin = ask_for_pin(alias)
    if status["reason_required"] and reason is None:
        reason = ask_for_reason(alias)
    if for_cms and (chosen or found["key_algorithm"]).startswith(("ED25519", "ML_DSA")):
        raise UsageError("CMS signatures are made with RSA and ECDSA keys here.")
    return SignOptions(
        found["id"],
        chosen or signing.default_algorithm(found["key_algorithm"], for_cms=for_cms),
        reason,
        pin if status["pin_required"] else None,
        dry_run,
    )


def _cms(
    client: Client, options: SignOptions, digest: bytes, certificates: list[x509.Certificate], attempt: Attempt
) -> bytes:
    def sign_attributes(attributes: bytes) -> bytes:
        hashed = hashes.Hash(signing.hash_of(signing.hash_bits(options.algorithm)))
        hashed.update(attributes)
        return signing.sign(client, options, hashed.finalize(), "DIGEST", attempt)

    own, *chain = certificates
    # The moment is part of what is signed: whoever asks again asks for the first one.
    at = datetime.fromtimestamp(attempt.begun_at, UTC)
    return cms.detached(digest, options.algorithm, own, chain, sign_attributes, at)


def _path(client: Client, certificate: str) -> list[x509.Certificate]:
    pem = client.download(path_of("certificates", certificate, "download"), format="pem_chain").content
    return x509.load_pem_x509_certificates(pem)


def _certificate(context: typer.Context, name: str | None, path: Path | None) -> x509.Certificate:
    if (name is None) == (path is None):
        raise UsageError("Name the certificate with --certificate, or its file with --certificate-file.")
    if path is not None:
        content = signing.read_small_file(path, MAX_SIGNATURE_BYTES, "any certificate")
        try:
            is_pem = b"-----BEGIN" in content
            return (x509.load_pem_x509_certificate if is_pem else x509.load_der_x509_certificate)(content)
        except ValueError as error:
            raise CommandError(f"{path} is no certificate in PEM or DER.") from error
    der = client_of(context).download(path_of("certificates", name or "", "download"), format="der").content
    return x509.load_der_x509_certificate(der)


def _is_good(signer: x509.Certificate, file: Path, signature: bytes, algorithm: str | None) -> bool:
    key = signing.key_algorithm_of(signer)
    chosen = [signing.parse_algorithm(algorithm)] if algorithm else signing.algorithms_of(key)
    return any(signing.verify_file(signer, each, file, signature) for each in chosen)


def _is_good_cms(signer: x509.Certificate, file: Path, content: bytes) -> bool:
    try:
        parts = cms.signed_parts(content)
    except ValueError as error:
        raise CommandError(f"The signature of {file} cannot be read: {error}.") from error
    digest = hashes.Hash(signing.hash_of(parts.bits))
    digest.update(parts.attributes)
    scheme = parts.algorithm_for(signing.key_algorithm_of(signer))
    return parts.digest == signing.digest_file(file, parts.bits) and signing.verify_digest(
        signer, scheme, digest.finalize(), parts.signature
    )


def _beside(file: Path) -> list[Path]:
    return [file.with_name(file.name + form.suffix) for form in SignatureFormat]


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_name(f"{path.name}.new")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}") from error
