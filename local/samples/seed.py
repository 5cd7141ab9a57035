"""Brings the samples in at start, through the service's own HTTP interface."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Callable, Mapping
from typing import Any

from local.oidc.local_issuer import LocalIssuer
from local.oidc.people import PEOPLE
from local.samples import settings
from local.samples.authority import FILE_PASSWORD, Authority
from local.samples.certificates import OWNER, SAMPLES, Sample

MADE = frozenset({http.client.OK, http.client.CREATED})


def seed(url: str, issuer: LocalIssuer, log: Callable[[str], None]) -> None:
    """Bring the samples into the service at `url`. What goes wrong is told to `log`, and the rest is brought in."""
    service = _Service(url, issuer.token("sample-data", ["administrators"]), log)
    groups = {group["name"]: service.make("/v1/certificate-groups", group) for group in settings.GROUPS}
    authority = Authority()
    for sample in SAMPLES:
        certificate = service.make("/v1/certificates", _body(sample, authority, groups))
        if sample.disabled and certificate:
            service.make(f"/v1/certificates/{certificate}/disable")
    for policy in settings.POLICIES:
        named = [groups[name] for name in policy["what"].get("groups", ())]
        service.make("/v1/policies", {**policy, "what": {**policy["what"], "groups": named}})
    for role in settings.ROLES:
        grants = [{**grant, "group": groups[grant["group"]]} for grant in role["certificate_groups"]]
        service.make("/v1/roles", {**role, "certificate_groups": grants})
    service.make("/v1/signing-requests", settings.REQUEST)
    service.make(f"/v1/certificates/{settings.RENEWED}/renew", {})
    service.close()
    groups_of = {person.user: person.groups for person in PEOPLE}
    for user, certificate, fields, times in settings.USES:
        caller = _Service(url, issuer.token(user, groups_of[user]), log)
        for _ in range(times):
            caller.sign(certificate, fields, is_rsa=any(each.alias == certificate and each.rsa for each in SAMPLES))
        caller.close()


def _body(sample: Sample, authority: Authority, groups: Mapping[str, str | None]) -> dict[str, Any]:
    return {
        "content": base64.b64encode(authority.issue(sample)).decode(),
        "password": FILE_PASSWORD,
        "alias": sample.alias,
        "description": sample.description,
        "owner": OWNER if sample.owned else None,
        "groups": [groups[sample.group]] if sample.group else [],
        **sample.overrides,
    }


class _Service:
    """The service as somebody calls it."""

    def __init__(self, url: str, token: str, log: Callable[[str], None]) -> None:
        self._connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._log = log

    def make(self, path: str, body: Mapping[str, Any] | None = None) -> str | None:
        """Make something; its id, or None where it was refused, which is told."""
        status, answer = self._post(path, body)
        if status in MADE:
            made: str = answer["id"]
            return made
        what = path if body is None else body.get("alias", body.get("name", path))
        self._log(f"the sample {what} did not come in: {status} {json.dumps(answer)}")
        return None

    def sign(self, certificate: str, fields: Mapping[str, Any], *, is_rsa: bool) -> None:
        """Ask for a signature; a refusal is what some of the samples are there for."""
        algorithm = "RSASSA_PSS_SHA_256" if is_rsa else "ECDSA_SHA_256"
        message = base64.b64encode(b"a sample").decode()
        order = {"message": message, "message_type": "RAW", "signing_algorithm": algorithm, **fields}
        self._post(f"/v1/certificates/{certificate}/sign", order)

    def _post(self, path: str, body: Mapping[str, Any] | None) -> tuple[int, Any]:
        content = None if body is None else json.dumps(body).encode()
        self._connection.request("POST", path, content, self._headers)
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read() or b"null")

    def close(self) -> None:
        self._connection.close()
