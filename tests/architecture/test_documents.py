"""The documents name what there is, and no link leads nowhere."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT
from tools.soak import PARTS

DOCUMENTS = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "clients").glob("*/README.md")),
]
FILES = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
PROSE = [
    file
    for file in FILES
    if file.endswith((".py", ".md", ".yaml", ".toml", "Makefile"))
    and "/fixtures/" not in file
    and (ROOT / file).is_file()
]
# A path within one of our folders, from any folder of it on; and a module of tests by its name alone.
NAMED_FILE = re.compile(r"(?<![\w./:$<{}*~-])((?:[\w-]+/)+[\w.-]+\.(?:py|md|sh|toml|yaml)|`test_\w+\.py)(?![\w*<{/])")
NAMED_MODULE = re.compile(r"python -m ((?:local|tests|tools)[\w.]*\w)")
NAMED_TARGET = re.compile(r"`make ([a-z-]+)")
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def headings(page: Path) -> set[str]:
    """The anchors of a page, as GitHub makes them of its headings."""
    found = re.findall(r"^#+ (.+)$", CODE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in found}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_between_documents_leads_somewhere(document: Path) -> None:
    nowhere = []
    for link in LINK.findall(CODE.sub("", document.read_text())):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        page = document.parent / path if path else document
        if not page.exists() or (anchor and anchor not in headings(page)):
            nowhere.append(link)

    assert not nowhere


def test_no_sentence_names_a_file_a_module_or_a_target_that_is_not_there() -> None:
    ends = {"/".join(each.split("/")[place:]) for each in FILES for place in range(each.count("/") + 1)}
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    absent = []
    for file in PROSE:
        text = (ROOT / file).read_text()
        named = [each for each in NAMED_FILE.findall(text) if "verb_noun" not in each]  # CONTRIBUTING's example
        modules = [each.replace(".", "/") for each in NAMED_MODULE.findall(text)]
        absent += [(file, each) for each in named if each.strip("`") not in ends]
        absent += [(file, each) for each in modules if not {f"{each}.py", f"{each}/__main__.py"} & ends]
        absent += [(file, f"make {each}") for each in set(NAMED_TARGET.findall(text)) - targets]

    assert not absent


def test_the_readme_has_at_most_200_lines() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 200


def test_the_page_of_reliability_names_every_part_of_the_long_suite() -> None:
    page = (ROOT / "docs/reliability.md").read_text()
    programs = {part.command[part.command.index("-m") + 1] for part in PARTS} - {"pytest"}

    assert programs
    assert [each for each in programs if each.replace(".", "/") not in page] == []


def test_every_parameter_of_the_template_is_explained() -> None:
    template = (ROOT / "template.yaml").read_text()
    section = template.split("\nParameters:\n")[1].split("\nConditions:\n")[0]
    parameters = re.findall(r"^  (\w+):$", section, re.MULTILINE)
    explained = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/deploying.md").read_text(), re.MULTILINE)

    assert parameters
    assert set(parameters) <= set(explained)
