"""Aggregations as SQL: what is looked at, what is made of it, and which results count.

They are three queries within one another, so that conditions and order of the results are built
just as those of a table are.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from juggler.connectors.sql.conditions import Conditions
from juggler.connectors.sql.dialects.base import Dialect, Expression, Value
from juggler.connectors.sql.mapping import Column, TableMap
from juggler.connectors.sql.operands import settle_lists
from juggler.connectors.sql.rows import loader
from juggler.connectors.sql.statement import Binds, Statement
from juggler.query.aggregate import Aggregation, Measure
from juggler.query.nodes import EVERYTHING

_GROUP: Final = "g"
_VALUE: Final = "v"
_RESULT: Final = "r"


class ResultMap(TableMap):
    """The results of an aggregation as if they lay in a table."""

    __slots__ = ()

    def __init__(self, model: str, asked: Aggregation, dialect: Dialect) -> None:
        self.model = model
        self.table = ""
        self.columns = {}
        self.by_column = {}
        self.ids = ()
        self.generated_id = None
        result = asked.result
        for place, prop in enumerate(result or ()):
            column = Column(
                prop, f"{_RESULT}{place}", dialect.codec(prop.type), {}, generated=False
            )
            self.columns[prop.name] = self.by_column[column.name] = column


def settled(asked: Aggregation) -> Aggregation:
    """Return *asked* with the lists in its conditions brought to few lengths."""
    return Aggregation(
        asked.groups,
        asked.measures,
        settle_lists(asked.where),
        settle_lists(asked.having),
        asked.order,
        asked.limit,
        asked.offset,
        asked.result,
    )


def build(
    table: TableMap, source: sa.TableClause, dialect: Dialect, asked: Aggregation
) -> Statement:
    """Return the statement for an aggregation; its values are those of `Aggregation.values`."""
    binds = Binds()
    results = ResultMap(table.model, asked, dialect)
    looked_at = _picked(Conditions(table, source, dialect, binds), asked)
    made: Any = _made(looked_at, dialect, asked).subquery("results")
    conditions = Conditions(results, made, dialect, binds)
    columns = list(results.columns.values())
    found = sa.select(*(made.c[column.name] for column in columns))
    if asked.having != EVERYTHING:
        found = found.where(conditions.where(asked.having))
    if asked.groups:
        found = found.order_by(*conditions.order(asked.total_order))
    if asked.limit is not None:
        found = found.limit(binds.value(binds.take()))
    if asked.offset:
        found = found.offset(binds.value(binds.take()))
    return binds.compile(found, dialect.sa, loader(columns, table.model))


def _picked(conditions: Conditions, asked: Aggregation) -> Any:
    """Return the query of the values that are looked at, one row for each row that matches."""
    columns: list[Any] = [
        _value(conditions, path).label(f"{_GROUP}{place}")
        for place, path in enumerate(asked.groups)
    ]
    columns += [
        _value(conditions, each.path).label(f"{_VALUE}{place}")
        for place, each in enumerate(asked.measures)
        if each.path
    ]
    one: Expression = sa.literal_column("1")
    found = sa.select(*(columns or [one.label("one")])).select_from(conditions.source)
    if asked.where != EVERYTHING:
        found = found.where(conditions.where(asked.where))
    return found.subquery("picked")


def _value(conditions: Conditions, path: tuple[str, ...]) -> Expression:
    """Return what *path* leads to."""
    column, rest = conditions.column(path)
    value = Value(conditions.source.c[column.name], column.property.type)
    if not rest:
        return value.expression
    return conditions.dialect.pick(value, rest, conditions.binds).expression


def _made(picked: Any, dialect: Dialect, asked: Aggregation) -> Any:
    """Return the query of the results."""
    keys = [
        _comparable(picked.c[f"{_GROUP}{place}"], dialect, asked, place)
        for place in range(len(asked.groups))
    ]
    columns: list[Any] = [key.label(f"{_RESULT}{place}") for place, key in enumerate(keys)]
    for place, measure in enumerate(asked.measures):
        figure = _figure(measure, place, picked, dialect, asked)
        columns.append(figure.label(f"{_RESULT}{place + len(keys)}"))
    return sa.select(*columns).select_from(picked).group_by(*keys)


def _comparable(value: Expression, dialect: Dialect, asked: Aggregation, place: int) -> Expression:
    """Return *value*, a key of groups or what a figure is made of, so that equal ones are one."""
    name = asked.names[place]
    return dialect.decimal(value) if Value(value, asked.kind(name)).family == "decimal" else value


def _figure(
    measure: Measure, place: int, picked: Any, dialect: Dialect, asked: Aggregation
) -> Expression:
    """Return one figure."""
    if not measure.path:
        return sa.func.count()
    value = picked.c[f"{_VALUE}{place}"]
    if measure.function == "count":
        return sa.func.count(value)
    kind = asked.kind(measure.name)
    if measure.function == "sum":
        return dialect.total(value, kind)
    if measure.function == "avg":
        return dialect.mean(value, kind)
    found = _comparable(value, dialect, asked, place + len(asked.groups))
    return sa.func.min(found) if measure.function == "min" else sa.func.max(found)
