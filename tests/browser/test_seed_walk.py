"""The page that the product follows, walked in its order by somebody at a screen."""

import re
from pathlib import Path

import pytest
from cryptography import x509
from playwright.sync_api import expect

from tests.browser.console import Console
from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.certificates.issued import in_base64, issue, unused_name
from tests.support.services.over_http import Client, at


@pytest.fixture
def used(admin: Client) -> dict[str, str]:
    """A certificate with all that the table shows: an owner, a use, a group and a policy."""
    alias = unused_name("walk")
    group = admin.good("POST", "/certificate-groups", {"name": unused_name("Release")})
    certificate = admin.import_certificate(issue(alias), alias=alias, owner="local/alice", groups=[group["id"]])
    policy = {
        "name": unused_name("CI may sign"),
        "action": "allow",
        "what": {"certificates": [certificate["id"]]},
        "who": {"users": ["local/admin"], "user_groups": ["local/release"]},
    }
    admin.good("POST", "/policies", policy)
    order = {"message": in_base64(b"program"), "message_type": "RAW", "signing_algorithm": "ECDSA_SHA_256"}
    admin.good("POST", f"/certificates/{certificate['id']}/sign", order)
    return {"id": certificate["id"], "alias": alias, "group": group["name"], "policy": policy["name"]}


def test_the_walk_of_the_seed_table(  # noqa: PLR0915 - it follows a page from its beginning to its end
    console: Console, admin: Client, used: dict[str, str], ca: CertificationAuthority, tmp_path: Path
) -> None:
    alias, page = used["alias"], console.page
    console.log_in("alice")
    console.screen("Certificates")
    console.search(alias)

    # Certificate Data: name, status in its parts, usage count, last use in UTC, groups, policies, valid to.
    expect(console.cell(alias, "Status")).to_contain_text("Enabled")
    expect(console.cell(alias, "Status")).to_contain_text("Has an owner")
    expect(console.cell(alias, "Usage Count")).to_have_text("1")
    expect(console.cell(alias, "Last Use")).to_have_text(re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$"))
    expect(console.cell(alias, "Groups")).to_contain_text(used["group"])
    expect(console.cell(alias, "Policies")).to_contain_text(used["policy"])
    valid_to = admin.good("GET", f"/certificates/{used['id']}")["valid_to"][:10]
    expect(console.cell(alias, "Valid To")).to_contain_text(valid_to)

    # Quick actions: disable and enable.
    console.quick_action(alias, "Disable")
    console.dialog().get_by_role("button", name="Disable").click()
    expect(console.cell(alias, "Status")).to_contain_text("Disabled")
    console.quick_action(alias, "Enable")
    expect(console.cell(alias, "Status")).to_contain_text("Enabled")

    # Download: the bytes of the certificate as a .cer file.
    with page.expect_download() as downloading:
        console.quick_action(alias, "Download")
    assert downloading.value.suggested_filename == f"{alias}.cer"
    der = downloading.value.path().read_bytes()
    assert der == admin.get(f"/certificates/{used['id']}/download").body

    # Tick boxes: one row, then the header's box for all on the page; add to groups and remove from them.
    other = admin.good("POST", "/certificate-groups", {"name": unused_name("Second")})["name"]
    page.get_by_role("checkbox", name=f"Select {alias}").check()
    console.bar().get_by_role("button", name="Add to groups").click()
    console.dialog().get_by_role("checkbox", name=other).check()
    expect(console.dialog().get_by_role("status")).to_have_text("1 will be done, 0 are so already, 0 would be refused.")
    console.dialog().get_by_role("button", name="Add to groups").click()
    expect(console.dialog().get_by_role("status")).to_have_text("1 done, 0 were so already, 0 failed.")
    console.dialog().get_by_role("button", name="Close").last.click()
    expect(console.cell(alias, "Groups")).to_contain_text(other)
    page.get_by_role("checkbox", name="Select all on this page").check()
    console.bar().get_by_role("button", name="Remove from groups").click()
    console.dialog().get_by_role("checkbox", name=other).check()
    console.dialog().get_by_role("button", name="Remove from groups (1)").click()
    expect(console.dialog().get_by_role("status")).to_have_text("1 done, 0 were so already, 0 failed.")
    console.dialog().get_by_role("button", name="Close").last.click()
    expect(console.cell(alias, "Groups")).not_to_contain_text(other)

    # One certificate: overview, related, details, X.509 attributes.
    page.get_by_role("link", name=alias, exact=True).click()
    expect(page.get_by_label("Certificate Alias")).to_have_value(alias)
    expect(page.get_by_label("Owner")).to_have_value("local/alice")
    page.get_by_label("Description").fill("Signs the nightly builds")
    page.get_by_role("checkbox", name="Ask for a reason when used").check()
    page.get_by_role("checkbox", name="Always ask for PIN").check()
    page.get_by_label("New PIN").fill("2468")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved")).to_be_visible()
    changed = admin.good("GET", f"/certificates/{used['id']}")
    assert (changed["description"], changed["status_info"]["pin_required"]) == ("Signs the nightly builds", True)
    console.tab("Related")
    for heading in ("Certificate Groups", "Related Policies", "Associated Users", "Associated User Groups"):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
    expect(page.get_by_text("local/release")).to_be_visible()
    console.tab("Details")
    expect(page.get_by_text(changed["serial_number"], exact=True)).to_be_visible()
    expect(page.get_by_text(changed["thumbprint_sha256"])).to_be_visible()
    expect(page.get_by_text("Extended Key Usage")).to_be_visible()
    console.tab("X.509 Attributes")
    expect(page.get_by_role("heading", name="Extensions")).to_be_visible()
    console.tab("Activity")
    expect(page.get_by_role("rowheader", name="Certificate Used")).to_be_visible()

    # CSR / Renew: the wizard, the CA, and the certificate that takes over.
    page.get_by_role("button", name="CSR / Renew").click()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Generate CSR").click()
    expect(page.get_by_role("heading", name="1. Give this CSR to the CA")).to_be_visible()
    answer = tmp_path / "answer.pem"
    answer.write_bytes(ca.issue(page.get_by_label("CSR", exact=True).inner_text()))
    page.locator("input[type=file]").set_input_files(answer)
    expect(page.get_by_text("The certificate is in.")).to_be_visible()
    new = admin.good("GET", at(alias))
    assert new["renews"] == used["id"]
    assert new["serial_number"] != f"{x509.load_der_x509_certificate(der).serial_number:X}"

    # Delete: the name is typed, and it is gone for good.
    console.screen("Certificates")
    console.search(alias)
    expect(console.row(alias)).to_be_visible()
    console.quick_action(alias, "Delete")
    console.dialog().get_by_label("Type its name to confirm").fill(alias)
    console.dialog().get_by_role("button", name="Delete", exact=True).click()
    expect(console.row(alias)).to_have_count(0)
    assert admin.get(f"/certificates/{new['id']}").status == 404
