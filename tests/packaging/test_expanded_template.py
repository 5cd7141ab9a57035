"""Linters find more in the expanded template than in the short one, so that is what they are shown."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT, template


@pytest.mark.soak
def test_cfn_lint_finds_nothing_in_the_expanded_template(tmp_path: Path) -> None:
    from samtranslator.yaml_helper import yaml_parse

    short = yaml_parse((ROOT / "template.yaml").read_text())
    whole = {
        "AWSTemplateFormatVersion": short["AWSTemplateFormatVersion"],
        "Parameters": short["Parameters"],
        "Conditions": template().conditions,
        "Resources": template().resources,
        "Outputs": template().outputs,
    }
    expanded = tmp_path / "expanded.json"
    expanded.write_text(json.dumps(whole))

    linter = str(Path(sys.executable).with_name("cfn-lint"))
    command = [linter, "--regions", "us-east-1", "--template", str(expanded)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)

    assert found.returncode == 0, found.stdout
