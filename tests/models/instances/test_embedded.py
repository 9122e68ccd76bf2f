"""What is embedded is made in one go with its record, and is what it would be if made alone."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.errors import DefinitionError, InvalidValueError
from juggler.facade.default import ModelRegistry
from juggler.models.instances import loading
from juggler.models.instances.state import State

SETTINGS = {"parent_ref": True, "id_injection": False}
OPEN = {**SETTINGS, "strict": False}
PART = {
    "name": "string",
    "count": {"type": "integer", "default": 3},
    "price": "decimal",
    "at": "date",
    "days": ["date"],
    "spot": "geopoint",
    "inner": {"deep": "integer"},
    "inners": [{"deep": "integer", "names": ["string"]}],
}
SMALL = {"name": "string", "count": "integer"}

registry = ModelRegistry()
records = [
    registry.define(
        name, {"id": "integer", "home": PART, "homes": [PART], "rows": [[PART]]}, settings
    )
    for name, settings in (("Strict", {**SETTINGS, "strict": True}), ("Open", OPEN))
]

INNER = st.fixed_dictionaries({}, optional={"deep": st.sampled_from([None, 1, "2", "x"])})
INNERS = st.lists(
    st.fixed_dictionaries(
        {}, optional={"deep": st.sampled_from([1, "x"]), "names": st.just(["a", 1])}
    ),
    max_size=2,
)
PARTS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from([None, "n", 5, ["bad"]]),
        "count": st.sampled_from([None, 1, "7", "bad", 1.5]),
        "price": st.sampled_from(["19.90", 3, "bad"]),
        "at": st.sampled_from(["2020-01-02T03:04:05.678Z", "never"]),
        "days": st.sampled_from([None, [], ["2020-01-02T00:00:00.000Z", "bad"]]),
        "spot": st.sampled_from(["1,2", [1, 2]]),
        "inner": st.none() | INNER,
        "inners": st.none() | INNERS,
        "more": st.integers(0, 1),
    },
)
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from([1, "2"]),
        "home": st.sampled_from([None, 5, "text"]) | PARTS,
        "homes": st.none() | st.lists(PARTS | st.sampled_from([None, 5]), max_size=3),
        "rows": st.none() | st.lists(st.lists(PARTS, max_size=2), max_size=2),
        "more": st.just("x"),
    },
)
KNOWN = ("persisted", "unset", "bad", "extra", "unknown", "changed", "loose")


def slowly(value: Any) -> Any:
    """Return *value* with mappings that are no dicts in it, which the short ways leave alone."""
    if isinstance(value, list):
        return [slowly(item) for item in value]
    if isinstance(value, dict):
        return MappingProxyType({name: slowly(item) for name, item in value.items()})
    return value


def told(value: Any, owner: Any = None) -> Any:
    """Return all that there is to know of a value: class, values, bookkeeping, belonging."""
    if isinstance(value, list):
        assert getattr(value, "parent", owner) is owner
        return [type(value), [told(item, owner) for item in value]]
    if not hasattr(value, "_plans"):
        return repr(value)
    assert value.parent is owner
    assert type(value).__dict__.get("_is_blank") is None
    state = {name: getattr(value._state, name) for name in KNOWN}
    return [value.model, state, {name: told(value.raw(name), value) for name in value._plans}]


def outcome(make: Callable[[], Any]) -> Any:
    """Return what is to know of what *make* makes, or how it refuses."""
    try:
        return told(make())
    except InvalidValueError as error:
        return error.path, str(error)


@pytest.mark.parametrize("model", records)
@given(data=RECORDS)
def test_client_data_becomes_what_it_would_alone(model: Any, data: Mapping[str, Any]) -> None:
    """Dicts give at every depth what other mappings give, for which there is no short way."""
    rest = {name: slowly(value) for name, value in data.items()}
    assert outcome(lambda: model(data)) == outcome(lambda: model(rest))


@pytest.mark.parametrize("model", records)
@given(row=RECORDS, is_whole=st.booleans())
def test_rows_become_what_they_would_alone(
    model: Any, row: Mapping[str, Any], is_whole: bool
) -> None:
    """Rows too, whole ones and such that lack something."""
    if is_whole:
        row = {"id": 1, "home": None, "homes": None, "rows": None, **row}
    rest = {name: slowly(value) for name, value in row.items()}
    assert outcome(lambda: model.load(row)) == outcome(lambda: model.load(rest))


@pytest.mark.parametrize("way", ["load", "__call__"])
def test_what_is_embedded_shares_what_it_remembers(way: str) -> None:
    """Untouched instances of one record share one state until the first is written."""
    part = {"name": "n", "count": 1}
    model = ModelRegistry().define("Record", {"home": SMALL, "homes": [SMALL]}, SETTINGS)
    record = getattr(model, way)({"home": part, "homes": [part, part]})
    states: list[State] = [each._state for each in (record.home, *record.homes)]
    assert [each is states[0] for each in states] == [True] * 3
    record.homes[0].name = "other"
    assert (record.home._state.changed, record.homes[1].changed()) == (None, [])
    assert [each.parent for each in (record.home, *record.homes)] == [record] * 3


def test_code_that_loads_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of many is loaded by one piece of code, also when its class was never loaded yet."""
    made: list[str] = []
    compiled = loading.compiled

    def counted(cls: Any, text: str, **names: Any) -> Any:
        made.append(text)
        return compiled(cls, text, **names)

    monkeypatch.setattr(loading, "compiled", counted)
    model = ModelRegistry().define("Record", {"homes": [{"only_here": "string"}]}, SETTINGS)
    model(homes=[{}])
    model.load({"homes": [{"only_here": "a"}] * 5})
    assert len(made) == 2


def test_defaults_do_not_see_an_unfinished_owner() -> None:
    """What a user wrote runs before the embedded instance belongs to its record."""
    seen: list[Any] = []

    def default(instance: Any = None) -> str:
        seen.append(None if instance is None else instance.parent)
        return "made"

    part = {"name": {"type": "string", "default": default}, "count": "integer"}
    model = ModelRegistry().define("Record", {"home": part, "homes": [part]}, SETTINGS)
    record = model(home={"count": "x"}, homes=[{}, {"name": "given"}])
    assert [each.name for each in (record.home, *record.homes)] == ["made", "made", "given"]
    assert [each.parent for each in (record.home, *record.homes)] == [record] * 3
    assert record.home._state.bad == {"count"}
    assert seen == [None, None]


@pytest.mark.parametrize("way", ["load", "__call__"])
def test_who_is_told_of_an_instance_does_not_see_an_unfinished_owner(way: str) -> None:
    """Observers of "initialize" get embedded instances before these belong to their record."""
    registry = ModelRegistry()
    parts = registry.define("Part", SMALL, SETTINGS)
    model = registry.define("Record", {"home": "Part", "homes": ["Part"]}, SETTINGS)
    seen: list[Any] = []

    def observe(instance: Any) -> None:
        seen.append(instance.parent)
        instance.count = 5

    parts.observe("initialize", observe)
    record = getattr(model, way)({"home": {"name": "a"}, "homes": [{"name": "b"}]})
    assert seen == [None, None]
    assert [each.count for each in (record.home, *record.homes)] == [5, 5]
    assert [each.parent for each in (record.home, *record.homes)] == [record] * 2


@pytest.mark.parametrize("way", ["load", "__call__"])
def test_what_is_not_defined_embeds_nothing(way: str) -> None:
    """A row for a model that was only referred to is a clear error."""
    model = ModelRegistry().define("Record", {"home": "Nobody", "homes": ["Nobody"]}, SETTINGS)
    for data in ({"home": {}, "homes": None}, {"home": None, "homes": [{}]}):
        with pytest.raises(DefinitionError, match="Nobody"):
            getattr(model, way)(data)


def test_a_row_that_denies_what_it_has_is_read_once_more() -> None:
    """A mapping that only ``get`` reads is no reason to go round for ever."""

    class Keyed(dict[str, int]):
        def __getitem__(self, name: str) -> int:
            raise KeyError(name)

    model = ModelRegistry().define("Record", {"a": "integer", "home": SMALL}, SETTINGS)
    record = model.load(Keyed(a=1, home=None))
    assert (record.a, record.home) == (1, None)
