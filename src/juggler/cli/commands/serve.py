"""`juggler serve`: a folder of LoopBack's files as a service."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from juggler.cli.console import say, warn

HOST: Final = "127.0.0.1"
PORT: Final = 8000

Host = Annotated[str | None, typer.Option("--host", help=f"Where to listen, else {HOST}.")]
Port = Annotated[
    int | None,
    typer.Option("--port", "-p", min=0, max=65_535, help=f"Else {PORT}; 0 takes a free port."),
]
AdminToken = Annotated[
    str | None,
    typer.Option(
        "--admin-token",
        help="Opens the admin API; without one it is off.",
        envvar="JUGGLER_ADMIN_TOKEN",
        metavar="TOKEN",
    ),
]


def serve(
    folder: Annotated[Path, typer.Argument(help="Folder of the project.", metavar="DIR")],
    host: Host = None,
    port: Port = None,
    admin_token: AdminToken = None,
    pepper: Annotated[
        str | None,
        typer.Option(
            "--pepper", help="The server's secret that API keys need.", envvar="JUGGLER_PEPPER"
        ),
    ] = None,
    dev: Annotated[
        bool, typer.Option("--dev", help="Believe the header X-Tenant: for development only.")
    ] = False,
    access_log: Annotated[bool, typer.Option("--access-log", help="Log every request.")] = False,
) -> None:
    """Serve a folder of LoopBack's files until Ctrl-C.

        DIR/datasources.json     where rows are; ${X} comes from the environment,
                                 {tenant} in a url gives each tenant its own
        DIR/models/*.json        models, with "dataSource", "public", "plural" ...
        DIR/model-config.json    the same by model name, if there is one
        DIR/tenants.json         tenants, with digests of their API keys
        DIR/tenants/CODE/*.json  models of one tenant alone
        DIR/config.json          restApiRoot, host, port
        DIR/hooks.py             def boot(app), run before the first request

        juggler serve shop --port 8080
        JUGGLER_ADMIN_TOKEN=... juggler serve shop --dev

    Keys that mean nothing here are listed once in a warning; a file that cannot be used is an
    error that names the file and the key, and nothing is served.
    """
    from juggler.cli.project.build import Access, build_app  # noqa: PLC0415  needs an extra
    from juggler.cli.project.reading import read_project  # noqa: PLC0415  only for this command
    from juggler.cli.serving import address_of, bind, serve_until_signal  # noqa: PLC0415  needs an extra

    project = read_project(folder)
    app = build_app(project, Access(admin_token=admin_token, pepper=pepper, dev=dev))
    bound = bind(host or project.host or HOST, _first(port, project.port, PORT))
    _warn(project.ignored, is_open=not project.tenants, is_dev=dev)

    def ready() -> None:
        address = address_of(bound)
        say(f"Serving {folder} at {address}{project.rest_api_root}", style="bold")
        say(f"Explorer: {address}/explorer   Description: {address}/openapi.json")
        if admin_token:
            say(f"Admin API: {address}/admin")
        say("Ctrl-C ends it.")

    asyncio.run(serve_until_signal(app, bound, ready, access_log=access_log))
    say("Ended.")


def _warn(ignored: Sequence[str], *, is_open: bool, is_dev: bool) -> None:
    """Warn of what the project's files say in vain, and of who may do everything."""
    if ignored:
        warn(f"these keys have no meaning here: {', '.join(ignored)}")
    if is_open:
        warn("there is no tenants.json: whoever reaches the service may read and write everything")
    elif is_dev:
        warn("--dev: whoever reaches the service may be any tenant, by the header X-Tenant")


def _first(*given: int | None) -> int:
    """Return the first number that was given."""
    return next(number for number in given if number is not None)
