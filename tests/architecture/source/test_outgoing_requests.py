"""One module asks addresses on the net, and those are the issuers' that the deployment trusts: no file names any."""

from tests.architecture.source_tree import PACKAGE, ROOT, imports_of

OPENERS = {
    "aiohttp",
    "asyncio",
    "ftplib",
    "http.client",
    "httpx",
    "requests",
    "smtplib",
    "socket",
    "ssl",
    "subprocess",
    "telnetlib",
    "urllib.request",
    "urllib3",
    "xmlrpc",
}


def test_only_the_keys_of_issuers_are_fetched() -> None:
    modules = [*PACKAGE.rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
    opening = {
        module.relative_to(ROOT).as_posix()
        for module in modules
        if any(name == opener or name.startswith(f"{opener}.") for name in imports_of(module) for opener in OPENERS)
    }

    assert opening == {"layers/signet/signet/adapters/identity/issuer_keys.py"}
