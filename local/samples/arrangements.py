"""How what is there came about: groups, imports, policies, roles and requests, and what was changed of them."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from local.samples import settings
from local.samples.authority import FILE_PASSWORD, Authority
from local.samples.certificates import OWNER, SAMPLES, TRIAL, Sample
from local.samples.steps import ADMINISTRATOR, Call, Days

GROUPS_MADE = {"Windows": (42, "08:02"), "Mobile": (42, "08:04"), "Documents": (42, "08:05"), "Devices": (8, "09:30")}
POLICIES_MADE = {
    "Drivers are signed at work": (41, "10:30"),
    "The nightly build": (41, "10:45"),
    "Contracts, until the new tool is there": (30, "09:15"),
    "Nobody signs firmware from outside": (6, "11:20"),
}
ROLES_MADE = {"Windows release manager": (41, "11:00")}


def arrangements(days: Days) -> Iterator[Call]:
    """All of it, in no order."""
    yield from _groups(days)
    yield from _certificates(days)
    yield from _policies(days)
    for role in settings.ROLES:
        early = {**role, "permissions": role["permissions"][:-1]}
        yield _call(days, *ROLES_MADE[role["name"]], "POST", "/v1/roles", early)
        more = {"permissions": role["permissions"]}
        yield _call(days, 25, "13:10", "PATCH", "/v1/roles/{}", more, of=role["name"])
    yield _call(days, 5, "14:20", "POST", "/v1/signing-requests", settings.REQUEST)
    yield _call(days, 3, "09:40", "POST", f"/v1/certificates/{settings.RENEWED}/renew", {})


def _groups(days: Days) -> Iterator[Call]:
    for group in settings.GROUPS:
        limit = group.get("certificate_limit")
        early = {**group, "certificate_limit": 10} if limit else group
        yield _call(days, *GROUPS_MADE[group["name"]], "POST", "/v1/certificate-groups", early)
        if limit:
            more = {"certificate_limit": limit}
            yield _call(days, 7, "16:05", "PATCH", "/v1/certificate-groups/{}", more, of=group["name"])


def _certificates(days: Days) -> Iterator[Call]:
    authority = Authority(days.now)
    for number, sample in enumerate([*SAMPLES, TRIAL]):
        body = _import(sample, authority)
        yield _call(days, sample.imported, f"09:{10 + 3 * number}", "POST", "/v1/certificates", body)
    for sample in SAMPLES:
        if sample.alias in _DESCRIBED_AT_FIRST:
            now = {"description": sample.description}
            yield _call(days, 16, "11:05", "PATCH", f"/v1/certificates/{sample.alias}", now)
    yield _call(days, 28, "15:30", "DELETE", f"/v1/certificates/{TRIAL.alias}")
    yield _call(days, 20, "16:40", "POST", "/v1/certificates/nightly/disable")
    yield _call(days, 19, "08:15", "POST", "/v1/certificates/nightly/enable")
    yield _call(days, 16, "11:00", "POST", "/v1/certificates/retired/disable")


def _policies(days: Days) -> Iterator[Call]:
    for policy in settings.POLICIES:
        early = {**policy, **_AT_FIRST.get(policy["name"], {})}
        yield _call(days, *POLICIES_MADE[policy["name"]], "POST", "/v1/policies", early)
    for name, changes in _AT_FIRST.items():
        (policy,) = (each for each in settings.POLICIES if each["name"] == name)
        now = {field: policy[field] for field in changes}
        yield _call(days, 12, "17:20", "PATCH", "/v1/policies/{}", now, of=name)


_DESCRIBED_AT_FIRST = {"retired": "Signs the tools of last year"}
"""What certificates were described as before."""

_AT_FIRST: Mapping[str, Mapping[str, Any]] = {
    "Drivers are signed at work": {"where": {"processes": ["signtool"]}},
    "Contracts, until the new tool is there": {"enabled": True},
}
"""What policies said before they were changed to what they say now."""


def _import(sample: Sample, authority: Authority) -> dict[str, Any]:
    return {
        "content": base64.b64encode(authority.issue(sample)).decode(),
        "password": FILE_PASSWORD,
        "alias": sample.alias,
        "description": _DESCRIBED_AT_FIRST.get(sample.alias, sample.description),
        "owner": OWNER if sample.owned else None,
        "groups": [sample.group] if sample.group else [],
        **sample.overrides,
    }


def _call(
    days: Days,
    days_ago: int,
    clock: str,
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    *,
    of: str = "",
) -> Call:
    return Call(days.at(days_ago, clock), ADMINISTRATOR, method, path, body, of)
