"""Whatever JSON a client sends to any method: the right rows, or a typed error that names it."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler import DataSource, ModelRegistry
from juggler.errors import InvalidQueryError, JugglerError, OperationNotSupportedError
from juggler.query.operators import OPERATORS
from juggler.query.parse import CLAUSES
from tests.query import reference

PROPERTIES = {
    "id": {"type": "number", "id": True},
    "name": "string",
    "age": "number",
    "secret": {"type": "string", "hidden": True},
    "tags": ["string"],
    "home": {"city": "string", "pin": {"type": "number", "hidden": True}},
}
ROWS: list[dict[str, Any]] = [
    {
        "id": number,
        "name": None if number % 7 == 0 else "abcde"[number % 5] * (number % 3),
        "age": None if number % 5 == 0 else number % 4,
        "tags": [] if number % 6 == 0 else ["t", "abc"[number % 3]],
        "home": {"city": "xyz"[number % 3]},
    }
    for number in range(1, 21)
]
AWARE = {"prohibit_hidden_properties_in_query": True}

PATHS = st.sampled_from(
    (
        *(*PROPERTIES, "home.city", "home.pin", "homes.0.pin", "x.secret", "secret.y", "tags.0"),
        *("", "x", "a.b", "$where", "__proto__", "constructor.prototype"),
        *("and", "or", "nor", "not"),
    )
)
WORDS = st.sampled_from([*OPERATORS, "$gt", "options", "between ", "x"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-2, 22)
    | st.floats()
    | st.text(max_size=3)
    | st.sampled_from(["a", "t", "x", "1", "s1", "/A/i", "(a+)+$", "%", "a%", "(", "name DESC"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PATHS | WORDS, inner, max_size=3),
    max_leaves=8,
)
CONDITIONS = SCALARS | JSON | st.dictionaries(WORDS, SCALARS | JSON, max_size=2)
WHERES = st.recursive(
    st.dictionaries(PATHS, CONDITIONS, max_size=2),
    lambda inner: st.dictionaries(
        st.sampled_from(["and", "or", "nor"]), st.lists(inner, max_size=3), max_size=1
    ),
    max_leaves=4,
)
NAMES = st.sampled_from([*PROPERTIES, "home.city", "home.pin", "x", ""])
TERMS = st.tuples(NAMES, st.sampled_from(["", " ASC", " desc", " NULLS LAST", " SIDEWAYS"]))
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "where": WHERES | JSON,
        "order": st.lists(TERMS.map("".join), max_size=2) | JSON,
        "limit": st.integers(-1, 25) | JSON,
        "skip": st.integers(-1, 5) | JSON,
        "fields": st.lists(NAMES, max_size=3) | st.dictionaries(NAMES, st.booleans()) | JSON,
    },
) | st.dictionaries(st.sampled_from([*CLAUSES[:-1], "sort"]), JSON, max_size=2)
IDS = st.integers(-1, 22) | JSON
COMPARED = frozenset({"id", "name", "age", "home.city"})


async def stocked(salt: int = 0) -> Any:
    """Return a model with twenty records, whose secrets are made of *salt*."""
    model = DataSource("memory", registry=ModelRegistry()).define("Thing", PROPERTIES)
    await model.create(
        [
            {
                **row,
                "secret": f"s{(row['id'] + salt) % 3}",
                "home": {**row["home"], "pin": (row["id"] * 7 + salt) % 5},
            }
            for row in ROWS
        ]
    )
    return model


async def visible(model: Any) -> list[dict[str, Any]]:
    """Return all records as a client sees them."""
    return [each.to_json() for each in await model.find(order="id")]


async def outcome(work: Awaitable[Any]) -> Any:
    """Return what a call answers as a client sees it, or the error that it was refused with."""
    try:
        return plain(await work)
    except (JugglerError, TypeError) as error:
        check(error)
        return getattr(error, "code", "TypeError")


def check(error: Exception) -> None:
    """Hold an error to what a client must be told: a status, a code, the clause or argument."""
    if isinstance(error, JugglerError):
        assert 400 <= error.status_code < 500, repr(error)
        assert error.path or not isinstance(error, InvalidQueryError), repr(error)
    else:
        assert any(word in str(error) for word in ("where", "filter", "ids", "data")), repr(error)


def plain(answer: Any) -> Any:
    """Return an answer in a form that can be compared."""
    if isinstance(answer, list | tuple):
        return [plain(each) for each in answer]
    return answer.to_json() if hasattr(answer, "to_json") else answer


def expected(model: Any, filter: Any, options: Any = AWARE) -> list[dict[str, Any]] | None:
    """Return the rows of a filter as a plain evaluator finds them; None where it is refused."""
    try:
        query = model.normalize_filter(filter, options) or {}
    except InvalidQueryError:
        return None
    return reference.find(ROWS, query)


def asks_for_a_secret(raw: Any) -> bool:
    """Tell whether a name that is hidden stands as a key anywhere in *raw*."""
    if isinstance(raw, dict):
        named = any({"secret"} & set(key.split(".")) for key in raw if isinstance(key, str))
        return named or any(map(asks_for_a_secret, raw.values()))
    return isinstance(raw, list) and any(map(asks_for_a_secret, raw))


def is_ordered_alike(filter: dict[str, Any]) -> bool:
    """Tell whether the plain evaluator can sort as *filter* says: not by lists and objects."""
    order = filter.get("order") or []
    terms = order if isinstance(order, list) else [order]
    names = [part.split()[0] for term in terms for part in str(term).split(",") if part.split()]
    return COMPARED.issuperset(names)


@given(FILTERS)
async def test_any_filter_finds_the_right_rows(filter: dict[str, Any]) -> None:
    """`find`, `find_one` and `count` agree with a plain evaluator, or refuse what is asked."""
    # DAO-138, DAO-147, DAO-171, DAO-174, DAO-182
    model = await stocked()
    found = await outcome(model.find(filter, AWARE))
    one = await outcome(model.find_one(filter, AWARE))
    if not isinstance(found, list):
        assert one == found
        return
    assert not asks_for_a_secret(filter.get("where"))
    if not is_ordered_alike(filter):
        return
    wanted = expected(model, filter)
    assert wanted is not None
    if "fields" not in filter:
        assert [each["id"] for each in found] == [row["id"] for row in wanted]
        counted = await outcome(model.count(filter.get("where"), AWARE))
        assert filter.keys() - {"where", "order"} or counted == len(wanted)
    assert len(found) == len(wanted)
    assert "limit" in filter or (one is None) is (not found)


CALLS = st.one_of(
    st.tuples(st.just("find"), st.tuples(FILTERS)),
    st.tuples(st.just("find_one"), st.tuples(FILTERS)),
    st.tuples(st.just("count"), st.tuples(WHERES | JSON)),
    st.tuples(st.just("find_by_id"), st.tuples(IDS, FILTERS)),
    st.tuples(st.just("find_by_ids"), st.tuples(st.lists(IDS, max_size=3), FILTERS)),
    st.tuples(st.just("exists"), st.tuples(IDS)),
    st.tuples(st.just("update_all"), st.tuples(WHERES | JSON, st.just({"age": 99}))),
    st.tuples(st.just("destroy_all"), st.tuples(WHERES | JSON)),
    st.tuples(st.just("destroy_by_id"), st.tuples(IDS)),
    st.tuples(st.just("upsert_with_where"), st.tuples(WHERES | JSON, st.just({"age": 99}))),
    st.tuples(st.just("find_or_create"), st.tuples(FILTERS, st.just({"id": 50}))),
)


@pytest.mark.parametrize("mode", ["raise", "drop"])
@given(call=CALLS)
async def test_no_call_tells_what_is_hidden(mode: str, call: tuple[str, tuple[Any, ...]]) -> None:
    """With other secrets in the store every call answers, refuses and leaves the very same."""
    # DAO-182, MOD-89
    name, arguments = call
    options = {**AWARE, "prohibited": mode}
    seen = []
    for salt in (0, 1):
        model = await stocked(salt)
        answer = await outcome(getattr(model, name)(*arguments, options=options))
        seen.append((repr(answer), repr(await visible(model))))
    assert seen[0] == seen[1]


BULK: dict[str, tuple[Any, ...]] = {
    "destroy_all": (),
    "update_all": ({"name": "hit"},),
    "upsert_with_where": ({"name": "hit"},),
}


@pytest.mark.parametrize("method", BULK)
@given(where=WHERES | JSON)
async def test_any_condition_writes_the_right_rows(method: str, where: Any) -> None:
    """What is changed or deleted is what a plain evaluator finds; nothing where it is refused."""
    # DAO-125, DAO-130, DAO-182, DAO-314
    model = await stocked()
    wanted = expected(model, {"where": where}) if isinstance(where, dict) else None
    before = {each["id"]: each for each in await visible(model)}
    answer = await outcome(getattr(model, method)(where, *BULK[method], options=AWARE))
    after = {each["id"]: each for each in await visible(model)}
    touched = {id for id in before.keys() | after.keys() if before.get(id) != after.get(id)}
    if wanted is None:
        assert (touched, isinstance(answer, str)) == (set(), True)
        return
    ids = {row["id"] for row in wanted}
    if method != "upsert_with_where":
        assert (touched, answer) == (ids, {"count": len(ids)})
    elif len(ids) > 1:
        assert (touched, isinstance(answer, str)) == (set(), True)
    else:
        assert touched == (ids or {len(ROWS) + 1})
        assert answer["id"] in touched


async def refusal(call: Awaitable[Any]) -> Any:
    """Return the error that a call was refused with; None where it was not."""
    try:
        await call
    except (InvalidQueryError, OperationNotSupportedError) as error:
        return error
    return None


def reading(model: Any, filter: dict[str, Any]) -> list[Awaitable[Any]]:
    """Return a call of every method that takes a filter."""
    return [
        model.find(filter, AWARE),
        model.find_one(filter, AWARE),
        model.find_by_id(1, filter, AWARE),
        model.find_by_ids([1, 2], filter, AWARE),
        model.find_page(filter, options=AWARE),
        model.find_or_create(filter, {"id": 50}, AWARE),
    ]


@given(JSON)
async def test_related_records_are_refused_however_they_are_asked_for(include: Any) -> None:
    """A filter with `include` is refused, by a code that names it, and creates nothing."""
    # DAO-003, DAO-091, DAO-138
    model = await stocked()
    is_nothing = include is None or include in ({}, [], "", False)
    for call in reading(model, {"where": {"id": 1}, "include": include}):
        told = await refusal(call)
        if told is None:
            assert is_nothing, include
        elif isinstance(told, OperationNotSupportedError):
            assert (told.code, told.status_code, told.path) == ("NOT_IMPLEMENTED", 501, "include")
        else:
            assert (told.path or "").startswith("include"), repr(told)
    assert await model.count() == len(ROWS)


@given(st.lists(IDS, max_size=4), IDS)
async def test_any_ids_mean_their_records(ids: list[Any], id: Any) -> None:
    """`find_by_id` and `find_by_ids` read the records with these ids and no others."""
    # DAO-020
    model = await stocked()
    found = await outcome(model.find_by_ids(ids, options=AWARE))
    if isinstance(found, list):
        assert {each["id"] for each in found} <= set(filter(None, map(number_of, ids)))
    one = await outcome(model.find_by_id(id, options=AWARE))
    assert not isinstance(one, dict) or one["id"] == number_of(id)


def number_of(id: Any) -> float | None:
    """Return the number that *id* is, or is a text of."""
    if isinstance(id, bool) or not isinstance(id, int | float | str):
        return None
    try:
        return float(id)
    except (ValueError, OverflowError):
        return None


@given(FILTERS)
async def test_any_filter_finds_or_creates_one(filter: dict[str, Any]) -> None:
    """`find_or_create` answers the first that is found, else makes one; never both, never more."""
    # DAO-182, DAO-185
    model = await stocked()
    try:
        found, is_new = await model.find_or_create(filter, {"id": 50, "name": "new"}, AWARE)
    except (JugglerError, TypeError) as error:
        check(error)
        found, is_new = None, False
    assert await model.count() == len(ROWS) + is_new
    if found is not None and is_ordered_alike(filter) and "fields" not in filter:
        wanted = expected(model, {**filter, "limit": 1})
        assert is_new is (not wanted)
        assert is_new or (wanted and found.id == wanted[0]["id"])
