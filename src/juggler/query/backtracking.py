"""What Python's engine could need for a regular expression: it tries every way to split a text.

The time grows with a power of the text's length, or doubles with each character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import prod
from typing import Any, Final, NamedTuple

from juggler.query.automaton import begins_fixed, tree_of

_SMALL: Final = 16
"""A counted repeat up to this many times is no open one."""
_MOST_CHOICES: Final = 64
_DEEPEST: Final = 60
_COUNTLESS: Final = 1_000_000_000
_LOOKS: Final = frozenset({"ASSERT", "ASSERT_NOT"})
_REPEATS: Final = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
_SQUARE: Final = 2


class Cost(NamedTuple):
    """What a search may need at most.

    Attributes:
        danger: Why no power of the text's length bounds the time; empty where one does.
        power: That power.
        choices: In how many ways small repeats and alternatives can be chosen together.
    """

    danger: str
    power: int
    choices: int

    @property
    def trouble(self) -> str:
        """Return why a search could need more than the square of a text's length, or nothing."""
        if not self.danger and self.choices > _MOST_CHOICES:
            return "too many choices"
        return self.danger or ("several open repeats" if self.power > _SQUARE else "")

    def longest(self, steps: int) -> int:
        """Return the length of the texts that need no more than so many *steps*."""
        return 0 if self.danger else int((steps / self.choices) ** (1 / self.power))


def cost_of(pattern: re.Pattern[str]) -> Cost:
    """Return what Python's engine could need for *pattern*; see `cost_of_tree`."""
    return cost_of_tree(tree_of(pattern), pattern.flags)


def cost_of_tree(tree: Any, flags: int) -> Cost:
    """Return what Python's engine could need for what *tree* was read from.

    A repeat without a bound, or with a large one, adds one to the power, also where repeats follow
    each other; what looks around is tried by itself, once at each place.
    """
    look = _Look()
    _, power = look.walk(tree, inside=False)
    if not begins_fixed(tree, flags):
        power += 1
    return Cost(look.danger, max(power, 1), look.most)


class _Look:
    """A look at all repeats and choices of one pattern.

    Attributes:
        danger: The first one that there is.
        choices: In how many ways what is not open can be chosen together, where it stands now.
        most: The most ways at any place.
        depth: How many sequences the one that is looked at is in.
    """

    def __init__(self) -> None:
        self.danger = ""
        self.choices = 1
        self.most = 1
        self.depth = 0

    def walk(self, items: Iterable[Any], *, inside: bool) -> tuple[int, int]:
        """Look at the items of a sequence; *inside* an open repeat or not.

        Returns:
            The power in which the ways through the sequence grow, and that of the time it takes.
        """
        ways = time = 0
        self.depth += 1
        if self.depth > _DEEPEST:
            self.suspect("groups nested too deeply")
        else:
            for operation, argument in items:
                more, needed = self.item(str(operation), argument, inside=inside)
                time = max(time, ways + needed)
                ways += more
        self.depth -= 1
        return ways, time

    def item(self, name: str, argument: Any, *, inside: bool) -> tuple[int, int]:
        """Look at one item; see `walk`."""
        if name in _REPEATS:
            ways, time = self.repeat(name, argument, inside=inside)
            return (0 if name == "POSSESSIVE_REPEAT" else ways), time
        if name == "BRANCH":
            return self.branch(argument[1], inside=inside)
        if name in _LOOKS:
            return 0, self.apart(argument[1])
        if name == "ATOMIC_GROUP":
            return 0, self.walk(argument, inside=inside)[1]
        if name == "GROUPREF_EXISTS":
            return self.branch([part for part in argument[1:] if part is not None], inside=inside)
        return self.walk(argument[-1], inside=inside) if name == "SUBPATTERN" else (0, 0)

    def repeat(self, name: str, argument: Any, *, inside: bool) -> tuple[int, int]:
        """Look at one repeat."""
        least, most, body = argument
        if inside and least != most and name != "POSSESSIVE_REPEAT":
            self.suspect("a repeat within a repeat")
        if most > _SMALL:
            ways, time = self.walk(body, inside=True)
            return ways + 1, time + 1
        before, self.choices = self.choices, 1
        ways, time = self.walk(body, inside=inside)
        self.choose(before, (most - least + 1) * self.choices**most)
        return ways * most, time * most

    def branch(self, branches: Iterable[Any], *, inside: bool) -> tuple[int, int]:
        """Look at alternatives."""
        listed = list(branches)
        starts = [_start(branch) for branch in listed]
        if None in starts or len(set(starts)) < len(starts):
            if inside:
                self.suspect("alternatives within a repeat that may begin alike")
            self.choose(self.choices, len(starts))
        found = [self.walk(branch, inside=inside) for branch in listed]
        return max(ways for ways, _ in found), max(time for _, time in found)

    def apart(self, body: Iterable[Any]) -> int:
        """Look at what is matched by itself; return the power of the time it takes."""
        before = self.choices
        _, time = self.walk(body, inside=False)
        self.choices = before
        return time

    def choose(self, *ways: int) -> None:
        """Note in how many ways something can be chosen: the product of *ways*."""
        self.choices = min(prod(ways), _COUNTLESS)
        self.most = max(self.most, self.choices)

    def suspect(self, danger: str) -> None:
        """Note the first *danger* that there is."""
        self.danger = self.danger or danger


def _start(branch: Any) -> str | None:
    """Return the character that *branch* begins with; None if it is not just one."""
    if len(branch) and str(branch[0][0]) == "LITERAL":
        return chr(branch[0][1]).lower()
    return None
