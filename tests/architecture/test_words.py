"""Names say something, words are the field's, and no file knows the machine that it was written on."""

import re
import subprocess
from pathlib import Path

from tests.architecture.source_tree import ROOT

TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
FILES = [file for file in TRACKED if (ROOT / file).is_file()]
SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "core", "base", "manager", "misc", "shared"}
TEXT = {".css", ".html", ".js", ".md", ".py", ".toml", ".ts", ".yaml", ".yml"}
# Words of our own that code and documents once used, and the words of the field that took their place.
RETIRED = {
    "afresh": "again; retry_on_conflict where a transaction is repeated",
    "answeredbeforesignal": "AlreadyAnswered",
    "carrier": "event source",
    "deed": "certificate change, PlannedChange",
    "dueindex": "ExpiryIndex",
    "entrance": "function, http_function",
    "heir": "renewal",
    "impatient": "a client with short timeouts",
    "keptanswer": "StoredResponse",
    "lest": "so that ... not",
    "lineage": "renewals",
    "nursery": "zygote",
    "seal": "encrypt, wrap; for cursors: authenticate",
    "sealed": "encrypted, wrapped; for cursors: authenticated",
    "sight": "Snapshot; visibility",
    "twin": "keyless duplicate",
    "wish": "ImportOverrides; range",
}
# Where such a word is the field's own, or names what is stored.
MEANT = {
    "layers/signet/signet/adapters/dynamodb/tables.py": {"sealed"},
    "tests/integration/recovery/test_doctor.py": {"sealed"},
    "tests/integration/signing/everything_done.py": {"sealed"},
    "tests/integration/signing/test_secrets.py": {"sealed"},
    "tools/recovery/tables.py": {"sealed"},
}
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
OF_ONE_MACHINE = re.compile(rb"/(?:root|work|home/\w+)/|\.pyenv/versions/\d")


def test_no_folder_or_module_has_a_name_that_says_nothing() -> None:
    assert not [file for file in FILES if SAY_NOTHING & {part.partition(".")[0] for part in file.split("/")}]


def words_of(text: str) -> set[str]:
    """Every word in it, lower case, with its singular; also those that a name in snake_case or CamelCase is made of."""
    names = {name.lower() for name in re.findall(r"[A-Za-z]+", text)}
    found = names | {word.lower() for word in WORD.findall(text)}
    return found | {word.removesuffix("s") for word in found} | {word.removesuffix("es") for word in found}


def test_no_file_uses_a_word_of_our_own_where_the_field_has_one() -> None:
    used = {
        (file, word, RETIRED[word])
        for file in FILES
        if Path(file).suffix in TEXT and "fixtures" not in file and not file.endswith("test_words.py")
        for word in words_of((ROOT / file).read_text()) & RETIRED.keys() - MEANT.get(file, set())
    }
    assert not used


def test_a_word_that_is_made_of_others_is_found_too() -> None:
    assert {"sight", "twin", "wish"} <= words_of("certificate_sight, CertificateTwin: their wishes")


def test_no_file_names_a_path_of_one_machine() -> None:
    looked_at = [file for file in FILES if "/fixtures/" not in file and not file.endswith("test_words.py")]
    assert not [file for file in looked_at if OF_ONE_MACHINE.search((ROOT / file).read_bytes())]
