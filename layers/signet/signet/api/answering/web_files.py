"""The files of a web page as a browser is to have them: compressed, kept where that is safe, bound to their own origin.

A file whose name holds a digest of its content never changes and is kept for good. The page itself names those files,
so it is never kept. The build lays compressed copies beside the files (`.br`, `.gz`), so nothing
is compressed here.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from signet.api.answering.answer import Answer

PAGE = "index.html"
_HASHED = re.compile(r"assets/[\w.-]+-[\w-]{8}\.\w+")
"""As Vite names what it builds: `assets/index-DiwrgTda.js`."""
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
"""The better one first."""
_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class WebFiles:
    """What a build left in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _names(self) -> frozenset[str]:
        """All that may be asked for: a path from outside is looked up here and never handed to the file system."""
        found = (path for path in self._folder.rglob("*") if path.suffix in _MEDIA_TYPES)
        return frozenset(path.relative_to(self._folder).as_posix() for path in found)

    def answer(self, path: str, *, encodings: str, known: str, talks_to: Callable[[], Sequence[str]]) -> Answer:
        """The file at `path`, or the page, which reads the rest of its address itself.

        Args:
            path: below the folder.
            encodings: `Accept-Encoding`.
            known: `If-None-Match`.
            talks_to: the origins that the page's scripts may ask beside their own.
        """
        name = path if path in self._names else PAGE
        if name == PAGE and "." in path.rpartition("/")[2] and path.startswith("assets/"):
            # A page in the place of a script of the version before would only be refused by the browser.
            return Answer(404, b"Not Found", dict(_SAFE), "text/plain")
        encoding, content = self._content(name, encodings)
        tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        headers = {**_SAFE, "ETag": tag, "Vary": "Accept-Encoding", "Cache-Control": _kept(name)}
        if name == PAGE:
            headers["Content-Security-Policy"] = _policy(talks_to())
        if tag in (each.strip().removeprefix("W/") for each in known.split(",")):
            return Answer(304, None, headers)
        if encoding:
            headers["Content-Encoding"] = encoding
        return Answer(200, content, headers, _MEDIA_TYPES[Path(name).suffix])

    def _content(self, name: str, encodings: str) -> tuple[str, bytes]:
        """The content of `name` in the best form that the browser takes, and the name of that form."""
        accepted = _accepted(encodings)
        for encoding, suffix in _ENCODINGS:
            copy = self._folder / (name + suffix)
            if encoding in accepted and copy.is_file():
                return encoding, copy.read_bytes()
        return "", (self._folder / name).read_bytes()


def _accepted(encodings: str) -> frozenset[str]:
    """The encodings that `Accept-Encoding` names, but those of weight 0 (RFC 9110, 12.5.3)."""
    found = set()
    for part in encodings.lower().split(","):
        name, _, weight = part.partition(";")
        if not re.fullmatch(r"\s*q=0(\.0*)?\s*", weight):
            found.add(name.strip())
    return frozenset(found)


def _kept(name: str) -> str:
    if _HASHED.fullmatch(name):
        return "public, max-age=31536000, immutable"
    # Asked for again each time, and answered 304 where it is the same.
    return "no-store" if name == PAGE else "no-cache"


def _policy(origins: Sequence[str]) -> str:
    """The Content-Security-Policy of the page: all from its own origin; it asks there and where people log in."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            " ".join(("connect-src 'self'", *origins)),
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )
