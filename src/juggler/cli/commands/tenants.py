"""`juggler tenants`: who is served, how much each holds, keys, and clean-up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from juggler.cli.admin import AdminClient
from juggler.cli.console import out, say
from juggler.cli.helping import command, help_of
from juggler.cli.offline import issue_key, records_of
from juggler.cli.tables import cleanup_table, records_table, stats_table, tenants_table

tenants = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

DEFAULT_URL: Final = "http://127.0.0.1:8000"

Url = Annotated[
    str, typer.Option("--url", help="Address of the service.", envvar="JUGGLER_URL", metavar="URL")
]
Token = Annotated[
    str,
    typer.Option("--token", help="Its admin token.", envvar="JUGGLER_ADMIN_TOKEN", metavar="TOKEN"),
]
Folder = Annotated[
    Path | None,
    typer.Option("--dir", help="Read DIR/tenants.json instead of asking a service.", metavar="DIR"),
]
Code = Annotated[str, typer.Argument(help="The tenant's code.", metavar="CODE")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def about() -> None:
    """Look after the tenants of a running service, through its admin API.

    Address and token may stand in the environment:

        export JUGGLER_URL=http://127.0.0.1:8000 JUGGLER_ADMIN_TOKEN=...
        juggler tenants list
        juggler tenants cleanup acme
    """


tenants.callback(help=help_of(about))(about)


@command(tenants, "list")
def list_tenants(
    url: Url = DEFAULT_URL, token: Token = "", folder: Folder = None, as_json: AsJson = False
) -> None:
    """List the tenants with what each holds.

    With --dir no service is asked: the records in DIR/tenants.json are listed.

        juggler tenants list --token TOKEN
        juggler tenants list --dir shop
    """
    if folder is not None:
        _show(records_of(folder), as_json, records_table)
    else:
        _show(AdminClient(url, token).tenants(), as_json, tenants_table)


@command(tenants)
def stats(url: Url = DEFAULT_URL, token: Token = "", as_json: AsJson = False) -> None:
    """Show the figures of the whole service: models, shapes, memory, open data sources.

    They are those of the moment.

        juggler tenants stats --token TOKEN --json
    """
    _show(AdminClient(url, token).stats(), as_json, stats_table)


@command(tenants)
def cleanup(
    code: Code,
    url: Url = DEFAULT_URL,
    token: Token = "",
    force: Annotated[
        bool, typer.Option("--force", help="Go ahead while operations are at work; they fail.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Let go of everything that the service holds for a tenant: models, connections.

    Its rows stay where they are.

        juggler tenants cleanup acme --token TOKEN
    """
    _show(AdminClient(url, token).cleanup(code, force=force), as_json, cleanup_table)


@command(tenants)
def key(
    code: Code,
    folder: Annotated[Path, typer.Option("--dir", help="Folder of the project.", metavar="DIR")],
    pepper: Annotated[
        str,
        typer.Option("--pepper", help="The server's secret for keys.", envvar="JUGGLER_PEPPER"),
    ],
) -> None:
    """Issue an API key for a tenant of DIR/tenants.json, which is made if it is not there.

    The key is shown once; the file holds a digest of it only. A running service knows the key
    after its next start.

        export JUGGLER_PEPPER=$(openssl rand -hex 32)
        juggler tenants key acme --dir shop
    """
    say(issue_key(folder, code, pepper))


def _show(found: Any, as_json: bool, table: Any) -> None:
    """Print what was found, as a table or as JSON."""
    if as_json:
        say(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        out().print(table(found))
