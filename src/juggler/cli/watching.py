"""What `juggler top` shows: figures, health, the largest tenants, the last events."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from juggler.cli.tables import size

_COLOURS: Final = {"ok": "green", "degraded": "yellow", "critical": "bold red"}
_SAID: Final = ("tenant", "model", "owner_kind", "error")
_FIGURES: Final = (("models", "total_models"), ("shapes", "shapes"), ("owners", "owners"))


def screen(found: Mapping[str, Any], events: Iterable[Mapping[str, Any]], note: str = "") -> Group:
    """Return all that is shown of one moment.

    Args:
        found: What the service told: ``tenants``, ``registry``, ``sources``, ``health``.
        events: The last events, or clean-ups, the latest first.
        note: A line for the end.
    """
    parts: list[RenderableType] = [
        _totals(found),
        *_reasons(found["health"]),
        _tenants(found["tenants"]),
    ]
    lines = [event_line(each) for each in events]
    if lines:
        parts.append(Text("\n").join(lines))
    if note:
        parts.append(Text(note, style="dim"))
    return Group(*parts)


def _totals(found: Mapping[str, Any]) -> Text:
    """Return the figures of the whole service in one line or two."""
    health, registry = found["health"], found["registry"]
    status = str(health["status"])
    figures = [
        f"tenants {health['tenants']:,} resident, {health['cold']:,} cold",
        *(f"{name} {registry[key]:,}" for name, key in _FIGURES),
        f"memory {size(health['bytes'])} of models",
    ]
    if health.get("memory"):
        figures.append(f"{size(health['memory'])} in all")
    if found.get("sources"):
        figures.append(f"sources {found['sources']['open']:,} open")
    return Text.assemble((status, _COLOURS.get(status, "bold")), "  ", "  |  ".join(figures))


def _reasons(health: Mapping[str, Any]) -> list[Text]:
    return [Text(f"  {reason}", style="yellow") for reason in health["reasons"]]


def _tenants(tenants: Sequence[Mapping[str, Any]]) -> Table:
    """Return the table of tenants; one that the registry does not know has no figures."""
    table = Table(box=None, pad_edge=False, header_style="reverse", expand=True)
    table.add_column("tenant", no_wrap=True, ratio=1)
    for name in ("models", "memory", "accesses", "idle", "in use", "state"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in tenants:
        stats = each.get("stats") or {}
        table.add_row(
            Text(str(each["code"])),
            f"{stats.get('model_count', 0):,}",
            size(stats.get("bytes_estimate", 0)),
            f"{stats.get('accesses', 0):,}",
            _ago(stats.get("idle_time")),
            "yes" if stats.get("in_use") else "no",
            "resident" if each.get("resident") else "cold" if stats else "-",
        )
    return table


def _ago(seconds: float | None) -> str:
    """Return how long something is ago, as people read it.

    >>> _ago(3.2), _ago(200), _ago(8_000), _ago(200_000), _ago(None)
    ('3 s', '3 min', '2.2 h', '2.3 d', '-')
    """
    if seconds is None:
        return "-"
    for unit, length in (("d", 86_400.0), ("h", 3_600.0)):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds // 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"


def event_line(event: Mapping[str, Any]) -> Text:
    """Return one event, or one clean-up of the history, as a line."""
    if "event" not in event:
        return _cleanup_line(event)
    words = [str(event[key]) for key in _SAID if event.get(key)]
    details = event.get("details") or {}
    if event.get("result"):
        details = {"models_removed": event["result"]["models_removed"], **details}
    words += [f"{key}={_short(value)}" for key, value in details.items() if value not in ("", None)]
    return Text.assemble((f"{event['event']:20}", "cyan"), " ", " ".join(words))


def _cleanup_line(result: Mapping[str, Any]) -> Text:
    at = result.get("at")
    when = time.strftime("%H:%M:%S", time.localtime(at)) if at else "-"
    done = result.get("error") or f"{result['models_removed']} models removed"
    return Text.assemble((f"{'clean-up':20}", "cyan"), f" {when} {result['tenant']}: {done}")


def _short(value: Any) -> str:
    text = f"{value:.3g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
