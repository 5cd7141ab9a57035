"""What stands around the samples: groups, policies of each kind, a role, and what waits for a CA."""

from __future__ import annotations

from typing import Any

GROUPS: tuple[dict[str, Any], ...] = (
    {"name": "Windows", "description": "Drivers and installers"},
    {"name": "Mobile", "description": "Apps for the stores"},
    {"name": "Devices", "description": "Firmware of what we sell", "certificate_limit": 25},
    {"name": "Documents", "description": "What is signed for people"},
)

OFFICE = {
    "days": ["mon", "tue", "wed", "thu", "fri"],
    "start_time": "07:00",
    "end_time": "19:00",
    "time_zone": "Europe/Madrid",
}
NIGHT = {"days": [], "start_time": "22:00", "end_time": "05:00", "time_zone": "UTC"}

POLICIES: tuple[dict[str, Any], ...] = (
    {
        "name": "Drivers are signed at work",
        "description": "By the release team, with the tools of Windows",
        "priority": 20,
        "action": "allow",
        "what": {"groups": ["Windows"]},
        "who": {"user_groups": ["local/windows"]},
        "where": {"processes": ["signtool", "osslsigncode"]},
        "when": [OFFICE],
    },
    {
        "name": "Nobody signs firmware from outside",
        "description": "A deny comes before any allow of the same priority",
        "priority": 10,
        "action": "deny",
        "what": {"groups": ["Devices"]},
        "who": {"user_groups": ["local/windows"]},
        "where": {"source_networks": ["203.0.113.0/24"]},
    },
    {
        "name": "The nightly build",
        "priority": 30,
        "action": "allow",
        "what": {"certificates": ["installers"]},
        "who": {"users": ["local/build"], "user_groups": ["local/ci"]},
        "where": {"command_lines": [r"^msbuild .* /t:Sign$"]},
        "when": [NIGHT],
    },
    {
        "name": "Contracts, until the new tool is there",
        "priority": 100,
        "action": "allow",
        "enabled": False,
        "what": {"groups": ["Documents"]},
        "who": {"users": ["local/bob"]},
    },
)

ROLES: tuple[dict[str, Any], ...] = (
    {
        "name": "Windows release manager",
        "description": "Looks after what is signed for Windows",
        "priority": 10,
        "permissions": [
            "certificates:view",
            "certificates:import",
            "certificates:edit",
            "signing_requests:view",
            "signing_requests:create",
            "policies:view",
            "events:view_certificates",
        ],
        "certificate_groups": [{"group": "Windows", "rights": ["add", "assign"]}],
        "user_groups": ["local/windows"],
    },
)

REQUEST = {
    "distinguished_name": "CN=Example time stamping,O=Example Corp,C=US",
    "alias": "time-stamping",
    "key_algorithm": "ECC_NIST_P384",
}
RENEWED = "mobile-app"
