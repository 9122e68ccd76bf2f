"""Definitions as text: exact, or refused with what cannot be written."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.definition.frozen import frozen
from juggler.errors import DefinitionError, OperationNotSupportedError, StoreError
from juggler.registry.cold.codec import Codec
from juggler.registry.cold.values import read_value, write_value
from juggler.registry.registry import ModelRegistry
from juggler.types.geo import GeoPoint
from juggler.types.temporal import DateString
from tests.registry.helpers import Store

ATOMS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=[]))
    | st.binary()
    | st.decimals()
    | st.dates()
    | st.datetimes(timezones=st.none() | st.just(UTC))
    | st.times()
    | st.timedeltas()
    | st.uuids()
)
VALUES = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | st.dictionaries(st.integers() | st.just("$") | st.tuples(st.text()), inner, max_size=3)
    ),
    max_leaves=8,
)
TYPES = st.recursive(
    st.sampled_from([str, int, float, bool, bytes, "date", "text", "object", "any", "json",
                     "geopoint", "datestring", Decimal, list, "uuid", UUID, "objectid", "integer"]),
    lambda inner: st.lists(inner, min_size=1, max_size=1)
    | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, min_size=1, max_size=3),
    max_leaves=6,
)  # fmt: skip
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "required": st.booleans() | st.just({"message": "give one"}),
        "index": st.booleans() | st.just({"unique": True}),
        "unique": st.booleans(),
        "length": st.integers(1, 99),
        "hidden": st.booleans(),
        "protected": st.booleans(),
        "default_fn": st.sampled_from(["uuid", "now", "nanoid", "shortid", "uuidv7"]),
        "anything": VALUES,
        "trim": st.booleans(),
        "lowercase": st.booleans(),
        "read_only": st.booleans(),
        "immutable": st.booleans(),
        "virtual": st.booleans(),
        "pattern": st.sampled_from(["^a", re.compile("^b$", re.IGNORECASE)]),
        "computed": st.sampled_from(["title", False]),
        "enum": st.lists(st.integers() | st.text(), min_size=1, max_size=3),
        "min": st.integers(-5, 5),
        "max": st.integers(6, 9),
        "postgresql": st.dictionaries(st.text(max_size=5), VALUES, max_size=2),
    },
)
PROPERTIES = st.dictionaries(
    st.sampled_from(["x", "y", "z", "id2"]),
    TYPES | st.builds(lambda kind, options: {**options, "type": kind}, TYPES, OPTIONS),
    max_size=4,
)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "strict": st.sampled_from([True, False, "validate", "filter", "throw"]),
        "strict_embedded_models": st.sampled_from([True, False, "throw"]),
        "id_injection": st.booleans(),
        "plural": st.text(min_size=1, max_size=5),
        "hidden": st.just(["x"]),
        "acls": st.lists(st.dictionaries(st.text(max_size=3), VALUES, max_size=2), max_size=2),
        "validations": st.just(
            [
                {"property": "x", "rule": "length", "max": 5, "message": {"max": "no"}},
                {"property": "y", "rule": "format", "with": re.compile("a", re.DOTALL)},
                {"property": "z", "rule": "uniqueness", "scoped_to": ["x"], "if": "is_new"},
            ]
        ),
        "whatever": VALUES,
    },
)


@given(VALUES)
def test_values_come_back(value: Any) -> None:
    """What a definition may hold of plain data is read as it was written, of the same types."""
    # REG-78
    found = frozen(read_value(write_value(frozen(value), "It")))
    assert repr(found) == repr(frozen(value))


@pytest.mark.parametrize(
    "value",
    [
        math.inf, -math.inf, math.nan, -0.0, 10**40, "\ud800", b"\x00", {"$": 1}, {"$": []},
        {1: {2.0: True}}, {1, 2}, frozenset({"a"}), (1, [2, {"b": (3,)}]), Decimal("1.50"),
        datetime(2024, 2, 29, tzinfo=UTC), date(2024, 2, 29), time(1, 2, 3),
        timedelta(-1, 2, 3),
        UUID(int=5), DateString("2024-02-29"), GeoPoint(1.5, -2.5), re.compile("^a.b$", re.DOTALL),
        re.compile(b"x"),
    ],
)  # fmt: skip
def test_odd_values_come_back(value: Any) -> None:
    """Values that JSON has no form for are told by their type."""
    # REG-78
    found = read_value(write_value(frozen(value), "It"))
    assert type(found) is type(value)
    assert repr(found) == repr(value)


@given(PROPERTIES, SETTINGS)
def test_definitions_come_back(properties: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """A definition that was written and read has the same fingerprint, here and elsewhere."""
    # REG-25, REG-78
    registry, other = ModelRegistry(), ModelRegistry()
    try:
        bundle = registry.bundle({"A": (properties, settings)})
    except DefinitionError:
        return
    text = Codec(registry).write(bundle.entries)
    (entry,) = Codec(registry).read(text, "acme").values()
    assert entry is not None
    assert entry.blueprint is bundle.entries["A"].blueprint  # type: ignore[union-attr]  # it is there
    (elsewhere,) = Codec(other).read(text, "acme").values()
    assert elsewhere is not None
    there, here = elsewhere.blueprint.definition, bundle["A"]
    assert (there.key, there.shape.names) == (here.key, here.shape.names)
    assert Codec(other).write({"A": elsewhere}) == text


# MOD-61, REG-78
@given(SETTINGS, SETTINGS, st.sampled_from([True, False, None]))
def test_merged_settings_come_back(
    theirs: Mapping[str, Any], own: Mapping[str, Any], merge: bool | None
) -> None:
    """Settings that were laid over those of a base are read as they were, ranks included."""
    registry = ModelRegistry()
    properties = {"x": str, "y": str, "z": str}
    try:
        bundle = registry.bundle(
            {
                "A": (properties, {**theirs, "configure_model_merge": merge}),
                "B": ({}, {**own, "base": "A"}),
            }
        )
    except DefinitionError:
        return
    other = ModelRegistry()
    found = Codec(other).read(Codec(registry).write(bundle.entries), "acme")
    for name in bundle:
        entry = found[name]
        assert entry is not None
        there, here = entry.blueprint, bundle.entries[name].blueprint  # type: ignore[union-attr]  # it is there
        assert there.definition.key == here.definition.key
        assert there.rules == here.rules
        for ranked, as_it_was in zip(
            there.definition.settings.get("acls") or (),
            here.definition.settings.get("acls") or (),
            strict=True,
        ):
            assert getattr(ranked, "rank", None) == getattr(as_it_was, "rank", None)


class Size(Enum):
    """A choice that properties may be of."""

    SMALL = 1


class Colour:
    """A class that properties may be of."""


def nothing(*_: Any) -> None:
    """Do nothing."""


def test_what_cannot_be_written(registry: ModelRegistry, store: Store) -> None:
    """Classes, functions, data sources and other people's models are named in the refusal."""
    # REG-78
    address = registry.define("Address", {"city": str})
    theirs = store.define("Theirs", {"x": int})
    codec = Codec(registry)
    bad: dict[str, Any] = {
        r"A\.x: its type": {"x": Colour},
        r"A\.x\.y: its type": {"x": {"y": [Colour]}},
        r"A\.x: its frozen default": {"x": {"type": "number", "default": lambda: 1}},
        r"A\.x: its default function": {"x": {"type": "number", "default_fn": lambda: 1}},
        r"A\.x: its options": {"x": {"type": "number", "made_by": print}},
        r"A\.x: the model embedded there": {"x": [address]},
        "A setting of the model A": ({}, {"get_data_source": print}),
        "The base of the model A": ({}, {"base": theirs}),
    }
    rules = {"validations": [{"property": "x", "function": nothing}]}
    more: list[tuple[str, Any]] = [
        (r"A\.x: its type", {"x": Size}),
        (r"A\.x: its options", {"x": {"type": str, "computed": nothing}}),
        ("A setting of the model A", ({"x": str}, rules)),
    ]
    for message, definition in [*bad.items(), *more]:
        bundle = registry.bundle({"A": definition})
        with pytest.raises(OperationNotSupportedError, match=f"^{message}.*cannot be stored"):
            codec.write(bundle.entries)
        assert not codec.can_write("A", bundle.entries["A"])  # type: ignore[arg-type]  # it is there
    registry.define("B", {"x": int}, tenant="acme", data_source=store)
    registry.evict("acme")
    with pytest.raises(OperationNotSupportedError, match="The data source of the model B"):
        codec.write(registry._room.bundles_of["acme"].entries)


UNHEARD = """{"format": 1, "models": [
    {"name": "A", "strict": false, "properties": [{"name": "x", "type": "unheard of"}]}
]}"""


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"format": 2, "models": []}', '{"format": 1, "models": [{}]}',
             UNHEARD],
)  # fmt: skip
def test_what_cannot_be_read(registry: ModelRegistry, text: str) -> None:
    """Text that was not written here is a typed error that names the tenant."""
    # REG-78
    with pytest.raises(StoreError, match="acme"):
        Codec(registry).read(text, "acme")
