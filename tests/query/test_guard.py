"""What a caller cannot see is not found out by asking, and leaving it out makes nothing wider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.errors import InvalidQueryError
from juggler.query.guard import Guard
from juggler.query.nodes import EVERYTHING, And, Condition, Filter, Not, Or, Where
from juggler.query.parse import parse_filter, parse_where
from juggler.query.render import where_to_dict
from tests.query import reference


@dataclass(frozen=True)
class Names:
    """Secrets of a model and of what is embedded in it."""

    names: frozenset[str]
    nested: Mapping[str, Names] = field(default_factory=dict)

    def inside(self, name: str) -> Names | None:
        """Return those of what is embedded as *name*."""
        return self.nested.get(name)


HOME = Names(frozenset({"pin"}))
SECRETS = Names(frozenset({"secret"}), {"home": HOME, "homes": HOME})

ASKING = [
    {"where": {"secret": 1}},
    {"where": {"x.secret": 1}},
    {"where": {"secret.y": {"gt": 1}}},
    {"where": {"nor": [{"age": 1}, {"a.secret.b": None}]}},
    {"where": {"address": {"secret": 1}}},
    {"where": {"address": {"eq": {"a": [{"secret": 1}]}}}},
    {"where": {"friends": {"inq": [{"secret": 1}]}}},
    {"where": {"home.pin": 1}},
    {"where": {"home.secret": 1}},
    {"where": {"homes.pin": 1}},
    {"where": {"homes.0.pin": 1}},
    {"where": {"home": {"eq": {"pin": 1}}}},
    {"where": {"homes": {"eq": [{"pin": 1}]}}},
    {"order": "age, secret DESC"},
    {"order": "secret.x"},
    {"order": "home.pin"},
    {"order": "home"},
    {"fields": ["age", "secret"]},
    {"fields": ["home.pin"]},
]


@pytest.mark.parametrize("query", ASKING, ids=repr)
def test_secrets_cannot_be_asked_for(query: dict[str, Any]) -> None:
    """A secret is refused in every clause, in every segment of a path, and inside operands."""
    # DAO-171, DAO-182, MOD-89
    with pytest.raises(InvalidQueryError) as caught:
        Guard(SECRETS).filter(parse_filter(query))
    assert (caught.value.code, caught.value.status_code) == ("PROPERTY_NOT_QUERYABLE", 400)
    assert caught.value.path is not None
    assert caught.value.path.split(".")[0] == next(iter(query))


@pytest.mark.parametrize(
    "query",
    [
        {"where": {"pin": 1, "secrets": 1, "home.city": 1, "home": {"eq": {"city": 1}}}},
        {"order": "pin, homes.0.city"},
        {"fields": ["pin", "home"]},
        {"fields": {"secret": False}},
        {"where": {"name": {"like": "secret"}}},
    ],
    ids=repr,
)
def test_everything_else_can_be_asked_for(query: dict[str, Any]) -> None:
    """Names that only look alike, secrets of other models, and values are no offence."""
    # DAO-171
    parsed = parse_filter(query)
    assert Guard(SECRETS).filter(parsed) is parsed


@pytest.mark.parametrize(
    ("where", "left"),
    [
        ({"secret": 1}, {}),
        ({"secret": 1, "age": 2}, {"age": 2}),
        ({"age": {"gt": 1}, "x.secret": {"lt": 2}}, {"age": {"gt": 1}}),
        ({"or": [{"secret": 1}, {"age": 2}]}, {"or": [{"age": 2}]}),
        ({"or": [{"secret": 1}]}, {"or": []}),
        ({"or": [{"secret": 1, "age": 1}, {"age": 2}]}, {"or": [{"age": 2}]}),
        ({"or": [{"and": [{"secret": 1}, {"age": 1}]}]}, {"or": []}),
        ({"not": {"secret": 1}}, {}),
        ({"nor": [{"secret": 1}]}, {"nor": []}),
        ({"nor": [{"secret": 1}, {"age": 1}]}, {"nor": [{"age": 1}]}),
        ({"and": [{"or": [{"secret": 1}]}, {"age": 1}]}, {"and": [{"or": []}, {"age": 1}]}),
        ({"home": {"eq": {"pin": 1}}, "age": 1}, {"age": 1}),
    ],
    ids=repr,
)
def test_what_is_left_where_secrets_are_dropped(where: Any, left: Any) -> None:
    """Other conditions stay; an alternative goes as a whole, and without any nothing matches."""
    # DAO-182, MOD-89
    guard = Guard(SECRETS, drop=True)
    assert guard.where(parse_where(where)) == parse_where(left)
    assert guard.found


def test_dropped_terms_of_order_and_fields() -> None:
    """Order and fields lose what is secret; without any field left the query is refused."""
    # DAO-182
    guard = Guard(SECRETS, drop=True)
    left = guard.filter(parse_filter({"order": "secret, age, home", "fields": ["secret", "age"]}))
    assert left == parse_filter({"order": "age", "fields": ["age"]})
    assert guard.found == [("secret", "order"), ("home", "order"), ("secret", "fields")]
    with pytest.raises(InvalidQueryError):
        Guard(SECRETS, drop=True).filter(parse_filter({"fields": ["secret"]}))


def test_conditions_on_elements_are_looked_through() -> None:
    """A condition whose operand is a condition again is about the elements of its path."""
    # DAO-181, DAO-182
    inner = And((Condition(("city",), "eq", 1), Condition(("pin",), "eq", 2)))
    where = Condition(("homes",), "elem_match", inner)
    with pytest.raises(InvalidQueryError) as caught:
        Guard(SECRETS).where(where)
    assert caught.value.property == "homes.pin"
    assert Guard(SECRETS, drop=True).where(where) == Condition(
        ("homes",), "elem_match", Condition(("city",), "eq", 1)
    )
    alone = Condition(("homes",), "elem_match", Condition(("pin",), "eq", 2))
    assert Guard(SECRETS, drop=True).where(alone) == EVERYTHING


LEAVES = st.sampled_from([{"secret": 1}, {"secret": 2}, {"age": 1}, {"age": 2}, {"name": "a"}])
WHERES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, max_size=3)).map(
            lambda pair: {pair[0]: pair[1]}
        ),
        st.tuples(inner, LEAVES).map(lambda pair: {**pair[0], **pair[1]}),
    ),
    max_leaves=6,
)
ROWS = [{"age": age, "name": name} for age in (1, 2, 3) for name in "ab"]


@given(WHERES)
def test_dropping_finds_the_same_whatever_the_secret_is(where: dict[str, Any]) -> None:
    """What is found without the secret conditions tells nothing of the values they ask about."""
    # DAO-182
    left = Guard(SECRETS, drop=True).where(parse_where(where))
    assert "secret" not in repr(left)
    found = [row for row in ROWS if reference.matches(row, where_to_dict(left))]
    without = [row for row in ROWS if reference.matches(row, all_true(where))]
    assert all(row in without for row in found)


def all_true(where: dict[str, Any]) -> dict[str, Any]:
    """Return *where* as it is if all its secret conditions hold: the widest that it can be."""
    kept: dict[str, Any] = {}
    for key, value in where.items():
        if key in {"and", "or"}:
            kept[key] = [all_true(item) for item in value]
        elif key != "secret":
            kept[key] = value
    return kept


@given(WHERES)
def test_dropping_from_nothing_changes_nothing(where: dict[str, Any]) -> None:
    """A query without secrets comes out as it went in."""
    # DAO-182
    parsed: Where = parse_where(where)
    nobody = Guard(Names(frozenset({"other"})), drop=True)
    assert nobody.where(parsed) == parsed
    assert nobody.filter(Filter(where=Not(Or((parsed,))))).where == Not(Or((parsed,)))
    assert nobody.found == []
