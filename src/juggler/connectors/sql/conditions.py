"""Conditions and order of a query as SQL; values are bound in the order of its form."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.sql.elements import Grouping

from juggler.connectors.sql.comparisons import Comparisons
from juggler.connectors.sql.dialects.base import Dialect, Expression, Reach, Value
from juggler.connectors.sql.mapping import Column, TableMap
from juggler.connectors.sql.statement import Binds
from juggler.errors import InvalidQueryError
from juggler.query.form import values
from juggler.query.nodes import And, Condition, Not, OrderBy, Where
from juggler.query.operators import OPERATORS

Test = Callable[[Value], Expression | None]

_IN_JSON: Final = frozenset({"json", "point"})
_BRANCHES: Final = 100
"""Children of one AND or OR in a row; databases bound the depth that long rows make."""


class Conditions:
    """Turns the parts of one query into SQL over one table.

    Args:
        table: The model's table.
        source: The same for SQLAlchemy, whose columns expressions refer to.
        dialect: The database's ways.
        binds: Where values are bound; shared by all parts of a statement.
    """

    depth = 0
    """How many lists above are looked into."""

    def __init__(
        self, table: TableMap, source: sa.TableClause, dialect: Dialect, binds: Binds
    ) -> None:
        self.table = table
        self.source = source
        self.dialect = dialect
        self.binds = binds
        self.compare = Comparisons(dialect, binds)
        self.distances: list[Expression] = []

    def where(self, where: Where, *, negated: bool = False) -> Expression:
        """Return *where* in SQL; null counts as false at its top.

        Raises:
            InvalidQueryError: A property is unknown, or the database cannot do an operator.
        """
        if isinstance(where, Condition):
            return self._condition(where, negated=negated)
        if isinstance(where, Not):
            return _negation(self.where(where.child, negated=True))
        children = [self.where(child, negated=negated) for child in where.children]
        return _joined(children, sa.and_ if isinstance(where, And) else sa.or_)

    def _condition(self, condition: Condition, *, negated: bool) -> Expression:
        known = OPERATORS[condition.operator]
        if known.negates:
            positive = Condition(condition.path, known.negates, condition.value)
            return _negation(self._condition(positive, negated=True))
        if condition.operator == "exists":
            there = self._on_whole(condition.path, is_null=False)
            return there if condition.value else _negation(there)
        if condition.operator == "elem_match":
            return self._on_element(condition)
        if condition.operator == "eq" and condition.value is None:
            return self._on_whole(condition.path, is_null=True)
        return self._on_elements(condition, self._test(condition), negated=negated)

    def _test(self, condition: Condition) -> Test:
        """Return the test of one value; takes the places of its operands."""
        name, operand = condition.operator, condition.value
        if name in {"inq", "between"}:
            items = operand if isinstance(operand, tuple) else (operand,)
            places = [self.binds.take() for item in items if item is not None]
            if name == "inq":
                return lambda value: self.compare.is_one_of(value, operand, places)
            return lambda value: self._between(value, operand, places)
        if operand is None:
            return _never
        place = self.binds.take()
        if name == "eq":
            return lambda value: self.compare.equals(value, operand, place)
        if name == "near":
            return lambda value: self.compare.near(value, operand, place)
        if name in {"like", "ilike", "regexp"}:
            return lambda value: self.compare.on_text(
                value, lambda text: self._pattern(text, name, operand, place)
            )
        return lambda value: self.compare.ordered(value, name, operand, place)

    def _between(self, value: Value, operand: Any, places: list[int]) -> Expression | None:
        if len(places) < len(operand):
            return None
        least = self.compare.ordered(value, "gte", operand[0], places[0])
        most = self.compare.ordered(value, "lte", operand[1], places[1])
        return None if least is None or most is None else sa.and_(least, most)

    def _pattern(self, text: Expression, name: str, operand: Any, place: int) -> Expression:
        if isinstance(operand, re.Pattern):
            return self.dialect.regexp(text, self.binds, place, operand.flags)
        return self.dialect.like(text, self.binds, place, ignore_case=name == "ilike")

    def _on_elements(self, condition: Condition, test: Test, *, negated: bool) -> Expression:
        """Return *test* of what the path leads to, in a list of each element."""
        reach = self._reached(condition.path, inside=True)
        if reach is None:
            return sa.false()
        if condition.operator == "near" and not negated:
            self._note_distance(reach)
        return self._anywhere(reach, test, is_whole=_has_list(condition.value))

    def _anywhere(self, reach: Reach, test: Test, *, is_whole: bool) -> Expression:
        """Return *test* of a value, and of each element where it is a list.

        With *is_whole* a list is tested as one value too.
        """
        found = [] if _is_list(reach.value) and not is_whole else [test(reach.value)]
        if reach.elements is not None:
            inner = test(reach.elements.value)
            found.append(None if inner is None else self._exists(inner, [reach.elements.source]))
        tests = [item for item in found if item is not None]
        if not tests:
            return sa.false()
        either = sa.or_(*tests) if len(tests) > 1 else tests[0]
        return self._exists(either, reach.sources) if reach.sources else either

    def _exists(self, test: Expression, sources: Sequence[Any]) -> Expression:
        one: Expression = sa.literal_column("1")
        query = sa.select(one).select_from(*sources).where(test)
        return sa.exists(query.correlate_except(*sources))

    def _on_whole(self, path: tuple[str, ...], *, is_null: bool) -> Expression:
        """Return the test that somewhere at *path* there is null or nothing, or that there is not.

        A list is one value here.
        """
        reach = self._reached(path, inside=False)
        if reach is None:
            return sa.true() if is_null else sa.false()
        found = reach.value.expression
        test = found.is_(None) if is_null else found.is_not(None)
        return self._exists(test, reach.sources) if reach.sources else test

    def _reached(self, path: tuple[str, ...], *, inside: bool) -> Reach | None:
        """Return what *path* leads to; None where nothing can be there.

        With *inside* a list or object at its end is looked into.
        """
        column, rest = self.column(path)
        value = self._value(column)
        if rest and value.family not in _IN_JSON:
            return None
        if rest or (inside and value.family == "json"):
            return self.dialect.reach(value, rest, self.binds)
        return Reach(value)

    def _on_element(self, condition: Condition) -> Expression:
        """Return the test that a list has one element which fulfils several conditions."""
        reach = self._list_at(condition.path)
        if reach is None or reach.elements is None:
            for _ in values(condition.value):
                self.binds.take()
            return sa.false()
        source = reach.elements.source.alias(f"element{self.depth}")
        kind = reach.elements.value.type
        element = Value(source.c.value, kind, source.c.type)
        inner = ElementConditions(self, element).where(condition.value)
        found = self._exists(inner, [source])
        return self._exists(found, reach.sources) if reach.sources else found

    def _list_at(self, path: tuple[str, ...]) -> Reach | None:
        """Return the list that *path* leads to; None where there can be none."""
        return self._reached(path, inside=True)

    def column(self, path: tuple[str, ...]) -> tuple[Column, tuple[str, ...]]:
        """Return the column that *path* begins with, and the rest of the path.

        Raises:
            InvalidQueryError: The model has no such property.
        """
        found = self.table.columns.get(path[0])
        if found is None:
            raise InvalidQueryError(
                f"{self.table.model} has no property {path[0]!r}.",
                code="UNKNOWN_PROPERTY",
                model=self.table.model,
                property=path[0],
                path=".".join(path),
            )
        return found, path[1:]

    def _value(self, column: Column) -> Value:
        return Value(self.source.c[column.name], column.property.type)

    def _note_distance(self, reach: Reach) -> None:
        """Keep how far rows are from the point of the ``near`` at hand: they are sorted by it."""
        place = self.binds.taken - 1
        angle = self.dialect.angle(reach.value.expression, self.binds, place)
        if reach.sources:
            nearest = sa.select(sa.func.min(angle)).select_from(*reach.sources)
            angle = nearest.correlate_except(*reach.sources).scalar_subquery()
        self.distances.append(angle)

    def order(self, order: Sequence[OrderBy]) -> list[Expression]:
        """Return what to sort by: distance where there is a ``near``, *order*, then the key."""
        terms = self._nearest_first()
        for term in order:
            terms += self._order_term(term)
        named = {term.path for term in order}
        for column in self.table.ids:
            if (column.property.name,) not in named:
                terms += self._order_term(OrderBy((column.property.name,)))
        if not self.table.ids:
            place = self.dialect.row_place(self.source, self.table.by_column)
            terms += [] if place is None else [place]
        return terms

    def _nearest_first(self) -> list[Expression]:
        if not self.distances:
            return []
        never = self.binds.constant(float("inf"))
        distances = [sa.func.coalesce(angle, never) for angle in self.distances]
        return [distances[0] if len(distances) == 1 else self.dialect.least(distances)]

    def _order_term(self, term: OrderBy) -> list[Expression]:
        column, rest = self.column(term.path)
        value = self._value(column)
        if rest and value.family not in _IN_JSON:
            return []
        if rest or value.family in _IN_JSON:
            found = self._json_terms(value, rest, term)
        else:
            found = [self._sortable(value, term)]
        return [self._directed(item, term) for item in found]

    def _json_terms(self, value: Value, rest: tuple[str, ...], term: OrderBy) -> list[Expression]:
        picked = self.dialect.pick(value, rest, self.binds) if rest else value
        if picked.family == "point":
            names = (("lat",), ("lng",))
            return [self.dialect.pick(value, rest + name, self.binds).expression for name in names]
        if picked.family != "json":
            return [self._sortable(picked, term)]
        whole = self.dialect.pick(value, rest, self.binds)
        return self.dialect.json_order(whole, fold=term.ignore_case)

    def _sortable(self, value: Value, term: OrderBy) -> Expression:
        if value.family == "decimal":
            return self.dialect.decimal(value.expression)
        if term.ignore_case and value.family in {"text", "datestring"}:
            return self.dialect.fold(value.expression)
        return value.expression

    def _directed(self, expression: Expression, term: OrderBy) -> Expression:
        """Return *expression* in the direction of *term*, with nulls where it wants them."""
        found = expression.desc() if term.descending else expression.asc()
        nulls_first = not term.descending if term.nulls_first is None else term.nulls_first
        if nulls_first == (term.descending is not self.dialect.nulls_are_least):
            return found
        return found.nulls_first() if nulls_first else found.nulls_last()


class ElementConditions(Conditions):
    """Turns conditions on one element of a list into SQL.

    Args:
        above: What the list is looked at by.
        element: The element.
    """

    def __init__(self, above: Conditions, element: Value) -> None:
        super().__init__(above.table, above.source, above.dialect, above.binds)
        self.depth = above.depth + 1
        self._element = element

    def _reached(self, path: tuple[str, ...], *, inside: bool) -> Reach | None:
        """Return what *path* leads to in the element; an empty one leads to itself."""
        if not path:
            return Reach(self._element)
        return self._inside("object", path)

    def _list_at(self, path: tuple[str, ...]) -> Reach | None:
        """Return the list that *path* leads to; an empty one leads to the element itself."""
        return self._reached(path, inside=True) if path else self._inside("array", path)

    def _inside(self, wanted: str, path: tuple[str, ...]) -> Reach | None:
        """Return what *path* leads to in the element where its kind in JSON is the *wanted* one."""
        element = self._element
        if element.family not in _IN_JSON:
            return None
        kind: Any = element.json_kind  # an element of a list knows it
        document: Expression = sa.case((kind == self.binds.constant(wanted), element.expression))
        return self.dialect.reach(Value(document, element.type), path, self.binds)

    def _note_distance(self, reach: Reach) -> None:
        """Do nothing: rows are not sorted by what is in their lists."""


def _never(_value: Value) -> None:
    """Hold for no value."""


def _has_list(operand: Any) -> bool:
    """Tell whether a list is compared with as a whole."""
    items = operand if isinstance(operand, tuple) else (operand,)
    return any(isinstance(item, list) for item in items)


def _is_list(value: Value) -> bool:
    """Tell whether *value* is declared to be a list."""
    return value.type is not None and value.type.name == "array"


def _negation(found: Expression) -> Expression:
    """Return the negation of *found*, true where that is null."""
    return sa.not_(sa.func.coalesce(found, sa.false()))


class _Group(Grouping[Any]):
    """An expression in parentheses that SQLAlchemy does not join with those around it."""

    inherit_cache = True
    operator = None


def _joined(children: list[Expression], join: Callable[..., Expression]) -> Expression:
    """Return *children* joined, many of them in groups: databases bound the depth of long rows."""
    if not children:
        return sa.true() if join is sa.and_ else sa.false()
    while len(children) > _BRANCHES:
        children = [
            _Group(join(*children[start : start + _BRANCHES]))
            for start in range(0, len(children), _BRANCHES)
        ]
    return join(*children)
