"""Cases about updates and deletions."""

from __future__ import annotations

from typing import Any

import pytest

from juggler.errors import InvalidQueryError, NotFoundError
from juggler.testing.persistence_suite.base import PEOPLE, Suite, ids, model


class ChangingCases(Suite):
    """Updating and deleting."""

    async def test_update_attributes(self, people: Any) -> None:
        """What is given changes, the rest stays."""
        found = await people.find_by_id(1)
        await found.update_attributes({"age": 37, "tags": ["z"]})
        again = await people.find_by_id(1)
        assert (again.name, again.age, list(again.tags)) == ("Ada", 37, ["z"])

    async def test_update_of_what_is_gone(self, people: Any) -> None:
        """A record that somebody else deleted is an error."""
        found = await people.find_by_id(1)
        await people.destroy_by_id(1)
        with pytest.raises(NotFoundError):
            await found.update_attributes({"age": 37})

    async def test_replace_attributes(self, people: Any) -> None:
        """What is not given is missing afterwards."""
        found = await people.find_by_id(1)
        assert (await found.replace_attributes({"age": 37})).name is None
        assert (await people.find_by_id(1)).name is None

    async def test_update_all(self, people: Any) -> None:
        """All that match change, and are counted."""
        self.needs("update_with_other_than_id")
        assert await people.update_all({"age": 20}, {"vip": True}) == {"count": 2}
        assert ids(await people.find(where={"vip": True}, order="id")) == [1, 2, 4]
        assert await people.update_all({"age": 99}, {"vip": True}) == {"count": 0}

    async def test_null_is_written(self, people: Any) -> None:
        """What is set to None is nothing afterwards."""
        found = await people.find_by_id(1)
        await found.update_attributes({"age": None, "home": None})
        again = await people.find_by_id(1)
        assert (again.name, again.age, again.home) == ("Ada", None, None)

    async def test_update_all_without_condition(self, people: Any) -> None:
        """An empty condition means all."""
        self.needs("update_without_id")
        assert await people.update_all({}, {"age": 1}) == {"count": 4}
        assert await people.count({"age": 1}) == 4

    async def test_destroy_all(self, people: Any) -> None:
        """All that match go, and are counted where the store can."""
        self.needs("delete_with_other_than_id")
        assert await people.destroy_all({"age": 20}) == self.count(2)
        assert ids(await people.find(order="id")) == [1, 3]
        assert await people.destroy_all({}) == self.count(2)
        assert await people.count() == 0

    async def test_destroy_by_id(self, people: Any) -> None:
        """One goes; one that is not there is no error."""
        assert await people.destroy_by_id(1) == self.count(1)
        assert await people.destroy_by_id(1) == {"count": 0}
        assert await people.exists(1) is False

    async def test_destroy(self, people: Any) -> None:
        """An instance deletes its record."""
        found = await people.find_by_id(2)
        assert await found.destroy() == self.count(1)
        assert await people.find_by_id(2) is None

    async def test_strict_delete(self, source: Any) -> None:
        """Where a model minds, deleting nothing is an error."""
        self.needs("support_strict_delete", "report_deleted_count")
        person = await model(source, strict_delete=True)
        made = await person.create(PEOPLE[0])
        assert await made.destroy() == {"count": 1}
        with pytest.raises(NotFoundError):
            await person.destroy_by_id(1)

    async def test_no_operator_is_an_id(self, people: Any) -> None:
        """A condition in the place of an id reaches nobody."""
        for work in (people.destroy_by_id, people.find_by_id, people.exists):
            with pytest.raises(InvalidQueryError):
                await work({"neq": 1})
        assert await people.count() == 4
