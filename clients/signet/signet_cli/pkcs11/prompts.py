"""Asking the person: in a window where there is a display, else on the terminal, else a clear refusal."""

from __future__ import annotations

import contextlib
import getpass
import os
import sys
from typing import Final

from signet_cli.pkcs11.program import has_left

MOST_CHARACTERS: Final = 1024
LOOK_EVERY_MILLISECONDS: Final = 250
"""At whether the program that waits for an answer is still there."""


class NobodyToAskError(Exception):
    """There is neither a window nor a terminal, or the person closed the question."""


def tell(text: str) -> None:
    """Say `text` to whoever watches the program; standard output belongs to the protocol."""
    shown = "".join(letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in text)
    # A program may have closed it, and what cannot be said must not end the signing.
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"signet-pkcs11: {shown}\n")
        sys.stderr.flush()


def ask(title: str, question: str, *, hidden: bool) -> str:
    """The answer to `question`; with `hidden` it is not shown while it is typed.

    Raises:
        NobodyToAskError: there is nobody to ask, or no answer.
    """
    answer = _in_a_window(title, question, hidden=hidden) if has_display() else None
    if answer is None:
        answer = _on_the_terminal(title, question, hidden=hidden)
    if not answer.strip():
        raise NobodyToAskError("No answer was given.")
    return answer[:MOST_CHARACTERS]


def has_display() -> bool:
    """Whether a window can be shown to the person."""
    if sys.platform in {"win32", "darwin"}:
        return not os.environ.get("SSH_CONNECTION")
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _in_a_window(title: str, question: str, *, hidden: bool) -> str | None:
    """The answer, empty if the window was closed; None where no window can be made."""
    try:
        import tkinter as tk
        from tkinter import ttk
    except ImportError:
        return None
    try:
        window = tk.Tk()
    except tk.TclError:
        return None
    answers: list[str] = []
    window.title(title)
    window.resizable(width=False, height=False)
    window.attributes("-topmost", True)
    frame = ttk.Frame(window, padding=16)
    frame.grid()
    ttk.Label(frame, text=question, wraplength=420).grid(columnspan=2, sticky="w")
    entry = ttk.Entry(frame, width=48, show="•" if hidden else "")
    entry.grid(row=1, columnspan=2, pady=12)

    def accept(_: object = None) -> None:
        answers.append(entry.get())
        window.destroy()

    ttk.Button(frame, text="Cancel", command=window.destroy).grid(row=2, column=0, sticky="w")
    ttk.Button(frame, text="OK", command=accept).grid(row=2, column=1, sticky="e")
    window.bind("<Return>", accept)
    window.bind("<Escape>", lambda _: window.destroy())

    def close_without_program() -> None:
        if has_left():
            window.destroy()
        else:
            window.after(LOOK_EVERY_MILLISECONDS, close_without_program)

    close_without_program()
    entry.focus_force()
    window.mainloop()
    return answers[0] if answers else ""


def _on_the_terminal(title: str, question: str, *, hidden: bool) -> str:
    try:
        with open("/dev/tty", "r+b", buffering=0) as raw:  # noqa: PTH123 - a device, not a file
            prompt = f"{title}: {question} "
            if hidden:
                # getpass itself opens the terminal, and turns its echo off and on again.
                return getpass.getpass(prompt)
            raw.write(prompt.encode())
            return _line(raw)
    except (OSError, EOFError) as error:
        raise NobodyToAskError("There is neither a window nor a terminal to ask on.") from error


def _line(raw: object) -> str:
    line = raw.readline(4 * MOST_CHARACTERS)  # type: ignore[attr-defined]
    return str(line.decode(errors="replace").rstrip("\r\n"))
