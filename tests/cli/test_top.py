"""`juggler top`: what it shows, how it is steered, how it ends."""

from __future__ import annotations

import io
import json
import os
import pty
import threading
from collections import deque
from typing import Any, Self

import httpx
import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from juggler.app.asgi import App
from juggler.cli.client import ServiceError
from juggler.cli.commands import top
from juggler.cli.commands.top import Sort
from juggler.cli.keys import NoKeys, Terminal, keyboard
from juggler.cli.program import program
from juggler.cli.stream import Events, events_in
from juggler.cli.watching import event_line, screen
from juggler.facade.default import ModelRegistry
from tests.app.service import served, until
from tests.cli.service import Asked, answering
from tests.patience import PATIENCE

STATS = {"model_count": 2, "bytes_estimate": 2048, "accesses": 7, "idle_time": 90, "in_use": True}
HEALTH = {
    "status": "degraded",
    "reasons": ["1 handler failed."],
    "tenants": 1,
    "cold": 1_234,
    "models": 2,
    "bytes": 4096,
    "memory": 3 * 2**20,
}
TENANTS = [
    {"code": "[bold]acme[/]", "resident": True, "stats": STATS},
    {"code": "zeta", "resident": False, "stats": {**STATS, "in_use": False}},
]
REGISTRY = {"total_models": 12_345, "shapes": 3, "owners": 4}
FOUND = {"tenants": TENANTS, "registry": REGISTRY, "sources": {"open": 5}, "health": HEALTH}
CLEANUPS = [{"tenant": "gone", "models_removed": 3, "at": 1_700_000_000.0, "error": None}]


def call(*arguments: str) -> Result:
    """Run the command line in this process, in a wide terminal."""
    return CliRunner().invoke(program, ["top", *arguments], env={"COLUMNS": "160"})


def service(asked: Asked) -> tuple[int, Any]:
    """Answer as the admin API does."""
    if asked.headers.get("authorization") != "Bearer secret":
        return 401, {"error": {"message": "Authorization is required.", "code": "NO"}}
    if asked.path.startswith("/admin/health"):
        return 200, HEALTH
    if asked.path.startswith("/admin/history"):
        return 200, {"cleanups": CLEANUPS}
    return 200, {key: FOUND[key] for key in ("tenants", "registry", "sources")}


def text_of(found: Any) -> str:
    """Return what is shown as plain text."""
    written = io.StringIO()
    Console(width=160, file=written).print(found)
    return written.getvalue()


# --- what is shown -------------------------------------------------------------------------------


def test_one_look_shows_everything_and_ends() -> None:
    """--once prints figures, health, tenants and the last clean-ups, and exits with 0."""
    with answering(service) as (base, seen):
        result = call(
            "--url", base, "--token", "secret", "--once", "--sort", "idle", "--limit", "7"
        )
    assert result.exit_code == 0, result.output
    for text in (
        "degraded", "1 handler failed.", "1 resident, 1,234 cold", "models 12,345", "3.0 MiB",
        "[bold]acme[/]", "2.0 KiB", "1 min", "resident", "cold", "gone",
        "3 models removed", "5 open",
    ):  # fmt: skip
        assert text in result.output
    assert seen[0].path == "/admin/tenants?limit=7&sort=idle"


def test_json_is_for_programs() -> None:
    """--json prints the same figures as one document."""
    with answering(service) as (base, _):
        result = call("--url", base, "--token", "secret", "--json")
    assert json.loads(result.stdout) == FOUND


@pytest.mark.parametrize("flags", [["--once"], []], ids=["once", "live"])
def test_a_service_that_cannot_be_asked_is_an_error(flags: list[str]) -> None:
    """A wrong token is told in one line before anything is shown."""
    with answering(service) as (base, _):
        result = call("--url", base, "--token", "wrong", *flags)
    assert result.exit_code == 1
    assert result.stderr == "error: Authorization is required. (NO)\n"


def test_events_are_shown_with_their_details() -> None:
    """An event shows what it is about; a clean-up of the history shows what came of it."""
    event = {
        "event": "tenant_cleaned",
        "tenant": "acme",
        "model": None,
        "result": {"models_removed": 4},
        "details": {"reason": "x" * 60, "duration": 1.23456},
    }
    line = event_line(event).plain
    assert line.startswith("tenant_cleaned")
    assert "acme models_removed=4" in line
    assert "duration=1.23" in line
    assert "…" in line
    assert "in use" in event_line({"tenant": "a", "error": "in use", "at": None}).plain


def test_a_service_without_models_is_shown() -> None:
    """Tenants that hold nothing have no figures, and a service may have no data sources."""
    health = {**HEALTH, "status": "ok", "reasons": [], "memory": None}
    found = {**FOUND, "sources": None, "health": health, "tenants": [{"code": "a", "stats": None}]}
    text = text_of(screen(found, []))
    assert text.startswith("ok")
    assert "sources" not in text


# --- how it is steered ---------------------------------------------------------------------------


class Pressed:
    """Presses keys, one for each wait."""

    def __init__(self, keys: str) -> None:
        self._keys = deque(keys)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing behind."""

    def wait(self, seconds: float) -> str:
        """Return the next key; a dot is none, an exclamation mark is Ctrl-C."""
        key = self._keys.popleft()
        if key == "!":
            raise KeyboardInterrupt
        return "" if key == "." else key


def test_keys_sort_and_quit() -> None:
    """Each key sorts by something else from then on; q ends it."""
    asked: list[str] = []

    def look(sort: str) -> Any:
        asked.append(sort)
        return FOUND

    events = Events("http://nowhere", "x")
    events.last.append({"event": "tenant_created", "tenant": "acme"})
    top.watch(look, events, Pressed("m.BxcQ"), Sort.IDLE, 1.0, FOUND)
    assert asked == ["models", "models", "bytes", "bytes", "code"]


def test_a_look_that_fails_does_not_end_it() -> None:
    """While the service is away its last figures stay, and it is asked again."""
    shown: list[str] = []

    def look(sort: str) -> Any:
        shown.append(sort)
        if len(shown) == 1:
            raise ServiceError("No answer.")
        return FOUND

    top.watch(look, Events("http://nowhere", "x"), Pressed("..q"), Sort.IDLE, 1.0, FOUND)
    assert len(shown) == 2


@pytest.mark.parametrize("keys", ["q", ".!"], ids=["q", "ctrl-c"])
def test_it_ends_cleanly(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    """Whether q or Ctrl-C ends it, it exits with 0 and no thread is left."""
    monkeypatch.setattr(top, "keyboard", lambda: Pressed(keys))
    with answering(service) as (base, _):
        result = call("--url", base, "--token", "secret", "--interval", "0.1")
    assert result.exit_code == 0, result.output
    for each in threading.enumerate():
        if each.name == "juggler-top-events":
            each.join(PATIENCE)
            assert not each.is_alive()


def test_keys_come_from_a_terminal() -> None:
    """A terminal gives key after key without a line's end, and is as before afterwards."""
    import termios

    ours, theirs = pty.openpty()
    try:
        before = termios.tcgetattr(theirs)
        with Terminal(theirs) as keys:
            os.write(ours, b"bq")
            assert (keys.wait(PATIENCE), keys.wait(PATIENCE), keys.wait(0)) == ("b", "q", "")
        assert termios.tcgetattr(theirs) == before
    finally:
        os.close(ours)
        os.close(theirs)


def test_without_a_terminal_there_are_no_keys() -> None:
    """Where stdin is no terminal nothing is read, and waiting is all there is."""
    keys = keyboard()
    assert isinstance(keys, NoKeys)
    with keys:
        assert keys.wait(0) == ""


# --- the events of a service ---------------------------------------------------------------------


async def test_the_events_of_a_real_service_arrive() -> None:
    """What happens in the service's registry is among the last events a moment later."""
    registry = ModelRegistry()
    app = App(registry, admin="secret")
    async with served(app, lifespan="off") as base, httpx.AsyncClient(base_url=base):
        with Events(base, "secret") as events:
            await until(events.listening.is_set)
            registry.define("A", {"x": int}, tenant="acme")
            registry.cleanup_tenant("acme")
            await until(lambda: len(events.last) >= 4)
        assert [each["event"] for each in events.last][-1] == "tenant_cleaned"
        await until(lambda: not events._thread.is_alive())
        app.stop()


def test_a_stream_that_is_there_too_late_asks_for_nothing() -> None:
    """Where the block has ended before there is a connection, that is closed at once."""
    with answering(service) as (base, seen):
        events = Events(base, "secret")
        events.__exit__()
        events._connect()
    assert seen == []


def test_the_stream_holds_events_and_signs_of_life() -> None:
    """Signs of life and names are passed over, and what is no object."""
    lines = [b": alive\n", b"event: x\n", b'data: {"event":"x"}\n', b"data: 3\n", b"\n"]
    assert list(events_in(lines)) == [{"event": "x"}]
