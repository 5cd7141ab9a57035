"""Linters find more in the expanded template than in the short one, so that is what they are shown."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from local.aws.template import Template
from tests.architecture.source_tree import PARAMETERS, ROOT


@pytest.mark.soak
def test_cfn_lint_finds_nothing_in_the_expanded_template(tmp_path: Path) -> None:
    from samtranslator.yaml_helper import yaml_parse

    short = yaml_parse((ROOT / "template.yaml").read_text())
    template = Template.load(ROOT / "template.yaml", {**PARAMETERS, "TrustedIssuersParameter": "/signet/issuers"})
    whole = {
        "AWSTemplateFormatVersion": short["AWSTemplateFormatVersion"],
        # SAM writes the release itself into the descriptions of functions and the names of their versions.
        "Parameters": {name: part for name, part in short["Parameters"].items() if name != "Release"},
        "Conditions": template.conditions,
        "Resources": template.resources,
        "Outputs": template.outputs,
    }
    expanded = tmp_path / "expanded.json"
    expanded.write_text(json.dumps(whole))

    linter = str(Path(sys.executable).with_name("cfn-lint"))
    command = [linter, "--regions", "us-east-1", "--template", str(expanded)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)

    assert found.returncode == 0, found.stdout
