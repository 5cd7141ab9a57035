"""The built console's function carries the files that it hands out, and hands them out with only the layers there."""

import base64
import gzip
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.source_tree import ROOT, FunctionModule, function_modules
from tests.packaging.test_built_functions import sample, start

FILES = "get_console/files"
MOST_BYTES_ANSWERED = 6 * 1024 * 1024  # AWS Lambda Developer Guide, quotas: of a synchronous answer, base64 included
ROOM_FOR_HEADERS = 16 * 1024

(CONSOLE,) = (module for module in function_modules() if module.serves_files)


def ask(built: Path, layers: list[Path], path: str, **headers: str) -> dict[str, Any]:
    """What the built function answers for `path`."""
    event = sample(CONSOLE)
    event["rawPath"] = event["requestContext"]["http"]["path"] = path
    event["headers"] = {name.replace("_", "-"): value for name, value in headers.items()}
    told = start(CONSOLE, built, layers, event)
    assert told["foreign"] == []
    answer: dict[str, Any] = told["answer"]
    return answer


def files_of(function: FunctionModule, folder: Path) -> dict[str, bytes]:
    """Every file below `folder`, by its name there."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    assert found, function
    return {name: path.read_bytes() for name, path in found.items()}


def test_the_built_function_has_the_console_to_the_byte(built: Path) -> None:
    packed = files_of(CONSOLE, built / CONSOLE.function / "files")

    assert packed == files_of(CONSOLE, ROOT / "functions/console" / FILES)
    assert {"index.html", "index.html.br", "index.html.gz"} <= set(packed)


def test_no_file_is_longer_than_lambda_can_answer(built: Path) -> None:
    for name, content in files_of(CONSOLE, built / CONSOLE.function / "files").items():
        assert len(base64.b64encode(content)) + ROOM_FOR_HEADERS < MOST_BYTES_ANSWERED, name


def test_every_compressed_copy_is_of_its_file(built: Path) -> None:
    packed = files_of(CONSOLE, built / CONSOLE.function / "files")
    copies = [name for name in packed if name.endswith(".gz")]

    assert copies
    for name in copies:
        assert gzip.decompress(packed[name]) == packed[name.removesuffix(".gz")], name
        assert name.replace(".gz", ".br") in packed


@pytest.mark.parametrize(
    ("path", "encodings", "media_type"),
    [
        ("/console", "br", "text/html; charset=utf-8"),
        ("/console/", "gzip", "text/html; charset=utf-8"),
        ("/console/certificates/crt_1", "", "text/html; charset=utf-8"),
        ("/console/icon.svg", "br", "image/svg+xml"),
    ],
)
def test_it_hands_them_out(built: Path, layers: list[Path], path: str, encodings: str, media_type: str) -> None:
    answer = ask(built, layers, path, accept_encoding=encodings)

    assert answer["statusCode"] == 200
    assert answer["isBase64Encoded"] is True
    assert answer["headers"]["Content-Type"] == media_type
    assert base64.b64decode(answer["body"])
