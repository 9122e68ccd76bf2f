"""Cases about hooks: which run, and in which order, whatever path the store makes calls take."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from juggler.testing.persistence_suite.base import Suite

HOOKS: Final = (
    "access", "before save", "persist", "loaded", "after save", "before delete", "after delete",
)  # fmt: skip
SAVE: Final = ["before save", "persist", "loaded", "after save"]
DELETE: Final = ["access", "before delete", "after delete"]

Call = Callable[[Any], Awaitable[Any]]


async def _on_first(person: Any, method: str, *arguments: Any) -> None:
    found = await person.find_by_id(1, options={"notify": False})
    await getattr(found, method)(*arguments)


CALLS: Final[list[tuple[str, Call, list[str]]]] = [
    ("create", lambda p: p.create(id=9), SAVE),
    ("save new", lambda p: p(id=9).save(), SAVE),
    ("save", lambda p: _on_first(p, "save"), SAVE),
    ("update_attributes", lambda p: _on_first(p, "update_attributes", {"age": 1}), SAVE),
    ("replace_attributes", lambda p: _on_first(p, "replace_attributes", {"age": 1}), SAVE),
    ("replace_by_id", lambda p: p.replace_by_id(1, {"age": 1}), SAVE),
    ("update_or_create new", lambda p: p.update_or_create({"id": 9}), ["access", *SAVE]),
    ("update_or_create", lambda p: p.update_or_create({"id": 1, "age": 1}), ["access", *SAVE]),
    ("replace_or_create", lambda p: p.replace_or_create({"id": 1}), ["access", *SAVE]),
    (
        "upsert_with_where",
        lambda p: p.upsert_with_where({"id": 1}, {"age": 1}),
        ["access", *SAVE],
    ),
    ("find_or_create new", lambda p: p.find_or_create({"where": {"id": 9}}, {"id": 9}),
     ["access", *SAVE]),
    ("find_or_create", lambda p: p.find_or_create({"where": {"id": 1}}, {"id": 1}),
     ["access", "loaded"]),
    ("find", lambda p: p.find(where={"id": 1}), ["access", "loaded"]),
    ("find_by_id", lambda p: p.find_by_id(1), ["access", "loaded"]),
    ("count", lambda p: p.count(), ["access"]),
    ("update_all", lambda p: p.update_all({"id": 1}, {"age": 1}),
     ["access", "before save", "persist", "after save"]),
    ("destroy_all", lambda p: p.destroy_all({"id": 1}), DELETE),
    ("destroy_by_id", lambda p: p.destroy_by_id(1), DELETE),
    ("destroy", lambda p: _on_first(p, "destroy"), DELETE),
]  # fmt: skip
"""Name of the case, the call, and the hooks that run."""


class HookCases(Suite):
    """Hooks."""

    @pytest.mark.parametrize(("call", "wanted"), [each[1:] for each in CALLS],
                             ids=[each[0] for each in CALLS])  # fmt: skip
    async def test_which_hooks_run(self, people: Any, call: Call, wanted: list[str]) -> None:
        """The same hooks run in the same order on every store."""
        seen: list[str] = []
        for hook in HOOKS:
            people.observe(hook, lambda _, hook=hook: seen.append(hook))
        await call(people)
        assert seen == wanted

    @pytest.mark.parametrize("call", [each[1] for each in CALLS], ids=[each[0] for each in CALLS])
    async def test_a_hook_can_refuse(self, people: Any, call: Call) -> None:
        """A hook that fails stops the call, and the store is as it was."""
        before = [each.to_dict() for each in await people.find(order="id")]

        async def refuse(_: Any) -> None:
            raise PermissionError("no")

        for hook in ("access", "before save", "before delete"):
            people.observe(hook, refuse)
        with pytest.raises(PermissionError):
            await call(people)
        for hook in ("access", "before save", "before delete"):
            people.clear_observers(hook)
        assert [each.to_dict() for each in await people.find(order="id")] == before

    async def test_changes_by_hooks_are_stored(self, person: Any) -> None:
        """What observers change before the store is what it gets."""

        def stamp(context: Any) -> None:
            instance = getattr(context, "instance", None)
            if instance is not None:
                instance.code = "stamped"
            else:
                context.data["code"] = "stamped"

        person.observe("before save", stamp)
        await person.create(id=1)
        await person.update_or_create({"id": 2})
        await person.update_all({"id": 1}, {"age": 1})
        assert [each.code for each in await person.find(order="id")] == ["stamped"] * 2
