"""Hooks: what observers are shown, and running them one after the other."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from juggler.models.behaviour import Observe

ACCESS: Final = "access"
BEFORE_SAVE: Final = "before save"
PERSIST: Final = "persist"
LOADED: Final = "loaded"
AFTER_SAVE: Final = "after save"
BEFORE_DELETE: Final = "before delete"
AFTER_DELETE: Final = "after delete"


class Context:
    """What an observer is called with; it lives for one notification.

    A field that the operation does not have at this point is absent: reading it is an
    AttributeError.

    Attributes:
        model: The model that the operation is on.
        options: The call's options; the same object in all hooks of the call.
        hook_state: A dict private to the call, shared by all its hooks.
        operation: Name of the operation, e.g. ``update_attributes``.
        is_new_instance: Whether the record is new; None where nobody can tell yet.
        query: The filter that the operation works on, as a dict; may be edited or replaced.
        where: The condition of the records concerned, as a dict.
        data: Plain data; may be edited or replaced.
        instance: The instance that is stored or deleted.
        current_instance: A read-only view of the instance.
        info: What the store answered, e.g. ``{"count": 2}``.
    """

    model: Any
    options: Mapping[str, Any]
    hook_state: dict[str, Any]
    operation: str
    is_new_instance: bool | None = None
    query: Any
    where: Any
    data: Any
    instance: Any
    current_instance: Any
    info: Any

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"Context({shown})"


class View:
    """A read-only view of an instance: reads go through, writes raise AttributeError."""

    __slots__ = ("_instance",)

    _instance: Any

    def __init__(self, instance: Any) -> None:
        object.__setattr__(self, "_instance", instance)

    @property  # type: ignore[misc]  # as mocks do it: `isinstance` sees the instance
    def __class__(self) -> Any:
        """Pass for an instance of the model."""
        return type(self._instance)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._instance, name)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"current_instance is read-only: {name} cannot be set.")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"current_instance is read-only: {name} cannot be removed.")

    def __getitem__(self, name: str) -> Any:
        return self._instance[name]

    def __contains__(self, name: object) -> bool:
        return name in self._instance

    def __iter__(self) -> Iterator[str]:
        return iter(self._instance)

    def __eq__(self, other: object) -> bool:
        return bool(self._instance == (other._instance if type(other) is View else other))

    __hash__ = None  # type: ignore[assignment]  # as instances

    def __repr__(self) -> str:
        return repr(self._instance)


async def run(
    observers: Sequence[Observe],
    context: Context,
    hook: str,
    check: Callable[[], None] | None = None,
) -> None:
    """Call *observers* in order; the first error ends the run and is raised with a note.

    Args:
        observers: Sync and async functions of the context.
        context: What they are called with.
        hook: For the note.
        check: Called after each; it raises where the next one must not run.
    """
    for observer in observers:
        try:
            outcome = observer(context)
            if inspect.isawaitable(outcome):
                await outcome
        except Exception as error:  # whatever it is, it is raised again: only a note is added
            error.add_note(
                f"Raised by the observer {_name(observer)} of {hook!r} while "
                f"{context.operation} was at work on {context.model.model_name}."
            )
            raise
        if check is not None:
            check()


def _name(observer: Observe) -> str:
    return str(getattr(observer, "__qualname__", None) or repr(observer))
