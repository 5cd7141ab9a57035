"""`make deploy` looks at all that can be known before, and then runs SAM with the profile."""

import json
import sys
from pathlib import Path

import boto3
import pytest

from tests.architecture.source_tree import ROOT
from tests.unit.deployment.data_template import DATA_TEMPLATE
from tools.deployment.deploy import main
from tools.deployment.profile import Profile, ProfileError

ISSUERS = """[
  {"alias": "corp", "issuer": "https://login.example.com", "audiences": ["signet"], "user_claim": "sub"}
]"""
PROFILE = f"""
[trial.deploy.parameters]
stack_name = "signet-trial"
region = "us-east-1"
[trial.deploy.parameters.parameter_overrides]
TrustedIssuers = '''{ISSUERS}'''
AdministratorGroup = "corp/Signet administrators"
KeyCacheSeconds = 60
"""
# Instead of SAM: it writes down how it was called, and ends as SAM does where there is nothing to change.
SAM = f"""#!{sys.executable}
import json, pathlib, sys
pathlib.Path(sys.argv[0]).with_suffix(".called").write_text(json.dumps(sys.argv[1:]))
sys.exit(3)
"""


class Checkout:
    """A folder with what was built, a profile, and a program in SAM's place."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sam = folder / "sam"
        self.sam.write_text(SAM)
        self.sam.chmod(0o755)
        (folder / "build").mkdir()
        (folder / "build" / "template.yaml").write_text(DATA_TEMPLATE)
        self.config(PROFILE)

    def config(self, text: str) -> None:
        (self.folder / "samconfig.toml").write_text(text)

    def deploy(self, profile: str = "trial") -> int:
        return main([str(self.sam), str(self.folder / "build"), str(self.folder / "samconfig.toml"), profile])

    def called(self) -> list[str] | None:
        told = self.folder / "sam.called"
        return json.loads(told.read_text()) if told.exists() else None


@pytest.fixture
def checkout(tmp_path: Path, account: boto3.Session) -> Checkout:
    return Checkout(tmp_path)


def test_sam_is_run_with_the_profile_its_parameters_and_the_release(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    assert checkout.deploy() == 3

    called = checkout.called()
    assert called
    options = dict(zip(called[1::2], called[2::2], strict=True))
    assert called[0] == "deploy"
    assert options["--config-env"] == "trial"
    assert options["--config-file"] == str(checkout.folder / "samconfig.toml")
    assert options["--region"] == "us-east-1"
    assert options["--template-file"] == str(checkout.folder / "build" / "template.yaml")
    given = json.loads(Path(options["--parameter-overrides"].removeprefix("file://")).read_text())
    release = given.pop("Release")
    assert f"Release {release} of signet-trial" in capsys.readouterr().out
    assert json.loads(given.pop("TrustedIssuers")) == json.loads(ISSUERS)
    assert given == {"AdministratorGroup": "corp/Signet administrators", "KeyCacheSeconds": "60"}


def test_a_changed_parameter_is_another_release(checkout: Checkout) -> None:
    def release() -> str:
        checkout.deploy()
        return str(json.loads((checkout.folder / "parameters.yaml").read_text())["Release"])

    before = release()

    assert release() == before
    checkout.config(PROFILE.replace("KeyCacheSeconds = 60", "KeyCacheSeconds = 0"))
    assert release() != before


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('AdministratorGroup = "corp/Signet administrators"\n', "", "no value for the parameter AdministratorGroup"),
        ("KeyCacheSeconds", "KeyCacheMinutes", "no parameter KeyCacheMinutes"),
        ("signet-trial", "a-name-that-is-longer-than-32-letters", "is too long: in us-east-1 32 letters at most"),
        ("signet-trial", "a-name-that-is-28-letters-xx", None),
        (
            'signet-trial"\nregion = "us-east-1"',
            'a-name-that-is-28-letters-xx"\nregion = "ap-southeast-1"',
            "is too long: in ap-southeast-1 27 letters at most",
        ),
        ("[trial.", "[another.", "has no profile trial; it has another"),
        ('stack_name = "signet-trial"\n', "", "needs a stack_name"),
        ("Signet administrators", "Signet \\\\ administrators", "a backslash before a quotation mark or a space"),
        ("KeyCacheSeconds", "= ", "samconfig.toml cannot be read: "),
    ],
)
def test_what_cannot_be_deployed_is_told_before_sam_is_run(
    before: str, after: str, said: str | None, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    assert before in PROFILE
    checkout.config(PROFILE.replace(before, after))

    assert checkout.deploy() == (3 if said is None else 1)

    assert (checkout.called() is None) == (said is not None)
    assert (said or "") in capsys.readouterr().err


def test_a_table_that_is_there_with_another_key_is_not_replaced(
    checkout: Checkout, account: boto3.Session, capsys: pytest.CaptureFixture[str]
) -> None:
    table = {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    }
    resources = {
        "PrivateKeyTable": {"Type": "AWS::DynamoDB::Table", "Properties": table},
        "Queue": {"Type": "AWS::SQS::Queue"},
    }
    body = json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources})
    account.client("cloudformation").create_stack(StackName="signet-trial", TemplateBody=body)

    assert checkout.deploy() == 1

    said = capsys.readouterr().err
    assert "Not deployed: this cannot take the place of what is deployed:" in said
    assert "its key would change from id (S) to pk (S)" in said
    assert checkout.called() is None


def test_a_table_that_a_parameter_named_before_is_not_forgotten(
    checkout: Checkout, account: boto3.Session, capsys: pytest.CaptureFixture[str]
) -> None:
    parameters = {"ExistingCertificateTable": {"Type": "String", "Default": "restored"}}
    body = json.dumps({"Parameters": parameters, "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})
    account.client("cloudformation").create_stack(StackName="signet-trial", TemplateBody=body)

    assert checkout.deploy() == 1

    assert "ExistingCertificateTable was restored and is not given now" in capsys.readouterr().err
    assert checkout.called() is None


@pytest.mark.parametrize("name", ["trial", "production"])
def test_the_profiles_that_come_with_it_say_all_but_who_may_call(name: str) -> None:
    profile = Profile.read(ROOT / "samconfig.toml", name)
    text = (ROOT / "samconfig.toml").read_text()

    assert profile.stack.startswith("signet")
    assert f'tags = "service=signet environment={name}"' in text
    assert text.count("CAPABILITY_NAMED_IAM") == 2
    assert "TrustedIssuers" not in profile.parameters


def test_a_profile_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="no profile elsewhere; it has production, trial"):
        Profile.read(ROOT / "samconfig.toml", "elsewhere")
