"""What must not grow: memory, objects, classes, lines of code, listeners, tasks, threads, files."""

from __future__ import annotations

import asyncio
import ctypes
import dis
import gc
import linecache
import statistics
import sys
import threading
import timeit
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.registry.memory import resident

SLACK = 20
"""Objects of one type that may come and go between two looks without being a growth."""
_TAG_AT, _BASIC_SIZE_AT = 384, 32
"""Where CPython 3.11 to 3.13 keep a class's version tag, and its instances' size, in bytes."""


def snapshot(registry: Any) -> dict[str, Any]:
    """Return the figures of this process at this moment, by plain name."""
    gc.collect()
    types = map(type, gc.get_objects())
    kinds = Counter(f"{each.__module__}.{each.__qualname__}" for each in types)
    try:
        tasks = len(asyncio.all_tasks())
    except RuntimeError:  # no loop, no tasks
        tasks = 0
    return {
        "memory": resident(),
        "blocks": sys.getallocatedblocks(),
        "objects": dict(kinds),
        "figures": {
            "`linecache` entries": len(linecache.cache),
            "subclasses of `object`": len(type.__subclasses__(object)),
            "subclasses of the instances' class": len(type.__subclasses__(registry.instance_type)),
            "shapes": len(registry.shapes),
            "listeners": sum(map(len, registry._emitter._handlers.values())),
            "tasks": tasks,
            "threads": threading.active_count(),
            "file descriptors": len(list(Path("/proc/self/fd").iterdir())),
        },
    }


def grown(early: dict[str, Any], late: dict[str, Any]) -> dict[str, int]:
    """Return by how many each type has more objects late than early, but for a few."""
    more = {kind: count - early["objects"].get(kind, 0) for kind, count in late["objects"].items()}
    return {kind: count for kind, count in more.items() if count > SLACK}


def next_version_tag() -> int | None:
    """Return the type version tag that a class gets now; None where it cannot be seen.

    CPython gives every class that is looked at a number, and each change of a class takes a new
    one.  The difference between two answers tells how many were spent, these looks included.
    """

    class Probe:
        mark = True

    head = ctypes.c_ssize_t.from_address(id(Probe) + _BASIC_SIZE_AT).value
    if sys.implementation.name != "cpython" or head != Probe.__basicsize__:
        return None
    for _ in range(3):
        Probe().mark  # noqa: B018  the look-up gives the class its number
    return ctypes.c_uint.from_address(id(Probe) + _TAG_AT).value or None


def spends_one() -> bool:
    """Tell whether version tags can be counted here: each look takes exactly one."""
    first, second, third = (next_version_tag() for _ in range(3))
    if first is None or second is None or third is None:
        return False
    return (second - first, third - second) == (1, 1)


def is_slot_read(instance: Any) -> bool:
    """Tell whether reading ``field3`` is the one instruction that Python has for slots."""

    def read(each: Any) -> Any:
        return each.field3

    for _ in range(100):
        read(instance)
    return any(
        each.opname == "LOAD_ATTR_SLOT" for each in dis.get_instructions(read, adaptive=True)
    )


class Slotted:
    """A class that was there before everything else; reads of it are the yardstick."""

    __slots__ = ("mark",)

    def __init__(self) -> None:
        self.mark = 7


def read_time(instance: Any, name: str, rounds: int = 501) -> float:
    """Return the time of reading an attribute, in times of reading one of a plain slotted object.

    Both are done in turn, for a few tens of microseconds each; the median of the ratios counts,
    so that a processor that changes its speed meanwhile does no harm.
    """
    read = timeit.Timer("; ".join([f"x.{name}"] * 100), globals={"x": instance})
    plain = timeit.Timer("; ".join(["x.mark"] * 100), globals={"x": Slotted()})
    return statistics.median(read.timeit(200) / plain.timeit(200) for _ in range(rounds))
