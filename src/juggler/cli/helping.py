"""Help texts: the docstrings of the commands, their examples as they stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import typer

F = TypeVar("F", bound=Callable[..., Any])

_AS_IT_STANDS: Final = "\b\n"
"""What tells typer not to wrap a paragraph."""

_INDENT: Final = "    "


def command(group: typer.Typer, name: str | None = None) -> Callable[[F], F]:
    """Make the decorated function a command of *group*, its docstring the help."""

    def add(function: F) -> F:
        return group.command(name, help=help_of(function))(function)

    return add


def help_of(command: Callable[..., Any]) -> str:
    """Return the help text of *command*: its docstring, indented paragraphs as they stand."""
    told = (command.__doc__ or "").rstrip()
    lines = [line.removeprefix(_INDENT) for line in told.splitlines()]
    return "\n\n".join(map(_paragraph, "\n".join(lines).split("\n\n")))


def _paragraph(text: str) -> str:
    lines = text.splitlines()
    if all(line.startswith(_INDENT) for line in lines):
        return _AS_IT_STANDS + "\n".join(line[2:] for line in lines)
    return " ".join(lines)
