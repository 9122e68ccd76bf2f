"""What all benchmarks define and store: ten properties, the same everywhere."""

from __future__ import annotations

from typing import Any

NAMES = tuple(f"field{at}" for at in range(9))
KINDS = (str, str, str, int, int, float, float, bool, str)

RAW: dict[str, Any] = {
    "id": {"type": int, "id": True, "generated": True},
    **{name: {"type": kind} for name, kind in zip(NAMES, KINDS, strict=True)},
}
"""The ten properties as a raw dict."""


def unique(number: int) -> dict[str, Any]:
    """Return ten properties that no other number has."""
    return {
        "id": {"type": int, "id": True, "generated": True},
        **{f"{name}_{number}": {"type": kind} for name, kind in zip(NAMES, KINDS, strict=True)},
    }


def annotated(number: int | None = None) -> dict[str, Any]:
    """Return the same ten as annotations."""
    end = "" if number is None else f"_{number}"
    return {"id": int, **{f"{name}{end}": kind for name, kind in zip(NAMES, KINDS, strict=True)}}


def values(number: int) -> dict[str, Any]:
    """Return values for the nine properties beside the id."""
    samples = (f"name {number}", "a text", "another", number, 7, number / 3, 2.5, True, "end")
    return dict(zip(NAMES, samples, strict=True))


def values_of(number: int) -> dict[str, Any]:
    """Return values for the nine properties of `unique`."""
    return {f"{name}_{number}": value for name, value in values(number).items()}
