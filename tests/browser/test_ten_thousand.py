"""The table on a service that holds ten thousand certificates: a page at a time, sorted by the service."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Response, expect

from local.stack import start
from signet.adapters.dynamodb.rows.certificate_rows import settings_row, usage_row
from signet.domain.certificates.alias import Alias
from signet.domain.certificates.certificate import Usage
from tests.browser.console import Console
from tests.support.certificates.domain_examples import a_certificate
from tests.support.services.over_http import Service

pytestmark = pytest.mark.soak

MANY = 10_000
PAGE = 50
MOST_TRIES = 20
AT_ONCE = 25
"""Items that DynamoDB takes in one batch."""


@pytest.fixture(scope="module")
def crowded() -> Iterator[Service]:
    """A service with ten thousand certificates, every tenth disabled, each ending an hour before the last."""
    with start(workers=4, seed=False, log=lambda _: None) as stack:
        table = stack.resources.attribute("CertificateTable")
        client = stack.client("dynamodb")
        tomorrow = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
        items: list[dict[str, Any]] = []
        for number in range(MANY):
            certificate = a_certificate(
                # The first by name is the last to end.
                not_after=tomorrow + timedelta(hours=MANY - number),
                alias=Alias(f"certificate {number:05}"),
                enabled=number % 10 != 0,
                owner=None,
            )
            rows = (settings_row(certificate), usage_row(certificate.id, Usage()))
            items += ({"PutRequest": {"Item": row.serialize()}} for row in rows)
        for begin in range(0, len(items), AT_ONCE):
            client.batch_write_item(RequestItems={table: items[begin : begin + AT_ONCE]})
        yield Service(stack, [])


@pytest.fixture
def console(crowded: Service, browser: Browser) -> Iterator[Console]:
    """An administrator's window on it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    console = Console(context.new_page(), crowded.stack.url)
    yield console
    context.close()
    assert console.faults == []


class Asked:
    """What the page has asked the service for, and how many certificates it was sent."""

    def __init__(self, console: Console) -> None:
        self._responses: list[Response] = []
        console.page.on("response", self._note)

    def _note(self, response: Response) -> None:
        if "/v1/certificates?" in response.url and response.ok:
            self._responses.append(response)

    @property
    def addresses(self) -> list[str]:
        """What was asked, and answered."""
        return [each.url for each in self._responses]

    @property
    def rows(self) -> int:
        """How many certificates came."""
        return sum(len(each.json()["items"]) for each in self._responses)


def first_row(console: Console, number: int) -> None:
    """Wait until the table begins with that certificate; Moto, when busy, may not answer at the first try."""
    row = console.page.locator("tbody tr").first.get_by_role("link", name=f"certificate {number:05}", exact=True)
    again = console.page.get_by_role("button", name="Try again")
    for _ in range(MOST_TRIES):
        expect(row.or_(again)).to_be_visible(timeout=60_000)
        if row.is_visible():
            return
        again.click()
    pytest.fail(f"certificate {number:05} never came")


def test_the_table_shows_pages_of_ten_thousand_and_never_loads_all(console: Console) -> None:
    asked = Asked(console)
    took = {}

    def timed(what: str, number: int, begun: float) -> None:
        first_row(console, number)
        took[what] = time.perf_counter() - begun

    console.log_in("alice", path="/console/me")
    page = console.page

    begun = time.perf_counter()
    console.screen("Certificates")
    timed("first page", 0, begun)
    expect(page.locator("tbody tr")).to_have_count(PAGE)
    expect(page.get_by_role("navigation", name="Pages")).to_contain_text("50 on this page")

    begun = time.perf_counter()
    page.get_by_role("button", name="Next").click()
    timed("next page", PAGE, begun)
    begun = time.perf_counter()
    page.get_by_role("button", name="Valid To").click()
    timed("sorted by valid to", MANY - 1, begun)
    begun = time.perf_counter()
    page.get_by_role("button", name="Valid To").click()
    timed("the other way round", 0, begun)

    # Nothing is counted unasked: the service would read all that there is.
    assert not [address for address in asked.addresses if "count=" in address]
    assert len(asked.addresses) == len(took)
    assert asked.rows <= PAGE * len(took)
    assert all(f"limit={PAGE}" in address for address in asked.addresses)
    print("\n" + ", ".join(f"{what} {seconds * 1000:.0f} ms" for what, seconds in took.items()))


def test_a_filter_and_a_search_bring_no_more_than_a_page(console: Console) -> None:
    asked = Asked(console)
    page = console.page
    console.log_in("alice", path="/console/certificates?order=desc")
    first_row(console, MANY - 1)
    page.get_by_role("combobox", name="Status").select_option("Disabled")
    first_row(console, MANY - 10)
    expect(page.locator("tbody tr")).to_have_count(PAGE)
    page.get_by_role("button", name="Next").click()
    first_row(console, MANY - 10 - 10 * PAGE)
    asked_before = len(asked.addresses)
    console.search("certificate 0975")
    first_row(console, 9750)  # of these ten one is disabled
    expect(page.locator("tbody tr")).to_have_count(1)

    assert asked_before == 3
    assert asked.rows == 3 * PAGE + 1
    assert not [address for address in asked.addresses if "count=" in address]


def test_what_a_search_has_not_come_to_yet_is_on_a_later_page(console: Console) -> None:
    asked = Asked(console)
    page = console.page
    console.log_in("alice", path="/console/certificates?contains=certificate+0275")
    found = page.get_by_role("link", name="certificate 02750", exact=True)
    again = page.get_by_role("button", name="Try again")
    nothing_yet = page.get_by_text("None of these fits; there may be more on the next page.")
    passed: set[str] = set()
    for _ in range(MOST_TRIES):
        expect(found.or_(again).or_(nothing_yet)).to_be_visible()
        if found.is_visible():
            break
        if again.is_visible():
            again.click()
            continue
        passed.add(before := page.url)
        page.get_by_role("button", name="Next").click()
        expect(page).not_to_have_url(before)
        expect(page.get_by_role("region", name="Certificates")).to_have_attribute("aria-busy", "false")

    expect(page.locator("tbody tr")).to_have_count(10)
    assert len(passed) == 2  # a thousand are looked at for each
    assert asked.rows == 10


def test_those_that_fit_are_counted_where_somebody_asks(console: Console) -> None:
    asked = Asked(console)
    pages = console.page.get_by_role("navigation", name="Pages")
    console.log_in("alice", path="/console/certificates?status=disabled")
    first_row(console, 0)
    count_all = pages.get_by_role("button", name="Count all")
    counted = pages.get_by_text(f"{PAGE} of 1,000")
    for _ in range(MOST_TRIES):
        count_all.click()
        expect(pages.get_by_role("button", name="Counting")).to_have_count(0)
        if counted.is_visible():
            break
    expect(counted).to_be_visible()

    (address,) = [address for address in asked.addresses if "count=" in address]
    assert "limit=1&" in f"{address}&"
    assert asked.rows == PAGE + 1


def test_back_and_forward_keep_the_place(console: Console) -> None:
    page = console.page
    console.log_in("alice", path="/console/certificates?sort=valid_to")
    first_row(console, MANY - 1)
    page.get_by_role("button", name="Next").click()
    far = page.get_by_role("link", name="certificate 09905", exact=True)
    far.scroll_into_view_if_needed()
    place = page.evaluate("scrollY")
    assert place > 0
    listed = page.url
    far.click()
    expect(page.get_by_label("Certificate Alias")).to_have_value("certificate 09905")
    assert page.evaluate("scrollY") == 0

    page.go_back()
    expect(page).to_have_url(listed)
    expect(far).to_be_in_viewport()
    assert page.evaluate("scrollY") == place
    page.get_by_role("button", name="Previous").click()
    first_row(console, MANY - 1)
    page.go_back()
    expect(far).to_be_visible()
    page.go_forward()
    first_row(console, MANY - 1)
    page.reload()
    page.get_by_role("button", name="Log in with local").click()
    page.get_by_role("button", name=re.compile("^alice ")).click()
    first_row(console, MANY - 1)


def test_what_is_ticked_stays_so_on_the_next_page(console: Console) -> None:
    console.log_in("alice", path="/console/certificates")
    first_row(console, 0)
    console.page.get_by_role("checkbox", name="Select all on this page").check()
    expect(console.bar()).to_contain_text("50 certificates selected")
    console.page.get_by_role("button", name="Next").click()
    first_row(console, PAGE)
    expect(console.bar()).to_contain_text("50 certificates selected")
    console.page.get_by_role("checkbox", name="Select all on this page").check()
    expect(console.bar()).to_contain_text("100 certificates selected")
    console.bar().get_by_role("button", name="Disable").click()

    expect(console.dialog().get_by_role("status")).to_have_text(
        "90 will be done, 10 are so already, 0 would be refused."
    )
