"""A domain of one's own, limits that callers share, and how long a stack's name may be."""

import re
from typing import Any

import pytest

from local.aws.template import Template
from tests.architecture.source_tree import PARAMETERS, ROOT, template
from tools.deployment.deploy import longest_stack_name


def with_parameters(**parameters: str) -> Template:
    return Template.load(ROOT / "template.yaml", {**PARAMETERS, **parameters})


def resolved(whole: Template, node: Any) -> Any:
    return whole.resolve(node, lambda name, key: f"<{name}.{key}>" if key else f"<{name}>")


def test_a_domain_leads_to_the_api_and_mails_name_it() -> None:
    whole = template()

    (domain,) = (resolved(whole, each) for each in whole.of_type("AWS::ApiGatewayV2::DomainName").values())
    (mapping,) = (resolved(whole, each) for each in whole.of_type("AWS::ApiGatewayV2::ApiMapping").values())
    (stage,) = whole.of_type("AWS::ApiGatewayV2::Stage")
    assert domain["DomainName"] == PARAMETERS["DomainName"]
    (configuration,) = domain["DomainNameConfigurations"]
    assert configuration["CertificateArn"] == PARAMETERS["DomainCertificate"]
    assert configuration["SecurityPolicy"] == "TLS_1_2"
    assert mapping == {"ApiId": "<Api>", "DomainName": "<Domain>", "Stage": f"<{stage}>"}
    assert whole.outputs["DomainTarget"]
    told = resolved(whole, whole.of_type("AWS::Lambda::Function")["NotifyPeopleFunction"])
    assert told["Environment"]["Variables"]["ADDRESS"] == "https://signet.example.com"


def test_an_address_that_is_given_is_what_mails_name() -> None:
    whole = with_parameters(Address="https://elsewhere.example.com")

    told = resolved(whole, whole.of_type("AWS::Lambda::Function")["NotifyPeopleFunction"])
    assert told["Environment"]["Variables"]["ADDRESS"] == "https://elsewhere.example.com"


def test_without_a_domain_there_is_none() -> None:
    whole = with_parameters(DomainName="", DomainCertificate="")

    assert not whole.of_type("AWS::ApiGatewayV2::DomainName", "AWS::ApiGatewayV2::ApiMapping")
    assert "DomainTarget" not in whole.outputs
    told = resolved(whole, whole.of_type("AWS::Lambda::Function")["NotifyPeopleFunction"])
    assert ".execute-api." in told["Environment"]["Variables"]["ADDRESS"]


def test_callers_share_the_limits_that_were_given_and_the_public_routes_have_smaller_ones() -> None:
    whole = with_parameters(RequestsPerSecond="50", RequestsAtOnce="70")

    (stage,) = (resolved(whole, each) for each in whole.of_type("AWS::ApiGatewayV2::Stage").values())
    default = stage["DefaultRouteSettings"]
    assert (int(default["ThrottlingRateLimit"]), int(default["ThrottlingBurstLimit"])) == (50, 70)
    assert {each["ThrottlingRateLimit"] for each in stage["RouteSettings"].values()} == {100}


@pytest.mark.parametrize(("region", "longest"), [("us-east-1", 32), ("ap-southeast-1", 27)])
def test_a_stack_may_have_a_name_as_long_as_the_documents_say(region: str, longest: int) -> None:
    assert longest_stack_name(template(), region) == longest
    said = re.search(r"may have (\d+) characters, and (\d+) in", (ROOT / "docs/deploying.md").read_text())
    assert said
    assert str(longest) in said.groups()
