"""Every answer that is not a plain one, and every way not to answer."""

import base64
import os
import time
from typing import Any


def lambda_handler(event: dict[str, Any], context: Any) -> Any:  # noqa: C901, PLR0912  one case for each way
    match event["pathParameters"]["how"]:
        case "raise":
            raise ValueError("no")
        case "hang":
            time.sleep(60)
        case "die":
            os._exit(3)
        case "unserialisable":
            return {"statusCode": 200, "body": object()}
        case "binary":
            encoded = base64.b64encode(bytes(range(256))).decode()
            headers = {"content-type": "application/octet-stream"}
            return {"statusCode": 200, "headers": headers, "body": encoded, "isBase64Encoded": True}
        case "cookies":
            return {"statusCode": 204, "cookies": ["a=1; Secure", "b=2"], "headers": {"X-Number": 5, "X-Flag": True}}
        case "text":
            return "just text"
        case "object":
            return {"a": [1, "ü"]}
        case "no-type":
            return {"statusCode": 200, "body": "plain"}
        case "object-body":
            return {"statusCode": 200, "body": {"a": 1}}
        case "bad-status":
            return {"statusCode": "many"}
        case "bad-base64":
            return {"statusCode": 200, "body": "%%%", "isBase64Encoded": True}
        case "split":
            return {"statusCode": 200, "headers": {"x-a": "1\r\nx-b: 2"}, "body": ""}
        case "huge":
            return {"statusCode": 200, "body": "x" * (7 * 1024 * 1024)}
    return None
