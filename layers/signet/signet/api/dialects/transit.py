"""The dialect of HashiCorp Vault's transit engine: how its clients name keys, and how they are answered.

The parameters are those of https://developer.hashicorp.com/vault/api-docs/secret/transit.
"""

import base64
import re
from typing import Any

import msgspec

from signet.api.answering.answer import Answer
from signet.api.answering.dialect import Dialect
from signet.api.bodies.fields import base64_text
from signet.api.problems import problem_of
from signet.domain import errors
from signet.domain.errors import InvalidInputError, NotFoundError, SignetError
from signet.domain.moments import rfc3339
from signet.domain.signing.key_algorithm import KeyFamily, family_of
from signet.domain.signing.key_version import KeyVersion

_STATUS = {401: 403, 409: 400, 422: 400}
"""Vault answers these with others: an unknown token with 403, whatever is wrong with a request with 400."""

_NO_WAY_TO_GIVE = (errors.ReasonRequiredError, errors.PinRequiredError)
_CURVES = {"ECC_NIST_P256": "ecdsa-p256", "ECC_NIST_P384": "ecdsa-p384", "ECC_NIST_P521": "ecdsa-p521"}
_CURVE_NAMES = {"ecdsa-p256": "P-256", "ecdsa-p384": "P-384", "ecdsa-p521": "P-521"}
_SIGNATURE = re.compile(r"vault:v([1-9][0-9]{0,5}):([A-Za-z0-9+/_=-]{1,6200})", re.ASCII)
"""The longest is one of ML-DSA-87: 4627 bytes, 6172 letters."""
_PEM_LINE = 64


def _refused(error: SignetError, request_id: str) -> Answer:
    problem, headers = problem_of(error, request_id)
    headers = {name: value for name, value in headers.items() if name.lower() != "www-authenticate"}
    return Answer(_STATUS.get(problem.status, problem.status), {"errors": [text_of(error)]}, headers)


def _broken(_request_id: str) -> Answer:
    return Answer(500, {"errors": ["Something is broken here."]})


TRANSIT = Dialect(_refused, _broken, token_headers=("x-vault-token", "authorization"))


def text_of(error: SignetError) -> str:
    """What the client is told of `error`."""
    if isinstance(error, _NO_WAY_TO_GIVE):
        return f"{error} Vault's clients have no way to give it: sign with a client of Signet."
    return str(error) or error.code.replace("_", " ")


class TransitAnswer(msgspec.Struct, frozen=True):
    """What Vault wraps each answer in."""

    request_id: str
    data: dict[str, Any]
    lease_id: str = ""
    renewable: bool = False
    lease_duration: int = 0
    wrap_info: None = None
    warnings: None = None
    auth: None = None


def segments_of(raw_path: str, verb: str, *, most: int) -> tuple[str, str | None]:
    """The name of the key in a path behind `/transit/<verb>/`, and the hash algorithm that may follow it.

    Empty segments are passed over: clients write `//` where they have nothing to say.

    Raises:
        NotFoundError: the path has no name, or more than `most` segments.
    """
    segments = [part for part in raw_path.partition(f"/transit/{verb}/")[2].split("/") if part]
    if not 1 <= len(segments) <= most:
        raise NotFoundError
    return segments[0], segments[1] if len(segments) > 1 else None


def key_answer(name: str, versions: tuple[KeyVersion, ...], request_id: str) -> TransitAnswer:
    """The key called `name` with its `versions`, the newest last."""
    newest = versions[-1].certificate
    return TransitAnswer(
        request_id,
        {
            "name": name,
            "type": _key_type(newest.facts.key_algorithm),
            **_parameter_set(newest.facts.key_algorithm),
            "latest_version": newest.place_in_line,
            "min_available_version": 0,
            "min_decryption_version": versions[0].certificate.place_in_line,
            "min_encryption_version": 0,
            "keys": {str(each.certificate.place_in_line): _version(each) for each in versions},
            "supports_signing": True,
            "supports_encryption": False,
            "supports_decryption": False,
            "supports_derivation": False,
            "derived": False,
            "exportable": False,
            "allow_plaintext_backup": False,
            "deletion_allowed": False,
            "imported_key": False,
            "auto_rotate_period": 0,
        },
    )


def _version(version: KeyVersion) -> dict[str, str]:
    algorithm = version.certificate.facts.key_algorithm
    kind = _key_type(algorithm)
    return {
        "name": _CURVE_NAMES.get(kind, kind),
        "public_key": _ed25519(version.public_key) if kind == "ed25519" else _pem("PUBLIC KEY", version.public_key),
        "creation_time": rfc3339(version.certificate.created_at),
        "certificate_chain": "".join(_pem("CERTIFICATE", each) for each in version.path),
    }


def _key_type(key_algorithm: str) -> str:
    if family_of(key_algorithm) is KeyFamily.RSA:
        return key_algorithm.lower().replace("_", "-")
    if family_of(key_algorithm) is KeyFamily.ML_DSA:
        return "ml-dsa"
    return _CURVES.get(key_algorithm, "ed25519")


def _parameter_set(key_algorithm: str) -> dict[str, str]:
    """Of a key of ML-DSA, as who makes one in Vault names it."""
    return {"parameter_set": key_algorithm[-2:]} if family_of(key_algorithm) is KeyFamily.ML_DSA else {}


def _ed25519(public_key: bytes) -> str:
    return base64_text(public_key[-32:])  # Vault shows the 32 bytes of RFC 8032, not the SubjectPublicKeyInfo


def _pem(label: str, content: bytes) -> str:
    text = base64.b64encode(content).decode()
    lines = [text[at : at + _PEM_LINE] for at in range(0, len(text), _PEM_LINE)]
    return "\n".join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""))


def written_signature(place: int, signature: bytes, *, url_safe: bool) -> str:
    """`vault:v<place>:<base64>`; the URL-safe alphabet, without padding, for signatures of JWS."""
    encoded = base64.urlsafe_b64encode(signature).rstrip(b"=") if url_safe else base64.b64encode(signature)
    return f"vault:v{place}:{encoded.decode()}"


def read_signature(text: str, *, url_safe: bool) -> tuple[int, bytes]:
    """The version that `text` names, and the signature.

    Raises:
        InvalidInputError: it is not written as `written_signature` writes.
    """
    found = _SIGNATURE.fullmatch(text)
    if found is not None:
        place = int(found[1])
        try:
            padded = found[2] + "=" * (-len(found[2]) % 4) if url_safe else found[2]
            signature = base64.b64decode(padded, altchars=b"-_" if url_safe else None, validate=True)
        except ValueError:
            signature = b""
        if signature and written_signature(place, signature, url_safe=url_safe) == text:
            return place, signature
    raise InvalidInputError.at("signature", "must be as sign answered it: vault:v<version>:<base64>")
