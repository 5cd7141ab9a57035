"""The provider's few pages: plain HTML, a style sheet of their own, no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from local.api_gateway.http_server import Answer
from local.oidc.grants import Person

STYLE_PATH = "/local/issuer/style.css"

_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "same-origin"),  # with "no-referrer" a browser names the form's origin "null", which is refused
    ("X-Content-Type-Options", "nosniff"),
]

STYLE = """\
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 10vh auto; max-width: 24rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin-bottom: 0; }
p.hint { margin-top: .25rem; opacity: .75; }
label { display: block; font-weight: 600; margin-top: 1rem; }
input { box-sizing: border-box; font: inherit; padding: .5rem; width: 100%; }
button { cursor: pointer; font: inherit; margin-top: 1rem; padding: .5rem 1rem; }
ul { list-style: none; padding: 0; }
li button { text-align: left; width: 100%; margin-top: .5rem; }
small { opacity: .75; }
p.error { border-left: 4px solid #c33; padding-left: .75rem; }
"""


def style() -> Answer:
    """The style sheet."""
    return Answer(200, [("Content-Type", "text/css; charset=utf-8")], STYLE.encode())


def login(action: str, hidden: Mapping[str, str], people: Sequence[Person], error: str = "") -> Answer:
    """Who is it? Two fields to type into, and the people of the sample data to choose from."""
    return _page("Sign in to Signet", _error(error) + _login_form(action, hidden) + _people(action, hidden, people))


def device(action: str, user_code: str, people: Sequence[Person], error: str = "") -> Answer:
    """Enter the code that the other screen shows, and say who it is."""
    code = _field("user_code", "Code", "the other screen shows it", user_code)
    form = (
        f'<form method="post" action="{escape(action)}">{code}'
        f"{_field('user', 'User', 'such as alice')}{_field('groups', 'Groups', 'with commas between')}"
        '<button type="submit" name="answer" value="sign-in">Sign in</button> '
        '<button type="submit" name="answer" value="refuse" formnovalidate>Refuse</button></form>'
    )
    chosen = _people(action, {"user_code": user_code}, people) if user_code else ""
    return _page("Let another device in", _error(error) + form + chosen)


def message(title: str, text: str, status: int = 200) -> Answer:
    """One thing to say."""
    return _page(title, f"<p>{escape(text)}</p>", status)


def _login_form(action: str, hidden: Mapping[str, str]) -> str:
    return (
        f'<form method="post" action="{escape(action)}">{_hidden(hidden)}'
        f"{_field('user', 'User', 'such as alice')}{_field('groups', 'Groups', 'with commas between')}"
        '<button type="submit">Sign in</button></form>'
    )


def _people(action: str, hidden: Mapping[str, str], people: Sequence[Person]) -> str:
    rows = []
    for person in people:
        groups = ",".join(person.groups)
        told = f"in {', '.join(person.groups)}" if person.groups else "in no group"
        rows.append(
            f'<li><form method="post" action="{escape(action)}">'
            f"{_hidden({**hidden, 'user': person.user, 'groups': groups})}"
            f'<button type="submit">{escape(person.user)} <small>{escape(told)}</small></button></form></li>'
        )
    return f"<p>Or one of the people of the sample data:</p><ul>{''.join(rows)}</ul>" if rows else ""


def _hidden(values: Mapping[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in values.items()
    )


def _field(name: str, label: str, hint: str, value: str = "") -> str:
    required = "" if name == "groups" else " required"
    return (
        f'<label for="{name}">{label}</label><input id="{name}" name="{name}" value="{escape(value)}"'
        f' placeholder="{escape(hint)}" autocomplete="off" spellcheck="false"{required}>'
    )


def _error(text: str) -> str:
    return f'<p class="error" role="alert">{escape(text)}</p>' if text else ""


def _page(title: str, body: str, status: int = 200) -> Answer:
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width">'
        f'<link rel="stylesheet" href="{STYLE_PATH}"></head><body><main><h1>{escape(title)}</h1>'
        '<p class="hint">This identity provider exists on this machine only, and believes whatever it is told.</p>'
        f"{body}</main></body></html>"
    )
    return Answer(status, list(_HEADERS), text.encode())
