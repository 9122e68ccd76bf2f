"""Taking records away: deleting them, or, where the model only marks them, noting when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from juggler.persistence.operation import Operation
from juggler.persistence.rows import settle
from juggler.query.nodes import Where


async def take_away(op: Operation, where: Where, instance: Any = None) -> int | None:
    """Delete the records of *where* and return how many there were.

    With the setting ``soft_delete``, which names a date, they stay and are marked, unless the
    option of that name is False.

    Args:
        op: The call.
        where: Which records.
        instance: The one whose record it is; it learns of the mark.
    """
    marked = op.info.settings.get("soft_delete")
    if not marked or op.options.get("soft_delete") is False:
        return await op.store.destroy_all(op.info, where, op.options)
    now = op.shape.properties[marked].type.coerce(datetime.now(UTC))
    count = await op.store.update(op.info, where, {marked: now}, op.options)
    if instance is not None and count != 0:
        settle(instance, marked, now)
    return count
