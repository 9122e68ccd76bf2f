"""Cases about creating records and finding them by their ids."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import pytest

from juggler.errors import DuplicateEntryError, NotFoundError, ValidationError
from juggler.testing.persistence_suite.base import Suite, ids, model

VALUES: Final[list[tuple[str, Any]]] = [
    *(("name", text) for text in ("", " a ", "NULL", "1", "é\U0001f600\n'\"%")),
    *(("age", number) for number in (0, -1, 0.5, 2**53, 1e300)),
    ("vip", False),
    ("tags", []),
    ("tags", ["", "b", "a"]),
    ("home", {"city": ""}),
]
"""A property, and a value that stores have been seen to change."""

COUNTED = {"id": {"type": "number", "id": True, "generated": True}, "name": "string"}


class CreatingCases(Suite):
    """Creating."""

    async def test_what_is_created_is_there(self, person: Any) -> None:
        """The instance has its values, and so has the one that is found."""
        made = await person.create(id=7, name="Ada", age=36, vip=True)
        assert (made.id, made.is_new_record()) == (7, False)
        found = await person.find_by_id(7)
        assert (found.name, found.age, found.vip) == ("Ada", 36, True)
        assert (await person.exists(7), await person.exists(8)) == (True, False)

    @pytest.mark.parametrize(("name", "value"), VALUES)
    async def test_values_come_back(self, person: Any, name: str, value: Any) -> None:
        """A value is found as it was given."""
        await person.create({"id": 1, name: value})
        found = (await person.find_by_id(1)).to_dict()[name]
        assert found == value
        assert isinstance(found, bool) is isinstance(value, bool)

    async def test_ids_are_made_up(self, source: Any) -> None:
        """Records without an id get one each."""
        note = source.define("Note", COUNTED)
        await source.automigrate("Note")
        made = await note.create([{"name": "a"}, {"name": "b"}])
        made += await note.create_all([{"name": "c"}, {"name": "d"}])
        assert len({each.id for each in made}) == 4
        assert None not in ids(made)
        assert [(await note.find_by_id(each.id)).name for each in made] == ["a", "b", "c", "d"]

    async def test_duplicates_are_refused(self, people: Any) -> None:
        """An id that is taken is an error, and the record that has it stays."""
        self.needs("refuse_duplicate_insert")
        with pytest.raises(DuplicateEntryError):
            await people.create(id=1, name="Eve")
        assert (await people.find_by_id(1)).name == "Ada"

    async def test_force_id(self, source: Any) -> None:
        """Where the store chooses ids, nobody else does."""
        self.needs("support_force_id")
        note = source.define("Note", COUNTED, force_id=True)
        await source.automigrate("Note")
        with pytest.raises(ValidationError):
            await note.create(id=5, name="a")
        assert (await note.create(name="a")).id is not None
        with pytest.raises(NotFoundError):
            await note.update_or_create({"id": 99, "name": "b"})

    async def test_find_by_ids(self, people: Any) -> None:
        """Records come in the order of their ids; those that are not there are left out."""
        self.needs("support_inq")
        assert ids(await people.find_by_ids([3, 99, 1])) == [3, 1]
        assert await people.find_by_id(99) is None

    async def test_save(self, person: Any) -> None:
        """A new instance is created, a stored one is written whole."""
        made = person(id=1, name="Ada", age=3)
        await made.save()
        made.age = 4
        await made.save()
        assert [each.age for each in await person.find()] == [4]
        await made.reload()
        assert made.age == 4


class UpsertCases(Suite):
    """Writing what may be there or not, in one step or in several."""

    async def test_update_or_create(self, people: Any) -> None:
        """The record is patched if it is there, else created."""
        self.needs("update_without_id")
        found = await people.update_or_create({"id": 1, "age": 37})
        assert (found.name, found.age) == ("Ada", 37)
        assert (await people.find_by_id(1)).name == "Ada"
        assert (await people.upsert({"id": 9, "name": "Eve"})).name == "Eve"
        assert await people.count() == 5

    async def test_replace_or_create(self, people: Any) -> None:
        """What is not given is missing afterwards."""
        await people.replace_or_create({"id": 1, "age": 37})
        found = await people.find_by_id(1)
        assert (found.name, found.age) == (None, 37)
        await people.replace_or_create({"id": 9, "name": "Eve"})
        assert await people.count() == 5

    async def test_replace_by_id(self, people: Any) -> None:
        """A record is replaced; one that is not there is an error."""
        await people.replace_by_id(1, {"age": 37})
        assert (await people.find_by_id(1)).name is None
        with pytest.raises(NotFoundError):
            await people.replace_by_id(99, {"age": 1})

    async def test_upsert_with_where(self, people: Any) -> None:
        """The one record that matches is patched; none is a new one; several are an error."""
        self.needs("update_with_other_than_id")
        assert (await people.upsert_with_where({"name": "Ada"}, {"age": 1})).id == 1
        await people.upsert_with_where({"name": "Eve"}, {"id": 9, "name": "Eve"})
        with pytest.raises(Exception, match="several"):
            await people.upsert_with_where({"age": 20}, {"age": 1})
        assert sorted(each.age or 0 for each in await people.find()) == [0, 1, 20, 20, 50]

    async def test_many_tasks_upsert_with_where(self, source: Any) -> None:
        """Tasks that look for the same record make one."""
        self.needs("atomic_upsert_with_where")
        note = source.define("Note", COUNTED)
        await source.automigrate("Note")
        async with asyncio.TaskGroup() as tasks:
            for _ in range(20):
                tasks.create_task(note.upsert_with_where({"name": "a"}, {"name": "a"}))
        assert await note.count() == 1

    async def test_find_or_create(self, people: Any) -> None:
        """The first that matches is found, else one is made."""
        found, is_new = await people.find_or_create({"where": {"name": "Ada"}}, {"id": 8})
        assert (found.id, is_new) == (1, False)
        last = {"where": {"age": 20}, "order": "id DESC"}
        found, is_new = await people.find_or_create(last, {"id": 8})
        assert (found.id, is_new) == (4, False)
        found, is_new = await people.find_or_create({"where": {"name": "Eve"}}, {"id": 9})
        assert (found.id, is_new) == (9, True)

    async def test_replace_or_create_says_what_it_did(self, source: Any) -> None:
        """Observers are told whether the record is new."""
        self.needs("replace_or_create_reports_new_instance")
        person, told = await model(source), []
        person.observe("after save", lambda context: told.append(context.is_new_instance))
        for _ in range(2):
            await person.replace_or_create({"id": 1, "name": "Ada"})
        assert told == [True, False]
