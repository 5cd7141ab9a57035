"""What is stated of the program that signs, and that no PIN is."""

import shlex

import pytest

from signet_cli.pkcs11.program import parent_program, without_pins
from signet_cli.pkcs11.prompts import tell


@pytest.mark.parametrize(
    "command",
    [
        "pkcs11-tool --sign --pin {}",
        "pkcs11-tool --sign --pin={}",
        "pkcs11-tool --sign -p {}",
        "pkcs11-tool --sign -p{}",
        "osslsigncode sign -pkcs11module m -pass {} -in a -out b",
        "jarsigner -storepass {} -keypass {} release.jar release",
        "apksigner sign --ks-pass pass:{} release.apk",
        "openssl cms -sign -passin pass:{}",
        "openssl dgst -sign 'pkcs11:token=release;pin-value={}' file",
        "certtool --load-privkey 'pkcs11:token=release?pin-value={}&x=y'",
    ],
)
def test_no_pin_on_a_command_line_is_told(command: str) -> None:
    told = " ".join(without_pins(shlex.split(command.format("246810", "246810"))))

    assert "246810" not in told
    assert "***" in told


def test_everything_else_on_a_command_line_is_told() -> None:
    words = ["openssl", "pkeyutl", "-p", "2468", "-in", "pinboard.txt", "--pinned"]

    assert without_pins(words) == words


def test_the_program_is_the_parent_of_the_agent() -> None:
    program = parent_program()

    assert program.process
    assert program.command_line
    assert len(program.command_line) <= 4096


def test_what_the_service_says_cannot_move_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    tell("\x1b[2J\x9b31mrefused\r")

    assert capsys.readouterr().err == "signet-pkcs11: �[2J�31mrefused�\n"
