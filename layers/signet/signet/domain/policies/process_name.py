"""The executable that a client says it signs for, and the names a policy gives for it."""

import re
from dataclasses import dataclass

from signet.domain.certificates.alias import folded
from signet.domain.field_errors import shown
from signet.domain.text.visible_text import unseen_in

MAX_PROCESS_LENGTH = 256

_FOLDERS = re.compile(r"[/\\]")


def process_key(stated: str) -> str:
    r"""What a stated process is compared by: its name without folder, case and `.exe`.

    `C:\Tools\SignTool.EXE` and `/usr/bin/signtool` are both `signtool`. Folders of either system are dropped, since the
    service cannot know which one the client runs on.
    """
    name = folded(_FOLDERS.split(stated)[-1])
    return name.removesuffix(".exe") or name


@dataclass(frozen=True, slots=True)
class ProcessPattern:
    """A process name in a policy, with `*` for any characters, none included."""

    text: str
    """As written in the policy."""
    pieces: tuple[str, ...]
    """What stands between the asterisks, as `process_key` has it."""

    @classmethod
    def parse(cls, text: str) -> "ProcessPattern":
        """Accept `text`, or say what is wrong with it.

        Raises:
            ValueError: empty, longer than 256 characters, with what cannot be seen, or a path instead of a name.
        """
        if not 1 <= len(text) <= MAX_PROCESS_LENGTH:
            raise ValueError(f"must be 1 to {MAX_PROCESS_LENGTH} characters, got {len(text)}")
        if unseen := unseen_in(text):
            raise ValueError(unseen)
        if text != text.strip():
            raise ValueError("must not begin or end with a space")
        if _FOLDERS.search(text):
            raise ValueError(f"must be the name of an executable without its folder, got {shown(text)}")
        return cls(text, tuple(process_key(text).split("*")))

    def matches(self, key: str) -> bool:
        """Whether `key`, which `process_key` made, has this form; in time linear in its length.

        Each piece is taken where it comes first: if the pieces fit in any way, they fit in this way, so nothing is ever
        tried twice.
        """
        first, *others = self.pieces
        if not others:
            return key == first
        *middle, last = others
        if len(key) < len(first) + len(last) or not key.startswith(first) or not key.endswith(last):
            return False
        position, end = len(first), len(key) - len(last)
        for piece in middle:
            found = key.find(piece, position, end)
            if found < 0:
                return False
            position = found + len(piece)
        return True

    def __str__(self) -> str:
        return self.text
