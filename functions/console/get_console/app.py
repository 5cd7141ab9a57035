"""GET /: the console in a browser. Its page reads the rest of the address, and asks the API for what it shows."""

from pathlib import Path

from signet.api.answering.answer import Answer
from signet.api.answering.web_files import SAFE_HEADERS, WebFiles
from signet.api.http_function import Request, http_function
from signet.operations.console.get_console import get_console
from signet.wiring import at_init, wiring

at_init(lambda ports: ports.issuer_list)

FILES = WebFiles(Path(__file__).with_name("files"))


@http_function(
    "GET /",
    answers={200: ("text/html", "text/javascript", "text/css", "image/svg+xml")},
    public=True,
    files=True,
)
def lambda_handler(request: Request[None, None]) -> Answer:
    """Answer a file of the console, its page for every other path, and lead there from the root."""
    if request.raw_path == "/":
        return Answer(307, headers={**SAFE_HEADERS, "Location": "/console/", "Cache-Control": "no-store"})
    return FILES.answer(
        request.raw_path.removeprefix("/console").removeprefix("/"),
        encodings=request.sent_header("accept-encoding"),
        known=request.sent_header("if-none-match"),
        talks_to=lambda: get_console(issuers=lambda: wiring().issuer_list),
    )
