"""A page of the guide, and the blocks in it that tests run as they stand there."""

import re
from dataclasses import dataclass
from functools import cached_property

from tests.support.programs.signet_command import CHECKOUT

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^##+ (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class GuidePage:
    """`docs/guide/<name>.md`."""

    name: str

    @cached_property
    def _sections(self) -> dict[str, str]:
        text = (CHECKOUT / "docs" / "guide" / f"{self.name}.md").read_text()
        _, *parts = _HEADING.split(text)
        return dict(zip(parts[::2], parts[1::2], strict=True))

    @property
    def titles_with_commands(self) -> list[str]:
        """Of the sections that have something to run."""
        return [title for title in self._sections if self.commands(title)]

    def commands(self, title: str) -> str:
        """What the section says to run."""
        return "".join(text for kind, text in _BLOCK.findall(self._sections[title]) if kind == "sh")

    def shown(self, title: str) -> list[str]:
        """The lines that the section says are printed, without their indentation."""
        texts = [text for kind, text in _BLOCK.findall(self._sections[title]) if kind == "text"]
        return lines_of("".join(texts))


def lines_of(text: str) -> list[str]:
    """Without their indentation, some of which is by tabulators."""
    return [line.strip() for line in text.splitlines()]
