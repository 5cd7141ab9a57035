"""The files of a web page as a browser is to have them: compressed, kept where that is safe, bound to their own origin.

A file whose name holds a digest of its content never changes and is kept for good. The page itself names those files,
so it is never kept. The build lays compressed copies beside the files (`.br`, `.gz`), so nothing is compressed here.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
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
_COPIES = {"br": ".br", "gzip": ".gz", "identity": ""}
"""The suffix of a file's copy in each encoding, the better one first."""
_WEIGHT = re.compile(r"\s*q=(0(\.\d{0,3})?|1(\.0{0,3})?)\s*", re.IGNORECASE)  # RFC 9110, 12.4.2
SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Of all but the page, which has its own: nothing else of it is ever a document.
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}
"""What every answer carries, also a redirect, a 304 and a 404."""


class WebFiles:
    """What a build left in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _names(self) -> frozenset[str]:
        """All that may be asked for: a path from outside is looked up here and never handed to the file system."""
        found = (path for path in self._folder.rglob("*") if path.suffix in _MEDIA_TYPES)
        return frozenset(path.relative_to(self._folder).as_posix() for path in found)

    @cached_property
    def _folders(self) -> frozenset[str]:
        """The folders of the build: what is not there is nowhere, and no address of the page."""
        return frozenset(name.partition("/")[0] for name in self._names if "/" in name)

    def answer(self, path: str, *, encodings: str, known: str, talks_to: Callable[[], Sequence[str]]) -> Answer:
        """The file at `path`, or the page, which reads the rest of its address itself.

        Args:
            path: below the folder.
            encodings: `Accept-Encoding`.
            known: `If-None-Match`.
            talks_to: the origins that the page's scripts may ask beside their own.
        """
        if path not in self._names and path.partition("/")[0] in self._folders:
            # A page in the place of a script of the version before would only be refused by the browser.
            return Answer(404, b"Not Found", dict(SAFE_HEADERS), "text/plain; charset=utf-8")
        name = path if path in self._names else PAGE
        encoding, content = self._content(name, encodings)
        tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        headers = {**SAFE_HEADERS, "ETag": tag, "Vary": "Accept-Encoding", "Cache-Control": _kept(name)}
        if name == PAGE:
            headers["Content-Security-Policy"] = _policy(talks_to())
        if _knows(known, tag):
            return Answer(304, None, headers)
        if encoding != "identity":
            headers["Content-Encoding"] = encoding
        return Answer(200, content, headers, _MEDIA_TYPES[Path(name).suffix])

    def _content(self, name: str, encodings: str) -> tuple[str, bytes]:
        """The content of `name` in the form that the browser likes best, and the name of that form."""
        weights = _weights(encodings)
        copies = {encoding: self._folder / (name + suffix) for encoding, suffix in _COPIES.items()}
        offered = [encoding for encoding in copies if weights[encoding] > 0 and copies[encoding].is_file()]
        # Where nothing is accepted that is there, the file as it is (RFC 9110, 12.5.3). Of equals the first is best.
        best = max(offered, key=weights.__getitem__, default="identity")
        return best, copies[best].read_bytes()


def _weights(encodings: str) -> Mapping[str, float]:
    """What `Accept-Encoding` gives each encoding, from 0, which is never, to 1 (RFC 9110, 12.5.3)."""
    given: dict[str, float] = {}
    for part in encodings.lower().split(","):
        name, _, parameter = part.partition(";")
        if not parameter:
            given.setdefault(name.strip(), 1.0)
        elif weight := _WEIGHT.fullmatch(parameter):
            given.setdefault(name.strip(), float(weight[1]))
    # As it is, a file is accepted unless that is refused, but anything that is named is liked better.
    return {each: given.get(each, given.get("*", 0.0001 if each == "identity" else 0.0)) for each in _COPIES}


def _knows(known: str, tag: str) -> bool:
    """Whether `If-None-Match` names `tag`, weak or not, or `*` (RFC 9110, 13.1.2 and 8.8.3.2)."""
    return known.strip() == "*" or tag in (each.strip().removeprefix("W/") for each in known.split(","))


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
            # No text becomes markup or a script but Lit's own templates and, by the page's default policy, its icons.
            "require-trusted-types-for 'script'",
            "trusted-types lit-html default",
        )
    )
