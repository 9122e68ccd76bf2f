"""Raw query data before it is understood: what has parts, and is it a tree of bounded size."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, cast

from msgspec import UNSET

from juggler.errors import InvalidQueryError
from juggler.messages.text import say
from juggler.query.limits import Limits, too_deep, too_much

_LEAVES: Final = frozenset({int, float, bool, type(None), dt.datetime, dt.date})
_QUICK_DEPTH: Final = 8
_QUICK_SIZE: Final = 100_000
_TEXTS: Final = (str, bytes, bytearray, memoryview)


def is_leaf(value: Any) -> bool:
    """Tell whether *value* has no parts: it is neither a mapping nor a listing."""
    kind = type(value)
    if kind is str or kind in _LEAVES:
        return True
    return not isinstance(value, Mapping) and not is_listing(value)


def is_listing(value: Any) -> bool:
    """Tell whether *value* is a list, tuple, set or the like, but no text and no mapping."""
    return isinstance(value, list | tuple) or (
        isinstance(value, Sequence | AbstractSet) and not isinstance(value, _TEXTS)
    )


def as_list(value: Any) -> list[Any] | None:
    """Return the items of a listing or of a mapping with the keys 0..n-1; None for other things.

    Query strings turn lists into such mappings; one with holes, other keys or none at all is no
    list.
    """
    if isinstance(value, Mapping):
        keys = [str(index) for index in range(len(value))]
        if not keys or any(key not in value for key in keys):
            return None
        return [value[key] for key in keys]
    return list(value) if is_listing(value) else None


def plain(value: Any) -> Any:
    """Return a copy of *value* in which mappings are dicts and listings are lists.

    Everything else (dates, ids, patterns, instances) goes through as it is.
    """
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if is_listing(value):
        return [plain(item) for item in value]
    return value


def check_structure(root: Any, limits: Limits, at: str) -> bool:
    """Check depth, circles, size and texts of raw query data; tell whether UNSET is in it.

    Works without recursion and in time that follows the number of distinct containers, however
    deep the data is and however often it repeats one container.

    Raises:
        InvalidQueryError: The data is too deep, circular or too large, holds UNSET where that is
            not wanted, or a text that is no Unicode.
    """
    size = min(_QUICK_SIZE, limits.max_values)
    is_wide = limits.max_depth >= _QUICK_DEPTH
    if is_leaf(root) or (is_wide and _left(root, _QUICK_DEPTH, size) >= 0):
        return False
    return _Walk(limits, at).run(root)


def _left(value: Any, depth: int, size: int) -> int:
    """Return what is left of *size* after counting a small, simple query; negative for another one.

    Most queries are small, and this costs them a tenth of the walk that tells what is wrong.
    """
    parts = _parts(value)
    if parts is None or size <= 0 or depth < 0:
        return -1
    for item in parts:
        size = _left(item, depth - 1, size)
        if size < 0:
            return -1
    return size - 1


def _parts(value: Any) -> Collection[Any] | None:
    """Return what is in *value*, nothing for a simple value, None for what needs a closer look."""
    kind = type(value)
    if kind is str:
        return () if value.isascii() else None
    if kind is dict:
        return value.values() if all(map(_is_simple_key, value)) else None
    if kind is list:
        return cast(list[Any], value)
    return () if kind in _LEAVES else None


def _is_simple_key(key: Any) -> bool:
    return type(key) is str and key.isascii()


class _Frame:
    """One container on the way down, and what is known of it once it is done."""

    __slots__ = ("height", "items", "segment", "size", "value")

    def __init__(self, value: Any, segment: str) -> None:
        self.value = value  # held so that its id stays its own
        self.segment = segment
        pairs = value.items() if isinstance(value, Mapping) else enumerate(value)
        self.items: Iterator[tuple[Any, Any]] = iter(pairs)
        self.height = 0
        self.size = 1


class _Walk:
    """A walk over one raw query, depth first, with its own stack."""

    def __init__(self, limits: Limits, at: str) -> None:
        self.limits = limits
        self.at = at
        self.frames: list[_Frame] = []
        self.above: set[int] = set()
        self.done: dict[int, _Frame] = {}
        self.unset = False

    def run(self, root: Any) -> bool:
        self.enter(root, self.at)
        while self.frames:
            frame = self.frames[-1]
            for segment, child in frame.items:
                if self.descend(frame, segment, child):
                    break
            else:
                self.leave(frame)
        return self.unset

    def descend(self, frame: _Frame, segment: Any, child: Any) -> bool:
        """Count *child* in; True when it is a new container, which is then on the stack."""
        if type(segment) is str and not segment.isascii():
            self.check_text(segment, segment)
        if is_leaf(child):
            self.check_leaf(segment, child)
            self.absorb(frame, 0, 1, segment)
            return False
        if id(child) in self.above:
            raise InvalidQueryError(
                say("query.circular", path=self.path(segment)),
                code="QUERY_OBJECT_IS_CIRCULAR",
                path=self.path(segment),
            )
        known = self.done.get(id(child))
        if known is not None:
            self.absorb(frame, known.height, known.size, segment)
            return False
        self.absorb(frame, 0, 0, segment)
        self.enter(child, str(segment))
        return True

    def enter(self, value: Any, segment: str) -> None:
        self.above.add(id(value))
        self.frames.append(_Frame(value, segment))

    def leave(self, frame: _Frame) -> None:
        self.frames.pop()
        self.above.discard(id(frame.value))
        self.done[id(frame.value)] = frame
        if self.frames:
            self.absorb(self.frames[-1], frame.height, frame.size, frame.segment)

    def absorb(self, frame: _Frame, height: int, size: int, segment: Any) -> None:
        """Add to *frame* a child with *height* levels below it."""
        if len(self.frames) + height > self.limits.max_depth:
            raise too_deep(self.limits, self.path(segment))
        frame.height = max(frame.height, height + 1)
        frame.size += size
        if frame.size > self.limits.max_values:
            raise too_much(self.limits, "max_values", self.path(segment))

    def check_leaf(self, segment: Any, value: Any) -> None:
        if isinstance(value, str):
            if not value.isascii():
                self.check_text(value, segment)
        elif value is UNSET:
            self.unset = True
            if self.limits.undefined == "throw":
                raise InvalidQueryError(
                    say("query.undefined", path=self.path(segment)),
                    path=self.path(segment),
                )

    def check_text(self, text: str, segment: Any) -> None:
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise InvalidQueryError(
                "A text in the query is not valid Unicode.",
                path=self.path(segment).encode("ascii", "backslashreplace").decode(),
            ) from error

    def path(self, segment: Any) -> str:
        found = [frame.segment for frame in self.frames if frame.segment]
        return ".".join([*found, str(segment)])
