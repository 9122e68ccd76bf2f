"""Rows as JSON: every value comes back as it was, of its own class."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from math import isnan
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.connectors.memory.tagged import decode_row, encode_row, key_text
from juggler.errors import InvalidValueError
from juggler.types.geo import GeoPoint
from juggler.types.temporal import DateString

TEXT = st.text(st.characters(), max_size=5) | st.just("\ud800 half of a character")
SCALAR = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.decimals(allow_nan=False),
    TEXT,
    st.binary(max_size=5),
    st.binary(max_size=5).map(bytearray),
    st.datetimes(timezones=st.none() | st.just(UTC)),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.uuids(),
    st.builds(GeoPoint, st.floats(-90, 90), st.floats(-180, 180)),
    st.sampled_from([DateString("2020-01-01"), DateString("2020-01-01T00:00:00Z")]),
)
KEY = TEXT | st.sampled_from(["$date", "$", "$object", "$pairs"])
VALUE = st.recursive(
    SCALAR,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(KEY, inner, max_size=3),
        st.dictionaries(st.integers() | KEY, inner, max_size=2),
        st.sets(st.integers() | st.text(max_size=2), max_size=2),
        st.frozensets(st.dates(), max_size=2),
    ),
    max_leaves=8,
)
ROW = st.dictionaries(st.text(max_size=5) | st.just("$date"), VALUE, max_size=4)


def there_and_back(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a file gives back for a row."""
    return decode_row(msgspec.json.decode(encode_row(row)))


def classes(value: Any) -> Any:
    """Return the classes of a value and of all that is in it."""
    if isinstance(value, Mapping):
        return {key: classes(item) for key, item in value.items()}
    return type(value), [classes(item) for item in value] if type(value) in (list, tuple) else None


@given(ROW)
def test_rows_come_back_as_they_were(row: dict[str, Any]) -> None:
    """Every row that is written is read as an equal one, with values of the same classes."""
    found = there_and_back(row)
    assert found == row  # DAO-266
    assert classes(found) == classes(row)


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("a", "a"),
        (2**70, 2**70),
        (float("inf"), {"$float": "inf"}),
        (b"\0", {"$bytes": "AA=="}),
        (Decimal("1.50"), {"$decimal": "1.50"}),
        (datetime(2020, 1, 2, 3, tzinfo=UTC), {"$datetime": "2020-01-02T03:00:00+00:00"}),
        (date(2020, 1, 2), {"$date": "2020-01-02"}),
        (time(1, 2), {"$time": "01:02:00"}),
        (timedelta(1, 2, 3), {"$timedelta": [1, 2, 3]}),
        (UUID(int=1), {"$uuid": "00000000-0000-0000-0000-000000000001"}),
        (GeoPoint(1, 2), {"$point": [1.0, 2.0]}),
        (DateString("2020-01-01"), {"$datestring": "2020-01-01"}),
        ((1, b""), {"$tuple": [1, {"$bytes": ""}]}),
        ({"$date": "no date"}, {"$object": {"$date": "no date"}}),
        ({"$a": 1, "b": 2}, {"$a": 1, "b": 2}),
        ({1: 2}, {"$pairs": [[1, 2]]}),
    ],
)
def test_forms(value: Any, form: Any) -> None:
    """What JSON knows stands as it is; the rest bears a tag."""
    assert msgspec.json.decode(encode_row({"a": value})) == {"a": form}  # DAO-266


def test_what_is_no_number_comes_back() -> None:
    """Not a number stays not a number; JSON would make it null."""
    assert isnan(there_and_back({"a": float("nan")})["a"])


def test_moments_keep_their_offset() -> None:
    """A moment of another zone is the same moment, and says the same hour."""
    moment = datetime(2020, 1, 1, 12, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert there_and_back({"a": moment})["a"].isoformat() == moment.isoformat()


class Odd:
    """Something that no file has a form for."""


@pytest.mark.parametrize(
    ("row", "path"),
    [
        ({"a": Odd()}, "a"),
        ({"a": [1, {"b": Odd()}]}, "a.1.b"),
        ({"a": (Odd(),)}, "a.0"),
        ({"a": {1: Odd()}}, "a"),
        ({"\ud800": 1}, "\ud800"),
    ],
)
def test_what_has_no_form_is_refused(row: dict[str, Any], path: str) -> None:
    """An object of another class is an error that says where it is."""
    with pytest.raises(InvalidValueError) as caught:
        encode_row(row)
    assert caught.value.path == path


@pytest.mark.parametrize(
    "tagged",
    [
        {"$nothing": 1},
        {"$datetime": "yesterday"},
        {"$bytes": 1},
        {"$decimal": "x"},
        {"$timedelta": [10**12, 0, 0]},
        {"$point": ["a", 1]},
        {"$pairs": 1},
    ],
)
def test_what_no_tag_stands_for_is_refused(tagged: Any) -> None:
    """A tag that is unknown or marks something else is an error, never another value."""
    with pytest.raises(ValueError, match=r"unknown|is no|Invalid|Incorrect"):
        decode_row({"a": tagged})


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ((1,), "1"),
        (("1",), '"1"'),
        (("-",), '"-"'),
        (("true",), '"true"'),
        ((True,), "true"),
        (("abc",), "abc"),
        (("",), '""'),
        ((1, "a"), '[1,"a"]'),
        ((UUID(int=1),), '{"$uuid":"00000000-0000-0000-0000-000000000001"}'),
    ],
)
def test_texts_of_keys(values: tuple[Any, ...], text: str) -> None:
    """A key of text reads as it is, unless it could be a key of another class."""
    assert key_text(values) == text  # DAO-268


@given(SCALAR, SCALAR)
def test_keys_of_different_classes_have_different_texts(one: Any, two: Any) -> None:
    """No two values share the text of a key, unless they are the same."""
    same = type(one) is type(two) and encode_row({"a": one}) == encode_row({"a": two})
    assert (key_text((one,)) == key_text((two,))) == same
