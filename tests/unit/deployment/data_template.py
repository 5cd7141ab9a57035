"""What of `template.yaml` holds data, with all parameters and the roles whose names are longest: quick to expand."""

import re

from tests.architecture.source_tree import ROOT

_WHOLE = (ROOT / "template.yaml").read_text()
_HEAD, _RESOURCES = _WHOLE.split("\nResources:\n")
_PARAMETERS = _HEAD[_HEAD.index("\nParameters:\n") : _HEAD.index("\nGlobals:\n")]
_DATA = _RESOURCES[_RESOURCES.index("  CertificateTable:") : _RESOURCES.index("  WrappingKeyAlias:")]
_NAMES = sorted(set(re.findall(r"RoleName: (!Sub \S+)", _RESOURCES)))
_ROLES = "".join(
    f"  Role{place}:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: {name}\n"
    for place, name in enumerate(_NAMES)
)

DATA_TEMPLATE = f"Transform: AWS::Serverless-2016-10-31{_PARAMETERS}\nResources:\n{_DATA}{_ROLES}"
