"""The layers hold what functions need, compiled for the deployed Python and processor, and nothing else."""

import struct
import subprocess
from pathlib import Path

from tests.packaging.conftest import DEPLOYED_PYTHON

SERVICES = {"dynamodb", "events", "kms", "sns", "sqs", "ssm"}
AARCH64 = 183  # e_machine of ELF
UNCHECKED_HASH = 1  # PEP 552: never compared with a source, by time or by content
MOST_MEGABYTES = 60  # Lambda's own limit is 250 for both layers and the function


def test_every_library_is_for_the_deployed_processor(built: Path) -> None:
    libraries = list((built / "ThirdPartyLayer").rglob("*.so"))

    assert libraries
    for library in libraries:
        header = library.read_bytes()[:20]
        assert header[:4] == b"\x7fELF"
        assert struct.unpack_from("<H", header, 18) == (AARCH64,), library.name


def test_every_module_is_compiled_for_the_deployed_python_and_never_compared_with_its_source(built: Path) -> None:
    show = "import importlib.util; print(importlib.util.MAGIC_NUMBER.hex())"
    magic = bytes.fromhex(subprocess.check_output([DEPLOYED_PYTHON, "-c", show], text=True))

    for layer in ("ThirdPartyLayer", "SignetLayer"):
        for module in (built / layer).rglob("*.py"):
            compiled = module.parent / "__pycache__" / f"{module.stem}.cpython-313.pyc"
            assert compiled.read_bytes()[:8] == magic + struct.pack("<I", UNCHECKED_HASH), module


def test_bytecode_names_the_place_in_lambda_and_not_where_it_was_built(built: Path) -> None:
    compiled = built / "SignetLayer/python/signet/__pycache__/settings.cpython-313.pyc"

    assert b"/opt/python/signet/settings.py" in compiled.read_bytes()


def test_nothing_is_packed_that_no_function_reads(built: Path) -> None:
    python = built / "ThirdPartyLayer/python"

    assert {folder.name for folder in (python / "botocore/data").iterdir() if folder.is_dir()} == SERVICES
    assert not [path for path in python.rglob("*") if path.is_dir() and path.name in {"tests", "bin"}]
    assert not (python / "boto3/data").exists()
    assert sum(path.stat().st_size for path in python.rglob("*") if path.is_file()) < MOST_MEGABYTES * 1024 * 1024


def test_a_function_is_its_one_module_and_all_else_comes_from_the_layers(built: Path) -> None:
    functions = [folder for folder in built.iterdir() if folder.name.endswith("Function")]

    assert functions
    for folder in functions:
        carried = {"files"} if folder.name == "GetConsoleFunction" else set()  # what it answers with
        assert {path.name for path in folder.iterdir() if path.name != "__pycache__"} == {"app.py"} | carried


def test_the_built_template_has_no_alias_that_cloudformation_could_not_read(built: Path) -> None:
    text = (built / "template.yaml").read_text()

    assert text.count("PermissionsBoundary:\n") > 60
    assert "*RoleOfAFunction" not in text
    assert "<<:" not in text
    assert "*id0" not in text
