"""What each function was seen to do, against what its role lets it do: nothing missing, nothing over.

`python -m tools.grants` runs the tests named in `TESTS` and writes down which grants of the roles were used;
`python -m tools.grants FOLDER` takes what is in FOLDER, written by any run with RECORD_GRANTS=FOLDER. It prints a table
for each function. A grant that nothing was seen to use, and that `UNSEEN` does not name, makes the exit code 1; so does
a reason of `UNSEEN` that is needed no longer, and a test that failed. Nothing can be missing in a run that passes: the
local stack refuses a call that the role does not cover, and the tests fail where it did.

What is compared is the expanded template: each action of a statement, on each of its resources, for each pattern of
keys that it names.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.aws.template import Template
from local.aws.used_grants import RECORD_GRANTS, Grant, grants_of, recorded_grants

CHECKOUT = Path(__file__).resolve().parent.parent
TESTS = tuple(
    f"tests/integration/{name}"
    for name in (
        "access",
        "certificates",
        "dialects",
        "events",
        "interface/idempotency",
        "interface/test_sample_events.py",
        "policies",
        "signing/test_pins.py",
        "signing/test_signing_over_http.py",
        "signing_requests",
    )
)


@dataclass(frozen=True, slots=True)
class Unseen:
    """A grant that is needed though no test can see it used."""

    sid: str
    reason: str
    actions: frozenset[str] = frozenset()
    """Which of the statement's; all of them where none is named."""

    def names(self, grant: Grant) -> bool:
        """Whether it is about `grant`."""
        return grant.sid == self.sid and (not self.actions or grant.action in self.actions)


UNSEEN = (
    Unseen("WriteLogs", "Lambda writes what a function prints, with the function's role"),
    Unseen("ReadTrustedIssuers", "read only where the list is in the Parameter Store, which it is not in these tests"),
    Unseen("LeaveTraces", "Lambda sends the traces, with the function's role"),
    Unseen("ReadTheStream", "Lambda reads the stream for the function, with the function's role"),
    Unseen("FindStreams", "Lambda looks for the stream, with the function's role"),
    Unseen("TakeFromTheQueue", "Lambda reads the queue for the function, with the function's role"),
    Unseen("TellOfFailedRuns", "Lambda tells the queue of a run that failed for good, with the function's role"),
    Unseen("UseTheTopicsKey", "SNS uses the topic's key with the rights of whoever publishes"),
    Unseen("MakeTheSecretOfCursors", "made once in a deployment, by whichever function needs it first"),
    Unseen(
        "StoreOrAbandonResponses",
        "a bulk action that was cut short gives its idempotency key up; nothing cuts one short here",
        frozenset({"dynamodb:DeleteItem"}),
    ),
    Unseen(
        "ReadWriteAndDeleteCertificates",
        "what another certificate has taken over since is looked at, and left to it",
        frozenset({"dynamodb:ConditionCheckItem"}),
    ),
    Unseen(
        "ClaimMails",
        "a mail that SNS did not take is given up to the next try; the SNS that is played here takes all",
        frozenset({"dynamodb:DeleteItem"}),
    ),
    Unseen(
        "ReadRolesAndPolicies",
        "one process plays all functions here, and remembers what it has read of roles; in AWS each reads for itself",
        frozenset({"dynamodb:Query"}),
    ),
)


def all_grants(template: Template) -> Iterator[Grant]:
    """Every grant of every function's role, by the function's name."""

    def resolved(node: Any) -> Any:
        return template.resolve(node, lambda name, key: f"<{name}.{key}>" if key else f"<{name}>")

    roles = template.of_type("AWS::IAM::Role")
    managed = template.of_type("AWS::IAM::ManagedPolicy")
    for properties in template.of_type("AWS::Lambda::Function").values():
        role = roles[properties["Role"]["Fn::GetAtt"][0]]
        documents = [policy["PolicyDocument"] for policy in role.get("Policies", [])]
        taken_in = resolved(role.get("ManagedPolicyArns", []))
        documents += [managed[policy.strip("<>")]["PolicyDocument"] for policy in taken_in]
        for document in documents:
            # As one list, from which a statement that depends on a condition is left out.
            for statement in resolved(document["Statement"]):
                yield from grants_of(str(resolved(properties["FunctionName"])), statement)


def needless(granted: Iterable[Grant], used: set[Grant], unseen: Iterable[Unseen] = UNSEEN) -> list[Grant]:
    """The grants that nothing used and that have no reason to be there all the same."""
    return sorted(grant for grant in granted if grant not in used and not any(each.names(grant) for each in unseen))


def outdated(granted: Iterable[Grant], used: set[Grant], unseen: Iterable[Unseen] = UNSEEN) -> list[Unseen]:
    """The reasons that no unused grant needs."""
    unused = [grant for grant in granted if grant not in used]
    return [each for each in unseen if not any(each.names(grant) for grant in unused)]


def table(granted: Iterable[Grant], used: set[Grant], unseen: Iterable[Unseen] = UNSEEN) -> str:
    """Function by function, each grant, and whether it was used."""
    by_function: dict[str, list[Grant]] = {}
    for grant in granted:
        by_function.setdefault(grant.function, []).append(grant)
    lines = []
    for function, grants in sorted(by_function.items()):
        lines.append(function)
        for grant in grants:
            reason = next((each.reason for each in unseen if each.names(grant)), "NOT SEEN")
            what = f"{grant.action} {grant.keys}".strip()
            lines.append(f"  {grant.sid:<30} {what:<46} {'used' if grant in used else reason}")
    return "\n".join(lines)


def load() -> Template:
    """`template.yaml`, expanded, with all that a parameter may grant."""
    parameters = {
        "Release": "0" * 16,
        "TrustedIssuers": "[]",
        "AdministratorGroup": "corp/administrators",
        "Tracing": "on",
        "TrustedIssuersParameter": "/signet/trusted-issuers",
    }
    return Template.load(CHECKOUT / "template.yaml", parameters)


def main(arguments: list[str]) -> int:
    """Record, unless a folder is given, and compare; the exit code."""
    with tempfile.TemporaryDirectory() as made:
        failed = 0
        if not arguments:
            failed = subprocess.run(
                [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "-m", "not soak", *TESTS],
                cwd=CHECKOUT,
                env={**os.environ, RECORD_GRANTS: made},
                check=False,
            ).returncode
        used = recorded_grants(Path(arguments[0] if arguments else made))
    granted = list(all_grants(load()))
    print(table(granted, used))
    over, kept = needless(granted, used), outdated(granted, used)
    for grant in over:
        print(f"Granted and never used: {' '.join(map(str, grant))}")
    for reason in kept:
        print(f"A reason that is needed no longer: {reason.sid}")
    print(
        f"{len(granted)} grants of {len({grant.function for grant in granted})} functions, {len(over)} of them needless"
    )
    return 1 if failed or over or kept else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
