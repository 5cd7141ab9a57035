"""What a browser does when somebody logs in at the local identity provider."""

import http.client
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.support.programs.signet_command import Command

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def request(method: str, url: str, form: dict[str, str] | None = None) -> tuple[int, str]:
    """Send what a browser sends; the status, and where it is sent on to."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    content = None if form is None else urlencode(form)
    try:
        connection.request(method, f"{parts.path}?{parts.query}", content, FORM if form else {})
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers.get("Location", "")
    finally:
        connection.close()


def log_in_in_a_browser(command: Command, user: str) -> None:
    """Log `user` in, with a token that can be renewed."""
    login = command.start("login", "--issuer", "local", "--no-browser")
    assert login.stderr
    while not (page := login.stderr.readline().strip()).startswith("http"):
        assert login.poll() is None
    asked = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
    _, location = request("POST", page.partition("?")[0], {**asked, "user": user, "groups": ""})
    request("GET", location)
    login.communicate(timeout=60)
    assert login.returncode == 0
