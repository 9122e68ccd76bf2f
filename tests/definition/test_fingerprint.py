"""Fingerprints: equal for equal structures, different for all others."""

import enum
import gc
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from juggler.definition.fingerprint import canonical, fingerprint_of, same
from juggler.errors import DefinitionError
from juggler.models.instances.instance import Instance
from juggler.types.geo import GeoPoint
from juggler.types.temporal import DateString
from tests.definition.helpers import fingerprint, nested


class Text(enum.StrEnum):
    """A text with a name."""

    ONE = "1"


class Number(enum.IntEnum):
    """A number with a name."""

    ONE = 1


class Flags(enum.Flag):
    """Bits with names."""

    A = 1
    B = 2


class Word(str):
    """A text of another class."""

    __slots__ = ()


class Money:
    """A class of an application."""

    def __init__(self, value: Any = None) -> None:
        self.value = value

    def amount(self) -> Any:
        """Return the value."""
        return self.value


def same_name() -> type:
    """Return a class that is called like all others from here."""

    class Same(Money):
        """One of many."""

    return Same


ONE, TWO = same_name(), same_name()
MONEY = Money()

# Every one of these differs from every other: by value, by type, or by identity.
DIFFERENT: list[Any] = [
    None, True, False, 0, 1, -1, 2**70, -(2**63), 2**63, 1.0, 0.0, -0.0, 1.5, float("nan"),
    float("inf"), "", "1", "1.0", "True", "None", "a,b", "a", "\x00", "ä", "a\ufeff", "\ud800",
    "\udfff",
    b"", b"1", b"a", Decimal(1), Decimal("1.0"), Decimal("NaN"), date(2020, 1, 1),
    datetime(2020, 1, 1), datetime(2020, 1, 1, tzinfo=UTC), time(1), timedelta(1), timedelta(2),  # noqa: DTZ001
    UUID(int=1), Text.ONE, Number.ONE, Flags.A, Flags.B, Flags.A | Flags.B, Word("1"),
    re.compile("a"), re.compile("a", re.IGNORECASE), re.compile(b"a"), re.compile("b"),
    [], [1], [1.0], [True], ["1"], [[]], [[], []], ["a", "b"], ["b", "a"], ["a,b"], ["list"],
    (), (1,), ((),), {}, {"a": 1}, {"a": 1.0}, {"a": {}}, {"a": []}, {"a": None}, {1: 1}, {"1": 1},
    {True: 1}, {"a": 1, "b": 2}, {"a": "b"}, {"b": "a"}, {"map": []}, ["map", []], set(), {1},
    {"1"},
    {1, 2}, frozenset(), frozenset({1}), str, int, ONE, TWO, Money, len, print, MONEY, Money(),
    MONEY.amount, Money.amount, object(), UNSET, ["decimal", "1"], ["text", b"\xed\xa0\x80"],
    ["int", str(2**70)], ["enum", "ONE"], ["class"], ["unset", "UNSET"], bytearray(b"1"),
]  # fmt: skip


def form(value: Any) -> str:
    """Return the fingerprint of any value."""
    return fingerprint_of(canonical(value))


def test_all_different() -> None:
    """Values differ by value, type, order and nesting; classes and functions by identity."""
    # REG-25, REG-26, fault 2
    prints = [form(value) for value in DIFFERENT]
    assert len(set(prints)) == len(DIFFERENT)
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in prints)
    for at, one in enumerate(DIFFERENT):
        for other in DIFFERENT[at + 1 :]:
            assert not same(one, other)


def test_all_equal_to_themselves() -> None:
    """The same value gives the same fingerprint every time; a bound method too, and mixed keys."""
    # REG-25
    assert [form(value) for value in DIFFERENT] == [form(value) for value in DIFFERENT]
    assert form(MONEY.amount) == form(MONEY.amount)
    assert form({"a": 1, "b": {"c": 2, "d": 3}}) == form({"b": {"d": 3, "c": 2}, "a": 1})
    assert form({3, 1, 2}) == form({2, 3, 1})
    assert same(float("nan"), float("nan"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def exact(value: Any) -> Any:
    """Return what tells a value from all others, by another road: tagged, hashable."""
    if isinstance(value, dict):
        return frozenset((key, exact(item)) for key, item in value.items())
    if isinstance(value, list):
        return tuple(map(exact, value))
    return type(value), value if value != 0 else repr(value)


@given(JSON, JSON)
def test_fingerprints_agree_with_values(one: Any, other: Any) -> None:
    """Two values have one fingerprint exactly when they are equal and of equal types."""
    # REG-25
    assert (form(one) == form(other)) == (exact(one) == exact(other)) == same(one, other)


TYPES: dict[str, list[Any]] = {
    "string": [str, "string", "String", "STRING", {"type": str}, {"type": "String"}],
    "number": [float, "number", "Number", {"type": "NUMBER"}],
    "integer": [int, "integer", "int", {"type": int}],
    "boolean": [bool, "boolean", "Boolean"],
    "date": [datetime, date, "date", "Date"],
    "decimal": [Decimal, "decimal"],
    "buffer": [bytes, "buffer", "binary"],
    "geopoint": [GeoPoint, "geopoint", "GeoPoint"],
    "date_string": [DateString, "datestring", "DateString", "date_string"],
    "object": [dict, "object", {}],
    "any": [Any, object, "any"],
    "array": [list, "array", [], [Any], ["any"], {"type": []}],
    "[string]": [[str], ["string"], [{"type": "String"}], list[str], (str,), tuple[str, ...],
                 {"type": ["string"]}],
    "[[string]]": [[[str]], [["string"]], list[list[str]], [list[str]]],
    "nested": [{"a": str}, {"a": "string"}, {"a": {"type": "string"}}, {"type": {"a": str}}],
    "[nested]": [[{"a": str}], [{"a": "String"}], [{"a": str}, {"b": int}], {"type": [{"a": str}]}],
    "typed": [{"type": {"type": "string", "other": "number"}}],
    "Money": [Money, {"type": Money}],
    "optional": [{"type": str, "required": False}],
}  # fmt: skip


@pytest.mark.parametrize("kind", TYPES)
def test_spelling_of_types(kind: str) -> None:
    """However a type is spelled, it is the same type, and no other."""
    # REG-25, MOD-04, MOD-05, MOD-06
    prints = {fingerprint({"a": spelled}) for spelled in TYPES[kind]}
    assert len(prints) == 1
    others = {
        fingerprint({"a": TYPES[each][0]}) for each in TYPES if each not in {kind, "optional"}
    }
    if kind != "optional":
        assert not prints & others


SPELLED = [
    ({"type": str, "default_fn": "uuid"}, {"defaultFn": "uuid", "type": "String"}),
    ({"type": str, "length": 10}, {"type": str, "limit": 10}),
    ({"type": str, "id": True}, {"type": str, "id": 1}),
    ({"type": str, "hidden": False}, str),
    ({"type": str, "doc": "x", "foo": 1}, {"foo": 1, "doc": "x", "type": str}),
    ({"type": str, "json_schema": {"b": 1, "a": 2}}, {"type": str, "jsonSchema": {"a": 2, "b": 1}}),
    ({"type": str, "index": {"unique": True}},
    {"type": str, "index": {"unique": True}, "unique": True}),
    ({"type": str, "required": 1}, {"type": str, "required": True}),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SPELLED)
def test_spelling_of_options(one: Any, other: Any) -> None:
    """Spelling, order of keys, and options that say the usual do not matter."""
    # REG-25, MOD-01
    assert fingerprint({"a": one, "b": int}) == fingerprint({"b": int, "a": other})


OPTIONS: dict[str, list[Any]] = {
    "id": [True, 2], "generated": [True], "required": [True, {"message": "x"}, {"message": "y"}],
    "default": DIFFERENT[:1] + [x for x in DIFFERENT[1:] if x is not UNSET and not isinstance(x,
    type)],
    "default_fn": ["uuid", "now", "nanoid", lambda: 1, lambda: 1],
    "index": [True, {"unique": False}, {"kind": "text"}], "unique": [True], "length": [1, 2],
    "hidden": [True], "protected": [True], "precision": [1, 1.0, "1", True],
    "sqlite": [{"a": 1}, {"a": 2}],
    "foo": [None, 1, 1.0, True, "1", [1], {"a": 1}], "Foo": [1], "FOO": [1],
}  # fmt: skip


def test_every_difference_counts() -> None:
    """Every name, type, option, value and type of a value makes another structure."""
    # REG-25, REG-26, fault 2
    structures: list[dict[str, Any]] = [
        {}, {"a": "any"}, {"b": "any"}, {"a,b": "any"}, {"a": "any", "b": "any"}, {"A": "any"},
        {"a\x00": "any"}, {"ä": "any"}, {"a\u0308": "any"}, {"a ": "any"}, {"a\n": "any"},
        {"a": {"a": "any"}}, {"a": {"a": {"a": "any"}}}, {"a": [{"a": "any"}]}, {"a": {"b": "any"}},
        {"a": {"a": "any", "b": "any"}}, {"a": {"a": "any"}, "b": "any"}, {"a": ONE}, {"a": TWO},
        *({"a": {"type": "any", option: value}} for option in OPTIONS for value in OPTIONS[option]),
        *({"a": {"b": {"type": "any",
        option: value}}} for option in OPTIONS for value in OPTIONS[option]),
        *({"a": [spelled[0]]} for kind,
        spelled in TYPES.items() if kind not in {"any", "string", "nested", "optional"}),
    ]  # fmt: skip
    prints = [fingerprint(each) for each in structures]
    twice = {each for each in prints if prints.count(each) > 1}
    assert not [
        structure for structure, found in zip(structures, prints, strict=True) if found in twice
    ]


NAMES = st.text(min_size=1, max_size=6).filter(
    lambda name: "." not in name and not name.startswith("__") and not hasattr(Instance, name)
)
SIMPLE = st.sampled_from(["string", "number", "integer", "boolean", "date", "any"])
LONG = st.fixed_dictionaries(
    {"type": SIMPLE},
    optional={
        "required": st.booleans(),
        "length": st.integers(1, 3),
        "doc": JSON,
        "index": st.booleans(),
    },
)
KINDS = st.recursive(
    SIMPLE | LONG,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=1)
        | st.dictionaries(NAMES.filter(lambda name: name != "type"), inner, min_size=1, max_size=3)
    ),
    max_leaves=6,
)
STRUCTURES = st.dictionaries(NAMES, KINDS, max_size=4)


def shuffled(given: Any, chance: Callable[[], float]) -> Any:
    """Return an equal definition with keys in another order and types spelled in another way."""
    if isinstance(given, str):
        return given.upper() if chance() > 0.5 else given
    if isinstance(given, list):
        return [shuffled(item, chance) for item in given]
    pairs = [
        (key, item if "type" in given and key != "type" else shuffled(item, chance))
        for key, item in given.items()
    ]
    return dict(sorted(pairs, key=lambda _: chance()))


@given(STRUCTURES, st.randoms(use_true_random=False))
def test_order_and_spelling_do_not_matter(structure: Any, chance: Any) -> None:
    """Any order of keys and any spelling of types gives the same fingerprint."""
    # REG-25
    assert fingerprint(structure) == fingerprint(shuffled(structure, chance.random))


def test_coerced_defaults_do_not_change_a_fingerprint() -> None:
    """A default that is made an object anew at every parsing counts by what was written."""
    # REG-25
    for kind, written in (
        ("geopoint", "1,2"), ("geopoint", {"lat": 1, "lng": 2}), ("date_string", "2020-01-01"),
        (Money, 5), ([Money], [5]), (["geopoint"], ["1,2"]), ("date", "2020-01-01"),
    ):  # fmt: skip
        definition = {"a": {"type": kind, "default": written}}
        assert fingerprint(definition) == fingerprint(definition)
    texts = {
        fingerprint({"a": {"type": "number", "default": value}}) for value in (1, "1", 1.0, True)
    }
    assert len(texts) == 4


def test_classes_that_are_gone_do_not_stand_in_for_others() -> None:
    """A definition keeps what counts by identity alive, so that no newcomer has its address."""
    # REG-26
    from tests.definition.helpers import parse

    seen = set()
    kept = []
    for _ in range(8):
        definition = {
            "a": same_name(),
            "b": {"type": "any", "default": object(), "validate": object()},
        }
        kept.append(parse(definition))
        seen.add(fingerprint_of(canonical([item.type for item in kept[-1].values()])))
        del definition
        gc.collect()
    assert len(seen) == 8


@pytest.mark.parametrize("key", [None, "a"])
def test_depth_of_values(key: str | None) -> None:
    """Values nested a thousand deep are a typed error, never a RecursionError."""
    deep = nested(1_000, 1, key)
    for run in (lambda: canonical(deep), lambda: same(deep, nested(1_000, 1, key))):
        with pytest.raises(DefinitionError, match="deeper than 64"):
            run()


def test_circular_values() -> None:
    """A value that holds itself is a typed error that says where."""
    # REG-27
    loop: dict[str, Any] = {"x": [1]}
    loop["x"].append(loop)
    with pytest.raises(DefinitionError, match=r"contains itself at x\[1\]"):
        canonical(loop)
    with pytest.raises(ValueError, match="itself"):
        canonical(loop)
