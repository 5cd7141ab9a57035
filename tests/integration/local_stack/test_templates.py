"""What stands in a template is made or is an error, and every expression in it is resolved."""

from pathlib import Path
from typing import Any

import pytest

from local.aws.resources import Resources
from local.aws.template import Template, TemplateError
from local.lambda_service.lambda_runtime import environment_of, functions_of


def write_template(folder: Path, text: str) -> Path:
    path = folder / "template.yaml"
    path.write_text("Transform: AWS::Serverless-2016-10-31\n" + text)
    return path


def test_a_resource_type_that_is_not_known_is_an_error(tmp_path: Path) -> None:
    path = write_template(tmp_path, "Resources: {Pool: {Type: AWS::Cognito::UserPool}}")
    resources = Resources(Template.load(path), lambda service: None, api_endpoint="")

    with pytest.raises(TemplateError, match="Pool: the local stack does not know the type AWS::Cognito::UserPool"):
        resources.make_all()


def test_a_property_that_is_not_known_is_an_error(tmp_path: Path) -> None:
    path = write_template(tmp_path, "Resources: {Key: {Type: AWS::KMS::Alias, Properties: {AliasName: a, Odd: 1}}}")

    class Kms:
        def create_alias(self, **_: Any) -> None: ...

    with pytest.raises(TemplateError, match=r"AWS::KMS::Alias Key: .* does not know Odd"):
        Resources(Template.load(path), lambda service: Kms(), api_endpoint="").make_all()


def test_a_parameter_that_is_not_known_or_has_no_value_is_an_error(tmp_path: Path) -> None:
    path = write_template(tmp_path, "Parameters: {Wanted: {Type: String}}\nResources: {Queue: {Type: AWS::SQS::Queue}}")

    with pytest.raises(TemplateError, match="no value for the parameter Wanted"):
        Template.load(path)
    with pytest.raises(TemplateError, match="has no parameter Other"):
        Template.load(path, {"Wanted": "", "Other": ""})


def test_what_sam_does_not_accept_is_said(tmp_path: Path) -> None:
    path = write_template(
        tmp_path, "Resources: {F: {Type: AWS::Serverless::Function, Properties: {CodeUri: x, Odd: 1}}}"
    )

    with pytest.raises(TemplateError, match=r"SAM does not accept it.*Odd"):
        Template.load(path)


def test_functions_that_are_told_different_things_under_one_name_are_an_error(tmp_path: Path) -> None:
    function = "{Type: AWS::Serverless::Function, Properties: {CodeUri: x, Handler: a.b, Runtime: python3.13%s}}"
    one, two, more = (function % f", Environment: {{Variables: {{{each}}}}}" for each in ("ODD: 1", "ODD: 2", "OWN: 3"))
    template = Template.load(write_template(tmp_path, f"Resources:\n  One: {one}\n  Two: {two}"))
    agreeing = Template.load(write_template(tmp_path, f"Resources:\n  One: {one}\n  Two: {more}"))
    resources = Resources(template, lambda service: None, api_endpoint="")

    assert set(functions_of(template, resources)) == {"One", "Two"}
    with pytest.raises(TemplateError, match="differ in ODD"):
        environment_of(template, resources)
    assert environment_of(agreeing, resources) == {"ODD": "1", "OWN": "3"}


def test_every_expression_is_resolved(tmp_path: Path) -> None:
    template = Template.load(
        write_template(
            tmp_path,
            """
Parameters: {Name: {Type: String, Default: it}, Days: {Type: Number, Default: 30}}
Mappings: {Sizes: {small: {memory: 128}}}
Conditions: {Named: !And [!Equals [!Ref Name, it], !Or [!Equals [a, b], !Condition Always]], Always: !Equals [a, a]}
Resources: {Queue: {Type: AWS::SQS::Queue}}
""",
        )
    )

    def attribute(name: str, key: str | None) -> str:
        return f"{name}.{key}" if key else name

    def resolve(node: Any) -> Any:
        return template.resolve(node, attribute)

    assert resolve({"Ref": "Name"}) == "it"
    assert resolve({"Ref": "AWS::Region"}) == "us-east-1"
    assert resolve({"Ref": "Days"}) == 30
    assert resolve({"Fn::Sub": "${Days} days"}) == "30 days"
    assert resolve({"Fn::Equals": [{"Ref": "Days"}, "30"]}) is True
    assert resolve({"Fn::GetAtt": ["Queue", "Arn"]}) == resolve({"Fn::GetAtt": "Queue.Arn"}) == "Queue.Arn"
    assert resolve({"Fn::Sub": "${Name}-${Queue}-${Queue.Arn}-${!Kept}"}) == "it-Queue-Queue.Arn-${Kept}"
    assert resolve({"Fn::Sub": ["${A}", {"A": {"Ref": "Name"}}]}) == "it"
    assert resolve({"Fn::If": ["Named", "yes", "no"]}) == "yes"
    assert resolve({"a": {"Ref": "AWS::NoValue"}, "b": [1, {"Ref": "AWS::NoValue"}]}) == {"b": [1]}
    assert resolve({"Fn::Join": ["-", ["a", {"Ref": "Name"}]]}) == "a-it"
    assert resolve({"Fn::Select": ["1", {"Fn::Split": [",", "a,b"]}]}) == "b"
    assert resolve({"Fn::FindInMap": ["Sizes", "small", "memory"]}) == 128
    with pytest.raises(TemplateError, match="Fn::ImportValue is not understood"):
        resolve({"Fn::ImportValue": "x"})
