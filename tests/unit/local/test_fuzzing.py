"""The search for what a parser does not survive begins where it is at work, keeps the form, and tells what it finds."""

import io
import json
import random
from base64 import b64decode
from pathlib import Path

import pytest

from signet.domain.asn1 import reader as der
from signet_cli.pkcs11.frames import read_frame
from tests.fuzzing import mutations
from tests.fuzzing.__main__ import ATHERIS, search
from tests.fuzzing.parsers import PARSERS, Parser
from tests.fuzzing.seeds import conversations, csr, key_set

MOST = 12
"""Seeds of a parser that are read here; all of them are read where the search begins."""
PLANTED = """
import signet.domain.moments as moments

sound = moments.parse_rfc3339

def parse_rfc3339(text):
    if text.endswith("7Z"):
        raise KeyError(text)
    return sound(text)

moments.parse_rfc3339 = parse_rfc3339
"""


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_a_parser_answers_its_seeds_and_takes_one_of_them(parser: Parser) -> None:
    seeds = list(parser.seeds())
    taken = 0
    for seed in seeds[:: -(-len(seeds) // MOST)]:
        assert len(seed) <= parser.longest
        try:
            parser.read(seed)
        except parser.refusals:
            continue
        taken += 1

    assert taken


def test_every_parser_has_a_name_of_its_own() -> None:
    assert len({each.name for each in PARSERS}) == len(PARSERS)


def backwards(part: bytes) -> bytes:
    return part[::-1]


def test_what_is_changed_in_json_is_json() -> None:
    changed = {mutations.of_json(key_set(), random.Random(seed), backwards) for seed in range(100)}

    assert len(changed) > 50
    for each in changed:
        assert isinstance(json.loads(each), dict)


def test_what_is_changed_in_der_is_der() -> None:
    changed = {mutations.of_der(csr(), random.Random(seed), backwards) for seed in range(100)}

    assert len(changed) > 20
    # Where the outermost is changed there may be two, or what it holds may be none; mostly it is what lies within.
    assert sum(is_der(each) for each in changed) > len(changed) / 2


def is_der(content: bytes) -> bool:
    try:
        der.parse(content).children()
    except der.Asn1Error:
        return False
    return True


def test_what_is_changed_between_frames_is_frames() -> None:
    conversation = max(conversations(), key=len)
    changed = {mutations.of_frames(conversation, random.Random(seed), backwards) for seed in range(100)}

    assert len(changed) > 50
    for each in changed:
        source = io.BytesIO(each[1:])
        while read_frame(source) is not None:
            pass


@pytest.mark.soak
@pytest.mark.skipif(not any(ATHERIS.glob("lib/python*/site-packages/atheris")), reason="not installed: atheris")
def test_what_is_found_is_told_with_its_input(tmp_path: Path) -> None:
    """Ten seconds of a processor."""
    (tmp_path / "sitecustomize.py").write_text(PLANTED)
    survived, told = search("timestamp", 60, [tmp_path])
    found = b64decode(told.splitlines()[-1])

    assert not survived
    assert "KeyError" in told
    assert found.replace(b" ", b"+").upper().endswith(b"7Z")
