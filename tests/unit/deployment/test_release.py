"""What is deployed together has one name, and every change of it another."""

from pathlib import Path

import pytest

from tools.deployment.release import release_in, release_of

PARAMETERS = {"TrustedIssuers": "[]", "KeyCacheSeconds": "300"}
FILES = {
    "template.yaml": "Resources: {}",
    "GetHealthFunction/code": "one",
    "SignWithCertificateFunction/code": "two",
    "SignetLayer/code": "three",
}


def built(folder: Path, **changed: str) -> Path:
    for name, text in {**FILES, **changed}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_the_same_things_have_the_same_name_wherever_they_were_built(tmp_path: Path) -> None:
    here, there = built(tmp_path / "here"), built(tmp_path / "there")

    assert release_of(here, PARAMETERS) == release_of(there, dict(reversed(PARAMETERS.items())))


@pytest.mark.parametrize("name", FILES)
def test_a_change_of_one_function_a_layer_alone_or_the_template_is_another_release(name: str, tmp_path: Path) -> None:
    before = release_of(built(tmp_path), PARAMETERS)

    assert release_of(built(tmp_path, **{name: "changed"}), PARAMETERS) != before


def test_a_change_of_a_parameter_alone_is_another_release(tmp_path: Path) -> None:
    before = release_of(built(tmp_path), PARAMETERS)

    assert release_of(built(tmp_path), {**PARAMETERS, "KeyCacheSeconds": "0"}) != before


def test_what_moves_from_one_file_into_the_next_is_another_release(tmp_path: Path) -> None:
    one = release_of(built(tmp_path / "one", a="xy", b="z"), {})

    assert release_of(built(tmp_path / "two", a="x", b="yz"), {}) != one


def test_nothing_built_is_no_release(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing was built"):
        release_of(tmp_path, PARAMETERS)


def test_a_version_tells_its_release_at_the_end_of_its_description() -> None:
    assert release_in("Who the caller is, and may do 0123456789abcdef") == "0123456789abcdef"
    assert release_in("Who the caller is, and may do") is None
    assert release_in("") is None
