"""The `signet` command against the running service."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.certificates.issued import authority, issue, unused_name
from tests.support.programs.signet_command import Command
from tests.support.services.over_http import Client, Service, at

soak = pytest.mark.soak


def usage(admin: Client, certificate: Mapping[str, Any]) -> int:
    count: int = admin.good("GET", at(certificate["id"]))["usage_count"]
    return count


@soak
@pytest.mark.parametrize("algorithm", ["RSA_2048", "ECC_NIST_P256"])
def test_a_cms_signature_is_verified_by_openssl_and_by_the_command(
    algorithm: str, command: Command, admin: Client
) -> None:
    certificate = admin.import_certificate(issue(algorithm=algorithm), owner="local/alice")
    (command.home / "a").write_bytes(b"release 1.4")
    (command.home / "b").write_bytes(b"release 1.5")
    (command.home / "root.pem").write_bytes(authority().pem)

    command.good("sign", "a", "-c", certificate["alias"], "--format", "cms")

    command.good("verify", "a", "-c", certificate["alias"])
    assert command("verify", "b", "a.p7s", "-c", certificate["alias"]).exit_code == 1
    for name, good in (("a", True), ("b", False)):
        verify = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "a.p7s", "-content", name]
        verify += ["-CAfile", "root.pem", "-purpose", "any", "-out", "out"]
        assert (subprocess.run(verify, cwd=command.home, capture_output=True, check=False).returncode == 0) is good
    assert usage(admin, certificate) == 1


@soak
@pytest.mark.parametrize(
    ("key", "algorithm"), [("RSA_2048", "rsassa-pkcs1-v1-5-sha-512"), ("ECC_NIST_P521", None), ("ED25519", None)]
)
def test_what_was_signed_is_verified_without_naming_the_algorithm(
    key: str, algorithm: str | None, command: Command, admin: Client
) -> None:
    certificate = admin.import_certificate(issue(algorithm=key), owner="local/alice")
    (command.home / "a").write_bytes(b"release 1.4")
    (command.home / "b").write_bytes(b"release 1.5")

    command.good("sign", "a", "-c", certificate["alias"], *(["-a", algorithm] if algorithm else []))

    command.good("verify", "a", "-c", certificate["alias"])
    assert command("verify", "b", "a.sig", "-c", certificate["alias"]).exit_code == 1
    assert usage(admin, certificate) == 1


@soak
def test_a_certificate_with_pin_and_reason_signs_once_it_has_both(
    command: Command, admin: Client, signet: Service
) -> None:
    certificate = admin.import_certificate(owner="local/alice", pin="246810", ask_for_reason=True)
    (command.home / "a").write_bytes(b"release 1.4")
    sign = ("sign", "a", "-c", certificate["alias"])

    nobody = command(*sign)
    assert (nobody.exit_code, "SIGNET_PIN" in nobody.words) == (1, True)
    without = command(*sign, SIGNET_PIN="246810")
    assert (without.exit_code, "--reason" in without.words) == (1, True)
    wrong = command(*sign, "--reason", "1.4", SIGNET_PIN="111111")
    assert (wrong.exit_code, "PIN" in wrong.words) == (3, True)
    command.good(*sign, "--reason", "1.4", SIGNET_PIN="246810")

    assert usage(admin, certificate) == 1
    assert not [line for line in signet.printed if "246810" in line]


@soak
def test_refusals_have_their_exit_codes(command: Command, stranger: Command, admin: Client, tmp_path: Path) -> None:
    alias = admin.import_certificate()["alias"]
    retired = admin.import_certificate(owner="local/alice")
    admin.good("POST", at(retired["id"], "disable"))
    (command.home / "a").write_bytes(b"release 1.4")

    codes = {
        "a file that is not there": command("sign", "nothing", "-c", alias),
        "no certificate named": command("sign", "a"),
        "no such command": command("frobnicate"),
        "not allowed": command("sign", "a", "-c", alias),
        "disabled": command("sign", "a", "-c", retired["alias"]),
        "no such certificate": command("certificates", "show", "nothing-" + alias),
        "taken": command("certificates", "update", alias, "--alias", retired["alias"]),
        "nobody there": command("whoami", SIGNET_ADDR="http://127.0.0.1:9"),
        "another profile": command("whoami", SIGNET_PROFILE="other"),
    }

    assert {name: ended.exit_code for name, ended in codes.items()} == {
        "a file that is not there": 1,
        "no certificate named": 2,
        "no such command": 2,
        "not allowed": 3,
        "disabled": 3,
        "no such certificate": 5,
        "taken": 6,
        "nobody there": 7,
        "another profile": 4,
    }
    assert [name for name, ended in codes.items() if ended.out or not ended.words or "Traceback" in ended.words] == []


@soak
def test_import_takes_many_files_and_goes_on_where_it_stopped(command: Command) -> None:
    names = [unused_name("file") for _ in range(3)]
    for name in names:
        (command.home / f"{name}.p12").write_bytes(issue(name).pkcs12("open sesame", name))
    (command.home / "junk").write_bytes(b"junk")
    files = [f"{name}.p12" for name in names]

    first = command("certificates", "import", files[0], "junk", "--password-stdin", "-o", "json", given="open sesame\n")
    assert first.exit_code == 3
    assert [each["outcome"] for each in first.json] == ["imported", "failed"]
    second = command.good(
        "certificates", "import", *files, "--password-stdin", "--description", "many", "-o", "json",
        given="open sesame\n",
    )  # fmt: skip
    assert [each["outcome"] for each in second.json] == ["there already", "imported", "imported"]
    assert "3 of 3" in second.words

    shown = command.good("certificates", "show", names[2], "-o", "json").json
    assert (shown["alias"], shown["description"]) == (names[2], "many")


@soak
def test_certificates_are_looked_after(command: Command, admin: Client) -> None:
    certificate = admin.import_certificate()
    alias, group = certificate["alias"], unused_name("group")
    command.good("groups", "create", group, "--limit", "5")

    command.good("certificates", "groups", alias, "--add", group)
    assert group in command.good("certificates", "related", alias).out
    command.good("certificates", "groups", alias, "--remove", group)
    command.good("certificates", "disable", alias)
    assert command.good("certificates", "list", "--status", "disabled", "-q", alias, "-o", "name").out == f"{alias}\n"
    command.good("certificates", "enable", alias)
    command.good("certificates", "update", alias, "--description", "looked after", "--owner", "local/bob")
    request = command.good("certificates", "renew", alias, "-o", "json").json
    assert request["id"] in command.good("requests", "list", "-o", "name").out
    assert command.good("requests", "csr", request["id"]).out == request["csr"]
    command.good("requests", "cancel", request["id"], "--yes")

    rows = list(csv.DictReader(io.StringIO(command.good("certificates", "list", "-q", alias, "-o", "csv").out)))
    assert [(row["alias"], row["owner"]) for row in rows] == [(alias, "local/bob")]
    for form in ("pem", "der", "pem_chain", "pkcs7"):
        command.good("certificates", "download", alias, "--format", form, "-o", f"c.{form}")
    assert (command.home / "c.der").read_bytes()[:1] == b"0"
    assert command("certificates", "delete", alias).exit_code == 1, "nobody said yes"
    command.good("certificates", "delete", alias, "--yes")
    assert command("certificates", "show", alias).exit_code == 5
    command.good("groups", "delete", group, "--yes")


@soak
def test_policies_of_a_file_are_made_once_and_explained(command: Command, admin: Client) -> None:
    certificate = admin.import_certificate()
    alias, group, name = certificate["alias"], unused_name("group"), unused_name("policy")
    command.good("groups", "create", group)
    policy = {
        "name": name,
        "action": "allow",
        "priority": 10,
        "what": {"certificates": [alias], "groups": [group.upper()]},
        "who": {"users": ["local/bob"], "user_groups": ["local/release", "ci/environment:production"]},
    }
    (command.home / "policies.json").write_text(json.dumps({"policies": [policy]}))
    explain = ("policies", "explain", alias, "--user", "local/bob", "-o", "json")

    assert command("policies", "diff", "-f", "policies.json").exit_code == 1
    assert command.good(*explain).json["allowed"] is False
    applied = command.good("policies", "apply", "-f", "policies.json", "-o", "json").json
    assert applied == [{"name": name, "outcome": "created"}]
    assert command.good("policies", "diff", "-f", "policies.json").out == ""
    assert command.good("policies", "apply", "-f", "policies.json", "-o", "json").json[0]["outcome"] == "unchanged"
    assert command.good(*explain).json["because"] == "policy"
    assert "local/bob" in command.good("who-can-sign", alias).out
    command.good("policies", "delete", name, "--yes")


@soak
def test_an_event_is_found_and_explained(command: Command, admin: Client) -> None:
    certificate = admin.import_certificate()
    (command.home / "a").write_bytes(b"release 1.4")
    assert command("sign", "a", "-c", certificate["alias"]).exit_code == 3

    (event,) = command.good(
        "events", "--certificate", certificate["alias"], "--outcome", "refused", "-o", "json"
    ).json  # fmt: skip
    assert event["code"] == "not_allowed_by_policy"
    explained = command.good("why", event["id"])
    assert "not_allowed_by_policy" in explained.words


@soak
def test_a_certificate_that_ends_soon_is_told(command: Command, admin: Client) -> None:
    soon = admin.import_certificate(issue(days=10))["alias"]
    later = admin.import_certificate(issue(days=100))["alias"]

    told = command.good("expiring", "--within", "30d", "-o", "name").out.splitlines()
    assert (soon in told, later in told) == (True, False)


@soak
def test_the_shell_completes_names_that_are_there_now(command: Command, admin: Client) -> None:
    alias = admin.import_certificate(alias=unused_name("completed").replace(" ", "-"))["alias"]
    # As the installed program is called, whose name the shell's variable is made of.
    (command.home / "signet").write_text("from signet_cli.__main__ import main; main()\n")

    done = subprocess.run(
        [sys.executable, command.home / "signet"],
        env=command.environment_of(
            _SIGNET_COMPLETE="complete_bash", COMP_WORDS=f"signet sign -c {alias[:-1]}", COMP_CWORD="3"
        ),
        capture_output=True,
        text=True,
        check=False,
    )

    assert alias in done.stdout.splitlines(), done.stderr
