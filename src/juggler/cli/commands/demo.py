"""`juggler demo`: three tenants on real data, to try out or to check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

FOLDER: Final = Path("demo-data")


def demo(
    check: Annotated[
        bool, typer.Option("--check", help="Try everything out over HTTP and end: exit 0 or 1.")
    ] = False,
    port: Annotated[
        int | None,
        typer.Option(
            "--port", "-p", min=0, max=65_535, help="Else 8000, or a free one if that is taken."
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            help=f"Where the data is kept, else ./{FOLDER}; --check uses a folder that goes.",
            metavar="DIR",
        ),
    ] = None,
    cities: Annotated[
        int | None,
        typer.Option("--cities", min=1, help="Only the N largest cities of each tenant."),
    ] = None,
    admin_token: Annotated[
        str | None,
        typer.Option(
            "--admin-token",
            help="Opens the admin API, else a new one each time.",
            envvar="JUGGLER_ADMIN_TOKEN",
            metavar="TOKEN",
        ),
    ] = None,
) -> None:
    """Serve three tenants on real cities and countries until Ctrl-C.

    Each tenant has an SQLite file of its own with a region of the world in it, about 34,000 cities
    in all. One has a property more on its cities, another a model that it defines for itself
    through the admin API. Printed are requests to try, as curl lines.

    The first start loads the data. One that is ended while it loads leaves nothing half: the next
    start loads what is missing.

        juggler demo
        juggler demo --port 9000 --data ~/juggler-demo
        juggler demo --check          load, serve, check, print a table, end
    """
    from juggler.cli.demo.session import check_demo, serve_demo  # noqa: PLC0415  needs extras

    if check:
        raise typer.Exit(0 if check_demo(data, port or 0, cities, admin_token) else 1)
    serve_demo(data or FOLDER, port, cities, admin_token)
