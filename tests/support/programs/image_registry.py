"""A registry of container images on this machine (Debian's docker-registry), and an image in it."""

import hashlib
import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

CONFIGURATION = """
version: 0.1
log: {level: info, accesslog: {disabled: true}}
storage: {inmemory: {}}
http: {addr: "127.0.0.1:0"}
"""
# Not by way of a proxy of the network that this machine is in.
DIRECTLY = build_opener(ProxyHandler({}))
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@contextmanager
def image_registry(folder: Path) -> Iterator[str]:
    """The `host:port` of a registry that is gone with everything in it afterwards."""
    configuration, log = folder / "registry.yml", folder / "registry.log"
    configuration.write_text(CONFIGURATION)
    with log.open("wb") as told:
        process = subprocess.Popen(["docker-registry", "serve", configuration], stdout=told, stderr=told)
    try:
        while not (found := re.search(r"listening on ([\d.]+:\d+)", log.read_text())):
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)
        yield found[1]
    finally:
        process.kill()
        process.wait()


def push_image(registry: str, version: str) -> str:
    """An image of no files, pushed as `release:<version>`; it is named by its digest."""
    address = f"http://{registry}/v2/release"
    configuration = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}
    content = json.dumps({**configuration, "config": {"Labels": {"version": version}}}).encode()
    with DIRECTLY.open(Request(f"{address}/blobs/uploads/", method="POST")) as answer:
        place = answer.headers["Location"]
    _put(f"{place}{'&' if '?' in place else '?'}digest={_digest(content)}", content, "application/octet-stream")
    described = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": _digest(content)}
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": {**described, "size": len(content)}, "layers": []}
    written = json.dumps(manifest).encode()
    _put(f"{address}/manifests/{version}", written, MANIFEST)
    return f"{registry}/release@{_digest(written)}"


def _put(address: str, content: bytes, kind: str) -> None:
    with DIRECTLY.open(Request(address, data=content, method="PUT", headers={"Content-Type": kind})):
        pass


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
