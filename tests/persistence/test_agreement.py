"""The same calls do the same on every store, with capabilities and without them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from juggler import DataSource, ModelRegistry
from juggler.errors import JugglerError
from tests.persistence.shelf import NONE, make_source

IDS = st.integers(1, 4)
NAMES = st.sampled_from(["a", "b"])
AGES = st.none() | st.integers(0, 2)
DATA = st.fixed_dictionaries({}, optional={"name": NAMES, "age": AGES})
KEYED = st.fixed_dictionaries({"id": IDS}, optional={"name": NAMES, "age": AGES})
WHERES = st.sampled_from(
    [{}, {"age": 1}, {"age": None}, {"age": {"neq": 1}}, {"name": "a"}, {"id": {"gt": 2}}]
)

Step = tuple[str, tuple[Any, ...]]
STEPS = st.one_of(
    st.tuples(st.just("create"), st.tuples(KEYED)),
    st.tuples(st.just("create"), st.tuples(st.lists(KEYED, max_size=3))),
    st.tuples(st.just("update_or_create"), st.tuples(KEYED)),
    st.tuples(st.just("replace_or_create"), st.tuples(KEYED)),
    st.tuples(st.just("replace_by_id"), st.tuples(IDS, DATA)),
    st.tuples(st.just("upsert_with_where"), st.tuples(WHERES, KEYED)),
    st.tuples(st.just("find_or_create"), st.tuples(WHERES.map(lambda w: {"where": w}), KEYED)),
    st.tuples(st.just("update_all"), st.tuples(WHERES, DATA)),
    st.tuples(st.just("destroy_all"), st.tuples(WHERES)),
    st.tuples(st.just("destroy_by_id"), st.tuples(IDS)),
    st.tuples(st.just("find_by_ids"), st.tuples(st.lists(IDS, max_size=3))),
    st.tuples(st.just("count"), st.tuples(WHERES)),
    st.tuples(st.just("exists"), st.tuples(IDS)),
    st.tuples(st.just("patch"), st.tuples(IDS, DATA)),
    st.tuples(st.just("save"), st.tuples(KEYED)),
    st.tuples(st.just("destroy"), st.tuples(KEYED)),
)


def memory(capabilities: frozenset[str] | None) -> DataSource:
    """Return a source in memory that can do no more than *capabilities*."""
    source = DataSource("memory", registry=ModelRegistry())
    if capabilities is not None:
        source.connector.capabilities = capabilities  # type: ignore[union-attr]  # it is open
    return source


STORES: dict[str, Callable[[], DataSource]] = {
    "shelf": make_source,
    "bare shelf": lambda: make_source(capabilities=NONE),
    "memory": lambda: memory(None),
    "bare memory": lambda: memory(NONE),
    "sqlite": lambda: DataSource("sqlite", url="sqlite:///:memory:", registry=ModelRegistry()),
}


async def played(source: DataSource, steps: list[Step], scope: Any) -> list[Any]:
    """Return what each step answers on a fresh store, and what is there in the end."""
    async with source:
        model = source.define(
            "Thing",
            {
                "id": {"type": int, "id": True},
                "name": {"type": str, "required": True},
                "age": int,
                "kind": {"type": str, "default": "k"},
            },
            {"strict": True, "scope": scope},
        )
        await source.automigrate()
        answers = [await outcome(model, name, arguments) for name, arguments in steps]
        everything = await model.find(order="id", options={"unscoped": True})
        return [*answers, plain(everything)]


async def outcome(model: Any, name: str, arguments: tuple[Any, ...]) -> Any:
    """Return what one step answers, or which error it raises."""
    try:
        return plain(await played_step(model, name, arguments))
    except JugglerError as error:
        return error.code


def played_step(model: Any, name: str, arguments: tuple[Any, ...]) -> Awaitable[Any]:
    """Begin one step."""
    if name == "save":
        record = model(**arguments[0], persisted=True)
        done: Awaitable[Any] = record.save()
    elif name == "destroy":
        done = model(**arguments[0], persisted=True).destroy()
    elif name == "patch":
        record = model(id=arguments[0], name="x", persisted=True)
        done = record.update_attributes(arguments[1])
    else:
        done = getattr(model, name)(*arguments)
    return done


def plain(answer: Any) -> Any:
    """Return an answer in a form that can be compared: null and missing are one."""
    if isinstance(answer, list | tuple):
        return [plain(each) for each in answer]
    if hasattr(answer, "to_dict"):
        return {name: value for name, value in answer.to_dict().items() if value is not None}
    return answer


@pytest.mark.parametrize("name", [name for name in STORES if name != "shelf"])
@settings(max_examples=40)
@given(
    steps=st.lists(STEPS, min_size=1, max_size=8),
    scope=st.sampled_from([None, {"where": {"name": "a"}}, {"where": {"age": {"gt": 0}}}]),
)
def test_stores_agree(name: str, steps: list[Step], scope: Any) -> None:
    """Any sequence of calls has the same answers, errors and rows wherever it is played."""
    # DAO-075, DAO-233

    async def both() -> tuple[list[Any], list[Any]]:
        return await played(STORES[name](), steps, scope), await played(
            STORES["shelf"](), steps, scope
        )

    there, here = asyncio.run(both())
    assert there == here


@pytest.mark.parametrize("name", [name for name in STORES if not name.startswith("bare")])
async def test_one_record_however_many_ask(name: str) -> None:
    """100 calls at once for the same record make one, on every store that says it is atomic."""
    # DAO-074, DAO-078
    async with STORES[name]() as source:
        model = source.define("Thing", {"name": str, "age": int})
        await source.automigrate()
        done = await asyncio.gather(
            *(model.find_or_create({"where": {"name": "a"}}, {"name": "a"}) for _ in range(100))
        )
        assert [is_new for _, is_new in done].count(True) == 1
        assert len({each.id for each, _ in done}) == 1
        assert await model.count() == 1


@pytest.mark.parametrize("name", list(STORES))
async def test_bulk_creation_is_independent(name: str) -> None:
    """Of a list with a duplicate the others are stored, with ids in order."""
    # DAO-041, DAO-046
    async with STORES[name]() as source:
        model = source.define("Thing", {"id": {"type": int, "id": True}, "name": str})
        await source.automigrate()
        with pytest.raises(JugglerError) as caught:
            await model.create([{"id": 1}, {"id": 1}, {"id": 2}])
        assert list(caught.value.errors) == [1]  # type: ignore[attr-defined]  # BulkOperationError
        assert [each.id for each in await model.find(order="id")] == [1, 2]
