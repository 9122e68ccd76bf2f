"""Compiled construction takes the short ways only to where the types would have gone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.errors import InvalidValueError
from juggler.facade.default import ModelRegistry
from juggler.models.instances.state import LOADED, NEW
from juggler.types.base import BAD

PLAIN = {"id_injection": False}
KINDS = [
    "string", "text", "number", "integer", "boolean", "date", "decimal", "buffer", "uuid",
    "objectid",
]  # fmt: skip
HOME = {"city": "string", "number": "integer"}

registry = ModelRegistry()
singles = registry.define("Single", {kind: kind for kind in KINDS}, PLAIN)
lists = registry.define("Many", {kind: [kind] for kind in KINDS}, PLAIN)
owners = registry.define("Owner", {"home": HOME, "homes": [HOME]}, PLAIN)

TEXTS = st.one_of(
    st.text(max_size=6),
    st.text("0123456789.+-eE ", max_size=8),
    st.sampled_from(
        ["TRUE", "true", "0", "", "1_0", "\u0661", "\u00b2", "inf", "nan", ".", "1.", "1.2.3"]
    ),
    st.floats(allow_nan=False).map(repr),
    st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.isoformat()),
    st.datetimes().map(lambda moment: f"{moment.isoformat(timespec='milliseconds')}Z"),
)
VALUES = st.one_of(
    st.none(),
    TEXTS,
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.datetimes(timezones=st.sampled_from([None, UTC, timezone(timedelta(hours=2))])),
    st.uuids(),
    st.binary(max_size=16),
)


def outcome(make: Callable[[], Any]) -> str:
    """Return what comes of *make*: its value, or that it refuses."""
    try:
        return repr(make())
    except InvalidValueError:
        return "refused"


@given(kind=st.sampled_from(KINDS), value=VALUES)
def test_one_value_is_what_its_type_makes(kind: str, value: Any) -> None:
    """Whatever is given, an instance has what `coerce` makes, or the value, noted as bad."""
    single = singles({kind: value})
    made = None if value is None else singles.properties[kind].type.coerce(value)
    assert repr(single[kind]) == repr(value if made is BAD else made)
    assert bool(single._state.bad) == (made is BAD)
    single[kind] = None
    single[kind] = value
    assert repr(single[kind]) == repr(value if made is BAD else made)


@given(kind=st.sampled_from(KINDS), value=st.lists(VALUES, max_size=3))
def test_a_list_is_what_its_items_make(kind: str, value: list[Any]) -> None:
    """A list of what needs no change is made as any other list is, of the caller's own items."""
    before = repr(value)
    many = lists({kind: value})
    coerce = singles.properties[kind].type.coerce
    made = [None if item is None else coerce(item) for item in value]
    expected = [item if good is BAD else good for item, good in zip(value, made, strict=True)]
    assert repr(list(many[kind])) == repr(expected)
    assert bool(many._state.bad) == any(good is BAD for good in made)
    assert type(many[kind]) is type(lists({kind: tuple(value)})[kind])
    many[kind].clear()
    assert repr(value) == before


NUMBERS = st.text("0123456789.+-eE ", max_size=10)


@given(text=NUMBERS)
def test_text_of_digits_and_points_is_read_as_any_other(text: str) -> None:
    """The short way for such text gives what the general one does, which a space brings about."""
    for kind in ("number", "integer", "decimal"):
        coerce = singles.properties[kind].type.coerce
        assert repr(coerce(text)) == repr(coerce(f" {text}"))


@pytest.mark.parametrize(
    ("given_data", "path"),
    [
        ({"home": {"number": 1, "spot": [100, 0]}}, "home.spot"),
        ({"homes": [{}, {"spot": [100, 0]}]}, "homes.1.spot"),
        ({"home": {"inner": {"spot": [100, 0]}}}, "home.inner.spot"),
        ({"homes": [{"inner": {"spot": [100, 0]}}]}, "homes.0.inner.spot"),
    ],
)
def test_errors_in_what_is_embedded_tell_the_path(given_data: dict[str, Any], path: str) -> None:
    """An embedded value that is refused at once is named from the outside in."""  # MOD-13
    inner = {"spot": "geopoint"}
    home = {"number": "integer", "spot": "geopoint", "inner": inner}
    things = ModelRegistry().define("Thing", {"home": home, "homes": [home]}, PLAIN)
    with pytest.raises(InvalidValueError) as caught:
        things(given_data)
    error = caught.value
    assert (error.model, error.property, error.path) == ("Thing", path.partition(".")[0], path)


def test_what_is_nested_without_end_is_refused() -> None:
    """Data that is nested deeper than Python goes is one clear error, found at once."""
    nodes = ModelRegistry().define("Node", {"node": "Node", "nodes": ["Node"]}, PLAIN)
    for name, wrap in (("node", lambda inner: inner), ("nodes", lambda inner: [inner])):
        data: dict[str, Any] = {}
        for _ in range(5_000):
            data = {name: wrap(data)}
        with pytest.raises(InvalidValueError, match="nested too deeply"):
            nodes(data)


def test_untouched_instances_share_what_they_remember() -> None:
    """A new instance that was given everything keeps nothing of its own until it changes."""
    row = {"home": {"city": "R", "number": "1"}, "homes": [{"city": "O", "number": 2}]}
    owner, other = owners(row), owners(row)
    assert owner._state is other._state is NEW
    assert owner.is_new_record()
    assert all(each._state.shared for each in (owner.home, *owner.homes))
    owner.homes[0].city = "B"
    owner.home = {"city": "P"}
    assert (other.homes[0].city, other.home.city, other._state) == ("O", "R", NEW)
    assert owner.changed() == ["home", "homes"]
    assert (NEW.persisted, NEW.changed, NEW.bad, NEW.unset) == (False, None, None, frozenset())
    assert LOADED.persisted


def test_what_is_embedded_knows_its_owner() -> None:
    """Instances that are made of dicts belong to the instance, as all others do."""
    settings = {"parent_ref": True, **PLAIN}
    things = ModelRegistry().define("Thing", {"home": HOME, "homes": [HOME]}, settings)
    thing = things(home={"city": "R"}, homes=[{"city": "O", "number": 1}, {"city": "P"}])
    assert [each.parent for each in (thing.home, *thing.homes)] == [thing] * 3
    assert thing.homes.parent is thing


def test_decimals_keep_to_their_range() -> None:
    """Text of more digits than a decimal may have is refused whichever way it is read."""
    coerce = singles.properties["decimal"].type.coerce
    assert coerce("9" * 6_143) == Decimal("9" * 6_143)
    assert coerce("9" * 7_000) is BAD
    assert coerce("0." + "0" * 7_000 + "1") is BAD
    assert coerce("1e6145") is BAD


def test_moments_are_taken_in_their_usual_form() -> None:
    """The usual text of a moment is read, and one that looks like it is refused."""
    coerce = singles.properties["date"].type.coerce
    assert coerce("2020-01-02T03:04:05.678Z") == datetime(2020, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
    for text in (
        "2020-13-02T03:04:05.678Z",
        "2020-01-02T03:04:05x678Z",
        "2020-01-02T25:04:05.678Z",
    ):
        assert coerce(text) is BAD
