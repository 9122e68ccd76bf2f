"""Keep names out of queries: what a caller cannot see must not be found out by asking.

Comparing, sorting and choosing fields all tell something of a value.  Offences are refused, or, for
reads that want it, taken out in a way that makes no alternative wider.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from msgspec.structs import replace

from juggler.errors import InvalidQueryError
from juggler.messages.text import say
from juggler.query.nodes import EVERYTHING, And, Bare, Condition, Filter, Not, Or, OrderBy, Where

Path = tuple[str, ...]
_NODES: Final = (And, Or, Not, Condition)


class Secrets(Protocol):
    """The names that a query must not mention, of a model and of what is embedded in it."""

    @property
    def names(self) -> frozenset[str]:
        """Names that no segment of a path may be."""

    def inside(self, name: str) -> Secrets | None:
        """Return the secrets of what is embedded as *name*; None where there are none."""


class Guard:
    """One look through a query for names that it must not mention; for one query alone.

    Attributes:
        found: Names that were taken out, each with its clause.

    Args:
        secrets: The names.
        drop: Take offences out instead of raising.
    """

    def __init__(self, secrets: Secrets, *, drop: bool = False) -> None:
        self.found: list[tuple[str, str]] = []
        self._secrets = secrets
        self._drop = drop

    def filter(self, query: Filter) -> Filter:
        """Return *query* without what it must not ask for.

        Without its last field nothing would be left to load, which is an error in either mode.

        Raises:
            InvalidQueryError: ``PROPERTY_NOT_QUERYABLE``: it asks, and that is not to be dropped.
        """
        count = len(self.found)
        where, fields = self.where(query.where), query.fields
        order = tuple(term for term in query.order if self._may_sort(term))
        if fields is not None:
            fields = tuple(filter(self._may_load, fields))
            if not fields:
                raise _refused(", ".join(query.fields or ()), "fields")
        if len(self.found) == count:
            return query
        return replace(query, where=where, order=order, fields=fields)

    def paths(self, paths: tuple[Path, ...], at: str) -> tuple[Path, ...]:
        """Return those of *paths* that what is called *at* may ask for.

        Raises:
            InvalidQueryError: ``PROPERTY_NOT_QUERYABLE``: one leads to a secret; not dropped.
        """
        return tuple(path for path in paths if self._may_look(path, at))

    def where(self, where: Where) -> Where:
        """Return *where* without what it must not ask for.

        Of conditions that must all hold the others stay; an alternative that loses a part goes as
        a whole, and one that was the last leaves nothing to be found.

        Raises:
            InvalidQueryError: ``PROPERTY_NOT_QUERYABLE``: it asks, and that is not to be dropped.
        """
        left = self._left(where, ())
        return EVERYTHING if left is None else left

    # inside ---------------------------------------------------------------------------------

    def _left(self, where: Where, above: Path) -> Where | None:
        """Return what is left of *where*, None if nothing is; *above* leads to what it is about."""
        if isinstance(where, Condition):
            return self._condition(where, above)
        if isinstance(where, Not):
            child = self._left(where.child, above)
            return None if child is None else Not(child)
        if isinstance(where, Or):
            return self._alternatives(where, above)
        return self._conjunction(where, above)

    def _conjunction(self, where: And, above: Path) -> Where | None:
        """Return an `And` without what must not be asked for."""
        kept = [self._left(child, above) for child in where.children]
        left = tuple(child for child in kept if child is not None)
        if len(left) == len(kept):
            return And(left)
        return And(left) if len(left) > 1 else next(iter(left), None)

    def _alternatives(self, where: Or, above: Path) -> Where:
        """Return an `Or` without the alternatives that lost something."""
        left: list[Where] = []
        for child in where.children:
            count = len(self.found)
            found = self._left(child, above)
            if found is not None and len(self.found) == count:
                left.append(found)
        return Or(tuple(left))

    def _condition(self, condition: Condition, above: Path) -> Condition | None:
        path = (*above, *condition.path)
        value = condition.value
        if isinstance(value, _NODES):  # conditions on the elements of a list
            inner = self._left(value, path)
            if inner is None:
                return None
            return condition if inner == value else replace(condition, value=inner)
        if self._is_secret(path) or self._has_secret(path, value):
            self._offends(".".join(path), f"where.{'.'.join(path)}")
            return None
        return condition

    def _may_sort(self, term: OrderBy) -> bool:
        return self._may_look(term.path, "order")

    def _may_look(self, path: Path, at: str) -> bool:
        return not (self._is_secret(path, whole=True) and self._offends(".".join(path), at))

    def _may_load(self, name: str) -> bool:
        return not (self._is_secret(tuple(name.split("."))) and self._offends(name, "fields"))

    def _is_secret(self, path: Path, *, whole: bool = False) -> bool:
        """Tell whether a segment of *path* is a secret; or, where it is about the whole, a part."""
        secrets: Secrets | None = self._secrets
        for depth, segment in enumerate(path):
            if secrets is None:
                return False
            if not secrets.names.isdisjoint(path[depth:]):
                return True
            if depth == 0 or not segment.isdecimal():  # else it is the place in a list
                secrets = secrets.inside(segment)
        return whole and secrets is not None

    def _has_secret(self, path: Path, value: Any) -> bool:
        """Tell whether a secret is a key anywhere in an operand: equality would tell its value."""
        if isinstance(value, Bare):
            value = value.value
        if isinstance(value, Mapping):
            return any(
                self._is_secret((*path, str(key))) or self._has_secret((*path, str(key)), item)
                for key, item in value.items()
            )
        if isinstance(value, list | tuple):
            return any(self._has_secret(path, item) for item in value)
        return False

    def _offends(self, name: str, at: str) -> bool:
        """Note that *name* is taken out at the clause *at*; raise where that is not wanted."""
        if not self._drop:
            raise _refused(name, at)
        self.found.append((name, at))
        return True


def _refused(name: str, at: str) -> InvalidQueryError:
    return InvalidQueryError(
        say("query.hidden", path=at, name=repr(name)),
        code="PROPERTY_NOT_QUERYABLE",
        path=at,
        property=name,
    )
