"""The mixin `SoftDelete`: what is deleted stays, marked, and out of sight."""

from datetime import UTC, datetime
from typing import Any

import pytest

from juggler import DataSource, Model, prop
from juggler.errors import DefinitionError, NotFoundError
from juggler.facade.default import ModelRegistry

ALL = {"with_deleted": True}


@pytest.fixture(params=["memory", "sqlite://"])
async def source(request: pytest.FixtureRequest) -> Any:
    """A data source of each kind that there is without a service."""
    async with DataSource(request.param, registry=ModelRegistry()) as found:
        yield found


@pytest.fixture
async def model(source: Any) -> Any:
    """A model with three records, the second one deleted."""
    found = source.define("Note", {"text": "string"}, mixins={"SoftDelete": True})
    await source.autoupdate()
    await found.create([{"text": text} for text in "abc"])
    await found.destroy_by_id(2)
    return found


async def texts(model: Any, **options: Any) -> str:
    """Return the texts of the records that are found."""
    return "".join(each.text for each in await model.find(order="id", options=options))


# DAO-320, DAO-198
async def test_what_is_deleted_is_marked(model: Any) -> None:
    """Every way to delete leaves the record; reads, counts and writes pass it by."""
    assert (await texts(model), await texts(model, **ALL)) == ("ac", "abc")
    before = datetime.now(UTC)
    note = await model.find_by_id(1)
    assert await note.destroy() == {"count": 1}
    assert note.is_destroyed()
    assert note.deleted_at.tzinfo is UTC
    assert (before - note.deleted_at).total_seconds() < 1
    with pytest.raises(NotFoundError):
        await note.save()
    assert await model.destroy_all({"text": "c"}) == {"count": 1}
    assert await model.destroy_all({"text": "c"}) == {"count": 0}
    assert (await model.count(), await model.count({}, ALL)) == (0, 3)
    assert await model.find_by_id(1) is None
    assert not await model.exists(1)
    assert (await model.update_all({}, {"text": "z"}))["count"] == 0
    with pytest.raises(NotFoundError):
        await model.replace_by_id(1, {"text": "z"})
    assert await texts(model, **ALL) == "abc"


# DAO-320, DAO-197
async def test_records_come_back_or_go_for_good(model: Any) -> None:
    """Clearing the mark restores a record; a call may ask for a real deletion."""
    assert (await model.update_all({"id": 2}, {"deleted_at": None}, ALL))["count"] == 1
    assert await texts(model) == "abc"
    await model.destroy_by_id(2)
    await model.destroy_all({"id": {"inq": [1, 2]}}, {"soft_delete": False})
    assert await texts(model, **ALL) == "bc"
    await model.destroy_all({"id": 2}, {"soft_delete": False, **ALL})
    assert await texts(model, **ALL) == "c"
    assert await texts(model, unscoped=True) == "c"


async def test_hooks_of_deletions_run(model: Any) -> None:
    """They see a deletion, and nothing else."""
    seen: list[str] = []
    for name in ("before delete", "after delete", "before save", "after save"):
        model.observe(name, lambda _, name=name: seen.append(name))
    await model.destroy_by_id(1)
    assert seen == ["before delete", "after delete"]


async def test_it_goes_with_a_scope_of_the_models_own(source: Any) -> None:
    """The scope holds beside it and forces what it forces; the property has any name."""
    options = {"property": "gone"}

    class Task(Model, data_source=source, mixins={"SoftDelete": options}):
        """A declared model with a scope."""

        id: int = prop(id=True, generated=True)
        text: str = ""
        kind: str | None = None

        @classmethod
        def default_scope(cls, *_: Any) -> Any:
            """Return the scope."""
            return {"where": {"kind": "t"}, "order": "id DESC"}

    await source.autoupdate()
    await Task.create([{"text": text} for text in "ab"])
    assert [each.text for each in await Task.find()] == ["b", "a"]
    await Task.destroy_all({"text": "a"})
    assert [(each.text, each.kind) for each in await Task.find()] == [("b", "t")]
    assert [each.text for each in await Task.find(options=ALL)] == ["b", "a"]
    child = Task.extend("Chore", {"by": "string"})
    assert child.settings["soft_delete"] == "gone"
    assert list(child.properties).count("gone") == 1


# MOD-97
async def test_a_model_may_get_it_later() -> None:
    """`Model.mixin` adds property and setting; models of one structure stay on one shape."""
    registry = ModelRegistry()
    source = DataSource("memory", registry=registry)
    model = source.define("Note", {"text": "string"})
    twin = source.define("Twin", {"text": "string"}, mixins={"SoftDelete": True})
    model.mixin("SoftDelete")
    model.mixin("SoftDelete")
    assert model.shape is twin.shape
    async with source:
        await model.create(text="a")
        await model.destroy_by_id(1)
        assert (await texts(model), await texts(model, **ALL)) == ("", "a")
    for bad in ({"property": 5}, {"other": "x"}):
        with pytest.raises(DefinitionError, match="SoftDelete"):
            registry.define("Bad", {}, mixins={"SoftDelete": bad})
