"""One command, and every function answers with the release before."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import boto3
import pytest

from tools.deployment.go_back import NoWayBackError, go_back, main, versions_of

FIRST, SECOND, THIRD = "1" * 16, "2" * 16, "3" * 16
NAMES = ["signet-get-health", "signet-sign-with-certificate"]


@pytest.fixture
def client(account: boto3.Session) -> Any:
    return account.client("lambda")


def code(text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", text)
    return packed.getvalue()


def release(client: Any, name: str, release: str, *, live: bool = True) -> str:
    """What CloudFormation does with a function of another release; the version's number."""
    try:
        client.update_function_code(FunctionName=name, ZipFile=code(release))
        client.update_function_configuration(FunctionName=name, Description=f"Does it {release}")
    except client.exceptions.ResourceNotFoundException:
        role = boto3.client("iam")
        try:
            arn = role.get_role(RoleName="any")["Role"]["Arn"]
        except role.exceptions.NoSuchEntityException:
            trust = json.dumps({"Version": "2012-10-17", "Statement": []})
            arn = role.create_role(RoleName="any", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        client.create_function(
            FunctionName=name,
            Role=arn,
            Runtime="python3.13",
            Handler="app.lambda_handler",
            Description=f"Does it {release}",
            Code={"ZipFile": code(release)},
        )
    version: str = client.publish_version(FunctionName=name)["Version"]
    if live:
        try:
            client.update_alias(FunctionName=name, Name="live", FunctionVersion=version)
        except client.exceptions.ResourceNotFoundException:
            client.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
    return version


def releases_of(client: Any) -> dict[str, str]:
    return {name: versions_of(client, name).live_release for name in NAMES}


def test_every_function_goes_back_to_the_release_before(client: Any) -> None:
    for each in (FIRST, SECOND):
        for name in NAMES:
            release(client, name, each)

    assert go_back(client, NAMES) == (FIRST, [])
    assert releases_of(client) == dict.fromkeys(NAMES, FIRST)


def test_one_comes_forward_again_and_going_back_twice_goes_further(client: Any) -> None:
    for each in (FIRST, SECOND, THIRD):
        for name in NAMES:
            release(client, name, each)

    assert go_back(client, NAMES)[0] == SECOND
    assert go_back(client, NAMES)[0] == FIRST
    assert go_back(client, NAMES, THIRD) == (THIRD, [])
    assert releases_of(client) == dict.fromkeys(NAMES, THIRD)


def test_a_function_that_is_new_stays_where_it_is(client: Any) -> None:
    release(client, NAMES[0], FIRST)
    for name in NAMES:
        release(client, name, SECOND)

    assert go_back(client, NAMES) == (FIRST, [NAMES[1]])
    assert releases_of(client) == {NAMES[0]: FIRST, NAMES[1]: SECOND}


def test_a_release_that_failed_half_way_is_passed_over(client: Any) -> None:
    for name in NAMES:
        release(client, name, FIRST)
    release(client, NAMES[0], SECOND, live=False)
    for name in NAMES:
        release(client, name, THIRD)

    assert go_back(client, NAMES)[0] == FIRST


def test_a_release_deployed_again_is_not_the_one_before(client: Any) -> None:
    for each in (FIRST, SECOND, FIRST):
        for name in NAMES:
            release(client, name, each)

    assert go_back(client, NAMES)[0] == SECOND


def test_where_functions_are_at_different_releases_nothing_is_moved_until_one_is_named(client: Any) -> None:
    for each in (FIRST, SECOND):
        for name in NAMES:
            release(client, name, each)
    client.update_alias(FunctionName=NAMES[0], Name="live", FunctionVersion="1")

    with pytest.raises(NoWayBackError, match="different releases"):
        go_back(client, NAMES)
    assert releases_of(client) == {NAMES[0]: FIRST, NAMES[1]: SECOND}
    assert go_back(client, NAMES, FIRST) == (FIRST, [])
    assert releases_of(client) == dict.fromkeys(NAMES, FIRST)


def test_before_the_first_release_there_is_none(client: Any) -> None:
    for name in NAMES:
        release(client, name, FIRST)

    with pytest.raises(NoWayBackError, match="no release before"):
        go_back(client, NAMES)
    with pytest.raises(NoWayBackError, match=SECOND):
        go_back(client, NAMES, SECOND)


def test_the_command_finds_the_functions_of_the_stack_and_says_where_things_are(
    client: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "samconfig.toml"
    config.write_text('[trial.deploy.parameters]\nstack_name = "signet"\nregion = "us-east-1"\n')
    assert main([str(config), "trial"]) == 1
    assert "there is no stack signet in us-east-1" in capsys.readouterr().err

    release(client, "another", FIRST)  # no function of the stack
    role = client.get_function(FunctionName="another")["Configuration"]["Role"]
    function = {"Runtime": "python3.13", "Handler": "app.f", "Role": role, "Code": {"ZipFile": "x"}}
    resources = {
        "Health": {"Type": "AWS::Lambda::Function", "Properties": {**function, "FunctionName": NAMES[0]}},
        "Queue": {"Type": "AWS::SQS::Queue"},
    }
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}
    boto3.client("cloudformation").create_stack(StackName="signet", TemplateBody=json.dumps(template))
    for each in (FIRST, SECOND):
        release(client, NAMES[0], each)

    assert main([str(config), "trial"]) == 0

    said = capsys.readouterr().out
    assert f"answers with release {FIRST}; it was {SECOND}" in said
    assert f"make go-back PROFILE=trial RELEASE={SECOND}" in said
    assert versions_of(client, NAMES[0]).live_release == FIRST
