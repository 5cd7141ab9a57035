"""Orders to sign, and attempts that tell what was decided."""

import hashlib
from typing import Any

from tests.support.certificates.issued import in_base64, unused_name
from tests.support.services.over_http import Client, Response, Service, assert_refused, at

MESSAGE = b"What is signed, and by whom.\n" * 40
HASHES = (256, 384, 512)
RSA = [f"RSASSA_{padding}_SHA_{bits}" for padding in ("PKCS1_V1_5", "PSS") for bits in HASHES]
ECDSA = [f"ECDSA_SHA_{bits}" for bits in HASHES]
ED25519 = ["ED25519_SHA_512"]
ALGORITHMS = [*RSA, *ECDSA, *ED25519]
OWNER = "local/alice"


def fitting(key_algorithm: str) -> list[str]:
    return RSA if key_algorithm.startswith("RSA") else ED25519 if key_algorithm == "ED25519" else ECDSA


def order(algorithm: str = "ECDSA_SHA_256", message: bytes = MESSAGE, kind: str = "RAW", **more: Any) -> dict[str, Any]:
    return {"message": in_base64(message), "message_type": kind, "signing_algorithm": algorithm, **more}


def digest(algorithm: str, message: bytes = MESSAGE) -> bytes:
    return hashlib.new("sha" + algorithm[-3:], message).digest()


class Attempts:
    """Attempts to sign with one certificate, each of which is to be refused, with an event and nothing else."""

    def __init__(self, service: Service, admin: Client, certificate: str) -> None:
        self._service = service
        self._admin = admin
        self._certificate = certificate

    def refused(self, status: int, code: str, by: Client, **more: Any) -> Response:
        """Refused in earnest, with an event, and in a dry run, without one."""
        path = at(self._certificate, "sign")
        if code == "pin_wrong":  # which is counted
            response = by.post(path, order(**more), key=unused_name())
        else:
            with self._service.nothing_stored(code):
                response = by.post(path, order(**more), key=unused_name())
        assert_refused(response, status, code)
        if code != "pin_wrong":
            with self._service.nothing_stored():
                assert_refused(by.post(path, order(dry_run=True, **more)), status, code)
        event = self._admin.good("GET", at(self._certificate, "events"), limit=1)["items"][0]
        assert (event["type"], event["outcome"], event["code"]) == ("Certificate Use Refused", "refused", code)
        assert (event["user"], event["certificate"]["id"]) == (by.user, self._certificate)
        assert event["detail"]["signing_algorithm"] == "ECDSA_SHA_256"
        return response
