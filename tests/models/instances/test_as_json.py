"""JSON of instances: compiled writers say what the types say, value by value."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from juggler.facade.default import ModelRegistry
from juggler.facade.model import Model
from juggler.models.instances import as_json
from juggler.models.instances.writers import Writers
from juggler.types.dates import as_utc, iso_text

PLAIN = {"id_injection": False}


class Colour(Enum):
    """A choice."""

    RED = "red"
    WHEN = datetime(2020, 1, 2, tzinfo=UTC)


class Role:
    """A class that a user makes a type of; it says what its JSON is."""

    def __init__(self, name: Any) -> None:
        self.name = name

    def to_json(self) -> Any:
        """Return the name."""
        return {"role": str(self.name)}


HOME = {
    "city": "string",
    "door": {"type": "string", "hidden": True},
    "since": "date",
    "price": "decimal",
}
EVERY: dict[str, Any] = {
    "text": "string",
    "long": "text",
    "number": "number",
    "whole": "integer",
    "truth": "boolean",
    "moment": "date",
    "day": "date_string",
    "price": "decimal",
    "blob": "buffer",
    "meta": "object",
    "data": "json",
    "free": "any",
    "key": "uuid",
    "oid": "objectid",
    "at": "geopoint",
    "role": Role,
    "colour": Colour,
    "texts": ["string"],
    "moments": ["date"],
    "prices": ["decimal"],
    "deep": [["number"]],
    "any_list": ["any"],
    "first-name": "string",
    'quoted "name"': "string",
    "secret": "string",
    "guarded": "string",
    "home": HOME,
    "homes": [HOME],
}
SETTINGS = {"hidden": ["secret", "unknown_secret"], "protected": ["guarded"], **PLAIN}

MOMENTS = st.datetimes(
    min_value=datetime(1, 1, 3),  # noqa: DTZ001  the zone comes beside it
    max_value=datetime(9999, 12, 29),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=2)), None]),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["1", "1.5", "true", "2020-01-02", "2020-01-02T03:04:05.678Z", "red", " "]),
    MOMENTS,
    st.dates(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.uuids(),
    st.binary(max_size=3),
    st.sampled_from(Colour),
)
HOMES = st.dictionaries(st.sampled_from([*HOME, "more"]), SCALARS, max_size=4)
VALUES = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=3),
    st.dictionaries(st.text(max_size=3), SCALARS | st.just(UNSET), max_size=2),
)
ROWS = st.dictionaries(
    st.sampled_from([name for name in EVERY if name not in {"home", "homes"}]), VALUES, max_size=6
)
MORE = st.dictionaries(st.sampled_from(["x", "y", "unknown_secret"]), VALUES, max_size=2)

registry = ModelRegistry()
things = registry.define("Thing", EVERY, SETTINGS)
owners = registry.define("Owner", {"thing": things, "things": [things]}, PLAIN)


def same_text(instance: Any) -> bool:
    """Tell whether the text of an instance is that of its data, letter by letter."""
    data = instance.to_json()
    try:
        written = msgspec.json.encode(data, enc_hook=str)
    except UnicodeEncodeError:
        written = json.dumps(data, separators=(",", ":")).encode()
    return bool(instance.to_json_bytes() == written)


def exactly(value: Any) -> str:
    """Return a text that differs where values or their types do."""
    return repr(value)


@given(row=ROWS, home=HOMES, homes=st.lists(HOMES, max_size=2), more=MORE)
def test_writers_say_what_the_types_say(
    row: dict[str, Any], home: dict[str, Any], homes: list[Any], more: dict[str, Any]
) -> None:
    """Whatever a row holds, compiled data is that of the types, and the text is that data's."""
    thing = things.load({**row, "home": home, "homes": homes, **more})
    owner = owners.load({"thing": dict(thing._items(thing)), "things": [{"text": "a"}]})
    owner.thing = thing
    for each in (thing, owner):
        assert exactly(each.to_json()) == exactly(as_json._converted(False, each))
        assert same_text(each)
    assert exactly(as_json.to_json(thing, nested=True)) == exactly(as_json._converted(True, thing))


def test_text_leaves_out_what_data_does() -> None:
    """Hidden, protected and missing values are in no text; dynamic ones are."""  # MOD-87
    thing = things(text="a", secret="s", guarded="g", home={"city": "R", "door": "d"}, x=1)
    thing["unknown_secret"] = "t"
    assert json.loads(thing.to_json_bytes()) == {
        "text": "a",
        "guarded": "g",
        "home": {"city": "R"},
        "x": 1,
    }
    owner = owners(thing={"text": "a", "guarded": "g"})
    assert owner.to_json_bytes() == b'{"thing":{"text":"a"}}'


def test_bad_values_are_written_as_they_are() -> None:
    """What a type refuses is in the text all the same."""
    thing = things(whole="many", moment="soon", prices=["x"])
    assert thing.to_json_bytes() == b'{"whole":"many","moment":"soon","prices":["x"]}'


def test_removed_and_changed_values_tell() -> None:
    """The text follows the instance."""
    thing = things.load({"text": "a", "whole": 1})
    assert thing.to_json_bytes() == b'{"text":"a","whole":1}'
    del thing.whole
    thing.text = "b"
    assert thing.to_json_bytes() == b'{"text":"b"}'


def test_half_a_surrogate_pair_is_escaped() -> None:
    """Text that UTF-8 cannot hold is written with escapes."""
    thing = things.load({"text": "\ud800", "price": Decimal(1)})
    assert thing.to_json_bytes() == b'{"text":"\\ud800","price":"1"}'
    thing["free"] = [float("nan"), float("-inf")]
    assert json.loads(thing.to_json_bytes(), parse_constant=pytest.fail)["free"] == [None, None]


def test_what_json_has_no_form_for_is_refused() -> None:
    """An object without a form is an error that says what helps."""
    thing = things(free=object())
    with pytest.raises(TypeError, match="no form for object objects; give the class a `to_json`"):
        thing.to_json_bytes()


def test_a_class_may_say_what_its_json_is() -> None:
    """A `to_json` of a declared class is what its text is made of."""

    class Short(Model, registry=ModelRegistry(), **PLAIN):
        a: int | None = None

        def to_json(self) -> dict[str, Any]:
            """Return less."""
            return {"short": self.a}

    assert Short(a=1).to_json_bytes() == b'{"short":1}'


def test_instances_outlive_the_shape_of_their_model() -> None:
    """What was made before its model got another property is written as it is."""
    grown = ModelRegistry().define("Grown", {"a": "date"}, PLAIN)
    moment = datetime(2020, 1, 2, tzinfo=UTC)
    former = grown(a=moment)
    grown.define_property("b", "string")
    assert grown(a=moment, b="x").to_json_bytes() == b'{"a":"2020-01-02T00:00:00.000Z","b":"x"}'
    assert former.to_json_bytes() == b'{"a":"2020-01-02T00:00:00.000Z"}'
    assert former.to_json() == {"a": "2020-01-02T00:00:00.000Z"}


def test_writers_are_made_once_for_equal_models() -> None:
    """Models of one definition share their writers; other hidden names are other writers."""
    shared = ModelRegistry()
    one, two = (shared.define("Thing", {"a": "string"}, PLAIN, tenant=each) for each in "xy")
    other = shared.define("Thing", {"a": "string"}, {"hidden": ["a"], **PLAIN}, tenant="z")
    assert one._blueprint.writers is as_json.FIRST
    for name in Writers._fields:
        getattr(one._blueprint.writers, name)(one(a="x"))
    assert two._blueprint.writers is one._blueprint.writers
    assert not set(one._blueprint.writers) & set(as_json.FIRST)
    assert (two(a="x").to_json_bytes(), other(a="x").to_json_bytes()) == (b'{"a":"x"}', b"{}")


@given(moment=MOMENTS)
def test_moments_have_one_form(moment: datetime) -> None:
    """The fast way to write a moment gives the text that Python's own way gives."""
    expected = as_utc(moment).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert iso_text(moment) == expected


class Later(datetime):
    """A class of a user."""


def test_moments_of_other_classes_have_that_form_too() -> None:
    """A subclass of datetime is written as any."""
    moment = Later(2020, 1, 2, 3, 4, 5, 678_900, tzinfo=UTC)
    assert iso_text(moment) == "2020-01-02T03:04:05.678Z"
    assert things(moment=moment).to_json_bytes() == b'{"moment":"2020-01-02T03:04:05.678Z"}'


# loading what is embedded ---------------------------------------------------------------------


@given(home=HOMES, homes=st.lists(st.none() | HOMES | st.integers(), max_size=3))
def test_dicts_are_loaded_as_other_mappings_are(home: dict[str, Any], homes: list[Any]) -> None:
    """The fast way for dicts gives what the way for any mapping gives."""
    row = dict.fromkeys(EVERY)
    fast = things.load({**row, "home": home, "homes": homes})
    slow = [MappingProxyType(each) if isinstance(each, dict) else each for each in (home, *homes)]
    other = things.load({**row, "home": slow[0], "homes": tuple(slow[1:])})
    assert repr(fast) == repr(other)
    assert fast.home.parent is other.home.parent is None
    assert type(fast.homes) is type(other.homes)


KEYS = [UUID(int=5), date(2020, 1, 2)]


def test_any_data_is_written_at_any_depth() -> None:
    """What is in open values is JSON too."""  # MOD-77
    thing = things(free={"keys": [*KEYS, {5: Decimal("1.50")}], "at": things(secret="s", text="a")})
    assert json.loads(thing.to_json_bytes())["free"] == {
        "keys": [str(KEYS[0]), "2020-01-02", {"5": "1.50"}],
        "at": {"text": "a"},
    }
