"""Hypothesis strategies for rows and for filters over them, to compare stores with one another.

A table is described as models are: ``{"name": "string", "tags": ["string"], "address": {"zip":
"string"}}``.  Values come from small pools, so that conditions meet rows; operands have the type of
their property, so what a filter means does not hang on coercion.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from hypothesis import strategies as st

from juggler.types.geo import EARTH_RADIUS, GeoPoint
from juggler.types.temporal import DateString

Columns = Mapping[str, Any]
Strategy = st.SearchStrategy[Any]

COLUMNS: Final[Columns] = MappingProxyType(
    {
        "id": "integer",
        "name": "string",
        "age": "integer",
        "score": "number",
        "price": "decimal",
        "active": "boolean",
        "born": "date",
        "day": "date_string",
        "place": "geopoint",
        "tags": ["string"],
        "counts": ["number"],
        "address": {"city": "string", "zip": "integer", "since": "date"},
        "friends": [{"name": "string", "age": "integer"}],
    }
)
"""One property of every kind."""

_TEXTS: Final = (
    *("", "a", "A", "ab", "aB", "a%", "a_", "a\\", "b\na", "z", "\"'"),
    *("\u00e9", "\u00c9", "\U0001f600"),
)
_PATTERNS: Final = ("%", "a%", "%a", "%b%", "_", "a_", "A%", "\\%", "a\\%", "%\\", "é", "%%_", "")
_REGEXPS: Final = ("^a", "b$", "[ab]", "a|é", "/^A/i", "/^a$/m", ".", "a.b", "\\\\$")
_POOLS: Final[Mapping[str, tuple[Any, ...]]] = MappingProxyType(
    {
        "string": _TEXTS,
        "integer": (0, 1, -1, 2, 3, 2**53),
        "number": (0, 1, -1, 0.5, 1.5, -0.5, 2, 1e300),
        "decimal": tuple(map(Decimal, ("0", "0.1", "1", "1.5", "-1", "12345678901234567890.01"))),
        "boolean": (True, False),
        "date": tuple(datetime(year, 1, 2, 3, 4, 5, 678000, UTC) for year in (1, 1969, 2000, 9999)),
        "date_string": tuple(map(DateString, ("2000-01-01", "2000-01", "1999-12-31"))),
        "geopoint": (GeoPoint(0, 0), GeoPoint(0, 179.9), GeoPoint(0, -179.9), GeoPoint(89, 7)),
    }
)
_LIST_OPERATORS: Final = ("inq", "nin")
_EQUALITIES: Final = ("eq", "neq")
_COMPARISONS: Final = ("gt", "gte", "lt", "lte")
_LIKES: Final = ("like", "nlike", "ilike", "nilike")


def values(kind: Any, *, null: bool = False) -> Strategy:
    """Return values of one type of a table's description, now and then null if that is wanted."""
    if isinstance(kind, list):
        found: Strategy = st.lists(values(kind[0]), max_size=3)
    elif isinstance(kind, Mapping):
        found = _objects(kind)
    else:
        return st.sampled_from((*_POOLS[kind], None) if null else _POOLS[kind])
    return st.one_of(found, found, found, st.none()) if null else found


def rows(
    columns: Columns = COLUMNS, *, id_name: str = "id", min_size: int = 0, max_size: int = 12
) -> Strategy:
    """Return lists of rows with ids from 1 on; other properties may be null or missing."""
    row = _objects({name: kind for name, kind in columns.items() if name != id_name})
    return st.lists(row, min_size=min_size, max_size=max_size).map(
        lambda found: [{id_name: place, **each} for place, each in enumerate(found, 1)]
    )


def _objects(kinds: Columns) -> Strategy:
    """Return dicts with a value for most of *kinds*."""
    left_out = st.sampled_from((*kinds, None, *[None] * len(kinds)))
    whole = st.fixed_dictionaries({name: values(kind, null=True) for name, kind in kinds.items()})
    return st.tuples(whole, left_out, left_out).map(
        lambda found: {key: item for key, item in found[0].items() if key not in found[1:]}
    )


def cases(columns: Columns = COLUMNS, *, id_name: str = "id", nested: bool = True) -> Strategy:
    """Return pairs of rows and a where about one and the same property, so that they often meet."""
    paths = _paths(columns, nested=nested)

    def about(path: str) -> Strategy:
        name = path.partition(".")[0]
        table = rows({name: columns[name]}, id_name=id_name, min_size=3, max_size=8)
        return st.tuples(table, conditions(paths[path]).map(lambda found: {path: found}))

    return st.sampled_from(sorted(paths)).flatmap(about)


def filters(columns: Columns = COLUMNS, *, nested: bool = True) -> Strategy:
    """Return filters with where, order, limit and skip; *nested* allows dotted paths."""
    return st.fixed_dictionaries(
        {"where": wheres(columns, nested=nested)},
        optional={
            "order": orders(columns, nested=nested),
            "limit": st.integers(0, 6),
            "skip": st.integers(0, 4),
        },
    )


def wheres(columns: Columns = COLUMNS, *, nested: bool = True) -> Strategy:
    """Return conditions on the properties of a table, also combined by and, or, nor and not."""
    paths = _paths(columns, nested=nested)
    leaf = st.sampled_from(sorted(paths)).flatmap(
        lambda path: conditions(paths[path]).map(lambda found: {path: found})
    )

    def combined(inner: Strategy) -> Strategy:
        lists = st.lists(inner, max_size=3)
        return st.one_of(
            st.sampled_from(["and", "or", "nor"]).flatmap(
                lambda word: lists.map(lambda found: {word: found})
            ),
            inner.map(lambda found: {"not": found}),
            st.tuples(inner, leaf).map(lambda pair: {**pair[0], **pair[1]}),
        )

    return st.recursive(leaf, combined, max_leaves=5)


def conditions(kind: Any) -> Strategy:
    """Return what may stand behind a property of one type: a value, or some operators."""
    singles = _operators(kind)
    bare = values(_item(kind), null=True)
    pairs = st.tuples(singles, singles).map(lambda pair: {**pair[0], **pair[1]})
    return st.one_of(bare, singles, pairs.filter(lambda found: len({"near"} & set(found)) == 0))


def orders(columns: Columns = COLUMNS, *, nested: bool = True) -> Strategy:
    """Return lists of terms over the properties that have an order."""
    paths = _paths(columns, nested=nested)
    names = [path for path, kind in paths.items() if _is_ordered(kind)]
    words = st.sampled_from(
        ["", " ASC", " DESC", " desc NULLS FIRST", " ASC NULLS LAST", " NOCASE", " DESC NOCASE"]
    )
    term = st.tuples(st.sampled_from(names), words).map("".join)
    return st.lists(term, max_size=3)


def _item(kind: Any) -> Any:
    return kind[0] if isinstance(kind, list) else kind


def _is_ordered(kind: Any) -> bool:
    return isinstance(kind, str) and kind != "geopoint"


def _paths(columns: Columns, *, nested: bool) -> dict[str, Any]:
    """Return every path into a table, with the type that it leads to."""
    found = dict(columns)
    for name, kind in columns.items() if nested else ():
        inner = _item(kind)
        if isinstance(inner, Mapping):
            found |= {f"{name}.{part}": each for part, each in inner.items()}
            if inner is not kind:
                found |= {f"{name}.0.{part}": each for part, each in inner.items()}
    return found


def _operators(kind: Any) -> Strategy:
    """Return mappings with one operator that fits values of *kind*."""
    item = _item(kind)
    one = values(item, null=True)
    found = [
        _operation(_EQUALITIES, one | (values(kind) if item is not kind else one)),
        _operation(("exists",), st.booleans()),
        _operation(_LIST_OPERATORS, st.lists(one, max_size=4)),
    ]
    if _is_ordered(item):
        found += [
            _operation(_COMPARISONS, one),
            _operation(("between",), st.tuples(one, one).map(list)),
        ]
    if item in ("string", "date_string"):
        found += [
            _operation(_LIKES, st.sampled_from(_PATTERNS)),
            _operation(("regexp",), st.sampled_from(_REGEXPS)),
        ]
    if item == "geopoint":
        found.append(_nears())
    return st.one_of(found)


def _operation(names: tuple[str, ...], operands: Strategy) -> Strategy:
    return st.tuples(st.sampled_from(names), operands).map(lambda pair: {pair[0]: pair[1]})


def _nears() -> Strategy:
    return st.fixed_dictionaries(
        {"near": values("geopoint")},
        optional={
            "maxDistance": st.sampled_from([0, 1, 20, 6000]),
            "minDistance": st.sampled_from([-1, 1, 15]),
            "unit": st.sampled_from(sorted(EARTH_RADIUS)),
        },
    )
