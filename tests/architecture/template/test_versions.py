"""Code, layers and settings switch together: every release makes new versions, and whatever calls, calls the alias."""

import re

import pytest

from local.aws.template import Template
from tests.architecture.source_tree import ALIAS, PARAMETERS, ROOT, called_in, functions, of_type, template

VERSION = re.compile(r"(\w+Function)Version([0-9a-f]{10})")
ROLES = re.compile(r"lambda:InvokeFunction\b")


def versions_in(whole: Template) -> dict[str, str]:
    """The logical id of each function's version: with another one CloudFormation publishes another version."""
    found = {}
    for name in whole.of_type("AWS::Lambda::Version"):
        named = VERSION.fullmatch(name)
        assert named, name
        found[named[1]] = name
    return found


def released(release: str, **parameters: str) -> Template:
    return Template.load(ROOT / "template.yaml", {**PARAMETERS, **parameters, "Release": release})


def test_every_function_has_a_version_and_the_alias_names_it() -> None:
    versions = versions_in(template())
    aliases = of_type("AWS::Lambda::Alias")

    assert set(versions) == set(functions())
    assert {each["FunctionName"].strip("<>"): each["FunctionVersion"] for each in aliases.values()} == {
        function: f"<{version}.Version>" for function, version in versions.items()
    }
    assert {each["Name"] for each in aliases.values()} == {ALIAS}


def test_another_release_makes_a_new_version_of_every_function() -> None:
    # Whatever changed: `make deploy` computes the release of functions, layers, template and parameters.
    before, after = released("0" * 16), released("1" * 16)

    assert not set(versions_in(before).values()) & set(versions_in(after).values())
    assert set(versions_in(before)) == set(versions_in(after))
    # Lambda publishes no version of a function that is as it was, and CloudFormation fails: so each function differs.
    assert all(
        function["Description"].endswith(" " + "1" * 16) for function in after.of_type("AWS::Lambda::Function").values()
    )


def test_the_same_release_makes_no_new_version() -> None:
    assert versions_in(released("a" * 16)) == versions_in(released("a" * 16))


def test_without_a_release_nothing_is_deployed() -> None:
    parameter = Template.load
    without = {name: value for name, value in PARAMETERS.items() if name != "Release"}

    with pytest.raises(Exception, match="no value for the parameter Release"):
        parameter(ROOT / "template.yaml", without)


def test_versions_and_layers_stay_when_there_are_newer_ones() -> None:
    kept = {
        name: part.get("DeletionPolicy")
        for name, part in template().resources.items()
        if part["Type"] in {"AWS::Lambda::Version", "AWS::Lambda::LayerVersion"}
    }

    assert len(kept) == len(functions()) + 2
    assert set(kept.values()) == {"Retain"}


def test_a_description_has_room_for_the_release() -> None:
    # Lambda API Reference, CreateFunction: 256 characters at most.
    assert {name for name, each in functions().items() if len(each["Description"]) > 256} == set()


def test_whatever_calls_a_function_calls_its_alias() -> None:
    calling = [permission["FunctionName"] for permission in of_type("AWS::Lambda::Permission").values()]
    calling += [mapping["FunctionName"] for mapping in of_type("AWS::Lambda::EventSourceMapping").values()]
    calling += [
        target["Arn"]
        for rule in of_type("AWS::Events::Rule").values()
        for target in rule["Targets"]
        if "Function" in target["Arn"]
    ]
    (api,) = of_type("AWS::ApiGatewayV2::Api").values()
    calling += [
        operation["x-amazon-apigateway-integration"]["uri"]
        for methods in api["Body"]["paths"].values()
        for operation in methods.values()
    ]
    schemes = api["Body"]["components"]["securitySchemes"].values()
    calling += [each["x-amazon-apigateway-authorizer"]["authorizerUri"] for each in schemes]

    called = {called_in(each) for each in calling}

    assert called == set(functions()) - {"RedriveEventsFunction"}  # that one is called by hand
    configured = of_type("AWS::Lambda::EventInvokeConfig").values()
    assert {each["Qualifier"] for each in configured} == {ALIAS}


def test_who_may_call_the_function_itself_is_nobody() -> None:
    for name, part in template().resources.items():
        if part["Type"] != "AWS::Lambda::Permission":
            assert not ROLES.search(str(part)), name
