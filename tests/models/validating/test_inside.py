"""Very many embedded instances: what is good is passed over, what is wrong is told or counted."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from juggler import DataSource
from juggler.connectors.memory.connector import MemoryConnector
from juggler.errors import BulkOperationError, ValidationError
from juggler.facade.default import ModelRegistry
from juggler.models.instances import values
from juggler.models.validating import inside, shown
from juggler.models.validating import validate as validating
from juggler.models.validating.quick import rules_inside
from juggler.models.validating.validate import error_of, validate, validate_sync
from juggler.validation.report import Report
from juggler.validation.trial import Trial

PLAIN = {"id_injection": False}
NEED = {"type": "number", "required": True}
DEEP = {
    "items": [
        {
            "n": {**NEED, "max": 5},
            "word": {"type": "string", "pattern": "^a"},
            "part": {"m": NEED},
            "parts": [{"m": NEED, "tags": ["number"]}],
        }
    ]
}


class Documents(MemoryConnector):
    """Bears the name of a store that knows object ids."""

    name: ClassVar[str] = "mongodb"


@pytest.fixture
def things(registry: ModelRegistry) -> Any:
    """Return a model with a list of embedded records."""
    return registry.define("Thing", {"items": [{"n": NEED}]}, PLAIN)


def trials(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the fields of the rules that are tried from now on."""
    tried: list[str] = []
    start = Trial.start

    def started(trial: Trial) -> bool:
        tried.append(trial.rule.field)
        return start(trial)

    monkeypatch.setattr(Trial, "start", started)
    return tried


# MOD-65a, MOD-110
async def test_good_items_need_no_closer_look(things: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules are tried, and reports made, for the items only that may break one."""
    tried, reports = trials(monkeypatch), list[Report]()

    def report(*told: Any) -> Report:
        reports.append(Report(*told))
        return reports[-1]

    monkeypatch.setattr(validating, "Report", report)
    thing = things(items=[{"n": 1}, {}, {"n": 2}])
    for found in (await validate(thing), validate_sync(thing)):
        assert found.codes == {"items.1.n": ["presence"]}
    assert (tried, len(reports)) == (["n", "n"], 2)
    one, two, three = thing.items
    assert (one.errors, three.errors) == (None, None)
    assert two.errors.codes == {"n": ["presence"]}


# MOD-65a
async def test_what_is_embedded_in_good_items_is_looked_at(registry: ModelRegistry) -> None:
    """An item that breaks no rule itself has a report if something in it does."""
    thing = registry.define("Thing", DEEP, PLAIN)(
        items=[{"n": 1, "part": {}}, {"n": 1, "parts": [{"m": 1}, {"m": 1, "tags": [1, "x"]}]}]
    )
    for report in (await validate(thing), validate_sync(thing)):
        assert report.codes == {
            "items.0.part.m": ["presence"],
            "items.1.parts.1.tags.1": ["type.number"],
        }
        assert thing.items[0].errors.codes == {"part.m": ["presence"]}
        assert thing.items[1].errors.codes == {"parts.1.tags.1": ["type.number"]}
        assert thing.items[1].parts[0].errors is None


# MOD-110
async def test_a_mended_item_loses_its_report(things: Any) -> None:
    """What is valid at last has an empty report, whoever had filled it."""
    thing = things(items=[{}])
    assert await validate(thing)
    thing.items[0].n = 1
    thing.items[0].errors.add("n", "is odd")
    assert not await validate(thing)
    assert not thing.items[0].errors


# MOD-112
async def test_failures_beyond_the_bound_are_counted(things: Any) -> None:
    """A hundred failures are listed; all count, and each item that is wrong says so itself."""
    thing = things(items=[{"n": 1}, *[{}] * 250])
    for report in (await validate(thing), validate_sync(thing)):
        assert list(report) == [f"items.{at}.n" for at in range(1, 101)]
        assert report.total == 250
        assert [bool(item.errors) for item in thing.items] == [False, *[True] * 250]
        assert [len(item.errors or ()) for item in thing.items] == [0, *[1] * 100, *[0] * 150]
        assert thing.items[250].errors.total == 1
    error = error_of(thing)
    assert error.details["total"] == 250
    assert str(error).endswith("; and 150 more.")


@pytest.mark.parametrize(
    ("items", "codes"),
    [
        ([{"n": "x"}] * 150, ["type.number"]),
        ([5] * 150, ["type.model"]),
        ([{"n": 1, "a": 1}] * 150, ["unknown-property"]),
    ],
    ids=["bad values", "no objects", "unknown keys"],
)
# MOD-12, MOD-54, MOD-112
async def test_whatever_is_wrong_is_bounded(
    registry: ModelRegistry, items: list[Any], codes: list[str]
) -> None:
    """Values that types refuse and keys that are not known are listed and counted alike."""
    item = registry.define("Item", {"n": "number"}, {"strict": True, **PLAIN})
    things = registry.define("Thing", {"items": [item]}, PLAIN)
    report = await validate(things(items=items))
    assert (len(report), report.total) == (100, 150)
    assert all(found == codes for found in report.codes.values())


# MOD-54, MOD-112
async def test_unknown_keys_are_bounded(registry: ModelRegistry) -> None:
    """So many unknown keys are listed, also where they are refused at once."""
    data = {f"key{at}": 1 for at in range(150)}
    strict = registry.define("Strict", {"n": "number"}, {"strict": True, **PLAIN})
    report = await validate(strict(data))
    assert (list(report), report.total) == (list(data)[:100], 150)
    throwing = registry.define("Throwing", {"n": "number"}, {"strict": "throw", **PLAIN})
    with pytest.raises(ValidationError, match="; and 50 more") as caught:
        throwing(data)
    assert list(caught.value.details["codes"]) == list(data)[:100]
    assert caught.value.details["total"] == 150


# MOD-118, MOD-112
async def test_an_object_id_counts_once() -> None:
    """What a rule of the owner and one of the item find is one failure, listed or not."""
    source = DataSource("db", Documents, registry=ModelRegistry())
    ref = {"type": "string", "mongodb": {"dataType": "ObjectID"}}
    things = source.define("Thing", {"items": [{"ref": ref}]})
    thing = things(items=[{"ref": "x"}] * 150)
    with pytest.raises(ValidationError) as caught:
        await things.create(thing)
    assert caught.value.details["total"] == 150


# MOD-112, DAO-046
async def test_operations_take_the_bound_from_their_options() -> None:
    """`max_failures` says how many failures each record lists."""
    things = DataSource("memory", registry=ModelRegistry()).define(
        "Thing", {"items": [{"n": NEED}]}
    )
    data = {"items": [{}] * 9}
    with pytest.raises(ValidationError) as caught:
        await things.create(data, options={"max_failures": 4})
    assert (len(caught.value.details["codes"]), caught.value.details["total"]) == (4, 9)
    with pytest.raises(BulkOperationError) as bulk:
        await things.create([data, data], options={"max_failures": 9})
    assert [len(each.details["codes"]) for each in bulk.value.errors.values()] == [9, 9]
    thing = things(data)
    assert not await thing.is_valid(options={"max_failures": 1})
    assert (len(thing.errors), thing.errors.total) == (1, 9)
    assert not thing.is_valid_sync(options={"max_failures": 2})
    assert len(thing.errors) == 2


# MOD-113
async def test_long_lists_are_not_converted_to_be_shown(
    things: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message reads no more of a list than it has room for."""
    things.validate("items", lambda _, err: err())
    thing = things(items=[{"n": 1}] * 1_000)
    assert await validate(thing)
    read: list[str] = []

    class Values:
        def read(self, instance: Any, name: str) -> Any:
            read.append(name)
            return values.read(instance, name)

    monkeypatch.setattr(shown, "values", Values())
    assert "`items` is invalid (value: [ { n: 1 }, { n: 1 }, { n...} ])" in str(error_of(thing))
    assert len(read) <= 21


NUMBERS = st.sampled_from([None, 1, 9, "x"])
PART = st.fixed_dictionaries({}, optional={"m": NUMBERS, "tags": st.lists(NUMBERS, max_size=2)})
ITEM = st.fixed_dictionaries(
    {},
    optional={
        "n": NUMBERS,
        "word": st.sampled_from(["a", "b", None]),
        "part": st.none() | PART,
        "parts": st.lists(PART, max_size=2),
    },
)


@settings(deadline=None)
@given(st.lists(ITEM, max_size=5))
async def test_the_fast_way_finds_the_same(items: list[Any]) -> None:
    """At any depth the same is found as by trying every rule on everything."""
    # MOD-65a, MOD-110
    model = ModelRegistry().define("Thing", DEEP, PLAIN)
    fast = model(items=items)
    found = await validate(fast)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inside, "rules_inside", lambda *told: (rules_inside(*told)[0], None))
        slow = model(items=items)
        report = await validate(slow)
    assert found.messages == report.messages
    assert (bool(found), found.codes) == (bool(report), report.codes)
    for one, other in zip(fast.items, slow.items, strict=True):
        assert dict(one.errors or {}) == dict(other.errors or {})
