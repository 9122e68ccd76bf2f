"""Figures over many records: the same on every store, and never of what is not to be seen."""

import asyncio
import datetime as dt
import uuid
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from juggler import DataSource, ModelRegistry
from juggler.errors import InvalidQueryError, OperationNotSupportedError
from tests.persistence.reads.stores import ROWS, URLS, WHERES, table
from tests.persistence.shelf import make_source, shelf_of

GROUPS = st.lists(
    st.sampled_from(["name", "n", "price", "born", "day", "ok", "home.city"]),
    max_size=2,
    unique=True,
)
NUMBERS = st.sampled_from(["n", "price", "home.size"])
ORDERED = st.sampled_from(["n", "price", "home.size", "name", "born", "day", "ok", "home.city"])
ASKED = st.fixed_dictionaries(
    {"count": st.just(True)},
    optional={
        "sum": st.lists(NUMBERS, max_size=3, unique=True),
        "avg": st.lists(NUMBERS, max_size=3, unique=True),
        "min": st.lists(ORDERED, max_size=3, unique=True),
        "max": st.lists(ORDERED, max_size=3, unique=True),
    },
)


def value_at(record: Any, name: str) -> Any:
    """Return what a dotted name leads to."""
    found = record
    for part in name.split("."):
        found = None if found is None else found[part]
    return found


def number(value: Any) -> Fraction:
    """Return a number that loses nothing."""
    return Fraction(str(value)) if isinstance(value, Decimal) else Fraction(value)


def figures(records: list[Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of one group, made in the plainest way."""
    found: dict[str, Any] = {"count": len(records)}
    for function in ("sum", "avg", "min", "max"):
        for name in asked.get(function, ()):
            values = [value for each in records if (value := value_at(each, name)) is not None]
            key = f"{function}_{name}"
            if not values:
                found[key] = None
            elif function in {"min", "max"}:
                pick = min if function == "min" else max
                found[key] = pick(values, key=lambda value: getattr(value, "when", value))
            else:
                total = sum(map(number, values), Fraction())
                found[key] = total / (len(values) if function == "avg" else 1)
    return found


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a result with its numbers as floats, to compare what was summed in other ways."""
    return {
        name: float(value)
        if isinstance(value, int | float | Decimal | Fraction) and not isinstance(value, bool)
        else value
        for name, value in row.items()
    }


@pytest.mark.parametrize("url", URLS)
@settings(max_examples=60)
@given(rows=ROWS, groups=GROUPS, asked=ASKED, where=WHERES)
def test_figures_are_those_of_the_plain_way(
    url: str, rows: Any, groups: list[str], asked: dict[str, Any], where: Any
) -> None:
    """Each group of equal values is there once, with its own figures, null left out of them."""
    # DAO-317

    async def check() -> None:
        async with table(url, rows) as model:
            by_key: dict[Any, list[Any]] = {} if groups else {(): []}
            for each in await model.find(where=where):
                by_key.setdefault(tuple(value_at(each, name) for name in groups), []).append(each)
            found = await model.aggregate(group_by=groups, where=where, **asked)
            assert len(found) == len(by_key)
            for row in found:
                records = by_key[tuple(row[name] for name in groups)]
                expected = figures(records, asked)
                assert plain({name: row[name] for name in expected}) == plain(expected)

    asyncio.run(check())


HAVING = st.sampled_from(
    [{}, {"count": {"gt": 1}}, {"or": [{"t": None}, {"t": {"lt": 3}}]}, {"m": {"gte": "1.1"}}]
)
RESULT_TERMS = st.tuples(
    st.sampled_from(["count", "t", "a", "m", "name"]),
    st.sampled_from([" ASC", " DESC"]),
    st.sampled_from(["", " NULLS FIRST", " NULLS LAST"]),
).map("".join)


@settings(max_examples=80)
@given(
    rows=ROWS,
    having=HAVING,
    order=st.lists(RESULT_TERMS, max_size=2, unique_by=lambda term: term.split()[0]),
    page=st.fixed_dictionaries(
        {}, optional={"limit": st.integers(0, 4), "skip": st.integers(0, 2)}
    ),
)
def test_stores_agree_to_the_last_digit(rows: Any, having: Any, order: Any, page: Any) -> None:
    """Values, types, order and pages of results are the same on memory and SQLite."""
    # DAO-317
    asked: dict[str, Any] = {
        "group_by": "name",
        "count": True,
        "sum": {"t": "n", "p": "price"},
        "avg": {"a": "n", "q": "price", "s": "home.size"},
        "max": {"m": "price"},
        "min": ["born", "day"],
        "having": having,
        "order": order,
        **page,
    }

    async def answers() -> list[Any]:
        found = []
        for url in URLS:
            async with table(url, rows) as model:
                found.append(await model.aggregate(**asked))
        return found

    first, second = asyncio.run(answers())
    assert first == second
    assert [
        [type(value) for value in row.values() if not isinstance(value, int | float)]
        for row in first
    ] == [
        [type(value) for value in row.values() if not isinstance(value, int | float)]
        for row in second
    ]  # a number without fraction is an int or a float, as the store keeps it


@pytest.mark.parametrize("url", URLS)
async def test_results_have_the_types_of_their_properties(url: str) -> None:
    """Decimals stay exact, dates are dates, means of whole numbers are floats, keys are values."""
    # DAO-317
    source = DataSource(url, registry=ModelRegistry())
    key = uuid.UUID(int=7)
    model = source.define(
        "Sale", {"price": "decimal", "n": "integer", "at": "date", "ok": "boolean", "by": "uuid"}
    )
    async with source:
        await source.autoupdate()
        await model.create(
            [
                {"price": "0.10", "n": 1, "at": "2020-01-01", "ok": True, "by": key},
                {"price": "0.20", "n": 2, "at": "2021-01-01", "ok": True, "by": key},
            ]
        )
        (row,) = await model.aggregate(
            group_by=["by", "ok"], sum=["price", "n"], avg=["price", "n"], max="at", count="n"
        )
        assert row == {
            "by": key,
            "ok": True,
            "sum_price": Decimal("0.30"),
            "sum_n": 3,
            "avg_price": Decimal("0.15"),
            "avg_n": 1.5,
            "max_at": dt.datetime(2021, 1, 1, tzinfo=dt.UTC),
            "count_n": 2,
        }
        assert type(row["by"]) is uuid.UUID
        assert type(row["ok"]) is bool


@pytest.mark.parametrize("url", URLS)
async def test_sums_do_not_hang_on_the_order_of_rows(url: str) -> None:
    """Floats are rounded once, in the end, however many there are and wherever they stand."""
    # DAO-317
    rows: list[Any] = [{"n": n} for n in [1e15, 0.1, -1e15, 0.2] + [0.1] * 1_500]
    async with table(url, rows) as model:
        (row,) = await model.aggregate(sum="n", avg="n")
        exact = sum((Fraction(each["n"]) for each in rows), Fraction())
        assert row == {"sum_n": float(exact), "avg_n": float(exact) / len(rows)}


@pytest.mark.parametrize("url", URLS)
async def test_figures_of_nothing(url: str) -> None:
    """Without groups there is one row, of nothing too; with groups there is none."""
    # DAO-317
    async with table(url, []) as model:
        assert await model.aggregate(count=True, sum="n", min="name") == [
            {"sum_n": None, "min_name": None, "count": 0}
        ]
        assert await model.aggregate(group_by="name", count=True) == []
        assert await model.aggregate(count=True, having={"count": {"gt": 0}}) == []


@pytest.mark.parametrize("url", URLS)
async def test_all_results_are_given_unless_fewer_are_asked_for(url: str) -> None:
    """`default_limit` is about records: no group and no value is left out for it."""
    # DAO-186, DAO-317
    rows = [{"name": name} for name in "abba"]
    async with table(url, rows, default_limit=1) as things:
        assert len(await things.find()) == 1
        assert await things.distinct("name") == ["a", "b"]
        groups = await things.aggregate(group_by="name", count=True)
        assert [(each["name"], each["count"]) for each in groups] == [("a", 2), ("b", 2)]
        assert len(await things.aggregate(group_by="name", count=True, limit=1)) == 1
        bounded = {"max_limit": 1}
        assert len(await things.aggregate(group_by="name", count=True, options=bounded)) == 1


@pytest.mark.parametrize("url", URLS)
async def test_distinct_values_come_in_order(url: str) -> None:
    """Each value comes once, in order, and null first where a record has none."""
    # DAO-317
    rows = [{"name": name, "home": {"city": name}} for name in "bab"] + [{}]
    async with table(url, rows) as model:
        assert await model.distinct("name") == [None, "a", "b"]
        assert await model.distinct("home.city", {"name": {"neq": None}}) == ["a", "b"]
        assert await model.distinct("price") == [None]
        with pytest.raises(TypeError):
            await model.distinct(["name"])


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({}, "group_by"),
        ({"group_by": []}, "group_by"),
        ({"group_by": "nope"}, "group_by"),
        ({"group_by": "home"}, "group_by"),
        ({"group_by": "tags"}, "group_by"),
        ({"group_by": "items.n"}, "group_by"),
        ({"group_by": [1]}, "group_by"),
        ({"group_by": ["name", "name"]}, "name"),
        ({"sum": "name"}, "sum"),
        ({"sum": "born"}, "sum"),
        ({"avg": "ok"}, "avg"),
        ({"min": "home"}, "min"),
        ({"sum": 5}, "sum"),
        ({"sum": True}, "sum"),
        ({"sum": {"": "n"}}, "sum"),
        ({"sum": {"count": "n"}, "count": True}, "count"),
        ({"count": "nope"}, "count"),
        ({"count": True, "having": {"n": 1}}, "having"),
        ({"count": True, "having": {"count": {"above": 1}}}, "having"),
        ({"count": True, "order": "n"}, "order"),
        ({"count": True, "limit": -1}, "limit"),
        ({"count": True, "where": {"n": {"above": 1}}}, "where.n"),
        ({"count": True, "where": "x"}, None),
    ],
    ids=repr,
)
async def test_what_is_not_understood_is_refused(asked: Any, path: Any) -> None:
    """Unknown properties, types without a sum, names of no result: each is told by its clause."""
    # DAO-317
    model = make_source().define(
        "Thing",
        {
            "name": str,
            "n": "number",
            "born": "date",
            "ok": bool,
            "home": {"city": str},
            "tags": [str],
            "items": [{"n": "number"}],
        },
    )
    with pytest.raises((InvalidQueryError, TypeError)) as caught:
        await model.aggregate(**asked, options={"allow_in_process_aggregate": True})
    if path is not None:
        assert str(getattr(caught.value, "path", "")).startswith(path)
        assert getattr(caught.value, "status_code", 0) == 400


async def secretive(**scope: Any) -> Any:
    """Return a model with a hidden property, and records within and outside its scope."""
    source = DataSource("memory", registry=ModelRegistry())
    model = source.define(
        "Person",
        {
            "name": str,
            "team": str,
            "pay": {"type": "number", "hidden": True},
            "pin": {"type": str, "protected": True},
        },
        {"scope": scope or None},
    )
    await model.unscoped().create(
        [{"name": "a", "team": "x", "pay": 1, "pin": "1"}, {"name": "b", "team": "y", "pay": 2}]
    )
    return model


async def test_what_is_hidden_is_not_to_be_counted() -> None:
    """Where hidden properties must not be asked for, no function and no group takes them."""
    # DAO-182, DAO-317
    model = await secretive()
    hidden = {"prohibit_hidden_properties_in_query": True, "prohibited": "drop"}
    for asked in (
        {"group_by": "pay"},
        {"sum": "pay"},
        {"min": {"x": "pay"}},
        {"count": "pay"},
        {"count": True, "where": {"pay": 1}},
    ):
        with pytest.raises(InvalidQueryError) as caught:
            await model.aggregate(**asked, options=hidden)
        assert caught.value.code == "PROPERTY_NOT_QUERYABLE"
        assert caught.value.path == ("where.pay" if "where" in asked else "aggregate")
    with pytest.raises(InvalidQueryError, match="distinct: 'pay'"):
        await model.distinct("pay", options=hidden)
    with pytest.raises(InvalidQueryError):
        await model.distinct("pin", options={"prohibit_protected_properties_in_query": True})
    assert await model.aggregate(sum="pay") == [{"sum_pay": 3}]


async def test_the_scope_holds() -> None:
    """Figures are of records within the default scope, and of the fields that it leaves."""
    # DAO-192, DAO-317
    model = await secretive(where={"team": "x"}, fields=["id", "name", "team"])
    assert await model.aggregate(count=True) == [{"count": 1}]
    assert await model.aggregate(count=True, where={"or": [{"team": "y"}, {"team": "x"}]}) == [
        {"count": 1}
    ]
    assert await model.distinct("name") == ["a"]
    with pytest.raises(InvalidQueryError) as caught:
        await model.aggregate(max="pay")
    assert caught.value.code == "PROPERTY_NOT_QUERYABLE"
    assert await model.unscoped().aggregate(max="pay") == [{"max_pay": 2}]


async def test_observers_of_access_see_and_narrow() -> None:
    """`access` runs once with the condition, and what it puts there holds."""
    # DAO-317
    model = await secretive()
    seen: list[Any] = []
    model.observe("access", lambda context: seen.append((context.operation, context.query)))
    model.observe("access", lambda context: context.query["where"].update(team="y"))
    assert await model.aggregate(sum="pay", where={"name": {"neq": "z"}}) == [{"sum_pay": 2}]
    assert [name for name, _ in seen] == ["aggregate"]
    assert await model.distinct("name") == ["b"]


async def test_a_store_without_aggregates() -> None:
    """It is an error that says what allows to do it here; then rows are read and added up."""
    # DAO-317
    source = make_source()
    model = source.define("Thing", {"id": {"type": int, "id": True}, "n": "number", "on": "date"})
    shelf_of(source).rows["Thing"] = {
        n: {"id": n, "n": n, "on": f"202{n}-01-01T00:00:00Z"} for n in range(1, 4)
    }
    with pytest.raises(OperationNotSupportedError, match="allow_in_process_aggregate"):
        await model.aggregate(sum="n")
    allowed = {"allow_in_process_aggregate": True}
    assert await model.aggregate(sum="n", max="on", where={"id": {"gt": 1}}, options=allowed) == [
        {"sum_n": 5, "max_on": dt.datetime(2023, 1, 1, tzinfo=dt.UTC)}
    ]
    method, query = shelf_of(source).seen[-1]
    assert (method, set(query.fields)) == ("all", {"n", "on"})
