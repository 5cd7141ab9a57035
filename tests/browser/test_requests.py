"""Signing requests at the screen: the wizard, the request's page, the CA's answer, a renewal, a cancelled one."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, expect

from tests.browser.console import Console
from tests.support.certificates.certification_authority import CertificationAuthority, as_pkcs7, told_of_csr
from tests.support.certificates.issued import KEY_ALGORITHMS, in_base64, issue, unused_name
from tests.support.services.over_http import Client, at

pytestmark = pytest.mark.soak

NAME = re.compile(r"^\s*Name\b")
WORDS = {
    "RSA_2048": "RSA 2048",
    "RSA_3072": "RSA 3072",
    "RSA_4096": "RSA 4096",
    "ECC_NIST_P256": "ECDSA P-256",
    "ECC_NIST_P384": "ECDSA P-384",
    "ECC_NIST_P521": "ECDSA P-521",
    "ED25519": "Ed25519",
}
KIND = {"RSA": "Public-Key: ({bits} bit)", "ECC": "Public-Key: ({bits} bit)", "ED2": "ED25519 Public-Key"}


def csr_of(console: Console) -> str:
    """The CSR as it is shown."""
    return console.page.get_by_label("CSR", exact=True).inner_text()


def bring(console: Console, content: bytes) -> None:
    """Choose a file with the CA's answer."""
    answer = FilePayload(name="answer.pem", mimeType="application/x-pem-file", buffer=content)
    console.page.locator("input[type=file]").set_input_files(answer)


def make_request(console: Console, common_name: str, algorithm: str = "ECC_NIST_P256") -> str:
    """Go through the wizard with a name and a key; the id of the request."""
    page = console.page
    page.get_by_label("Common name").fill(common_name)
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Key algorithm").select_option(algorithm)
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Generate CSR").click()
    expect(page.get_by_role("heading", name="1. Give this CSR to the CA")).to_be_visible()
    return page.url.rpartition("/")[2]


@pytest.mark.parametrize("algorithm", KEY_ALGORITHMS)
def test_the_wizard_makes_a_key_of_each_algorithm(console: Console, admin: Client, algorithm: str) -> None:
    console.log_in(path="/console/requests/new")
    request = make_request(console, unused_name("wizard"), algorithm)

    bits = re.sub(r".*?(\d+)$", r"\1", algorithm)
    assert KIND[algorithm[:3]].format(bits=bits) in told_of_csr(csr_of(console))
    expect(console.page.get_by_role("definition").filter(has_text=WORDS[algorithm])).to_be_visible()
    assert admin.good("GET", f"/signing-requests/{request}")["key_algorithm"] == algorithm


def test_every_field_of_the_wizard_reaches_the_service(console: Console, admin: Client) -> None:
    group = admin.good("POST", "/certificate-groups", {"name": unused_name("Wizard")})
    alias, page = unused_name("all fields"), console.page
    console.log_in(path="/console/requests/new")
    subject = {
        "Common name": "Release",
        "Organization (O)": "Example Corp",
        "Organizational unit": "Builds",
        "Locality": "Bilbao",
        "State or province": "Bizkaia",
        "Country": "ES",
        "E-mail": "release@example.com",
    }
    for label, value in subject.items():
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Hash").select_option("SHA_384")
    page.get_by_role("checkbox", name="document signing").check()
    page.get_by_label("Other usages").fill("1.3.6.1.4.1.99999.1")
    page.get_by_label("DNS names").fill("a.example.com\nb.example.com")
    page.get_by_label("E-mail addresses").fill("release@example.com")
    page.get_by_label("URIs").fill("https://example.com/release")
    page.get_by_label("IP addresses").fill("192.0.2.7")
    page.get_by_role("button", name="Next").click()
    page.get_by_label(NAME).fill(alias)
    page.get_by_label("Description").fill("By the wizard")
    page.get_by_label("Owner").fill("local/bob")
    page.get_by_role("checkbox", name=group["name"]).check()
    page.get_by_role("checkbox", name="Ask for a reason when used").check()
    page.get_by_label(re.compile(r"^\s*PIN\b")).fill("2468")
    page.get_by_role("button", name="Next").click()
    for told in ("Release", "SHA-384", "a.example.com", "1.3.6.1.4.1.99999.1", alias, group["name"], "local/bob"):
        expect(page.locator("dl.facts")).to_contain_text(told)
    page.get_by_role("button", name="Generate CSR").click()
    expect(page.get_by_role("heading", name=alias)).to_be_visible()

    request = admin.good("GET", f"/signing-requests/{page.url.rpartition('/')[2]}")
    assert (request["alias"], request["description"], request["owner"]) == (alias, "By the wizard", "local/bob")
    assert (request["ask_for_reason"], request["pin_required"]) == (True, True)
    assert [each["id"] for each in request["groups"]] == [group["id"]]
    told = told_of_csr(request["csr"])
    names = ("a.example.com", "b.example.com", "release@example.com", "https://example.com/release", "192.0.2.7")
    assert [
        name for name in (*names, "1.3.6.1.4.1.99999.1", "Code Signing", "ecdsa-with-SHA384") if name not in told
    ] == []
    assert [value for value in subject.values() if value not in request["subject"]] == []


def test_a_subject_can_be_written_as_a_whole(console: Console, admin: Client) -> None:
    page, name = console.page, unused_name("whole")
    console.log_in(path="/console/requests/new")
    page.get_by_text("Or write the whole subject").click()
    page.get_by_label("Distinguished name").fill(f"CN={name},DC=example,DC=com")
    for _ in range(3):
        page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Generate CSR").click()
    expect(page.get_by_role("heading", name="1. Give this CSR to the CA")).to_be_visible()

    request = admin.good("GET", f"/signing-requests/{page.url.rpartition('/')[2]}")
    assert request["subject"] == f"CN={name},DC=example,DC=com"


def test_going_back_in_the_wizard_keeps_what_was_typed(console: Console) -> None:
    page = console.page
    console.log_in(path="/console/requests")
    page.get_by_role("link", name="Generate CSR").click()
    page.get_by_label("Common name").fill("kept")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("DNS names").fill("kept.example.com")
    page.get_by_role("button", name="Next").click()
    page.get_by_label(NAME).fill("kept too")

    page.go_back()
    expect(page.get_by_label("DNS names")).to_have_value("kept.example.com")
    page.go_back()
    expect(page.get_by_label("Common name")).to_have_value("kept")
    page.go_forward()
    page.go_forward()
    expect(page.get_by_label(NAME)).to_have_value("kept too")
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_label("DNS names")).to_have_value("kept.example.com")
    for _ in range(4):
        page.go_back()
    expect(page.get_by_role("heading", name="Requests", exact=True)).to_be_visible()


def test_what_the_service_refuses_is_told_at_the_end_and_can_be_mended(console: Console, admin: Client) -> None:
    admin.import_certificate(issue(), alias=(taken := unused_name("taken")))
    page = console.page
    console.log_in(path="/console/requests/new")
    page.get_by_label("Common name").fill(taken)
    for _ in range(3):
        page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Generate CSR").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("button", name="Back").click()
    page.get_by_label(NAME).fill(unused_name("free"))
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Generate CSR").click()

    expect(page.get_by_role("heading", name="1. Give this CSR to the CA")).to_be_visible()


def test_the_csr_goes_out_and_the_answer_comes_in(
    console: Console, admin: Client, ca: CertificationAuthority, tmp_path: Path
) -> None:
    page = console.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    console.log_in(path="/console/requests/new")
    request = make_request(console, name := unused_name("answered"))
    csr = admin.good("GET", f"/signing-requests/{request}")["csr"]
    page.get_by_role("button", name="Copy CSR").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").strip() == csr.strip()
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download CSR").click()
    assert downloading.value.suggested_filename == f"{name}.csr"
    assert downloading.value.path().read_text() == csr

    # Another key's certificate, no certificate at all, a file that is too large: each is refused and says why.
    refused = page.get_by_role("alert")
    bring(console, issue(name).pem)
    expect(refused).to_contain_text("key")
    bring(console, b"nothing of the kind")
    expect(refused).not_to_contain_text("key")
    bring(console, bytes(10 * 1024 * 1024))
    expect(refused).to_contain_text("It has 10240 KB; a certificate file has at most 256 KB.")
    assert admin.good("GET", f"/signing-requests/{request}")["status"] == "pending"

    # The certificate with its chain.
    bring(console, as_pkcs7(ca.issue(csr), ca.own, ca.root))
    expect(page.get_by_text("The certificate is in.")).to_be_visible()
    expect(page.get_by_text("Completed", exact=True)).to_be_visible()
    expect(refused).to_have_count(0)
    page.get_by_role("status").get_by_role("link", name=name).click()
    console.tab("X.509 Attributes")
    expect(page.locator("ol.chain > li")).to_have_count(2)


def test_an_answer_can_be_pasted(console: Console, admin: Client, ca: CertificationAuthority) -> None:
    console.log_in(path="/console/requests/new")
    make_request(console, unused_name("pasted"))
    console.page.get_by_text("Or paste it").click()
    console.page.get_by_label("Certificate as PEM").fill(ca.issue(csr_of(console)).decode())
    console.page.get_by_role("button", name="Import what was pasted").click()

    expect(console.page.get_by_text("The certificate is in.")).to_be_visible()


def test_a_renewal_takes_over_and_can_disable_what_it_renews(
    console: Console, admin: Client, ca: CertificationAuthority
) -> None:
    page = console.page
    old = admin.import_certificate(issue(alias := unused_name("renewed")), alias=alias)
    console.log_in(path=f"/console/certificates?contains={alias}")
    console.quick_action(alias, "CSR / Renew")
    expect(page.get_by_label("Subject")).to_have_value(re.compile(f"^CN={alias},"))
    page.get_by_label("Key algorithm").select_option("RSA_3072")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Generate CSR").click()
    csr = csr_of(console)

    # The same entry leads to the request while it waits.
    request = page.url
    page.goto(f"{console.url}/console/certificates?contains={alias}")
    console.log_in(path=f"/console/certificates?contains={alias}")
    expect(console.row(alias)).to_contain_text("Renewal pending")
    console.quick_action(alias, "CSR / Renew")
    expect(page).to_have_url(request)
    page.get_by_role("checkbox", name="Disable the certificate that it renews").check()
    bring(console, ca.issue(csr))
    expect(page.get_by_text("The certificate is in.")).to_be_visible()

    new = admin.good("GET", at(alias))
    assert (new["renews"], new["key_algorithm"]) == (old["id"], "RSA_3072")
    assert admin.good("GET", f"/certificates/{old['id']}")["status"] == "disabled"


@pytest.mark.parametrize("change", ["nothing", "names", "usages"])
def test_a_renewal_asks_for_the_names_and_usages_of_before_unless_they_are_changed(
    console: Console, admin: Client, ca: CertificationAuthority, change: str
) -> None:
    page, alias = console.page, unused_name("for more")
    order = {
        "key_algorithm": "ECC_NIST_P256",
        "subject": {"common_name": alias},
        "subject_alternative_names": {"dns": ["old.example.com"], "uri": ["https://example.com/old"]},
        "extended_key_usage": ["code_signing", "1.3.6.1.4.1.99999.1"],
    }
    request = admin.good("POST", "/signing-requests", order)
    answer = {"content": in_base64(ca.issue(request["csr"]))}
    old = admin.good("POST", f"/signing-requests/{request['id']}/certificate", answer)
    console.log_in(path=f"/console/certificates/{old['id']}/renew")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("checkbox", name="code signing")).to_be_checked()
    expect(page.get_by_role("checkbox", name="document signing")).not_to_be_checked()
    expect(page.get_by_label("Other usages")).to_have_value("1.3.6.1.4.1.99999.1")
    expect(page.get_by_label("DNS names")).to_have_value("old.example.com")
    expect(page.get_by_label("URIs")).to_have_value("https://example.com/old")
    if change == "names":
        page.get_by_label("DNS names").fill("new.example.com")
        page.get_by_label("URIs").fill("")
    if change == "usages":
        page.get_by_role("checkbox", name="document signing").check()
        page.get_by_label("Other usages").fill("")
    page.get_by_role("button", name="Next").click()
    expect(page.locator("dl.facts")).to_contain_text("new.example.com" if change == "names" else "old.example.com")
    *commands, body = page.locator("details.command code").all_text_contents()
    page.get_by_role("button", name="Generate CSR").click()
    told = told_of_csr(csr_of(console))

    (command,) = commands
    options = {
        "nothing": "",
        "names": " --dns new.example.com",
        "usages": " --usage code_signing --usage document_signing",
    }
    assert command == f"signet certificates renew{options[change]} '{alias}'"
    # What stays is not named, so that the service takes over what only it can read.
    assert ("subject_alternative_names" in body) == (change == "names")
    assert ("extended_key_usage" in body) == (change == "usages")
    marks = {
        "DNS:old.example.com, URI:https://example.com/old": change != "names",
        "DNS:new.example.com": change == "names",
        "URI:": change != "names",
        "1.3.6.1.4.1.99999.1": change != "usages",
        "1.3.6.1.5.5.7.3.36": change == "usages",
        "Code Signing": True,
    }
    assert {mark: mark in told for mark in marks} == marks


def test_a_request_is_cancelled_and_stays_to_look_at(console: Console, admin: Client) -> None:
    page = console.page
    console.log_in(path="/console/requests/new")
    request = make_request(console, name := unused_name("cancelled"))
    page.get_by_role("button", name="Cancel the request").click()
    console.dialog().get_by_role("button", name="Cancel the request").click()
    expect(page.get_by_text("Its private key is destroyed")).to_be_visible()
    expect(page.locator(".drop")).to_have_count(0)
    expect(page.get_by_role("button", name="Cancel the request")).to_have_count(0)
    assert admin.good("GET", f"/signing-requests/{request}")["status"] == "cancelled"

    page.goto(f"{console.url}/console/requests?status=cancelled")
    console.log_in(path="/console/requests?status=cancelled")
    expect(page.get_by_role("link", name=name)).to_be_visible()


def test_a_request_that_somebody_else_has_cancelled_says_so(
    console: Console, admin: Client, ca: CertificationAuthority
) -> None:
    console.log_in(path="/console/requests/new")
    request = make_request(console, unused_name("meanwhile"))
    answer = ca.issue(csr_of(console))
    admin.delete(f"/signing-requests/{request}")
    bring(console, answer)

    expect(console.page.get_by_text("Cancelled", exact=True)).to_be_visible()
    expect(console.page.get_by_role("alert")).to_be_visible()
    expect(console.page.locator(".drop")).to_have_count(0)


def test_a_request_that_is_not_there_says_so(console: Console) -> None:
    console.log_in(path="/console/requests/req_00000000000000000000000000")

    expect(console.page.get_by_role("heading", name="No such request")).to_be_visible()
    console.page.get_by_role("link", name="All requests").click()
    expect(console.page.get_by_role("heading", name="Requests", exact=True)).to_be_visible()
