"""Aggregate rows in process, for stores without a language and for everybody else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from juggler.query.aggregate import Aggregation, Measure
from juggler.query.match import compile_where
from juggler.query.nodes import EVERYTHING
from juggler.query.order import page, sort_rows
from juggler.query.totals import DecimalTotal, Total
from juggler.query.values import order_key, pick
from juggler.types.number import DECIMAL

Row = Mapping[str, Any]


def gather(rows: Iterable[Row], asked: Aggregation) -> list[dict[str, Any]]:
    """Return the result rows of a normalised aggregation over *rows*, which all count.

    Without groups there is one row, also where there are no *rows*.
    """
    found: dict[tuple[Any, ...], tuple[list[Any], list[Any]]] = {}
    makers = [_maker(measure, asked) for measure in asked.measures]
    if not asked.groups:
        found[()] = [], [make() for make in makers]
    for row in rows:
        key = [pick(row, path) for path in asked.groups]
        place = tuple(map(order_key, key))
        figures = found.get(place)
        if figures is None:
            figures = found[place] = key, [make() for make in makers]
        for measure, figure in zip(asked.measures, figures[1], strict=True):
            figure.add(pick(row, measure.path) if measure.path else True)
    results = [_result(asked, key, figures) for key, figures in found.values()]
    if asked.having != EVERYTHING:
        results = list(filter(compile_where(asked.having), results))
    return page(sort_rows(results, asked.total_order), asked.limit, asked.offset)


def _result(asked: Aggregation, key: list[Any], figures: list[Any]) -> dict[str, Any]:
    return dict(zip(asked.names, [*key, *(each.value() for each in figures)], strict=True))


class _Figure:
    """One figure of one group."""

    def add(self, value: Any) -> None:
        """Count a value in."""
        raise NotImplementedError

    def value(self) -> Any:
        """Return the figure."""
        raise NotImplementedError


class _Count(_Figure):
    def __init__(self) -> None:
        self._count = 0

    def add(self, value: Any) -> None:
        self._count += value is not None

    def value(self) -> int:
        return self._count


class _Extreme(_Figure):
    """The least or the greatest value."""

    def __init__(self, *, greatest: bool) -> None:
        self._greatest = greatest
        self._found: Any = None
        self._key: Any = None

    def add(self, value: Any) -> None:
        if value is None:
            return
        key = order_key(value)
        if self._found is None or (key > self._key if self._greatest else key < self._key):
            self._found, self._key = value, key

    def value(self) -> Any:
        return self._found


class _Sum(_Figure):
    def __init__(self, total: Total | DecimalTotal, *, mean: bool) -> None:
        self._total = total
        self._mean = mean
        self.add = total.add  # type: ignore[method-assign]  # one call less for each row

    def value(self) -> Any:
        return self._total.mean() if self._mean else self._total.sum()


def _maker(measure: Measure, asked: Aggregation) -> Callable[[], _Figure]:
    """Return what makes a figure for each group."""
    function = measure.function
    if function in _SIMPLE:
        return _SIMPLE[function]
    total = DecimalTotal if asked.kind(measure.name) is DECIMAL else Total
    return lambda: _Sum(total(), mean=function == "avg")


_SIMPLE: Final[Mapping[str, Callable[[], _Figure]]] = {
    "count": _Count,
    "min": lambda: _Extreme(greatest=False),
    "max": lambda: _Extreme(greatest=True),
}
