"""What a browser loads until the first screen stands: the build holds it to the same bound, by what files need."""

import pytest
from playwright.sync_api import Response, expect

from tests.browser.console import Console

pytestmark = pytest.mark.soak

MOST_BYTES = 150 * 1024


def test_the_first_view_is_at_most_150_kb_as_it_travels(console: Console) -> None:
    loaded: dict[str, Response] = {}

    def note(answer: Response) -> None:
        loaded.setdefault(answer.url.partition("?")[0], answer)

    console.page.on("response", note)

    console.log_in(path="/console/certificates")
    expect(console.page.get_by_role("table")).to_be_visible()

    files = {url: answer for url, answer in loaded.items() if "/console" in url and answer.status == 200}
    sizes = {url: answer.request.sizes()["responseBodySize"] for url, answer in files.items()}
    assert len(sizes) > 10
    assert "br" in {answer.header_value("content-encoding") for answer in files.values()}
    assert sum(sizes.values()) <= MOST_BYTES, sizes
