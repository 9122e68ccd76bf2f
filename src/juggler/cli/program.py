"""The command tree, and what is the same for all commands: errors, exit codes, --version."""

from __future__ import annotations

import logging
import sys
from importlib.metadata import version
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from juggler.cli.commands import demo, serve, tenants, top
from juggler.cli.console import complain, log_to_stderr, say
from juggler.cli.helping import command, help_of
from juggler.errors import JugglerError

FAILED: Final = 1
INTERRUPTED: Final = 130


class Commands(TyperGroup):
    """Commands whose errors are told in one line; ``--debug`` lets them through instead."""

    def invoke(self, ctx: Any) -> Any:  # a context of click, which is a part of typer now
        """Run the command; an error of ours exits with 1, Ctrl-C with 130."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # who reads what we print has gone; typer knows what to do
            raise
        except (JugglerError, OSError) as error:
            if ctx.params.get("debug"):
                raise
            complain(error)
            raise typer.Exit(FAILED) from error
        except KeyboardInterrupt:
            say("Interrupted.")
            raise typer.Exit(INTERRUPTED) from None


EXIT_CODES: Final = (
    "Exit codes: 0 done; 1 the operation or a check failed, the reason is the one line on stderr; "
    "2 wrongly called; 130 interrupted by Ctrl-C before it was done."
)

program = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
)


def _show_version(asked: bool) -> None:
    if asked:
        say(f"juggler {version('juggler')}")
        raise typer.Exit


def start(
    debug: Annotated[
        bool,
        typer.Option("--debug", help="Show tracebacks and debug logs.", envvar="JUGGLER_DEBUG"),
    ] = False,
    _version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Run and look after multi-tenant services.

    For a first look:

        juggler demo            three tenants on real data, until Ctrl-C
        juggler demo --check    the same, tried out over HTTP, and gone again
        juggler serve DIR       a folder of LoopBack's files as a service
        juggler tenants list    the tenants of a running service
        juggler top             the same, live, with health and events
    """
    log_to_stderr(logging.DEBUG if debug else logging.WARNING)


program.callback(help=help_of(start))(start)
command(program)(serve.serve)
command(program)(demo.demo)
command(program)(top.top)
program.add_typer(tenants.tenants, name="tenants")


def run() -> None:
    """Run the command that was given and exit."""
    program(prog_name="juggler", args=sys.argv[1:])
