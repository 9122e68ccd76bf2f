"""Which records a bulk write is about to touch, for observers that ask (``load_affected``)."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from juggler.errors import InvalidValueError
from juggler.persistence.operation import Operation
from juggler.query.merge import both
from juggler.query.nodes import And, Condition, Filter, Or, Where

_SETTING: Final = "load_affected"
_CHOICES: Final = {True: False, "ids": False, "instances": True}
"""What the setting may be -> whether whole records are loaded."""


class Affected(NamedTuple):
    """The records that a bulk write is about to touch.

    Attributes:
        where: The condition that they were found by.
        ids: Their ids.
        instances: The records themselves, where these were asked for.
    """

    where: Where
    ids: list[Any]
    instances: list[Any] | None = None

    def fields(self) -> dict[str, Any]:
        """Return what contexts show."""
        found: dict[str, Any] = {"ids": list(self.ids)}
        if self.instances is not None:
            found["instances"] = list(self.instances)
        return found


async def load_affected(
    op: Operation, where: Where, hooks: tuple[str, ...], known: Affected | None = None
) -> Affected | None:
    """Return the records of *where*; None where nobody asks for them, or nobody would see them.

    Args:
        op: The call; it, its model or its source says ``load_affected``: True or ``"ids"``, or
            ``"instances"``.
        where: The condition of the write.
        hooks: The hooks of the write.
        known: What was loaded before; it stays where the condition is the same still.

    Raises:
        InvalidValueError: The setting is none of these.
    """
    wanted = op.setting(_SETTING)
    if not wanted or not op.shape.ids or not any(map(op.observers, hooks)):
        return None
    if known is not None and known.where == where:
        return known
    return await _loaded(op, where, wanted)


async def _loaded(op: Operation, where: Where, wanted: Any) -> Affected:
    """Return the records of *where*, with what is *wanted* of them."""
    is_whole = _CHOICES.get(wanted)
    if is_whole is None:
        raise InvalidValueError(f"load_affected is True, 'ids' or 'instances', not {wanted!r}.")
    ids = op.shape.ids
    query = Filter(where=where, fields=None if is_whole else ids)
    rows = await op.store.all(op.info, query, op.options)
    op.check_alive()
    keys = [row[ids[0]] if len(ids) == 1 else {n: row[n] for n in ids} for row in rows]
    return Affected(where, keys, [op.model.load(row) for row in rows] if is_whole else None)


def only(op: Operation, where: Where, affected: Affected | None) -> Where:
    """Return *where*, and that the records are those that were loaded, who come meanwhile not."""
    if affected is None:
        return where
    ids = op.shape.ids
    if len(ids) == 1:
        return both(where, Condition(ids, "inq", tuple(affected.ids)))
    keys = ([Condition((name,), "eq", key[name]) for name in ids] for key in affected.ids)
    return both(where, Or(tuple(And(tuple(parts)) for parts in keys)))


def fields_of(affected: Affected | None) -> dict[str, Any]:
    """Return what contexts show of the records that were loaded."""
    return {} if affected is None else affected.fields()


def info_of(count: int | None, ids: list[Any] | None) -> dict[str, Any]:
    """Return what observers learn of a write; without ``count`` where the store cannot tell."""
    info: dict[str, Any] = {} if count is None else {"count": count}
    if ids is not None:
        info["ids"] = ids
    return info


def told(info: dict[str, Any]) -> dict[str, int]:
    """Return what the caller gets of *info*."""
    return {"count": info["count"]} if "count" in info else {}
