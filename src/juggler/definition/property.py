"""One property of a shape, frozen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec import UNSET

from juggler.definition.frozen import thawed
from juggler.types.base import ValueType

NO_OPTIONS: Mapping[str, Any] = MappingProxyType({})


class Property(msgspec.Struct, frozen=True, eq=False):
    """A name, a type and options.

    Attributes:
        name: Any text without dots.
        type: What values are.
        id: Position in the primary key, counted from 1; 0 for a property outside it.
        generated: The store makes the value.
        required: A presence rule stands on the property; a mapping holds that rule's options.
        frozen_default: Value (or function without arguments) for a missing value; UNSET for none.
        default_fn: Function that makes the default, already resolved from its name.
        index: Asked-for index: False, True or the options of one.
        unique: Values are unique over all rows.
        length: Longest text or list.
        hidden: Left out of every JSON output.
        protected: Left out of the output of instances nested in others.
        options: All other options in snake case, connector blocks included.
        written_default: The default before it was made a value of the type; fingerprints count it,
            since two values made from the same words may be different objects.
    """

    name: str
    type: ValueType
    id: int = 0
    generated: bool = False
    required: bool | Mapping[str, Any] = False
    frozen_default: Any = UNSET
    default_fn: Callable[[], Any] | None = None
    index: bool | Mapping[str, Any] = False
    unique: bool = False
    length: int | None = None
    hidden: bool = False
    protected: bool = False
    options: Mapping[str, Any] = NO_OPTIONS
    written_default: Any = UNSET

    @property
    def default(self) -> Any:
        """Return the default, a fresh copy where it could be changed; UNSET for none."""
        return thawed(self.frozen_default)

    @property
    def is_default_persisted(self) -> bool:
        """Tell whether stores keep the default; they may be spared a text, number or boolean."""
        is_wanted = self.options.get("persist_default_values") is not False
        return is_wanted or not isinstance(self.frozen_default, str | int | float | Decimal)

    @property
    def computed(self) -> Any:
        """Return the function (or name of a method) that makes the value; None for none."""
        return self.options.get("computed") or None

    @property
    def is_stored(self) -> bool:
        """Tell whether stores keep the value."""
        return not (self.options.get("virtual") or self.options.get("computed"))

    @property
    def is_read_only(self) -> bool:
        """Tell whether clients may not set the value."""
        return bool(self.options.get("read_only")) or not self.is_stored

    @property
    def has_default(self) -> bool:
        """Tell whether a missing value is filled in."""
        return self.frozen_default is not UNSET or self.default_fn is not None
