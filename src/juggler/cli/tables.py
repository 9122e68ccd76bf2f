"""Tables of the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.table import Table
from rich.text import Text

_UNITS: Final = ("B", "KiB", "MiB", "GiB")


def tenants_table(tenants: Sequence[Mapping[str, Any]]) -> Table:
    """Return the tenants of a service; one that holds no models yet has no figures."""
    table = _table(
        "tenant", "status", "title", "models>", "memory>", "accesses>", "idle>", "in use"
    )
    for each in tenants:
        stats = each.get("stats") or {}
        idle = stats.get("idle_time")
        table.add_row(
            Text(str(each["code"])),
            Text(each.get("status") or "-"),
            Text(each.get("title") or ""),
            str(stats.get("model_count", 0)),
            size(stats.get("bytes_estimate", 0)),
            str(stats.get("accesses", 0)),
            "-" if idle is None else f"{idle:,.0f} s",
            "yes" if stats.get("in_use") else "no",
        )
    return table


def records_table(records: Sequence[Mapping[str, Any]]) -> Table:
    """Return the records of ``tenants.json``."""
    table = _table("tenant", "status", "title", "keys", "own models")
    for each in records:
        texts = (each["title"], ", ".join(each["keys"]), ", ".join(each["models"]))
        table.add_row(Text(each["tenant"]), Text(each["status"]), *map(Text, texts))
    return table


def stats_table(stats: Mapping[str, Any]) -> Table:
    """Return the figures of a service, one a line."""
    table = _table("figure", "value>")
    for part in ("registry", "sources"):
        for name, value in (stats.get(part) or {}).items():
            if isinstance(value, int | float):
                shown = size(value) if name.startswith("bytes") else f"{value:,}"
                table.add_row(f"{part}: {name.replace('_', ' ')}", shown)
    return table


def cleanup_table(result: Mapping[str, Any]) -> Table:
    """Return what a clean-up did."""
    table = _table("tenant", "models removed>", "entries removed>", "released>", "ms>", "models")
    table.add_row(
        Text(str(result["tenant"])),
        str(result["models_removed"]),
        str(result["mappings_removed"]),
        size(result.get("bytes_released", 0)),
        f"{result['duration']:.2f}",
        Text(", ".join(result["cleaned_models"])),
    )
    return table


def size(number: float) -> str:
    """Return a number of bytes as people read it.

    >>> size(512), size(2048), size(3 * 1024**2)
    ('512 B', '2.0 KiB', '3.0 MiB')
    """
    unit = 0
    while number >= 1024 and unit < len(_UNITS) - 1:
        number /= 1024
        unit += 1
    return f"{number:.1f} {_UNITS[unit]}" if unit else f"{number:.0f} {_UNITS[0]}"


def _table(*columns: str) -> Table:
    """Return an empty table; a column whose name ends in ``>`` holds numbers."""
    table = Table()
    for name in columns:
        table.add_column(name.rstrip(">"), justify="right" if name.endswith(">") else "left")
    return table
