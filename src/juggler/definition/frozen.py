"""Plain data that nobody can change, and changeable copies of it.

What many models share (defaults, options, settings) is kept frozen; whoever needs a value of their
own thaws it.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from msgspec import UNSET

from juggler.errors import DefinitionError

MAX_DEPTH: Final = 64
"""How deep values may be nested in one another."""

_ATOMS: Final = frozenset(
    {str, int, float, bool, bytes, type(None), Decimal, datetime, date, time, timedelta, UUID}
    | {type(UNSET)}
)

NOTHING: Final[Mapping[Any, Any]] = MappingProxyType({})
"""What every empty mapping becomes: one object for all."""


class FrozenList(tuple[Any, ...]):
    """A list that cannot change; it becomes a list again when it is thawed."""

    __slots__ = ()


class FrozenSet(frozenset[Any]):
    """A set that cannot change; it becomes a set again when it is thawed."""

    __slots__ = ()


class Ranked(Mapping[str, Any]):
    """A read-only mapping that knows the depth of the model it comes from, beside its entries.

    Attributes:
        rank: 1 for the first model of a line, 2 for one that extends it, and so on.
    """

    __slots__ = ("_entries", "rank")

    def __init__(self, entries: Mapping[str, Any], rank: int) -> None:
        self._entries: Mapping[str, Any] = frozen(entries)
        self.rank = rank

    def __getitem__(self, key: str) -> Any:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return repr(dict(self._entries))


def frozen(value: Any, path: str = "", outer: tuple[int, ...] = ()) -> Any:
    """Return a private, read-only copy of nested mappings, lists and sets.

    Instances of models in it are copied, too.

    Args:
        value: Anything; what else holds no others comes back as it is.
        path: Where it stands, for messages.
        outer: Ids of what it stands in.

    Raises:
        DefinitionError: It contains itself or is nested deeper than 64 levels.
    """
    if type(value) in _ATOMS or isinstance(value, enum.Enum | Ranked):
        return value
    if isinstance(value, Mapping):
        inner = deeper(value, path, outer)
        copy = {key: frozen(item, below(path, key), inner) for key, item in value.items()}
        return MappingProxyType(copy) if copy else NOTHING
    made = _maker(value)
    if made is None:
        return deepcopy(value) if hasattr(type(value), "_plans") else value
    inner = deeper(value, path, outer)
    return made(frozen(item, f"{path}[{at}]", inner) for at, item in enumerate(value))


def thawed(value: Any, *, copies: bool = True) -> Any:
    """Return a copy of a frozen value that is the caller's to change.

    Args:
        value: What was frozen.
        copies: Objects that are no containers are copied too.
    """
    if type(value) in _ATOMS or isinstance(value, enum.Enum) or callable(value):
        return value
    if isinstance(value, Mapping):
        return {key: thawed(item, copies=copies) for key, item in value.items()}
    made = _THAWED.get(type(value))
    if made is None:
        return deepcopy(value) if copies else value
    return made(thawed(item, copies=copies) for item in value)


def deeper(value: Any, path: str, outer: tuple[int, ...]) -> tuple[int, ...]:
    """Return the ids of what stands around the parts of *value*.

    Raises:
        DefinitionError: The value contains itself or is nested deeper than 64 levels.
    """
    where = path if len(path) < _SHOWN else f"{path[:_SHOWN]}..."
    if id(value) in outer:
        raise DefinitionError(f"The definition contains itself at {where or '(top)'}.", path=where)
    if len(outer) > MAX_DEPTH:
        raise DefinitionError(
            f"The definition is nested deeper than {MAX_DEPTH} levels at {where}.", path=where
        )
    return (*outer, id(value))


def below(path: str, key: object) -> str:
    """Return the path of what stands under *key*."""
    return f"{path}.{key}" if path else str(key)


_MAKERS: Final[Mapping[type, Callable[[Iterable[Any]], Any]]] = MappingProxyType(
    {
        list: FrozenList,
        FrozenList: FrozenList,
        tuple: tuple,
        set: FrozenSet,
        FrozenSet: FrozenSet,
        frozenset: frozenset,
    }
)


_THAWED: Final[Mapping[type, Callable[[Iterable[Any]], Any]]] = MappingProxyType(
    {FrozenList: list, tuple: tuple, FrozenSet: set, frozenset: frozenset}
)


def _maker(value: Any) -> Callable[[Iterable[Any]], Any] | None:
    """Return what makes a frozen container of the kind of *value*; None if it is no container."""
    found = _MAKERS.get(type(value))
    if found is None and isinstance(value, list | set):
        found = FrozenList if isinstance(value, list) else FrozenSet
    return found


_SHOWN: Final = 200
