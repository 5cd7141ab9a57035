"""Many files dropped at once: each has its password, its result and another try; what is too large is not even sent."""

from base64 import b64encode

import pytest
from playwright.sync_api import FilePayload, Locator, Request, Route, expect

from tests.browser.console import Console
from tests.support.certificates.issued import PASSWORD, issue, unused_name
from tests.support.services.over_http import Client, at

pytestmark = pytest.mark.soak

DROP = """(zone, files) => {
    const dropped = new DataTransfer();
    for (const {name, content} of files) {
        dropped.items.add(new File([Uint8Array.from(atob(content), (each) => each.charCodeAt(0))], name));
    }
    zone.dispatchEvent(new DragEvent('drop', {dataTransfer: dropped, bubbles: true, cancelable: true}));
}"""
TEN_MEGABYTES = 10 * 1024 * 1024


def drop(console: Console, files: dict[str, bytes]) -> None:
    """Drop files on the screen, as from a folder."""
    given = [{"name": name, "content": b64encode(content).decode()} for name, content in files.items()]
    console.page.locator(".drop").evaluate(DROP, given)


def entry(console: Console, file: str) -> Locator:
    """What the screen shows of one file."""
    return console.page.locator(".files > li").filter(has=console.page.get_by_text(file, exact=True))


def result(console: Console, file: str, text: str) -> None:
    """Wait for what has come of it."""
    expect(entry(console, file)).to_contain_text(text)


@pytest.fixture
def sent(console: Console) -> list[Request]:
    """The imports that the page sends."""
    requests: list[Request] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/v1/certificates"):
            requests.append(request)

    console.page.on("request", note)
    return requests


def test_twelve_files_each_with_its_password_and_its_result(
    console: Console, admin: Client, sent: list[Request]
) -> None:
    aliases = [unused_name("dropped") for _ in range(7)]
    made = [issue(alias) for alias in aliases]
    files = {f"{alias}.p12": each.pkcs12() for alias, each in zip(aliases, made, strict=True)}
    twice, marked, wrong = f"copy of {aliases[0]}.p12", "<img src=x onerror=alert(1)>.p12", f"{aliases[6]}.p12"
    files[twice] = files[f"{aliases[0]}.p12"]
    files[marked] = issue(unused_name("marked")).pkcs12()
    files["notes.txt"] = b"this is no certificate"
    files["disk.iso"] = bytes(TEN_MEGABYTES)
    files["empty.pem"] = b""
    assert len(files) == 12
    console.log_in(path="/console/certificates/import")
    drop(console, files)

    # What is too large or empty is refused before anything is sent, and the bound is named.
    result(console, "disk.iso", "It has 10240 KB; a certificate file has at most 256 KB.")
    result(console, "empty.pem", "It is empty.")
    for file in files:
        if file.endswith(".p12"):
            entry(console, file).get_by_label(f"Password of {file}").fill("not it" if file == wrong else PASSWORD)
    console.page.get_by_role("button", name="Import 10 files").click()

    again = console.page.get_by_role("button", name="Retry the 3 that failed")
    expect(again).to_be_enabled()
    for file in [*(f"{alias}.p12" for alias in aliases[:6]), marked]:
        result(console, file, "Imported")
    result(console, wrong, "Refused")
    result(console, wrong, "password")
    result(console, "notes.txt", "Refused")
    result(console, twice, "Refused")
    there = admin.good("GET", at(aliases[0]))["id"]
    link = entry(console, twice).get_by_role("link", name="The certificate that is there")
    expect(link).to_have_attribute("href", f"/console/certificates/{there}")
    expect(console.page.locator("main img")).to_have_count(0)
    assert len(sent) == 10
    assert max(len(request.post_data or "") for request in sent) < TEN_MEGABYTES

    # Another try sends those that failed and no other.
    for file in ("notes.txt", twice, "disk.iso", "empty.pem"):
        console.page.get_by_role("button", name=f"Take {file} away").click()
    entry(console, wrong).get_by_label(f"Password of {wrong}").fill(PASSWORD)
    console.page.get_by_role("button", name="Retry the 1 that failed").click()
    result(console, wrong, "Imported")
    assert len(sent) == 11
    expect(console.page.get_by_text("8 certificates imported.")).to_be_visible()
    for alias in aliases:
        assert admin.good("GET", at(alias))["has_private_key"]


def test_settings_for_all_are_those_of_each(console: Console, admin: Client) -> None:
    group = admin.good("POST", "/certificate-groups", {"name": unused_name("For all")})
    alias, named = unused_name("set"), unused_name("named")
    console.log_in(path="/console/certificates/import")
    console.page.locator("input[type=file]").set_input_files(
        FilePayload(name="it.pem", mimeType="application/x-pem-file", buffer=issue(alias).pem)
    )
    entry(console, "it.pem").get_by_label("Name for it.pem").fill(named)
    console.page.get_by_text("Settings for all of them").click()
    console.page.get_by_role("checkbox", name=group["name"]).check()
    console.page.get_by_label("Owner").fill("local/bob")
    console.page.get_by_role("checkbox", name="Ask for a reason when used").check()
    console.page.get_by_role("button", name="Import 1 file").click()

    result(console, "it.pem", "without its private key")
    entry(console, "it.pem").get_by_role("link", name=named).click()
    expect(console.page.get_by_label("Certificate Alias")).to_have_value(named)
    imported = admin.good("GET", at(named))
    assert (imported["owner"], imported["groups"][0]["id"]) == ("local/bob", group["id"])
    assert imported["status_info"]["reason_required"]


def test_a_file_whose_answer_was_lost_is_imported_once(console: Console, admin: Client, sent: list[Request]) -> None:
    alias = unused_name("lost")
    console.log_in(path="/console/certificates/import")
    drop(console, {"lost.p12": issue(alias).pkcs12(password=None)})

    def lose(route: Route) -> None:
        if len(sent) == 1:
            route.fetch()  # it arrives, and its answer does not
        route.abort()

    console.page.route("**/v1/certificates", lose, times=3)  # it is sent three times before anybody is told
    console.page.get_by_role("button", name="Import 1 file").click()
    result(console, "lost.p12", "The service does not answer")
    console.page.get_by_role("button", name="Retry the 1 that failed").click()

    result(console, "lost.p12", "Imported")
    assert len({each.headers["idempotency-key"] for each in sent}) == 1
    assert len(admin.items("/certificates", q=alias)) == 1
