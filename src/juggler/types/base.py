"""What every property type can do: the one interface that shapes are compiled against."""

from __future__ import annotations

from typing import Any, ClassVar, Final, Protocol


class _Bad:
    """Marks a value that its property's type does not accept."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "BAD"

    def __bool__(self) -> bool:
        return False


BAD: Final = _Bad()
"""What ``coerce`` answers for a value that the type does not accept."""


class FromText(Protocol):
    """Makes a value of text."""

    def __call__(self, text: str, /) -> Any:
        """Return the value that *text* is, None for none, or BAD."""


class ValueType:
    """One property type: immutable, shared by all shapes, without any state.

    ``coerce`` and the others are never called with None or UNSET: those pass every type untouched.
    """

    name: ClassVar[str]
    """Canonical name, as in ``{"type": "number"}``."""

    bad_code: ClassVar[str] = "type"
    """Code of the validation error for a value that is BAD, e.g. ``type.number``."""

    bad_message: ClassVar[str] = "is invalid"

    is_scalar: ClassVar[bool] = True
    """Whether values are immutable; others are copied before they leave an instance."""

    rebuilds: ClassVar[bool] = False
    """Whether stores give back plain data that `load` makes the value of, whatever they say."""

    kept: ClassVar[type | None] = None
    """Python class whose values `coerce` gives back, all of them, as they are."""

    from_text: ClassVar[FromText | None] = None
    """Does what `coerce` does where the value is text, and never raises; None: only that does."""

    def coerce(self, value: Any) -> Any:
        """Return client *value* as a value of this type, or BAD.

        Raises:
            InvalidValueError: The value must be refused at once (lists, geo points, date strings).
        """
        raise NotImplementedError

    def load(self, stored: Any) -> Any:
        """Return the value for what a store gave back; a good value comes back as it is."""
        return self.coerce(stored)

    def dump(self, value: Any) -> Any:
        """Return *value* as plain JSON data (dates as ISO text, Decimals as text ...)."""
        return value

    def condition(self, operand: Any) -> Any:
        """Return *operand* of a query condition as a value of this type.

        Raises:
            InvalidQueryError: The operand can never be compared with values of this type.
        """
        raise NotImplementedError

    def canonical(self) -> Any:
        """Return the plain data that stands for this type in a fingerprint."""
        return self.name

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"A type is shared by all models and cannot be changed: {name}.")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"A type is shared by all models and cannot be changed: {name}.")

    def __repr__(self) -> str:
        return f"<type {self.name}>"
