"""A statement is compiled once per form of query, and its text never holds a value."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.connectors.contract import ModelInfo
from juggler.connectors.sql.sqlite import SqliteConnector
from juggler.connectors.sql.statements import MAX_FORMS, Statements
from juggler.errors import DefinitionError, InvalidQueryError
from juggler.query.nodes import And, Condition, Filter
from juggler.testing.connector_suite.models import model, query, where

KEY = {"type": "number", "id": True, "generated": True}
NOTE = {
    "id": KEY,
    "text": "string",
    "n": "number",
    "price": "decimal",
    "tags": ["string"],
    "home": {"city": "string"},
}
HOST = SimpleNamespace(name="test", settings={})


def fresh() -> tuple[ModelInfo, Statements]:
    """Return a model and its statements, none compiled."""
    info = model("Note", NOTE)
    return info, SqliteConnector({}, HOST).statements(info)


def compiled_by(*queries: dict[str, Any]) -> int:
    """Return how many statements are compiled for *queries*, run one after the other."""
    info, statements = fresh()
    statements.find(query(info, **queries[0]))
    before = statements.compiled
    for each in queries[1:]:
        statements.find(query(info, **each))
    return statements.compiled - before


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"where": {"id": 1}}, {"where": {"id": 2}}),
        ({"where": {"text": {"like": "a%"}}}, {"where": {"text": {"like": "%"}}}),
        ({"where": {"text": {"regexp": "a"}}}, {"where": {"text": {"regexp": "b"}}}),
        ({"where": {"id": {"inq": [1, 2, 3]}}}, {"where": {"id": {"inq": [4, 5, 6, 7]}}}),
        (
            {"where": {"id": {"inq": list(range(50))}}},
            {"where": {"id": {"inq": list(range(900))}}},
        ),
        (
            {"where": {"text": {"nin": [None, *"abcde"]}}},
            {"where": {"text": {"nin": [*"abcdefg", None]}}},
        ),
        ({"limit": 1, "skip": 1}, {"limit": 9, "skip": 7}),
        ({"where": {"home.city": "a"}}, {"where": {"home.city": "b"}}),
    ],
)
def test_one_form_is_compiled_once(first: dict[str, Any], second: dict[str, Any]) -> None:
    """Queries that differ in values only, or in the length of long lists, share a statement."""
    assert compiled_by(first, second, first, second) == 0


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"where": {"n": 1}}, {"where": {"n": None}}),
        ({"where": {"n": 1}}, {"where": {"n": {"gt": 1}}}),
        ({"where": {"n": 1}}, {"where": {"text": "1"}}),
        ({"limit": 1}, {"limit": 1, "skip": 1}),
        ({"order": "n"}, {"order": "n DESC"}),
        ({"where": {"text": {"regexp": "a"}}}, {"where": {"text": {"regexp": "/a/i"}}}),
    ],
)
def test_other_forms_are_compiled_anew(first: dict[str, Any], second: dict[str, Any]) -> None:
    """What changes the text of a statement is part of its form."""
    assert compiled_by(first, second) == 1


def test_statements_are_bounded() -> None:
    """However many forms come, no more than `MAX_FORMS` are kept, and old ones work again."""
    info, statements = fresh()
    for number in range(MAX_FORMS + 50):
        where_ = And((Condition(("n",), "eq", 1), *[Condition(("id",), "gt", 0)] * number))
        statements.count(where_)
        assert len(statements) <= MAX_FORMS
    before = statements.compiled
    statements.count(where(info, n=1))
    assert statements.compiled <= before + 1


def test_sources_share_statements_of_one_model() -> None:
    """Connectors of one kind and naming find what the other compiled; another naming does not."""
    info = model("Note", NOTE)
    one, two = SqliteConnector({}, HOST), SqliteConnector({"file": "x.db"}, HOST)
    assert one.statements(info) is two.statements(info)
    other = SqliteConnector({"naming": "snake"}, HOST)
    assert other.statements(info) is not one.statements(info)
    with pytest.raises(DefinitionError, match="naming"):
        SqliteConnector({"naming": "loud"}, HOST).statements(info)


def test_a_key_needs_no_sorting() -> None:
    """A query for one key is not sorted; any other without order is, by the key."""
    info, statements = fresh()
    assert "ORDER BY" not in statements.find(query(info, where={"id": 1}))[0].sql
    assert "ORDER BY" not in statements.find(query(info, where={"id": 1, "n": 2}))[0].sql
    assert statements.find(query(info))[0].sql.endswith("ORDER BY note.id ASC")
    either = query(info, where={"or": [{"id": 1}, {"id": 2}]})
    assert "ORDER BY" in statements.find(either)[0].sql


HOSTILE = ("'); DROP TABLE note; --", '"; --', "?", "%(x)s", ":name", "a\\'b", "1 OR 1=1")


@given(text=st.sampled_from(HOSTILE), name=st.sampled_from(("text", "tags", "home.city")))
def test_values_are_bound(text: str, name: str) -> None:
    """No value is ever part of a statement's text."""
    info, statements = fresh()
    for condition in (text, {"like": text}, {"inq": [text]}, {"neq": text}, {"gt": text}):
        statement, values = statements.find(query(info, where={name: condition}))
        assert text == "?" or text not in statement.sql  # DS-140
        assert statement.sql.count("?") == len(values)


@pytest.mark.parametrize("name", [*HOSTILE, "order", "select", "é", "a b", "=0", "rowid"])
async def test_names_are_quoted(name: str) -> None:
    """A property or model of any name can be stored, found, sorted, changed and deleted."""
    info = model(name, {"id": KEY, name: "string", f"{name} 2": ["string"]})
    connector = SqliteConnector({}, HOST)
    await connector.connect()
    await connector.autoupdate([info])
    assert await connector.is_actual([info])
    await connector.create(info, {name: "a", f"{name} 2": ["x"]}, {})
    asked = Filter(where=Condition((name,), "eq", "a"))
    assert await connector.all(info, asked, {}) == [{"id": 1, name: "a", f"{name} 2": ["x"]}]
    assert await connector.update(info, asked.where, {name: "b"}, {}) == 1  # DS-132
    assert await connector.count(info, Condition((f"{name} 2",), "eq", "x"), {}) == 1
    assert await connector.destroy_all(info, Condition((name,), "eq", "b"), {}) == 1
    await connector.disconnect()


def test_fields_that_are_unknown() -> None:
    """Unknown fields are left out; when none is left, that is an error."""
    _, statements = fresh()
    statement, _ = statements.find(Filter(fields=("n", "nope")))
    assert statement.sql.startswith("SELECT note.n \n")
    with pytest.raises(InvalidQueryError) as caught:
        statements.find(Filter(fields=("nope",)))  # DS-167
    assert caught.value.code == "UNKNOWN_PROPERTY"


def test_keys_that_json_cannot_look_for() -> None:
    """A segment that SQLite's paths cannot express is an error, not another key."""
    info = model("Note", {"id": KEY, "data": "object"})
    statements = SqliteConnector({}, HOST).statements(info)
    with pytest.raises(InvalidQueryError) as caught:
        statements.find(query(info, where={'data.a"b': 1}))
    assert caught.value.code == "OPERATOR_NOT_SUPPORTED"  # DS-165
