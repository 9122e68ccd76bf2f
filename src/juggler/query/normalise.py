"""Bring a parsed filter to a shape: operands coerced, names checked, fields resolved.

This is the last step before a connector, whatever parsed, merged or edited the filter before.
Normalising what is normalised changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from juggler.definition.shape import Shape
from juggler.errors import InvalidQueryError
from juggler.messages.text import say
from juggler.query.coercion import Place, coerce_condition
from juggler.query.limits import DEFAULT_LIMITS, Limits
from juggler.query.nodes import Bare, Condition, Filter, Not, OrderBy, Where

Path = tuple[str, ...]
NOBODY: frozenset[str] = frozenset()


def normalise(
    filter: Filter,
    shape: Shape | None,
    *,
    limits: Limits = DEFAULT_LIMITS,
    hidden: frozenset[str] = NOBODY,
    known_only: bool = False,
) -> Filter:
    """Return *filter* as a connector gets it.

    Args:
        filter: What `juggler.query.parse` made, or an earlier result.
        shape: Structure to coerce to; None for rows of which nothing is declared.
        limits: Bounds; here those of ``limit`` and of regular expressions count.
        hidden: Names that must not be asked for, in any segment of a path.
        known_only: Whether names that the shape does not know are refused, as stores with
            columns need it.

    Raises:
        InvalidQueryError: An operand does not fit, a property is unknown or must not be asked for.
    """
    names = _Names(shape, hidden, known_only=known_only)
    return Filter(
        _Coercion(names, limits).where(filter.where),
        _order(filter.order, names),
        _limit(filter.limit, limits),
        filter.offset,
        _fields(filter, names),
        filter.include,
        filter.extras,
    )


def normalise_where(
    where: Where,
    shape: Shape | None,
    *,
    limits: Limits = DEFAULT_LIMITS,
    hidden: frozenset[str] = NOBODY,
    known_only: bool = False,
) -> Where:
    """Return *where* as a connector gets it; see `normalise`."""
    return _Coercion(_Names(shape, hidden, known_only=known_only), limits).where(where)


class _Names:
    """What the shape and the caller's rights say about a name."""

    def __init__(self, shape: Shape | None, hidden: frozenset[str], *, known_only: bool) -> None:
        self.shape = shape
        self.hidden = hidden
        self.known_only = known_only

    def place(self, path: Path, at: str) -> Place:
        """Return what *path* leads to; raise if it must not be asked for or is unknown."""
        name = ".".join(path)
        self.allow(path, name, at)
        place = Place(self.shape, path)
        if self.known_only and not place.is_known:
            raise _unknown(name, at)
        return place

    def allow(self, segments: Any, name: str, at: str) -> None:
        """Raise if one of *segments* is hidden."""
        if self.hidden and not self.hidden.isdisjoint(segments):
            raise InvalidQueryError(
                say("query.hidden", path=at, name=repr(name)),
                code="PROPERTY_NOT_QUERYABLE",
                path=at,
                property=name,
            )

    def allow_operand(self, value: Any, name: str, at: str) -> None:
        """Raise if a hidden name is a key anywhere in an operand: equality would tell its value."""
        if not self.hidden:
            return
        if isinstance(value, Bare):
            value = value.value
        if isinstance(value, Mapping):
            self.allow(value.keys(), name, at)
            value = list(value.values())
        if isinstance(value, list | tuple):
            for item in value:
                self.allow_operand(item, name, at)


class _Coercion:
    """One pass over a where."""

    def __init__(self, names: _Names, limits: Limits) -> None:
        self.names = names
        self.limits = limits

    def where(self, where: Where) -> Where:
        """Return *where* coerced and without needless brackets."""
        if isinstance(where, Condition):
            return self.condition(where)
        if isinstance(where, Not):
            return Not(self.where(where.child))
        kind = type(where)
        children: list[Where] = []
        for child in map(self.where, where.children):
            children += child.children if isinstance(child, kind) else (child,)
        return children[0] if len(children) == 1 else kind(tuple(children))

    def condition(self, condition: Condition) -> Condition:
        """Return one condition coerced."""
        at = f"where.{condition.name}"
        place = self.names.place(condition.path, at)
        self.names.allow_operand(condition.value, condition.name, at)
        return coerce_condition(condition, place, self.limits, at)


def _order(order: tuple[OrderBy, ...], names: _Names) -> tuple[OrderBy, ...]:
    for term in order:
        names.place(term.path, "order")
    return order


def _limit(limit: int | None, limits: Limits) -> int | None:
    asked = limits.default_limit if limit is None else limit
    if limits.max_limit is None:
        return asked
    known = [number for number in (asked, limits.max_limit) if number is not None]
    return min(known, default=None)


def _fields(filter: Filter, names: _Names) -> tuple[str, ...] | None:
    """Return the properties to load; None for all."""
    if filter.fields is not None:
        names.allow(filter.fields, ", ".join(filter.fields), "fields")
        return _known(filter.fields, names)
    return _others(filter.exclude, names.shape) if filter.exclude and names.shape else None


def _others(exclude: tuple[str, ...], shape: Shape) -> tuple[str, ...]:
    """Return the properties of *shape* that are not in *exclude*."""
    left = tuple(name for name in shape.names if name not in exclude)
    if not left:
        raise InvalidQueryError("fields leaves out every property; ask for one.", path="fields")
    return left


def _known(fields: tuple[str, ...], names: _Names) -> tuple[str, ...]:
    """Return those of *fields* that rows can have."""
    shape = names.shape
    if shape is None or not (names.known_only or shape.strict):
        return fields
    found = tuple(filter(shape.__contains__, fields))
    if not found:
        raise _unknown(", ".join(fields), "fields")
    return found


def _unknown(name: str, at: str) -> InvalidQueryError:
    return InvalidQueryError(
        f"{at}: the model has no property {name!r}.",
        code="UNKNOWN_PROPERTY",
        path=at,
        property=name,
        value=name,
    )
