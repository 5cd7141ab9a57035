"""`aws` as the documents use it: a stand-in that reads a command as the AWS CLI does and sends it by boto3.

Names and shapes of parameters are those of the service's own model, so a command that the CLI would refuse is refused.
Bytes are taken as they are (`--cli-binary-format raw-in-base64-out`), a streamed answer goes into the file named last.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore import xform_name

# `--endpoint-url` is every command's own, so the CLI has another name for this one (AWS CLI, sns subscribe).
RENAMED = {"notification-endpoint": "endpoint"}


def main(arguments: list[str]) -> int:
    """Do one command; print what is answered, as JSON."""
    service, operation, *rest = arguments
    endpoint = os.environ[f"ENDPOINT_OF_{service.upper()}"]
    client: Any = boto3.client(service, endpoint_url=endpoint)  # type: ignore[call-overload]
    names = client.meta.method_to_api_mapping
    model = client.meta.service_model.operation_model(names[operation.replace("-", "_")])
    shapes = {xform_name(name).replace("_", "-"): (name, shape) for name, shape in model.input_shape.members.items()}
    given: dict[str, Any] = {}
    output, raw = None, False
    while rest:
        word = rest.pop(0)
        if not word.startswith("--"):
            output = word
            continue
        value = rest.pop(0)
        if word == "--cli-binary-format":
            raw = value == "raw-in-base64-out"
            continue
        word = word.removeprefix("--")
        name, shape = shapes[RENAMED.get(word, word)]
        if shape.type_name in {"list", "structure", "map"}:
            given[name] = json.loads(value)
        elif shape.type_name == "blob":
            given[name] = value.encode() if raw else base64.b64decode(value, validate=True)
        else:
            given[name] = value
    answer = getattr(client, operation.replace("-", "_"))(**given)
    answer.pop("ResponseMetadata")
    for name, value in list(answer.items()):
        if hasattr(value, "read"):
            assert output, "an answer that is streamed needs a file to go to"
            with Path(output).open("ab") as file:
                file.write(answer.pop(name).read())
    print(json.dumps(answer, indent=4))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
