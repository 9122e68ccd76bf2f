"""What connectors are given of many new instances: their values, however they came to them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from juggler import DataSource, ModelRegistry
from juggler.connectors.contract import ModelInfo, Options, Records, Row
from juggler.connectors.memory.connector import MemoryConnector


class Taking(MemoryConnector):
    """A memory connector that takes records and keeps what it was given."""

    takes_records = True
    given: Sequence[Row] = ()

    async def create_all(self, info: ModelInfo, rows: Sequence[Row], options: Options) -> list[Any]:
        """Store all rows, and keep them."""
        self.given = rows
        return await super().create_all(info, rows, options)


class Plain(Taking):
    """The same, which does not take records."""

    takes_records = False


def made(connector: type[Taking], **more: Any) -> Any:
    """Return a model on *connector* with three properties and *more*."""
    source = DataSource("db", connector=connector, registry=ModelRegistry())
    shape = {"text": str, "n": int, "at": "date", **more}
    return source.define("Note", shape, {"force_id": False})


GIVEN: list[dict[str, Any]] = [
    {"text": "a", "n": "1", "at": "2024-01-01"},
    {"text": "b", "n": None, "at": None},
]
STORED = [
    {"text": "a", "n": 1, "at": datetime(2024, 1, 1, tzinfo=UTC)},
    {"text": "b", "n": None, "at": None},
]


async def test_alike_instances_come_as_records() -> None:
    """Instances that were given the same properties come as records, with coerced values."""
    model = made(Taking)
    notes = await model.create_all(GIVEN)
    given = model.get_connector().given
    assert type(given) is Records
    assert list(given) == STORED
    assert [note.to_object() for note in await model.find()] == [note.to_object() for note in notes]


@pytest.mark.parametrize(
    "items",
    [
        [*GIVEN, {"text": "c"}],
        [*GIVEN, {**GIVEN[0], "id": 7}],
        [{**GIVEN[0], "more": {"x": [1]}}, *GIVEN],
        [*GIVEN, {**GIVEN[0], "more": {"x": [1]}}],
    ],
)
async def test_others_come_as_rows(items: list[dict[str, Any]]) -> None:
    """Instances that differ in what they have come as a list of dicts."""
    model = made(Taking)
    notes = await model.create_all(items)
    assert type(model.get_connector().given) is list
    assert [note.to_object() for note in await model.find(order="id")] == [
        note.to_object() for note in sorted(notes, key=lambda note: note.id)
    ]


async def test_what_can_be_changed_is_copied() -> None:
    """Values that can be changed come as copies, and as a list of dicts."""
    model = made(Taking, tags=[str])
    (note,) = await model.create_all([{**GIVEN[0], "tags": ["x"]}])
    (given,) = model.get_connector().given
    assert type(given["tags"]) is list
    note.tags.append("y")
    assert given["tags"] == ["x"]


async def test_only_who_takes_records_gets_them() -> None:
    """A connector that does not say so gets a list of dicts, and observers see dicts."""
    model = made(Plain)
    await model.create_all(GIVEN)
    assert type(model.get_connector().given) is list
    model = made(Taking)
    seen: list[Any] = []
    model.observe("persist", lambda context: seen.append(context.data.copy()))
    model.observe("loaded", lambda context: context.data.update(text=context.data["text"] * 2))
    notes = await model.create_all(GIVEN)
    assert seen == STORED
    assert [note.text for note in notes] == ["aa", "bb"]
