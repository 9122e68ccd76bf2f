"""`juggler top`: a running service, live."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any, Final

import typer
from rich.live import Live

from juggler.cli.admin import AdminClient
from juggler.cli.client import ServiceError
from juggler.cli.commands.tenants import DEFAULT_URL, AsJson, Token, Url
from juggler.cli.console import out, say
from juggler.cli.keys import Keys, keyboard
from juggler.cli.stream import Events
from juggler.cli.watching import screen

_LAST: Final = 10
_HELP: Final = "q quits; sorted by {}: m models, b bytes, a accesses, i idle, r recent, c code"


class Sort(StrEnum):
    """What tenants are sorted by."""

    MODELS = "models"
    BYTES = "bytes"
    ACCESSES = "accesses"
    IDLE = "idle"
    RECENT = "recent"
    CODE = "code"


_KEYS: Final = {each.value[0]: each for each in Sort}


def top(
    url: Url = DEFAULT_URL,
    token: Token = "",
    sort: Annotated[Sort, typer.Option("--sort", help="What comes first.")] = Sort.BYTES,
    limit: Annotated[int, typer.Option("--limit", help="Tenants to show.", min=1, max=1_000)] = 20,
    interval: Annotated[
        float, typer.Option("--interval", help="Seconds between two looks.", min=0.1, max=3_600)
    ] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Show it once and exit.")] = False,
    as_json: AsJson = False,
) -> None:
    """Watch a running service: its health, its tenants, what happens in it.

    Press q or Ctrl-C to quit, and m, b, a, i, r or c to sort the tenants by models, bytes,
    accesses, how long they were idle, who was at work last, or code. With --once the last clean-ups
    are shown in the place of events.

        juggler top --token TOKEN
        juggler top --token TOKEN --sort idle --limit 50 --once
    """
    client = AdminClient(url, token)
    if as_json:
        say(json.dumps(client.watched(sort, limit), indent=2, ensure_ascii=False))
    elif once:
        found = client.watched(sort, limit)
        out().print(screen(found, client.history(_LAST)))
    else:
        found = client.watched(sort, limit)  # whoever cannot be asked at all is told at once
        quits = contextlib.suppress(KeyboardInterrupt)
        with quits, Events(url, token) as events, keyboard() as keys:
            watch(lambda by: client.watched(by, limit), events, keys, sort, interval, found)


def watch(
    look: Callable[[str], Mapping[str, Any]],
    events: Events,
    keys: Keys,
    sort: Sort,
    interval: float,
    found: Mapping[str, Any],
) -> None:
    """Show what *look* finds until q is pressed; one look that fails is told, and the next made."""
    note = ""
    with Live(console=out(), auto_refresh=False, screen=True) as live:
        while True:
            last = list(events.last)[: -_LAST - 1 : -1]
            live.update(screen(found, last, note or _HELP.format(sort)), refresh=True)
            key = keys.wait(interval).lower()
            if key == "q":
                return
            sort = _KEYS.get(key, sort)
            try:
                found, note = look(sort), ""
            except ServiceError as error:
                note = str(error)
