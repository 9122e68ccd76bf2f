"""Patterns taken apart: what looks ahead from the start of a text is a pattern by itself."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

from juggler.query.automaton import begins_fixed, search_of, tree_of
from juggler.query.backtracking import Cost, cost_of_tree

_LOOKS: Final = frozenset({"ASSERT", "ASSERT_NOT"})
_REFERENCES: Final = frozenset({"GROUPREF", "GROUPREF_EXISTS"})


class Part(NamedTuple):
    """A pattern that a text has to match, or must not.

    Attributes:
        search: That of Python's own engine.
        tree: What Python reads the pattern as.
        flags: Flags of the pattern.
        is_wanted: Whether the text has to match.
    """

    search: Callable[[str], object]
    tree: Any
    flags: int
    is_wanted: bool = True

    @property
    def cost(self) -> Cost:
        """Return what Python's own engine could need."""
        return cost_of_tree(self.tree, self.flags)

    def linear(self) -> Callable[[str], bool]:
        """Return a search whose time follows the length of the text.

        Raises:
            NotLinearError: There is none.
        """
        return search_of(self.tree, self.flags)


def parts_of(pattern: re.Pattern[str]) -> list[Part]:
    """Return what says together whether *pattern* is found in a text: one part, or several.

    Several come of a pattern for whole texts that begins by looking ahead, as those of passwords
    do; no part refers to a group of another.
    """
    tree = tree_of(pattern)
    whole = [Part(pattern.search, tree, pattern.flags)]
    if not begins_fixed(tree, pattern.flags):
        return whole
    start, *rest = tree
    found: list[tuple[list[Any], bool]] = []
    while rest and str(rest[0][0]) in _LOOKS and rest[0][1][0] > 0:
        operation, (_, body) = rest.pop(0)
        found.append(([start, *body], str(operation) == "ASSERT"))
    found.append(([start, *rest], True))
    if len(found) == 1 or any(_borrows(items) for items, _ in found):
        return whole
    return [_part(tree, items, pattern.flags, is_wanted) for items, is_wanted in found]


def _part(tree: Any, items: list[Any], flags: int, is_wanted: bool) -> Part:
    """Return the part of *tree* that *items* are."""
    own = type(tree)(tree.state, items)
    compiled = importlib.import_module("re._compiler").compile(own, flags)
    return Part(compiled.search, own, flags, is_wanted)


def _borrows(items: Iterable[Any]) -> bool:
    """Tell whether *items* refer to a group that is none of theirs."""
    groups, references = set(), set()
    for name, argument in _all(items):
        if name == "SUBPATTERN":
            groups.add(argument[0])
        elif name in _REFERENCES:
            references.add(argument if isinstance(argument, int) else argument[0])
    return not references <= groups


def _all(items: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Yield name and argument of *items* and of all that is inside them."""
    for operation, argument in items:
        yield str(operation), argument
        for each in argument if isinstance(argument, tuple) else (argument,):
            for inner in each if isinstance(each, list) else (each,):
                if hasattr(inner, "getwidth"):
                    yield from _all(inner)
