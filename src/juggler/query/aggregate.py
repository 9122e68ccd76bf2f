"""What an aggregation asks for, as one frozen value, and how callers write it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from juggler.definition.property import Property
from juggler.definition.shape import EmbeddedType, Shape
from juggler.errors import InvalidQueryError
from juggler.query.clauses import read_order
from juggler.query.conditions import split_path
from juggler.query.form import form, values
from juggler.query.limits import DEFAULT_LIMITS, Limits
from juggler.query.nodes import EVERYTHING, And, Condition, Not, Or, OrderBy, Where
from juggler.query.normalise import normalise_where
from juggler.query.parse import parse_where
from juggler.query.raw import wrong
from juggler.query.structure import is_listing
from juggler.types.base import ValueType
from juggler.types.number import DECIMAL, INTEGER, NUMBER

Path = tuple[str, ...]

FUNCTIONS: Final = ("sum", "avg", "min", "max", "count")
_NUMERIC: Final = frozenset({"number", "integer", "decimal"})
_ORDERED: Final = _NUMERIC | {"string", "text", "objectid", "boolean", "date", "datestring"}
_GROUPABLE: Final = _ORDERED | {"uuid"}


class Measure(Struct, frozen=True):
    """One figure of a group: ``function`` of what ``path`` leads to, under ``name``.

    ``count`` without a path counts rows; all functions leave out null.
    """

    name: str
    function: str
    path: Path = ()


class Aggregation(Struct, frozen=True):
    """A whole aggregation, frozen; tasks share it freely.

    Result rows have a value for each of ``groups``, under its dotted name, and one for each of
    ``measures``.  ``having`` and ``order`` are about these names, each of which is one segment of
    a path.  ``result`` tells the types of result rows once the aggregation is normalised.
    """

    groups: tuple[Path, ...] = ()
    measures: tuple[Measure, ...] = ()
    where: Where = EVERYTHING
    having: Where = EVERYTHING
    order: tuple[OrderBy, ...] = ()
    limit: int | None = None
    offset: int = 0
    result: Shape | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the values of result rows."""
        return (*map(".".join, self.groups), *(each.name for each in self.measures))

    @property
    def paths(self) -> tuple[Path, ...]:
        """Return the paths of all properties that are asked about."""
        return tuple(
            dict.fromkeys((*self.groups, *(each.path for each in self.measures if each.path)))
        )

    @property
    def total_order(self) -> tuple[OrderBy, ...]:
        """Return the order of result rows, in which no two are level."""
        named = {term.path for term in self.order}
        keys = ((".".join(path),) for path in self.groups)
        return self.order + tuple(OrderBy(key) for key in keys if key not in named)

    def kind(self, name: str) -> ValueType:
        """Return the type of one value of result rows."""
        if self.result is None:
            raise AssertionError("The types are known once the aggregation is normalised.")
        return self.result.properties[name].type

    def form(self) -> Hashable:
        """Return what two aggregations must have in common to share a statement."""
        return (
            self.groups,
            self.measures,
            form(self.where),
            form(self.having),
            self.order,
            self.limit is not None,
            self.offset != 0,
        )

    def values(self) -> list[Any]:
        """Return the values in the order of the form: where, having, limit, offset."""
        found = [*values(self.where), *values(self.having)]
        if self.limit is not None:
            found.append(self.limit)
        return [*found, self.offset] if self.offset else found


def read_aggregation(asked: Mapping[str, Any], limits: Limits = DEFAULT_LIMITS) -> Aggregation:
    """Return what was asked for with ``group_by``, the functions, ``having`` and ``order``.

    Raises:
        InvalidQueryError: Something is not understood, or two results have one name.
    """
    measures = tuple(
        measure for function in FUNCTIONS for measure in _measures(function, asked.get(function))
    )
    found = Aggregation(
        groups=tuple(_paths(asked.get("group_by"), "group_by")),
        measures=measures,
        order=tuple(map(_flat_term, read_order(asked.get("order") or ()))),
        having=_flat(parse_where(asked.get("having"), limits, "having")),
    )
    names = found.names
    if not names:
        raise InvalidQueryError(
            f"aggregate: ask for groups (group_by) or figures ({', '.join(FUNCTIONS)}).",
            path="group_by",
        )
    for name in names:
        if names.count(name) > 1:
            raise InvalidQueryError(
                f"aggregate: two results are called {name!r}; name them in a mapping: "
                '{"mine": "property"}.',
                path=name,
            )
    return found


def normalise_aggregation(
    asked: Aggregation, shape: Shape, limits: Limits = DEFAULT_LIMITS
) -> Aggregation:
    """Return *asked* as a connector gets it: types known, operands coerced; not its where.

    Raises:
        InvalidQueryError: A property is unknown or of a type that the function does not take, or
            ``having`` or ``order`` name no result.
    """
    kinds = {".".join(path): _kind(shape, path, "group_by", _GROUPABLE) for path in asked.groups}
    kinds |= {each.name: _measured(shape, each) for each in asked.measures}
    result = Shape("aggregate", [Property(name, kind) for name, kind in kinds.items()])
    for term in asked.order:
        _check_result(term.name, "order", kinds)
    for name in _named(asked.having):
        _check_result(name, "having", kinds)
    having = normalise_where(asked.having, result, limits=limits, at="having")
    return replace(asked, having=having, result=result)


def _measures(function: str, raw: Any) -> Iterable[Measure]:
    """Yield what was asked of one function: a property, a list of them, or name -> property."""
    if isinstance(raw, Mapping):
        for name, each in raw.items():
            if not isinstance(name, str) or not name:
                raise wrong(function, "a mapping from names to properties", name)
            yield _measure(function, each, name)
    elif raw is not None and raw is not False:
        yield from (_measure(function, each, "") for each in _items(raw))


def _items(raw: Any) -> Iterable[Any]:
    return raw if is_listing(raw) else [raw]


def _measure(function: str, raw: Any, name: str) -> Measure:
    """Return one figure; without a name of its own it is called after what it is of."""
    if raw is True and function == "count":
        return Measure(name or function, function)
    if not isinstance(raw, str):
        raise wrong(function, "a property, a list of them or a mapping to them", raw)
    return Measure(name or f"{function}_{raw}", function, split_path(raw, function))


def _paths(raw: Any, clause: str) -> Iterable[Path]:
    for name in () if raw is None else _items(raw):
        if not isinstance(name, str):
            raise wrong(clause, "a property or a list of them", name)
        yield split_path(name, clause)


def _kind(shape: Shape, path: Path, clause: str, allowed: frozenset[str]) -> ValueType:
    """Return the type at *path*, one of *allowed*; lists are not looked through."""
    name, kind = ".".join(path), shape.resolve(path)
    prop = shape.properties.get(path[0])
    if kind is None or prop is None or not prop.is_stored:
        raise InvalidQueryError(
            f"{clause}: the model has no property {name!r} that a store keeps.",
            code="UNKNOWN_PROPERTY",
            path=clause,
            property=name,
            value=name,
        )
    above = [shape.resolve(path[:depth]) for depth in range(1, len(path))]
    if above:
        allowed = allowed - {"uuid"}
    why = "" if kind.name in allowed else f"is of the type {kind.name}"
    if not all(isinstance(each, EmbeddedType) for each in above):
        why = "lies within a list"
    if why:
        raise InvalidQueryError(
            f"{clause} does not take {name!r}, which {why}.",
            path=clause,
            property=name,
            value=name,
        )
    return kind


def _measured(shape: Shape, measure: Measure) -> ValueType:
    """Return the type of one figure."""
    function = measure.function
    if function == "count":
        if len(measure.path) > 1 or (measure.path and measure.path[0] not in shape):
            _kind(shape, measure.path, function, _GROUPABLE)
        return INTEGER
    allowed = _ORDERED if function in {"min", "max"} else _NUMERIC
    kind = _kind(shape, measure.path, function, allowed)
    if function == "avg":
        return kind if kind is DECIMAL else NUMBER
    return kind


def _check_result(name: str, clause: str, kinds: Mapping[str, Any]) -> None:
    if name not in kinds:
        raise InvalidQueryError(
            f"{clause}: {name!r} is none of the results; they are {', '.join(kinds)}.",
            code="UNKNOWN_PROPERTY",
            path=clause,
            value=name,
        )


def _flat_term(term: OrderBy) -> OrderBy:
    return replace(term, path=(term.name,))


def _flat(where: Where) -> Where:
    """Return *where* with each dotted name as one segment."""
    if isinstance(where, Condition):
        return Condition((where.name,), where.operator, where.value)
    if isinstance(where, Not):
        return Not(_flat(where.child))
    children = tuple(map(_flat, where.children))
    return And(children) if isinstance(where, And) else Or(children)


def _named(where: Where) -> Iterable[str]:
    """Yield the name of each condition."""
    if isinstance(where, Condition):
        yield where.name
        return
    for child in (where.child,) if isinstance(where, Not) else where.children:
        yield from _named(child)
