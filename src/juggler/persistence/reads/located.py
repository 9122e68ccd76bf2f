"""Rows by their distance: on stores that know no places, and how far each row is."""

from __future__ import annotations

import math
from typing import Any, Final

from msgspec.structs import replace

from juggler.errors import InvalidQueryError
from juggler.models.instances import values
from juggler.persistence.operation import Operation
from juggler.persistence.rows import instances, projected
from juggler.query.evaluate import select
from juggler.query.geo import near_conditions, smallest_distance
from juggler.query.located import has_near, without_near
from juggler.query.nodes import Condition, Filter, Where
from juggler.types.geo import earth_radius

IN_PROCESS: Final = "allow_in_process_geo"
WITH_DISTANCE: Final = "with_distance"

Row = dict[str, Any]


async def rows_of(op: Operation, query: Filter) -> list[Row]:
    """Return the rows of *query*, whatever the store knows of places.

    Raises:
        InvalidQueryError: It knows none, and nothing allows to read all rows instead.
    """
    store = op.store
    if "near" in store.capabilities or not has_near(query.where):
        rows: list[Row] = await store.all(op.info, query, op.options)
        return rows
    check_in_process(op)
    wider = Filter(where=without_near(query.where))
    rows = await store.all(op.info, wider, op.options)
    return select(rows, query, op.shape.ids)


async def count_of(op: Operation, where: Where) -> int:
    """Return how many rows match, whatever the store knows of places; see `rows_of`."""
    store = op.store
    if "near" in store.capabilities or not has_near(where):
        return await store.count(op.info, where, op.options)
    return len(await rows_of(op, Filter(where=where)))


def check_in_process(op: Operation) -> None:
    """Raise unless all rows may be read to find those that are near.

    Raises:
        InvalidQueryError: ``OPERATOR_NOT_SUPPORTED``.
    """
    if op.setting(IN_PROCESS) is not True:
        raise InvalidQueryError(
            f"{op.name}: the store of {op.model_name} knows no places; {IN_PROCESS} reads all "
            "rows that the other conditions leave and looks at them here.",
            code="OPERATOR_NOT_SUPPORTED",
            model=op.model_name,
            path="where",
            value="near",
        )


def needed(op: Operation, query: Filter) -> Filter:
    """Return *query* with the fields that distances are made of, where the call asks for them."""
    fields = query.fields
    if fields is None or not op.options or not op.options.get(WITH_DISTANCE):
        return query
    names = (item.path[0] for item in near_conditions(query.where))
    return replace(query, fields=tuple(dict.fromkeys((*fields, *names))))


async def loaded(op: Operation, rows: list[Row], query: Filter) -> list[Any]:
    """Return *rows* as instances, with their distances where the call asks for them.

    The rows may have more properties than *query* asks for; the instances do not.
    """
    found = await instances(op, projected(rows, query), query)
    if op.options and op.options.get(WITH_DISTANCE):
        _note_distances(rows, found, near_conditions(query.where))
    return found


def _note_distances(rows: list[Row], found: list[Any], nears: tuple[Condition, ...]) -> None:
    """Note on the instances *found* how far their *rows* are from the points of *nears*."""
    by_name: dict[str, list[Condition]] = {}
    for item in nears:
        by_name.setdefault(item.name, []).append(item)
    measures = [
        (name, smallest_distance(items), earth_radius(items[0].value.unit))
        for name, items in by_name.items()
    ]
    for row, instance in zip(rows, found, strict=True):
        far = {name: measure(row) * radius for name, measure, radius in measures}
        values.owned(instance).distances = {
            name: each for name, each in far.items() if math.isfinite(each)
        }
