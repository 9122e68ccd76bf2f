"""The methods of an instance that reach its store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from juggler.facade.alias import Alias, Both
from juggler.facade.reads import Options
from juggler.models.instances.instance import Instance
from juggler.persistence import validating
from juggler.persistence.reads import read
from juggler.persistence.scoping import forced_values, may_force
from juggler.persistence.writes import change, delete, replace, save


class Record(Instance):
    """One record of a model, with the methods that store and delete it.

    Every public name here is taken from properties, so they are few.  Like all instances it is not
    safe for writes from several tasks at once; what a method changes on it, it changes once the
    store has answered.
    """

    __slots__ = ()

    async def save(
        self, options: Options | None = None, *, only_changed: bool = False, force: bool = False
    ) -> Self:
        """Store the record, as a new one or over the one that is there, and return self.

        Args:
            options: Options of the call.
            only_changed: Write only what was assigned since the record was loaded or saved.
            force: Create a record again that was deleted.

        Raises:
            ValidationError: A rule is broken; nothing was written.
            NotFoundError: It was deleted.
        """
        await save.save(self, options, only_changed=only_changed, again=force)
        return self

    async def update_attributes(
        self, data: Mapping[str, Any] | Instance, options: Options | None = None
    ) -> Self:
        """Change the given properties, in the store and here, and return self.

        Raises:
            ValidationError: The record would break a rule; nothing was written or changed.
            NotFoundError: It is not there.
        """
        await change.update_attributes(self, data, options)
        return self

    async def update_attribute(self, name: str, value: Any, options: Options | None = None) -> Self:
        """Change one property, in the store and here, and return self."""
        await self.update_attributes({name: value}, options)
        return self

    async def replace_attributes(
        self, data: Mapping[str, Any] | Instance, options: Options | None = None
    ) -> Self:
        """Put *data* in the place of the record; return a new instance, this one stays."""
        found: Self = await replace.replace_attributes(self, data, options)
        return found

    async def destroy(self, options: Options | None = None) -> dict[str, int]:
        """Delete the record; return ``{"count": n}``, 0 where it was gone already."""
        return await delete.destroy(self, options)

    async def reload(
        self, options: Options | None = None, *, missing_ok: bool = False
    ) -> Self | None:
        """Read the record again into this instance and return it; unsaved changes are lost.

        Raises:
            NotFoundError: It is gone, and *missing_ok* does not say that None will do.
        """
        found: Self | None = await read.reload(self, options, missing_ok=missing_ok)
        return found

    def get_distance(self, name: str | None = None) -> float | None:
        """Return how far the record was from the point that it was looked for near to.

        It is in the unit of the ``near``, as of when the record was found with the option
        ``with_distance``; None without that, or where the record has no place.

        Args:
            name: The property, in dots; where it is not given the least distance counts.
        """
        found = self._state.distances or {}
        return min(found.values(), default=None) if name is None else found.get(name)

    async def is_valid(
        self, data: Mapping[str, Any] | None = None, options: Options | None = None
    ) -> bool:
        """Tell whether no rule is broken, also with *data* set; ``instance.errors`` says which."""
        return await validating.is_valid(self, data, options)

    def is_valid_sync(
        self, data: Mapping[str, Any] | None = None, options: Options | None = None
    ) -> bool:
        """Tell what `is_valid` tells, without waiting.

        Raises:
            RuntimeError: A rule is async, or asks the store.
        """
        return validating.is_valid_sync(self, data, options)

    def set_attributes(self, data: Any) -> None:
        """Set each property of *data*, and the values that the default scope forces."""
        if isinstance(data, Mapping) and not self._state.unscoped and may_force(self._model):
            data = {**data, **forced_values(self._model, data, self)}
        super().set_attributes(data)

    if TYPE_CHECKING:
        patch_attributes = update_attributes
        delete = destroy
        remove = destroy
    else:
        patch_attributes = Alias("update_attributes")
        delete = Alias("destroy")
        remove = Both("destroy", "destroy_all")
