"""KMS keys that another region can have, too."""

import boto3
import pytest
from botocore.exceptions import ClientError

from local.aws import moto_patches


def test_moto_opens_nothing_that_a_multi_region_key_wrapped(moto: None) -> None:
    moto_patches.remove()

    with pytest.raises(ClientError, match="AccessDeniedException"):
        _there_and_back()


def test_here_it_does_and_the_id_is_as_long_as_in_aws(moto: None) -> None:
    moto_patches.apply()

    key = _there_and_back()

    assert key.startswith("mrk-")
    assert len(key) == 36


def _there_and_back() -> str:
    kms = boto3.client("kms")
    key: str = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    wrapped = kms.encrypt(KeyId=key, Plaintext=b"a key", EncryptionContext={"key_id": "key_X"})["CiphertextBlob"]
    opened = kms.decrypt(KeyId=key, CiphertextBlob=wrapped, EncryptionContext={"key_id": "key_X"})
    assert opened["Plaintext"] == b"a key"
    return key
