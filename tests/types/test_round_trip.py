"""What is written is read again as the same value, for every type."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from juggler.types.base import BAD, ValueType
from juggler.types.geo import GeoPoint
from juggler.types.structured import ListType
from juggler.types.table import TypeTable
from juggler.types.temporal import DateString

TABLE = TypeTable()
NAMES = sorted(TABLE)

finite = st.floats(allow_nan=False, allow_infinity=False)
moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)).map(  # noqa: DTZ001  bounds of the strategy are naive
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | finite | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(),
    "text": st.text(),
    "number": st.integers() | finite,
    "integer": st.integers(),
    "int": st.integers(),
    "decimal": st.decimals(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
    "date": moments,
    "datestring": st.dates().map(lambda day: DateString(day.isoformat())),
    "date_string": moments.map(lambda moment: DateString(moment.isoformat())),
    "buffer": st.binary(),
    "binary": st.binary(),
    "array": st.lists(json_values),
    "object": st.dictionaries(st.text(), json_values),
    "json": st.dictionaries(st.text(), json_values) | st.lists(json_values),
    "any": json_values.filter(lambda value: value is not None),
    "uuid": st.uuids(),
    "objectid": st.text("0123456789abcdef", min_size=24, max_size=24),
    "geopoint": st.builds(GeoPoint, st.floats(-90, 90), st.floats(-180, 180)),
}
ODD = (
    json_values
    | st.binary()
    | moments
    | st.decimals()
    | st.uuids()
    | st.floats()
    | st.complex_numbers()
)


def kind_of(name: str) -> ValueType:
    """Return the built-in type called *name*."""
    found = TABLE.lookup(name)
    assert found is not None
    return found


def test_every_type_has_values() -> None:
    """No built-in type is left out below."""
    assert sorted(VALUES) == NAMES


@given(st.data(), st.sampled_from(NAMES))
def test_load_undoes_dump(data: st.DataObject, name: str) -> None:
    """`load(dump(x)) == x` for every type, alone and in a list, also through JSON text."""
    kind, value = kind_of(name), data.draw(VALUES[name])
    assert kind.load(kind.dump(value)) == value
    if name in {"string", "text"} and any("\ud800" <= letter <= "\udfff" for letter in value):
        return
    items, values = ListType(kind), [value, None]
    assert items.load(items.dump(values)) == values
    if name not in {
        "number",
        "integer",
        "int",
        "any",
        "array",
        "object",
        "json",
    }:  # big ints are no JSON
        assert kind.load(msgspec.json.decode(msgspec.json.encode(kind.dump(value)))) == value


@given(st.data(), st.sampled_from(NAMES))
def test_good_values_stay(data: st.DataObject, name: str) -> None:
    """A value of the type is coerced and loaded to itself, and an equality with it holds."""
    kind, value = kind_of(name), data.draw(VALUES[name])
    assert kind.coerce(value) == value
    assert kind.load(value) == value
    if name not in {"string", "text"} or value:
        assert kind.condition(value) == value


@given(
    st.sampled_from(sorted(set(NAMES) - {"datestring", "date_string", "geopoint", "array"})), ODD
)
def test_coercion_settles(name: str, value: Any) -> None:
    """Coercing what was coerced changes nothing, and no value makes coercion, load or dump fail."""
    kind = kind_of(name)
    if value is None:
        return
    once = kind.coerce(value)
    if once is not BAD and once is not None:
        twice = kind.coerce(once)
        assert twice is once or twice == once
        assert type(twice) is type(once)
    kind.load(value)
    kind.dump(value)
