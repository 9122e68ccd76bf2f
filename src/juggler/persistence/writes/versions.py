"""Optimistic locking: a property marked ``version`` is checked and counted up by every write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import UNSET

from juggler.connectors.contract import ModelInfo
from juggler.errors import DefinitionError, InvalidValueError, JugglerError, VersionConflictError
from juggler.models.instances import values
from juggler.persistence import rows
from juggler.persistence.conditions import bound
from juggler.persistence.ids import NUMBERS
from juggler.persistence.operation import Operation
from juggler.persistence.road import not_found
from juggler.query.changes import inc
from juggler.query.merge import both
from juggler.query.nodes import Condition, Filter, Where

Data = dict[str, Any]

_KEY: Final = "juggler.persistence.version"
"""Key of the name of the version property in the cache of a `ModelInfo`."""
FIRST: Final = 1


def version_name(info: ModelInfo) -> str | None:
    """Return the property that holds the version of a record, None where there is none.

    Raises:
        DefinitionError: It is no number, or there are two.
    """
    known: str | None = info.cache.get(_KEY, "")
    if known != "":
        return known
    found = [item for item in info.shape if item.options.get("version") is True]
    if len(found) > 1 or any(item.type.name not in NUMBERS or item.id for item in found):
        raise DefinitionError(
            f"{info.name}: `version` marks one property, a number that is no id.",
            model=info.name,
            property=found[-1].name,
        )
    name = info.cache[_KEY] = found[0].name if found else None
    return name


class Version:
    """The version that a record must have for a write, and the one it has afterwards.

    Attributes:
        name: The property.
        expected: What has to be stored; None for no version yet.
        new: What is stored afterwards.
    """

    __slots__ = ("expected", "name", "new")

    def __init__(self, name: str, expected: Any) -> None:
        self.name = name
        self.expected = expected
        self.new = (expected or 0) + 1

    @classmethod
    def of(cls, op: Operation, instance: Any, given: Data | None = None) -> Version | None:
        """Return what a write of *instance* expects, None where the model has no versions.

        A version among the data that was *given* is what the caller expects; it is taken out.

        Raises:
            InvalidValueError: What was given is no version.
            JugglerError: ``PARTIAL_INSTANCE``: the instance was loaded without its version.
        """
        name = version_name(op.info)
        if name is None:
            return None
        expected = None if given is None else given.pop(name, None)
        if expected is not None:
            return cls(name, _coerced(op, name, expected))
        return cls(name, _loaded(op, name, instance))

    def guarded(self, where: Where) -> Where:
        """Return *where* for the record with the expected version alone."""
        return both(where, Condition((self.name,), "eq", self.expected))

    def checked(self, where: Where, data: Mapping[str, Any]) -> tuple[Where, Data]:
        """Return condition and data of a write that checks the version and counts it up."""
        return self.guarded(where), {**data, self.name: self.new}

    def settle(self, instance: Any) -> None:
        """Put the new version on *instance*."""
        rows.settle(instance, self.name, self.new)


async def missed(op: Operation, where: Where, version: Version | None) -> JugglerError:
    """Return the error for a write that found no record: it is gone, or of another version."""
    if version is not None:
        query = Filter(where=bound(op, where), fields=(version.name,), limit=1)
        there = await op.store.all(op.info, query, op.options)
        op.check_alive()
        if there:
            return conflict(op, version)
    return not_found(op, where)


def conflict(op: Operation, version: Version) -> VersionConflictError:
    """Return the error for a record that somebody else has written or deleted."""
    return VersionConflictError(
        f"{op.name}: this {op.model_name} was changed or deleted since it was loaded as version "
        f"{version.expected}; read it again and repeat the change.",
        model=op.model_name,
        property=version.name,
        tenant=op.tenant,
        value=version.expected,
    )


def begin_version(op: Operation, instance: Any) -> None:
    """Give a new *instance* its first version, unless it has one."""
    name = version_name(op.info)
    if name is not None and values.raw(instance, name) in {None, UNSET}:
        values.set_raw(instance, name, FIRST)


def bumped(op: Operation, data: Data) -> Data:
    """Return the *data* of many records with their versions counted up.

    Raises:
        InvalidValueError: It has a version, which is not for many.
    """
    name = version_name(op.info)
    if name is None:
        return data
    if name in data:
        raise InvalidValueError(
            f"{op.name}: {name!r} of {op.model_name} is counted up by itself; leave it out.",
            code="IMMUTABLE",
            model=op.model_name,
            property=name,
        )
    return {**data, name: inc()}


def _loaded(op: Operation, name: str, instance: Any) -> Any:
    """Return the version that *instance* had when it was loaded, None for none."""
    partial = instance._state.partial
    if partial is not None and name not in partial:
        raise JugglerError(
            f"This {op.model_name} was loaded without its version; add {name} to `fields`.",
            code="PARTIAL_INSTANCE",
            status_code=400,
            model=op.model_name,
            property=name,
        )
    changed = instance._state.changed or {}
    found = changed[name] if name in changed else values.raw(instance, name)
    return None if found is UNSET else found


def _coerced(op: Operation, name: str, given: Any) -> Any:
    found = op.shape.properties[name].type.coerce(given)
    if not isinstance(found, int | float):
        raise InvalidValueError(
            f"{op.name}: {given!r} is no version of {op.model_name}.",
            model=op.model_name,
            property=name,
            value=given,
        )
    return found
