"""Names of users and user groups: `<issuer alias>/<name>`, as in `corp/alice`.

A name is what the issuer says, unchanged: two claims that differ never become one name. What cannot be told apart by
eye, or cannot be typed into a policy, is not taken at all instead of being tidied.
"""

import re
import unicodedata

from signet.domain.text.visible_text import unseen_in

MAX_NAME_CHARACTERS = 256
_ALIAS = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")


def is_issuer_alias(text: str) -> bool:
    """1 to 32 lower-case letters, digits and inner hyphens: no slash, so that a name has one reading."""
    return _ALIAS.fullmatch(text) is not None


def is_bare_name(text: str) -> bool:
    """1 to 256 printable characters in NFC, no outer space; slashes and colons are welcome (`repo:acme/app`)."""
    return (
        1 <= len(text) <= MAX_NAME_CHARACTERS
        and text == text.strip()
        # Accents written in two ways look the same, so a `deny` typed in one way would miss the other.
        and unicodedata.is_normalized("NFC", text)
        and unseen_in(text) is None
    )


def is_user_name(text: str) -> bool:
    """`<issuer alias>/<name>`, of a user or a user group."""
    alias, slash, name = text.partition("/")
    return slash == "/" and is_issuer_alias(alias) and is_bare_name(name)
