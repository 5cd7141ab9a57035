"""What people call policies, certificate groups and roles, and how they describe them."""

from unicodedata import normalize

from signet.domain.certificates.alias import folded
from signet.domain.identifiers import begins_like_an_id
from signet.domain.text.visible_text import can_be_printed, unseen_in

MAX_NAME_LENGTH = 128
MAX_DESCRIPTION_LENGTH = 1024

_BLANKS = str.maketrans("\r\n\t", "   ")


def name_key(name: str) -> str:
    """What `name` is unique by: the same for names that differ in case or in how accents are composed."""
    return folded(name)


def parse_name(text: str) -> str:
    """`text` in NFC as the name of a policy, a certificate group or a role.

    Raises:
        ValueError: not 1 to 128 printable characters, a space at either end, or like an id; the message is for the
            caller.
    """
    name = normalize("NFC", text)
    if not 1 <= len(name) <= MAX_NAME_LENGTH:
        raise ValueError(f"must be 1 to {MAX_NAME_LENGTH} characters, got {len(name)}")
    if unseen := unseen_in(name):
        raise ValueError(unseen)
    if name != name.strip():
        raise ValueError("must not begin or end with a space")
    if begins_like_an_id(name_key(name)):
        raise ValueError("must not begin like an id, as in grp_: a name serves wherever an id does")
    return name


def parse_description(text: str) -> str:
    """`text` in NFC as a description: up to 1024 printable characters, line breaks and tabs.

    Nothing is found or decided by it, so it may have what no name has: a variation selector as in emoji, say.

    Raises:
        ValueError: longer, or with control characters.
    """
    description = normalize("NFC", text)
    if len(description) > MAX_DESCRIPTION_LENGTH:
        raise ValueError(f"must be at most {MAX_DESCRIPTION_LENGTH} characters, got {len(description)}")
    if not can_be_printed(description.translate(_BLANKS)):
        raise ValueError("must be printable characters, line breaks and tabs only")
    return description
