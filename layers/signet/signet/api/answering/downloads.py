"""Files to download, under names that are safe whatever the alias is."""

from typing import Literal
from urllib.parse import quote

import msgspec

from signet.api.answering.answer import Answer

CertificateFormat = Literal["der", "pem", "pem_chain", "pkcs7"]

_FILES = {
    "der": (".cer", "application/pkix-cert"),
    "pem": (".pem", "application/x-pem-file"),
    "pem_chain": ("-chain.pem", "application/x-pem-file"),
    "pkcs7": (".p7b", "application/x-pkcs7-certificates"),
}

_QUOTED = {'"': "'", "\\": "_"}


class DownloadQuery(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The kind of file."""

    format: CertificateFormat = "der"


def file_answer(content: bytes, alias: str, file_format: CertificateFormat) -> Answer:
    """`content` as `<alias>.cer`, `.pem`, `-chain.pem` or `.p7b`."""
    suffix, media_type = _FILES[file_format]
    return Answer(200, content, {"Content-Disposition": disposition(alias + suffix)}, media_type)


def disposition(name: str) -> str:
    """`Content-Disposition` for `name` in any script (RFC 6266, 4.3): a plain form first, for old clients."""
    plain = "".join(_QUOTED.get(c, c) if " " <= c <= "~" else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
