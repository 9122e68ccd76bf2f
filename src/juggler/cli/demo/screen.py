"""What the demo shows: progress of loading, what to try, the table of the checks."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from juggler.cli.console import err, out, say
from juggler.cli.demo.load import Advance
from juggler.cli.demo.probe import Outcome
from juggler.cli.demo.store import Loaded
from juggler.cli.demo.tries import EXPLORER, Try
from juggler.cli.demo.world import Region


@contextmanager
def progress() -> Iterator[Advance]:
    """Show a bar for each tenant that is loaded within the block."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("rows"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err()) as bars:
        tasks = {}

        def advance(tenant: str, done: int, total: int) -> None:
            if tenant not in tasks:
                tasks[tenant] = bars.add_task(f"Loading {tenant}", total=total)
            bars.update(tasks[tenant], completed=done)

        yield advance


def tenants_table(tenants: Iterable[tuple[Region, Loaded]]) -> Table:
    """Return the tenants with what each holds."""
    table = Table(title="Three tenants, each with a database file of its own")
    for name in ("tenant", "region", "only here"):
        table.add_column(name)
    for name in ("cities", "countries"):
        table.add_column(name, justify="right")
    for region, loaded in tenants:
        counts = (f"{loaded.cities:,}", f"{loaded.countries:,}")
        table.add_row(region.tenant, region.title, region.own, *counts)
    return table


def show_tries(base: str, tries: Iterable[Try], admin_token: str) -> None:
    """Print what to try against the service at *base*; each line can be copied as it is."""
    say("")
    say("Try (in another terminal):", style="bold")
    for each in tries:
        say(f"# {each.shows}", style="dim")
        say(each.call.curl(base), style="cyan")
    say("")
    say(f"Explorer:     {base}{EXPLORER}   (Authorize with a tenant's name)")
    say(f"Admin token:  {admin_token}")
    say(f"              {_program()} tenants list --url {base} --token {admin_token}")
    say("")
    say("Ctrl-C ends it.")


def _program() -> str:
    """Return what to type for this program: its name where it is on the path."""
    started = sys.argv[0]
    is_ours = Path(started).name == "juggler" and shutil.which("juggler") is None
    return started if is_ours else "juggler"


def show_outcomes(outcomes: Iterable[Outcome]) -> None:
    """Print the checks as a table, and below it why one failed."""
    table = Table(title="What was checked over HTTP")
    table.add_column("check", overflow="fold")
    table.add_column("asked", overflow="fold", style="dim")
    table.add_column("ms", justify="right")
    table.add_column("")
    failed = []
    for each in outcomes:
        mark = Text("ok", "green") if each.problem is None else Text("FAILED", "bold red")
        table.add_row(Text(each.title), Text(each.asked), f"{each.milliseconds:,.0f}", mark)
        if each.problem is not None:
            failed.append(each)
    out().print(table)
    for each in failed:
        say(f"FAILED {each.title}: {each.problem}", style="red")
