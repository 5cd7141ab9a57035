"""The stages are looked at when a deployment is made, and when a function starts."""

import re

import pytest

from signet.settings import Settings
from tests.architecture.source_tree import ROOT
from tests.unit.identity.test_authorize_request import ENVIRONMENT

pytestmark = pytest.mark.clock

PATTERN = re.search(
    r"\n  ExpiryStages:\n(?:    .*\n)*?    AllowedPattern: (\S+)\n", (ROOT / "template.yaml").read_text()
)


def stages(text: str) -> tuple[int, ...]:
    return Settings.of({**ENVIRONMENT, "TRUSTED_ISSUERS": "[]", "EXPIRY_STAGES_DAYS": text}).expiry_stages


@pytest.mark.parametrize(("text", "wanted"), [("90,30,7,1", (90, 30, 7, 1)), ("7,90", (90, 7)), ("3650", (3650,))])
def test_stages_are_days_the_widest_first(text: str, wanted: tuple[int, ...]) -> None:
    assert stages(text) == wanted
    assert PATTERN
    assert re.fullmatch(PATTERN[1], text)


@pytest.mark.parametrize("text", ["", "0", "-1", "30,,7", "30;7", "thirty", "1.5", "30,", " ", "3651", "99999"])
def test_what_is_no_list_of_days_is_refused_at_deployment_and_at_the_start(text: str) -> None:
    with pytest.raises(ValueError, match=r"invalid literal|EXPIRY_STAGES_DAYS"):
        stages(text)
    assert PATTERN
    assert not re.fullmatch(PATTERN[1], text)


def test_a_stage_named_twice_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="EXPIRY_STAGES_DAYS"):
        stages("30,30")
