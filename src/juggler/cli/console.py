"""Where the command line writes: answers to stdout, progress and complaints to stderr."""

from __future__ import annotations

import logging

from rich.console import Console
from rich.text import Text

from juggler.errors import JugglerError


def out() -> Console:
    """Return a console on stdout as it is now; answers go there."""
    return Console(highlight=False)


def err() -> Console:
    """Return a console on stderr as it is now; progress, warnings and errors go there."""
    return Console(stderr=True, highlight=False)


def say(text: str, style: str = "") -> None:
    """Print one line on stdout that is never wrapped, so that it can be copied as it is."""
    out().print(Text(text, style=style), soft_wrap=True)


def warn(text: str) -> None:
    """Print one warning on stderr."""
    err().print(Text.assemble(("warning: ", "yellow"), text), soft_wrap=True)


def complain(error: JugglerError | OSError) -> None:
    """Print *error* on stderr as one line: what was wrong, and its code."""
    message = " ".join(str(error).split()) or type(error).__name__
    code = error.code if isinstance(error, JugglerError) else type(error).__name__
    line = Text.assemble(("error: ", "bold red"), message, (f" ({code})", "dim"))
    err().print(line, soft_wrap=True)


def log_to_stderr(level: int) -> None:
    """Show log records from *level* on, one line each."""
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s", force=True)
