"""Which form an answer takes: the one that `Accept` weighs highest (RFC 9110, 12.5.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.api.answering.media_types import preferred

JSON, CSV = OFFERED = ("application/json", "text/csv")


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("text/csv", CSV),
        ("TEXT/CSV; charset=utf-8", CSV),
        ("text/*", CSV),
        ("application/*", JSON),
        ("image/png", JSON),
        ("text/html, text/csv;q=0.9", CSV),
        ("text/csv;q=0.5, application/json", JSON),
        ("text/csv;q=0.5, application/json;q=0.4", CSV),
        ("application/json;q=0.1, text/csv;q=0.2", CSV),
        ("text/csv;q=0", JSON),
        ("text/csv;q=0, */*", JSON),
        ("*/*, application/json;q=0", CSV),
        ("*/*;q=0.1, text/csv;q=0.01", JSON),
        ("text/*;q=0.3, text/csv;q=0.7, application/json;q=0.5", CSV),
        ("text/csv;q=0.3, text/*;q=0.9, application/json;q=0.5", JSON),
        ("text/csv, */*", CSV),
        ("*/*, text/csv", CSV),
        ("text/csv, application/json", CSV),
        ("application/json, text/csv", JSON),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON),
        ("text/csv ; header=present ; q = 0.4 , application/json ; Q=0.5", JSON),
        ('text/csv;x="a,b;q=0";q=1, application/json;q=0.5', CSV),
        ("text/csv;q=2, application/json;q=0.9", CSV),
        ("text/csvx, application/jsonx", JSON),
        ("nonsense", JSON),
        (",,;;q=1,", JSON),
    ],
)
def test_the_form_is_the_one_weighed_highest(accept: str, form: str) -> None:
    assert preferred(accept, OFFERED) == form


@given(st.text(alphabet='textcsvapplijon/*;q=0.15, "', max_size=200))
def test_whatever_is_accepted_one_of_the_forms_is_answered(accept: str) -> None:
    assert preferred(accept, OFFERED) in OFFERED
