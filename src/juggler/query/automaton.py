"""Search for a regular expression in time that follows the length of the text, whatever it is.

Python's engine tries every way to split a text between repeats; some patterns take it ages.  Here
all ways are followed side by side, one character of the text after the other, and what was found
out for a set of states is kept.  What looks around is followed first, for all places of the text.
References to groups and atomic groups cannot be followed so; patterns with them are left to
Python's engine, or refused where they look dangerous.
"""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from typing import Any, Final, NamedTuple

_MOST_STATES: Final = 2_000
_MOST_KEPT: Final = 256
_END: Final = ""
_LAST_BREAK: Final = "\n$"
"""Stands for a line break that is the last character of a text: ``$`` matches before it."""
_REPEATS: Final = frozenset({"MAX_REPEAT", "MIN_REPEAT"})
_CHARACTERS: Final = frozenset({"LITERAL", "NOT_LITERAL", "ANY", "IN"})

_LOOKS: Final = frozenset({"ASSERT", "ASSERT_NOT"})
_STARTS: Final = frozenset({"AT_BEGINNING", "AT_BEGINNING_STRING"})
_KINDS: Final = re.ASCII | re.LOCALE | re.UNICODE
"""Flags of which one rules out the others."""

Place = tuple[str | None, str, tuple[int, ...]]
"""The character before (None at the start), the next one (empty at the end), and for each thing
that looks around whether it holds there."""

Around = tuple[str | None, str, int]
"""The characters before and after a place, and the flags there."""


class NotLinearError(ValueError):
    """The pattern has something in it that cannot be followed side by side."""


def linear_search(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    """Return a function that tells whether a text has a match of *pattern* in it.

    It is no `search`: which part matches is not told.  Not safe from several threads.

    Raises:
        NotLinearError: The pattern needs Python's own engine, or is too large.
    """
    return search_of(tree_of(pattern), pattern.flags)


def search_of(tree: Any, flags: int) -> Callable[[str], bool]:
    """Return the search for what *tree* was read from; see `linear_search`."""
    return _Search(_Program(tree, flags)).run


def begins_fixed(tree: Any, flags: int) -> bool:
    """Tell whether what *tree* was read from matches at the start of a text alone."""
    if flags & re.MULTILINE or not len(tree):
        return False
    operation, argument = tree[0]
    return str(operation) == "AT" and str(argument) in _STARTS


def tree_of(pattern: re.Pattern[str]) -> Any:
    """Return the tree that Python reads *pattern* as."""
    parser = importlib.import_module("re._parser")  # `re` shows its trees nowhere else
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # how sets may be read one day is no client's business
        return parser.parse(pattern.pattern, pattern.flags)


class _Program:
    """The states of a pattern; a state is a number, 0 is the match.

    Attributes:
        start: Where every search begins.
        steps: State -> what character it takes and where that leads.
        ways: State -> states it stands for, without taking anything.
        checks: State -> what must hold around it, the flags there, and where that leads.
        looks: What looks around; a check of one is its place in this list.
        is_backwards: Whether it is followed from the end of a text to its start.
    """

    def __init__(self, tree: Any, flags: int, *, is_backwards: bool = False) -> None:
        self._compile = importlib.import_module("re._compiler").compile
        self._blank = importlib.import_module("re._parser").State
        self._list = type(tree)
        self.count = 1
        self.steps: dict[int, tuple[Callable[[str], object], int]] = {}
        self.ways: dict[int, tuple[int, ...]] = {}
        self.checks: dict[int, tuple[str | int, int, int]] = {}
        self.looks: list[_Look] = []
        self.is_backwards = is_backwards
        self._takers: dict[tuple[str, str, int], Callable[[str], object]] = {}
        self.start = self._sequence(tree, flags, 0)
        self._takers.clear()

    def _new(self) -> int:
        self.count += 1
        if self.count > _MOST_STATES:
            raise NotLinearError("The pattern is too large.")
        return self.count

    def _sequence(self, items: Iterable[Any], flags: int, after: int) -> int:
        """Return the state that begins *items*, which lead to the state *after*."""
        listed = list(items)
        for operation, argument in listed if self.is_backwards else reversed(listed):
            after = self._item(str(operation), operation, argument, flags, after)
        return after

    def _item(self, name: str, operation: Any, argument: Any, flags: int, after: int) -> int:
        if name in _CHARACTERS:
            state = self._new()
            self.steps[state] = (self._taker(operation, argument, flags), after)
        elif name == "AT":
            state = self._new()
            self.checks[state] = (str(argument), flags, after)
        elif name == "BRANCH":
            state = self._new()
            self.ways[state] = tuple(self._sequence(each, flags, after) for each in argument[1])
        elif name == "SUBPATTERN":
            _, added, removed, items = argument
            kept = flags & ~_KINDS if added & _KINDS else flags
            state = self._sequence(items, (kept | added) & ~removed, after)
        elif name in _REPEATS:
            state = self._repeat(argument, flags, after)
        elif name in _LOOKS:
            state = self._look(argument, flags, after, is_wanted=name == "ASSERT")
        elif name == "FAILURE":
            state = self._new()
        else:
            raise NotLinearError(f"{name} cannot be followed side by side.")
        return state

    def _repeat(self, argument: Any, flags: int, after: int) -> int:
        least, most, items = argument
        if str(most) == "MAXREPEAT":
            state = self._new()
            self.ways[state] = (self._sequence(items, flags, state), after)
        else:
            state = after
            for _ in range(most - least):
                begun = self._sequence(items, flags, state)
                state = self._new()
                self.ways[state] = (begun, after)
        for _ in range(least):
            state = self._sequence(items, flags, state)
        return state

    def _look(self, argument: Any, flags: int, after: int, *, is_wanted: bool) -> int:
        direction, items = argument
        program = _Program(items, flags, is_backwards=direction > 0)
        self.count += program.count
        state = self._new()
        self.checks[state] = (len(self.looks), flags, after)
        self.looks.append(_Look(_Search(program), is_wanted))
        return state

    def _taker(self, operation: Any, argument: Any, flags: int) -> Callable[[str], object]:
        """Return what tells whether one character fits."""
        key = str(operation), str(argument), flags
        if key not in self._takers:
            one = self._list(self._blank(), [(operation, argument)])
            self._takers[key] = self._compile(one, flags).match
        return self._takers[key]


def _is_boundary(around: Around) -> bool:
    before, after, flags = around
    is_ascii = bool(flags & re.ASCII)
    return _is_word(before or _END, is_ascii) != _is_word(after[:1], is_ascii)


def _is_word(character: str, is_ascii: bool) -> bool:
    is_letter = character.isalnum() or character == "_"
    return is_letter and (character.isascii() or not is_ascii)


def _begins(around: Around) -> bool:
    before, _, flags = around
    return before is None or (before == "\n" and bool(flags & re.MULTILINE))


def _ends(around: Around) -> bool:
    _, after, flags = around
    return after in {_END, _LAST_BREAK} or (after == "\n" and bool(flags & re.MULTILINE))


_CHECKS: Final[dict[str, Callable[[Around], bool]]] = {
    "AT_BEGINNING": _begins,
    "AT_BEGINNING_STRING": lambda around: around[0] is None,
    "AT_END": _ends,
    "AT_END_STRING": lambda around: around[1] == _END,
    "AT_BOUNDARY": _is_boundary,
    "AT_NON_BOUNDARY": lambda around: (
        not _is_boundary(around) and around[:2] != (None, _END)  # so Python has it
    ),
}


class _Search:
    """A program at work; keeps what it found out about sets of states, up to a bound."""

    def __init__(self, program: _Program) -> None:
        self.is_backwards = program.is_backwards
        self._program = program
        self._known: dict[tuple[frozenset[int], Place], tuple[bool, frozenset[int]]] = {}

    def run(self, text: str) -> bool:
        """Tell whether there is a match in *text*."""
        return any(self.follow(text))

    def follow(self, text: str) -> Iterator[bool]:
        """Yield for each place in *text*, the way that it is followed, whether a match ends there.

        Places stand before each character and after the last.
        """
        known, states = self._known, frozenset({self._program.start})
        for place in self._places(text):
            found = known.get((states, place))
            if found is None:
                if len(known) >= _MOST_KEPT:
                    known.clear()
                found = known[states, place] = self._step(states, place)
            is_match, states = found
            yield is_match

    def _places(self, text: str) -> Iterable[Place]:
        """Return the places of *text*, the way that it is followed."""
        after = [*text, _END]
        if text.endswith("\n"):
            after[-2] = _LAST_BREAK
        looks = self._program.looks
        holds = zip(*(look.places(text) for look in looks), strict=True) if looks else repeat(())
        places = zip((None, *text), after, holds, strict=False)
        return reversed(list(places)) if self._program.is_backwards else places

    def _step(self, states: frozenset[int], place: Place) -> tuple[bool, frozenset[int]]:
        """Return whether there is a match at *place*, and the states after one more character."""
        program = self._program
        reached = self._reached(states, place)
        character = (place[0] or _END) if program.is_backwards else place[1][:1]
        taken = {
            then
            for takes, then in (program.steps[state] for state in reached if state in program.steps)
            if takes(character)
        }
        return 0 in reached, frozenset(taken | {program.start})

    def _reached(self, states: Iterable[int], place: Place) -> set[int]:
        """Return all states that *states* stand for between two characters."""
        program = self._program
        before, after, holds = place
        reached, waiting = set(), list(states)
        while waiting:
            state = waiting.pop()
            if state in reached:
                continue
            reached.add(state)
            waiting += program.ways.get(state, ())
            if state in program.checks:
                what, flags, then = program.checks[state]
                around = (before, after, flags)
                if _CHECKS[what](around) if isinstance(what, str) else holds[what]:
                    waiting.append(then)
        return reached


class _Look(NamedTuple):
    """What looks ahead, which is followed backwards, or behind; and what it must find."""

    search: _Search
    is_wanted: bool

    def places(self, text: str) -> Iterable[int]:
        """Return for each place in *text* whether the condition holds there, 1 or 0."""
        found = bytearray(found is self.is_wanted for found in self.search.follow(text))
        if self.search.is_backwards:
            found.reverse()
        return found
