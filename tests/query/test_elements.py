"""`elem_match`: one element of a list that fulfils several conditions."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from juggler.connectors.sql.sqlite import SqliteConnector
from juggler.errors import InvalidQueryError
from juggler.query.form import form, values
from juggler.query.match import compile_where
from juggler.query.normalise import normalise_where
from juggler.query.parse import parse_where
from juggler.query.render import where_to_dict
from juggler.testing.connector_suite.base import NO_OPTIONS, Store
from juggler.testing.connector_suite.models import model, query
from tests.query import reference

INFO = model(
    "Order",
    {
        "id": {"type": "integer", "id": True},
        "tags": ["string"],
        "scores": ["number"],
        "items": [
            {"sku": "string", "qty": "number", "tags": ["string"], "parts": [{"n": "number"}]}
        ],
        "box": {"items": [{"sku": "string", "qty": "number"}]},
        "open": "any",
    },
)

SKUS = st.sampled_from(["a", "b", "ab"])
QTYS = st.integers(0, 3)
ITEM = st.fixed_dictionaries(
    {},
    optional={
        "sku": SKUS,
        "qty": st.none() | QTYS,
        "tags": st.lists(SKUS, max_size=2),
        "parts": st.lists(st.fixed_dictionaries({"n": QTYS}), max_size=2),
    },
)
SMALL = st.fixed_dictionaries({}, optional={"sku": SKUS, "qty": st.none() | QTYS})
ROW = st.fixed_dictionaries(
    {},
    optional={
        "tags": st.none() | st.lists(SKUS, max_size=3),
        "scores": st.none() | st.lists(QTYS, max_size=3),
        "items": st.none() | st.lists(ITEM, max_size=3),
        "box": st.none() | st.fixed_dictionaries({}, optional={"items": st.lists(SMALL)}),
        "open": st.none() | QTYS | st.lists(QTYS | SKUS | SMALL, max_size=3) | SMALL,
    },
)

ON_TEXT = st.one_of(
    st.fixed_dictionaries({"eq": SKUS}),
    st.fixed_dictionaries({"like": st.sampled_from(["a%", "%b"]), "neq": SKUS}),
    st.fixed_dictionaries({"inq": st.lists(SKUS, max_size=2)}),
    st.fixed_dictionaries({"gt": SKUS, "lte": SKUS}),
)
ON_NUMBER = st.one_of(
    st.fixed_dictionaries({"gt": QTYS, "lt": QTYS}),
    st.fixed_dictionaries({"between": st.tuples(QTYS, QTYS).map(list)}),
    st.fixed_dictionaries({"nin": st.lists(QTYS, max_size=2), "gte": QTYS}),
    st.fixed_dictionaries({"eq": QTYS}),
)
WITHIN: Any = st.fixed_dictionaries(
    {},
    optional={
        "sku": SKUS | ON_TEXT | st.none(),
        "qty": QTYS | ON_NUMBER | st.none() | st.fixed_dictionaries({"exists": st.booleans()}),
    },
)
IN_ITEM: Any = st.one_of(
    WITHIN,
    st.fixed_dictionaries({"tags": SKUS}),
    st.fixed_dictionaries({"tags": st.fixed_dictionaries({"elem_match": ON_TEXT})}),
    st.fixed_dictionaries(
        {
            "parts": st.fixed_dictionaries({"elem_match": st.fixed_dictionaries({"n": ON_NUMBER})}),
            "sku": SKUS,
        }
    ),
    st.fixed_dictionaries({"or": st.lists(WITHIN, min_size=1, max_size=2)}),
    st.fixed_dictionaries({"not": WITHIN}),
)


def on(name: str, inner: Any) -> Any:
    """Return the strategy for `elem_match` on one property."""
    return inner.map(lambda operand: {name: {"elem_match": operand}})


WHERE: Any = st.one_of(
    on("tags", ON_TEXT),
    on("scores", ON_NUMBER),
    on("items", IN_ITEM),
    on("box.items", WITHIN),
    on("open", st.one_of(WITHIN, ON_NUMBER)),
    on("items.parts", st.fixed_dictionaries({"n": ON_NUMBER})),
    on("items", WITHIN).map(lambda where: {"not": where}),
    st.tuples(on("items", WITHIN), on("scores", ON_NUMBER)).map(lambda two: {"or": list(two)}),
)


@settings(max_examples=300)
@given(st.lists(ROW, min_size=1, max_size=4), WHERE)
def test_rows_match_as_the_reference_says(rows: list[dict[str, Any]], where: Any) -> None:
    """A row matches if one element of the list fulfils all conditions by itself."""
    # DAO-181
    check = compile_where(normalise_where(parse_where(where), INFO.shape))
    assert [check(row) for row in rows] == [reference.matches(row, where) for row in rows]


@settings(max_examples=100)
@given(st.lists(st.tuples(st.lists(ROW, max_size=4), WHERE), min_size=1, max_size=4))
def test_sqlite_finds_the_same(cases: list[Any]) -> None:
    """SQLite finds the rows that match in process, with statements that are kept by form."""
    # DAO-181

    async def check() -> None:
        connector = SqliteConnector({"url": "sqlite:///:memory:"}, _Host())
        await connector.connect()
        try:
            store = Store(connector)
            await store.prepare(INFO)
            for rows, where in cases:
                await store.destroy(INFO)
                for number, row in enumerate(rows):
                    await store.create(INFO, id=number, **row)
                matches = compile_where(normalise_where(parse_where(where), INFO.shape))
                found = await connector.all(INFO, query(INFO, where=where), NO_OPTIONS)
                expected = [number for number, row in enumerate(rows) if matches(row)]
                assert [row["id"] for row in found] == expected
        finally:
            await connector.disconnect()

    asyncio.run(check())


class _Host:
    """Stands for the data source."""

    name = "elements"
    settings: dict[str, Any] = {}


@given(WHERE)
def test_written_back_it_reads_the_same(where: Any) -> None:
    """What observers are shown gives the same conditions when it is read again."""
    # DAO-181
    found = normalise_where(parse_where(where), INFO.shape)
    assert normalise_where(parse_where(where_to_dict(found)), INFO.shape) == found


def test_form_and_values_tell_conditions_within() -> None:
    """Conditions on elements are part of the form, and their operands of the values."""
    first, second, other = (
        normalise_where(parse_where({"items": {"elem_match": inner}}), INFO.shape)
        for inner in ({"sku": "a", "qty": {"gt": 1}}, {"sku": "b", "qty": {"gt": 2}}, {"sku": "a"})
    )
    assert form(first) == form(second) != form(other)
    assert values(first) == ["a", 1]


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ({"id": {"elem_match": {"gt": 1}}}, "INVALID_QUERY"),
        ({"items": {"elem_match": 5}}, "INVALID_QUERY"),
        ({"items": {"elem_match": [1]}}, "INVALID_QUERY"),
        ({"items": {"elem_match": {"sku": {"above": 1}}}}, "UNKNOWN_OPERATOR"),
        ({"items": {"elem_match": {"nope": 1}}}, "UNKNOWN_PROPERTY"),
        ({"tags": {"elem_match": {"x": 1}}}, "UNKNOWN_PROPERTY"),
        ({"items": {"elem_match": {"$where": 1}}}, "OPERATOR_NOT_ALLOWED_IN_QUERY"),
        ({"items": {"elem_match": {"sku": {"$gt": 1}}}}, "OPERATOR_NOT_ALLOWED_IN_QUERY"),
        ({"scores": {"elem_match": {"between": [1]}}}, "INVALID_QUERY"),
    ],
    ids=repr,
)
def test_what_is_not_understood_is_refused(where: Any, code: str) -> None:
    """Within `elem_match`, too, nothing that is not understood is dropped."""
    # DAO-174, DAO-181
    with pytest.raises(InvalidQueryError) as caught:
        normalise_where(parse_where(where), INFO.shape, known_only=True)
    assert caught.value.code == code
    assert str(caught.value.path).startswith("where.")
