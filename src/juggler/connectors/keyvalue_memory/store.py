"""The keys of one connector: their values, and when their time is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Any, Final

from juggler.connectors.keyvalue import Keyspace

MOST_PER_SWEEP: Final = 1_000
"""How many keys one sweep looks at: it shall not hold up the event loop."""

_FEW: Final = 64
_Place = tuple[str, str]
_Due = tuple[float, int, _Place, str]


class Entry:
    """One value.

    Attributes:
        value: The value.
        due: When its time is over, on the store's clock in milliseconds; None for never.
        ticket: Number of what the store notes of that time; 0 for nothing.
    """

    __slots__ = ("due", "ticket", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.due: float | None = None
        self.ticket = 0


class KeyStore:
    """All keys of one connector, by keyspace; lives as long as it.

    Nothing here awaits, so what a method does is one step for all tasks.  A key whose time is over
    is freed when it is looked at, or by the next `sweep`.

    Args:
        clock: Seconds that never go back.
        on_due: Called when a value gets a time to live.
    """

    def __init__(self, clock: Callable[[], float], on_due: Callable[[], None]) -> None:
        self._clock = clock
        self._on_due = on_due
        self._spaces: dict[_Place, dict[str, Entry]] = {}
        self._due: list[_Due] = []
        self._living = 0  # entries with a time to live
        self._tickets = count(1)

    def __len__(self) -> int:
        """Return how many values are held, those included that nobody can see any more."""
        return sum(map(len, self._spaces.values()))

    @property
    def noted(self) -> int:
        """Return how many times to live are noted."""
        return len(self._due)

    def now(self) -> float:
        """Return the time in milliseconds."""
        return self._clock() * 1_000

    def find(self, space: Keyspace, key: str) -> Entry | None:
        """Return the entry of a key, None where there is none or its time is over."""
        place = _place(space)
        entry = self._spaces.get(place, {}).get(key)
        if entry is not None and entry.due is not None and entry.due <= self.now():
            self._drop(place, key, entry)
            return None
        return entry

    def put(self, space: Keyspace, key: str, value: Any, ttl: float | None) -> None:
        """Put *value* in the place of what is there."""
        place = _place(space)
        keys = self._spaces.setdefault(place, {})
        entry = keys.get(key)
        if entry is None:
            entry = keys[key] = Entry(value)
        else:
            entry.value = value
        self._time(place, key, entry, ttl)

    def expire(self, space: Keyspace, key: str, ttl: float) -> bool:
        """Give a key a new time to live; return False where there is none."""
        entry = self.find(space, key)
        if entry is None:
            return False
        self._time(_place(space), key, entry, ttl)
        return True

    def remove(self, space: Keyspace, key: str) -> None:
        """Delete a key, if it is there."""
        place = _place(space)
        entry = self._spaces.get(place, {}).get(key)
        if entry is not None:
            self._drop(place, key, entry)

    def clear(self, space: Keyspace) -> None:
        """Delete all keys of one keyspace."""
        self._clear(_place(space))

    def clear_model(self, name: str) -> None:
        """Delete all keys of a model, whatever part they are in."""
        for place in [place for place in self._spaces if place[0] == name]:
            self._clear(place)

    def keys(self, space: Keyspace) -> Iterator[str]:
        """Return the keys of now, those included whose time is over."""
        return iter(list(self._spaces.get(_place(space), ())))

    def sweep(self, most: int = MOST_PER_SWEEP) -> bool | None:
        """Free keys whose time is over, looking at *most* at a time.

        Returns:
            True if there may be more to free now; None if no key has a time to live.
        """
        now = self.now()
        for _ in range(most):
            if not self._due or self._due[0][0] > now:
                break
            self._free(heappop(self._due))
        else:
            return True
        return False if self._due else None

    # inside -----------------------------------------------------------------------------------

    def _time(self, place: _Place, key: str, entry: Entry, ttl: float | None) -> None:
        """Set when the time of an entry is over, counted from now."""
        self._living += (ttl is not None) - (entry.due is not None)
        if ttl is None:
            entry.due, entry.ticket = None, 0
            return
        entry.due, entry.ticket = self.now() + ttl, next(self._tickets)
        heappush(self._due, (entry.due, entry.ticket, place, key))
        self._tidy()
        self._on_due()

    def _tidy(self) -> None:
        """Let go of notes about values that were written over, once they are most of them."""
        if len(self._due) > 2 * self._living + _FEW:
            self._due = [each for each in self._due if self._is_current(each)]
            heapify(self._due)

    def _free(self, due: _Due) -> None:
        """Let the value go that a note is about, if the note still counts."""
        _, _, place, key = due
        if self._is_current(due):
            self._drop(place, key, self._spaces[place][key])

    def _is_current(self, due: _Due) -> bool:
        _, ticket, place, key = due
        entry = self._spaces.get(place, {}).get(key)
        return entry is not None and entry.ticket == ticket

    def _drop(self, place: _Place, key: str, entry: Entry) -> None:
        """Let an entry go, and its keyspace with the last one."""
        self._living -= entry.due is not None
        keys = self._spaces[place]
        del keys[key]
        if not keys:
            del self._spaces[place]

    def _clear(self, place: _Place) -> None:
        keys = self._spaces.pop(place, {})
        self._living -= sum(entry.due is not None for entry in keys.values())


def _place(space: Keyspace) -> _Place:
    return (space.info.name, space.part)
