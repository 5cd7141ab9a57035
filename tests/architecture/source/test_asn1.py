"""One reader of DER, one table of object identifiers: nothing of either stands anywhere else in the layer."""

import ast
import functools
import re
import subprocess
import sys

import pytest

from signet.domain.asn1 import object_identifiers as oids
from signet.domain.asn1.writer import object_identifier
from tests.architecture.source_tree import PACKAGE, ROOT

TABLE = "domain/asn1/object_identifiers.py"
READERS = {"domain/asn1/reader.py", "adapters/certificate_files/ber.py"}
DOTTED = re.compile(r"(?:[01]\.[1-3]?[0-9]|2\.[0-9]+)(?:\.[0-9]+){2,}\.?")
KNOWN = {name: value for name, value in vars(oids).items() if isinstance(value, str) and DOTTED.fullmatch(value)}
ENCODED = [object_identifier(dotted) for dotted in KNOWN.values()]


@functools.cache
def nodes() -> list[tuple[str, ast.AST]]:
    """Everything in the layer's code, each with the module that it stands in."""
    return [
        (path.relative_to(PACKAGE).as_posix(), node)
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
    ]


def is_identifier(value: str | bytes) -> bool:
    """Whether `value` is an object identifier, dotted, or has one in it, encoded, as bytes or in hex."""
    if isinstance(value, bytes):
        return any(encoded in value for encoded in ENCODED)
    digits = re.sub(r"[\s:]", "", value).lower()
    return DOTTED.fullmatch(value) is not None or any(encoded.hex() in digits for encoded in ENCODED)


def test_every_object_identifier_stands_in_the_table_alone_and_once() -> None:
    elsewhere = [
        (module, node.value)
        for module, node in nodes()
        if module != TABLE and isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
        if is_identifier(node.value)
    ]
    assert elsewhere == []
    assert len(set(KNOWN.values())) == len(KNOWN) > 140


def test_an_identifier_is_found_in_each_of_its_forms() -> None:
    encoded = object_identifier(oids.CE_KEY_USAGE)
    forms = (oids.CE_KEY_USAGE, "1.3.6.1.4.1.99999.", encoded, b"\x30\x05" + encoded, encoded.hex(":"))
    others = ("0.1.0", "as in 2.5.4.3=Example", b"certificate")
    assert [is_identifier(each) for each in (*forms, *others)] == [True] * len(forms) + [False] * len(others)


def test_headers_are_read_for_the_two_kinds_of_element_and_nowhere_else() -> None:
    callers = {
        module
        for module, node in nodes()
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "header"
    }
    elements = {module for module, node in nodes() if isinstance(node, ast.ClassDef) and node.name.endswith("Element")}
    assert callers == elements == READERS


def test_nobody_else_masks_the_bits_of_a_header() -> None:
    """0x80 tells the long form of a length, 0x7F the number of its octets (X.690, 8.1.3.5)."""
    masks = {
        module
        for module, node in nodes()
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd | ast.BitOr)
        for side in (node.left, node.right)
        if isinstance(side, ast.Constant) and side.value in {0x7F, 0x80}
    }
    assert masks <= {"domain/asn1/reader.py", "domain/asn1/tags.py", "domain/asn1/writer.py"}


@pytest.mark.parametrize("function", ["sign_with_certificate", "delete_certificate"])
def test_who_reads_no_name_loads_no_reader(function: str) -> None:
    app = next((ROOT / "functions").rglob(f"{function}/app.py"))
    code = f"import runpy, sys; runpy.run_path({str(app)!r}); print('signet.domain.asn1' in sys.modules)"
    environment = {"PYTHONPATH": str(PACKAGE.parent), "AWS_DEFAULT_REGION": "us-east-1"}
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert loaded.stdout.splitlines()[-1] == "False"
