"""What "Copy as command" shows does, in a shell, what the button beside it does."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.console import Console
from tests.support.certificates.certification_authority import CertificationAuthority
from tests.support.certificates.issued import issue, unused_name
from tests.support.programs.signet_command import PACKAGE
from tests.support.services.over_http import ANSWER_TIMEOUT_SECONDS, Client, Service, at

pytestmark = pytest.mark.soak

HOSTILE = """it's "$(touch ran)" `touch ran` ;touch ran; %s \\n $TOKEN!"""
"""A name that a shell which is not told better would run."""


FORMATS = {
    "der": "Certificate (.cer)",
    "pem": "PEM (.pem)",
    "pem_chain": "PEM with its chain",
    "pkcs7": "PKCS#7 (.p7b)",
}


@dataclass(frozen=True)
class Shell:
    """A shell in an empty folder, with the token of an Administrator in its environment alone."""

    folder: Path
    environment: dict[str, str]

    def run(self, line: str, given: str = "") -> str:
        """Run a line that was copied; what it printed."""
        assert self.environment["TOKEN"] not in line
        done = subprocess.run(
            ["/bin/sh", "-c", line],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            env=self.environment,
            timeout=ANSWER_TIMEOUT_SECONDS,
        )
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        return done.stdout


@pytest.fixture
def shell(signet: Service, tmp_path: Path) -> Iterator[Shell]:
    """It has `signet` and curl; nothing that a name held may have been run in it."""
    folder, programs = tmp_path / "here", tmp_path / "programs"
    folder.mkdir()
    programs.mkdir()
    command = programs / "signet"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m signet_cli "$@"\n')
    command.chmod(0o755)
    token = signet.stack.issuer.token("admin", ("administrators",), expires_in=3600)
    yield Shell(
        folder,
        {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "PYTHONPATH": str(PACKAGE),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "SIGNET_ADDR": signet.stack.url,
            "SIGNET_ID_TOKEN": token,
            "TOKEN": token,
        },
    )
    assert not (folder / "ran").exists()


def field(within: Locator | Page, label: str) -> Locator:
    """The field that is called `label`, and nothing more."""
    return within.get_by_role("textbox", name=label, exact=True)


def copied(within: Locator, program: str, action: str = "", place: int = -1) -> str:
    """The line of `program` under "Copy as command", for `action` where there are several."""
    panel = within.locator("details.command").nth(place)
    if panel.get_attribute("open") is None:
        panel.locator("summary").press("Enter")
    return line(panel, f"{action}: Copy {program} command" if action else f"Copy {program} command")


def line(within: Locator, button: str) -> str:
    """What the button that is called so copies."""
    copies = within.page.get_by_role("button", name=button, exact=True)
    return within.locator(".line").filter(has=copies).locator("code").inner_text()


def names_a_shell_would_run() -> str:
    """An alias, which has no slash and none of what an address would need encoded."""
    return f"-{HOSTILE.translate({ord(each): None for each in '/?#%' + chr(92)})} {unused_name()}"


@pytest.mark.parametrize("program", ["signet", "curl"])
def test_groups(console: Console, admin: Client, shell: Shell, program: str) -> None:
    name = f"{HOSTILE} {unused_name()}"
    console.log_in()
    console.screen("Groups")
    console.page.get_by_role("button", name="New group").click()
    console.dialog().get_by_label("Name").fill(name)
    console.dialog().get_by_label("Description").fill("-x")
    console.dialog().get_by_label("Certificates at most").fill("7")
    shell.run(copied(console.dialog(), program))
    made = next(each for each in admin.items("/certificate-groups") if each["name"] == name)
    assert (made["description"], made["certificate_limit"]) == ("-x", 7)

    console.log_in(path="/console/groups")
    console.page.get_by_role("button", name=f"Edit {name}").click()
    console.dialog().get_by_label("Description").fill(HOSTILE)
    console.dialog().get_by_label("Certificates at most").fill("")
    shell.run(copied(console.dialog(), program))
    changed = admin.good("GET", f"/certificate-groups/{made['id']}")
    assert (changed["name"], changed["description"], changed["certificate_limit"]) == (name, HOSTILE, None)
    console.dialog().get_by_role("button", name="Cancel").click()

    console.page.get_by_role("button", name=f"Delete {name}").click()
    shell.run(copied(console.dialog(), program), given="y\n")
    assert admin.get(f"/certificate-groups/{made['id']}").status == 404


@pytest.mark.parametrize("program", ["signet", "curl"])
def test_one_certificate(console: Console, admin: Client, shell: Shell, program: str) -> None:
    certificate = admin.import_certificate(issue("CN"), alias=names_a_shell_would_run())
    path = f"/certificates/{certificate['id']}"
    console.log_in(path=f"/console{path}")
    screen = console.page.locator("certificate-screen")

    assert certificate["serial_number"] in shell.run(copied(screen, program, "Show"))
    for form, label in FORMATS.items():
        shell.run(copied(screen, program, f"Download {label}"))
        (file,) = shell.folder.iterdir()
        assert file.read_bytes() == admin.get(f"{path}/download", format=form).body
        file.unlink()
    shell.run(copied(screen, program, "Disable"))
    assert admin.good("GET", path)["status"] == "disabled"
    console.log_in(path=f"/console{path}")
    shell.run(copied(screen, program, "Enable"))
    assert admin.good("GET", path)["status"] == "enabled"

    console.log_in(path=f"/console{path}")
    console.page.get_by_label("Description").fill(HOSTILE)
    console.page.get_by_role("checkbox", name="Ask for a reason when used").check()
    console.page.get_by_label("Owner").fill("local/olga")
    shell.run(copied(screen.locator("form"), program))
    changed = admin.good("GET", path)
    assert (changed["description"], changed["owner"]) == (HOSTILE, "local/olga")
    assert changed["status_info"]["reason_required"]

    shell.run(copied(screen, program, "CSR / Renew"))
    assert admin.good("GET", path)["pending_request"]
    shell.run(copied(screen, program, "Delete"), given="y\n")
    assert admin.get(path).status == 404


@pytest.mark.parametrize("program", ["signet", "curl"])
def test_the_quick_actions_of_a_row(console: Console, admin: Client, shell: Shell, program: str) -> None:
    alias = names_a_shell_would_run()
    path = f"/certificates/{admin.import_certificate(issue(), alias=alias)['id']}"
    address = f"/console/certificates?{urlencode({'contains': alias})}"

    def command(action: str) -> str:
        return line(console.dialog(), f"{action}: Copy {program} command")

    console.log_in(path=address)
    console.quick_action(alias, "Copy as command")
    shell.run(command("Disable"))
    assert admin.good("GET", path)["status"] == "disabled"
    console.dialog().get_by_role("button", name="Close").last.click()
    expect(console.dialog()).to_have_count(0)
    console.log_in(path=address)
    console.quick_action(alias, "Copy as command")
    shell.run(command("Enable"))
    assert admin.good("GET", path)["status"] == "enabled"
    shell.run(command("Download"))
    (file,) = shell.folder.iterdir()
    assert file.read_bytes() == admin.get(f"{path}/download").body
    shell.run(command("CSR / Renew"))
    assert admin.good("GET", path)["pending_request"]
    shell.run(command("Delete"), given="y\n")
    assert admin.get(path).status == 404


@pytest.mark.parametrize("program", ["signet", "curl"])
def test_an_import_and_many_certificates(console: Console, admin: Client, shell: Shell, program: str) -> None:
    group = admin.good("POST", "/certificate-groups", {"name": f"{HOSTILE} {unused_name()}"})
    issued = issue(unused_name("bulk"))
    file = shell.folder / f"-{HOSTILE.replace('/', '')}.pem"
    file.write_bytes(issued.pem)
    console.log_in(path="/console/certificates/import")
    console.page.locator("input[type=file]").set_input_files(file)
    console.page.get_by_text("Settings for all of them").click()
    console.page.get_by_role("checkbox", name=group["name"]).check()
    shell.run(copied(console.page.locator("import-screen"), program))
    (made,) = admin.items("/certificates", group=group["id"])

    console.log_in(path=f"/console/certificates?group={group['id']}")
    console.page.get_by_role("checkbox", name="Select all on this page").check()
    console.bar().get_by_role("button", name="Disable").click()
    shell.run(copied(console.dialog(), program))
    assert admin.good("GET", at(made["alias"]))["status"] == "disabled"
    console.dialog().get_by_role("button", name="Cancel").click()
    console.bar().get_by_role("button", name="Remove from groups").click()
    console.dialog().get_by_role("checkbox", name=group["name"]).check()
    expect(console.dialog().get_by_role("status")).to_be_visible()
    shell.run(copied(console.dialog(), program))
    assert admin.good("GET", at(made["alias"]))["groups"] == []
    console.dialog().get_by_role("button", name="Cancel").click()
    console.bar().get_by_role("button", name="Add to groups").click()
    console.dialog().get_by_role("checkbox", name=group["name"]).check()
    expect(console.dialog().get_by_role("status")).to_be_visible()
    shell.run(copied(console.dialog(), program))
    assert [each["id"] for each in admin.good("GET", at(made["alias"]))["groups"]] == [group["id"]]
    console.dialog().get_by_role("button", name="Cancel").click()
    console.bar().get_by_role("button", name="Enable").click()
    shell.run(copied(console.dialog(), program))
    assert admin.good("GET", at(made["alias"]))["status"] == "enabled"
    console.dialog().get_by_role("button", name="Cancel").click()
    console.bar().get_by_role("button", name="Delete").click()
    shell.run(copied(console.dialog(), program), given="y\n")
    assert admin.get(f"/certificates/{made['id']}").status == 404


@pytest.mark.parametrize("program", ["signet", "curl"])
def test_a_signing_request(
    console: Console, admin: Client, shell: Shell, ca: CertificationAuthority, program: str
) -> None:
    alias, common_name = unused_name("asked"), 'A, "quoted" + #name'
    console.log_in(path="/console/requests/new")
    console.page.get_by_label("Common name (CN)").fill(common_name)
    console.page.get_by_role("button", name="Next").click()
    console.page.get_by_role("button", name="Next").click()
    field(console.page, "Name").fill(alias)
    console.page.get_by_label("Description").fill(HOSTILE)
    console.page.get_by_role("button", name="Next").click()
    shell.run(copied(console.page.locator("request-wizard"), program))
    (request,) = [each for each in admin.items("/signing-requests") if each["alias"] == alias]
    assert request["description"] == HOSTILE
    assert request["key_algorithm"] == "ECC_NIST_P256"

    console.log_in(path=f"/console/requests/{request['id']}")
    screen = console.page.locator("request-screen")
    assert "BEGIN CERTIFICATE REQUEST" in shell.run(copied(screen, program, place=0))
    (shell.folder / "FILE").write_bytes(ca.issue(request["csr"]))
    shell.run(copied(screen, program))
    issued = admin.good("GET", at(alias))
    assert common_name in issued["subject"].replace("\\", "")


@pytest.mark.parametrize("program", ["signet", "curl"])
def test_policies_and_roles(console: Console, admin: Client, shell: Shell, program: str) -> None:
    certificate = admin.import_certificate(issue(alias := unused_name("ruled")), alias=alias)
    name = f"{HOSTILE} {unused_name()}"
    console.log_in(path="/console/policies/new")
    field(console.page, "Name").fill(name)
    console.page.get_by_label("Certificates, by name or id").fill(certificate["id"])
    field(console.page, "Users").fill("local/olga")
    console.page.get_by_label("Command lines").fill(r"^sign '.*' \$\(x\)")
    console.page.get_by_label("Description").click()
    shell.run(copied(console.page.locator("policy-screen"), program))
    (policy,) = [each for each in admin.items("/policies") if each["name"] == name]
    assert policy["where"]["command_lines"] == [r"^sign '.*' \$\(x\)"]

    console.log_in(path=f"/console/policies/{policy['id']}")
    console.page.get_by_role("button", name="Edit").click()
    console.page.get_by_label("Priority").fill("3")
    shell.run(copied(console.page.locator("policy-screen"), program))
    changed = admin.good("GET", f"/policies/{policy['id']}")
    assert (changed["priority"], changed["who"]) == (3, policy["who"])
    console.page.get_by_role("button", name="Cancel").click()
    console.page.get_by_role("button", name="Delete").click()
    shell.run(copied(console.dialog(), program), given="y\n")
    assert admin.get(f"/policies/{policy['id']}").status == 404

    console.log_in(path="/console/roles/new")
    field(console.page, "Name").fill(name)
    console.page.get_by_role("group", name="Events").get_by_role("checkbox", name="view own").check()
    shell.run(copied(console.page.locator("role-screen"), program))
    (role,) = [each for each in admin.items("/roles") if each["name"] == name]
    assert role["permissions"] == ["events:view_own"]
    console.log_in(path=f"/console/roles/{role['id']}")
    console.page.get_by_role("button", name="Delete").click()
    shell.run(copied(console.dialog(), program), given="y\n")
    assert admin.get(f"/roles/{role['id']}").status == 404


@pytest.mark.parametrize("program", ["signet", "curl"])
def test_what_only_looks(console: Console, admin: Client, shell: Shell, program: str) -> None:
    certificate = admin.import_certificate(issue(alias := unused_name("looked")), alias=alias)
    console.log_in(path="/console/me")
    assert "local/admin" in shell.run(copied(console.page.locator("me-screen"), program))
    console.log_in(path=f"/console/events?certificate={certificate['id']}&outcome=done")
    assert "Certificate Imported" in shell.run(copied(console.page.locator("events-screen"), program))
    console.screen("Policies")
    explain = console.page.locator("policy-explain")
    field(explain, "Certificate").fill(alias)
    field(explain, "User").fill("local/olga")
    assert "not_allowed" in shell.run(copied(explain, program)) or program == "signet"
