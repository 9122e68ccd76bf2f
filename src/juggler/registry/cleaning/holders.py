"""Who refers to an object, in words: for those who look for a leak."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Iterator
from inspect import CO_OPTIMIZED
from types import CellType, FrameType, FunctionType
from typing import Any, Final

from juggler.models.instances.instance import Instance

_OURS: Final = 3
"""References to a frame's copy of its variables that nobody else has."""
_MOST: Final = 20
"""Holders that are named for one object."""


class Holders:
    """Finds and describes what refers to objects, in one look at everything there is.

    Args:
        things: The objects.
        ours: Containers of whoever looks, which are no holders.
    """

    def __init__(self, things: list[Any], ours: list[Any]) -> None:
        skipped = {id(things), id(ours), *map(id, ours)}
        skipped |= {id(each) for part in ours for each in part if type(each) is tuple}
        self._found: dict[int, list[Any]] = {id(thing): [] for thing in things}
        self._frames = _frames()
        for holder in gc.get_referrers(*things) if things else ():
            if id(holder) not in skipped and not isinstance(holder, FrameType):
                for each in gc.get_referents(holder):
                    if id(each) in self._found:
                        self._found[id(each)].append(holder)

    def of(self, thing: Any) -> tuple[str, ...]:
        """Return descriptions of what refers to *thing*, sorted, each once."""
        holders = [each for each in self._found[id(thing)] if not _is_part(each, thing)][:_MOST]
        found = {_described(holder, thing) for holder in holders}
        return tuple(sorted(found | set(self._locals(thing))))

    def _locals(self, thing: Any) -> Iterator[str]:
        """Yield the local variables of running functions that hold *thing*."""
        for frame in self._frames:
            code = frame.f_code
            if code.co_filename in _OWN_FILES or not code.co_flags & CO_OPTIMIZED:
                continue  # the latter are modules and class bodies: their variables are in a dict
            for name in _names(frame, thing):
                place = f"{code.co_filename}:{frame.f_lineno}"
                yield f"local variable {name} of {code.co_qualname} at {place}"


_OWN_FILES: Final = frozenset({__file__, __file__.replace("holders.py", "audit.py")})


def _names(frame: FrameType, thing: Any) -> list[str]:
    """Return the local variables of *frame* that are *thing*; the look leaves no trace there."""
    values = frame.f_locals
    found = [name for name, value in list(values.items()) if value is thing]
    if type(values) is dict and sys.getrefcount(values) <= _OURS:
        values.clear()  # a copy, which the frame would keep (until Python 3.13)
    return found


def _frames() -> list[FrameType]:
    """Return the frames of all threads, and of the waiting tasks of this thread's event loop."""
    found: list[FrameType] = []
    for top in sys._current_frames().values():
        frame: FrameType | None = top
        while frame is not None:
            found.append(frame)
            frame = frame.f_back
    try:
        tasks = asyncio.all_tasks()
    except RuntimeError:  # no loop is running here
        return found
    known = {id(frame) for frame in found}
    for task in tasks:
        found += [frame for frame in task.get_stack() if id(frame) not in known]
    return found


def _described(holder: Any, thing: Any) -> str:
    """Return what *holder* is, and where in it *thing* is found."""
    if isinstance(holder, dict):
        return _of_dict(holder, thing)
    if isinstance(holder, CellType):
        return _of_cell(holder)
    if isinstance(holder, FunctionType):
        return f"function {holder.__qualname__}"
    if isinstance(holder, type):
        return f"class {holder.__qualname__}"
    if isinstance(holder, list | tuple | set | frozenset):
        return type(holder).__name__
    if isinstance(holder, Instance):
        return f"instance of {holder._model._name}"
    name = _attribute(holder, thing)
    return f"attribute {name} of {_called(holder)}" if name else _called(holder)


def _of_dict(holder: dict[Any, Any], thing: Any) -> str:
    """Describe a dict: a module's variables, an object's attributes, or just a dict."""
    name = next((key for key, value in list(holder.items()) if value is thing), None)
    if "__name__" in holder and "__builtins__" in holder:
        return f"variable {name} of module {holder['__name__']}"
    for owner in gc.get_referrers(holder):
        if isinstance(owner, type) and vars(owner).get(str(name)) is thing:
            return f"attribute {name} of class {owner.__qualname__}"
        if getattr(owner, "__dict__", None) is holder:
            return f"attribute {name} of {_called(owner)}"
    return "dict" if name is None else f"dict, under {name!r}"


def _of_cell(cell: CellType) -> str:
    """Describe the closure that a cell is part of."""
    for tied in gc.get_referrers(cell):
        for function in gc.get_referrers(tied) if isinstance(tied, tuple) else ():
            if isinstance(function, FunctionType):
                return f"closure of {function.__qualname__}"
    return "closure"


def _attribute(holder: Any, thing: Any) -> str | None:
    """Return the name of the attribute or slot of *holder* that has *thing*."""
    names = set(getattr(holder, "__dict__", ()))
    for cls in type(holder).__mro__:
        slots = cls.__dict__.get("__slots__", ())
        names |= {slots} if isinstance(slots, str) else set(slots)
    for name in sorted(map(str, names)):
        if name not in {"__weakref__", "__dict__"}:
            try:
                if getattr(holder, name, None) is thing:
                    return name
            except Exception:  # noqa: BLE001, S112  whatever a property of somebody else's raises
                continue
    return None


def _is_part(holder: Any, thing: Any) -> bool:
    """Tell whether *holder* is a part of the class *thing*, as its descriptors and order are."""
    if not isinstance(thing, type):
        return False
    parts = (thing.__mro__, *vars(thing).values())
    return any(holder is part for part in parts)


def _called(holder: Any) -> str:
    """Return the type of an object, and its name where it has one."""
    kind = type(holder).__qualname__
    name = getattr(holder, "_name", None) or getattr(holder, "name", None)
    return f"{kind} {name}" if isinstance(name, str) else kind
