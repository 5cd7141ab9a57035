"""Which of several certificates in a file is the one that matters, and what its path is."""

import itertools

from tests.support.certificates.forged_files import Issued, issue
from tests.unit.certificate_files.reading import read, refusal


def test_without_a_key_it_is_the_one_that_issued_none_of_the_others(leaf: Issued, middle: Issued, root: Issued) -> None:
    for blocks in itertools.permutations((leaf.pem, middle.pem, root.pem)):
        file = read(b"".join(blocks))
        assert (file.certificate, file.chain) == (leaf.der, (middle.der, root.der))
    assert read(middle.pem + root.pem).certificate == middle.der


def test_with_a_key_it_is_the_one_of_the_key_and_what_stands_below_is_dropped(
    leaf: Issued, middle: Issued, root: Issued
) -> None:
    stranger = issue("Stranger")
    file = read(leaf.pem + stranger.pem + root.pem + middle.pem + middle.key_pem)
    assert (file.certificate, file.chain) == (middle.der, (root.der,))


def test_several_end_entities_and_no_key_are_refused(leaf: Issued, middle: Issued) -> None:
    sister = issue("Sister", by=middle)
    assert refusal(leaf.pem + sister.pem + middle.pem) == "several_certificates"
    assert refusal(leaf.pem + issue("Stranger").pem) == "several_certificates"
    assert read(leaf.pem + sister.pem + middle.pem, private_key=sister.key_pem).certificate == sister.der


def test_two_certificates_of_the_key_are_refused(leaf: Issued, middle: Issued) -> None:
    renewed = issue("Leaf", by=middle, key=leaf.key)
    assert refusal(leaf.pem + renewed.pem + leaf.key_pem) == "several_certificates"


def test_the_same_certificate_twice_is_one(leaf: Issued) -> None:
    assert read(leaf.pem + leaf.pem).certificate == leaf.der


def test_a_name_alone_makes_no_issuer(leaf: Issued) -> None:
    impostor = issue("Middle")
    assert refusal(leaf.pem + impostor.pem) == "several_certificates"
    file = read(leaf.pem + impostor.pem, private_key=leaf.key_pem)
    assert file.chain == ()


def test_of_a_cross_signed_root_the_path_takes_the_one_that_ends_it(leaf: Issued, middle: Issued, root: Issued) -> None:
    other_root = issue("Other root")
    crossed = issue("Root", by=other_root, key=root.key)
    for blocks in itertools.permutations((middle.pem, root.pem, crossed.pem, other_root.pem)):
        file = read(leaf.pem + b"".join(blocks), private_key=leaf.key_pem)
        assert file.chain == (middle.der, root.der)
    assert read(leaf.pem + crossed.pem + other_root.pem + middle.pem).chain == (
        middle.der,
        crossed.der,
        other_root.der,
    )


def test_a_circle_of_issuers_ends() -> None:
    a, b = issue("A"), issue("B")
    a_by_b, b_by_a = issue("A", by=b, key=a.key), issue("B", by=a, key=b.key)
    leaf = issue("Leaf", by=a)

    assert read(leaf.pem + a_by_b.pem + b_by_a.pem).chain == (a_by_b.der, b_by_a.der)
    assert refusal(a_by_b.pem + b_by_a.pem) == "several_certificates"


def test_names_of_issuers_are_compared_as_rfc_5280_wants(root: Issued) -> None:
    child = issue("Child", by=root, issuer_name="  rOOT ")
    assert read(child.pem + root.pem).chain == (root.der,)
