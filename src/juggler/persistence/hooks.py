"""Hooks: their names, and what observers are shown."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from juggler import context
from juggler.models.instances.instance import Instance

ACCESS: Final = "access"
BEFORE_SAVE: Final = "before save"
AFTER_VALIDATE: Final = "after validate"
PERSIST: Final = "persist"
LOADED: Final = "loaded"
AFTER_SAVE: Final = "after save"
BEFORE_DELETE: Final = "before delete"
AFTER_DELETE: Final = "after delete"


class Context:
    """What an observer is called with; it lives for one notification.

    A field that the operation does not have at this point is absent: it reads as None and is not
    among ``vars(context)``.

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
        ids: Ids of the records concerned, where they were asked for (``load_affected``).
        instances: The records themselves, where they were asked for.
        results: What the work of `notify_observers_around` gave, as a list.
        error: What it failed with.
        ended: Whether an observer ended it.
    """

    model: Any
    options: Mapping[str, Any]
    hook_state: dict[str, Any]
    operation: str
    is_new_instance: bool | None = None
    query: Any = None
    where: Any = None
    data: Any = None
    instance: Any = None
    current_instance: Any = None
    info: Any = None
    ids: Any = None
    instances: Any = None
    results: Any = None
    error: BaseException | None = None
    ended: bool = False
    _call: Any = None

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)

    @property
    def transaction(self) -> Any:
        """Return the transaction that the operation is part of, or None."""
        return None if self._call is None else self._call.transaction

    def on_commit(self, call: Callable[[], Any]) -> None:
        """Call *call*, sync or async, once what the operation does is committed.

        That is when the surrounding transaction is; without one, when the operation has ended well.
        It works for the tenant that the observer works for.
        """
        found = self._known_call("on_commit")
        found.afterwards.on_commit(_for_now(found.tenant, call))

    def on_rollback(self, call: Callable[[], Any]) -> None:
        """Call *call*, sync or async, if what the operation does is rolled back, or it fails."""
        found = self._known_call("on_rollback")
        found.afterwards.on_rollback(_for_now(found.tenant, call))

    def _known_call(self, name: str) -> Any:
        if self._call is None:
            raise AttributeError(f"{name}: this context is of no operation on a store.")
        return self._call

    def end(self, *results: Any) -> None:
        """End what is going on with *results*, in an observer of ``before`` something.

        It is for `notify_observers_around`; the work and all further observers are skipped.
        """
        self.ended = True
        self.results = list(results)

    def _shown(self) -> Iterator[tuple[str, Any]]:
        return ((name, value) for name, value in vars(self).items() if name != "_call")

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self._shown())
        return f"Context({shown})"


_WRITING: Final = frozenset(
    "apply_defaults delete destroy from_object patch_attributes reload remove reset save "
    "set_attribute set_attributes set_id set_raw set_strict unset_attribute update_attribute "
    "update_attributes".split()
)
"""Methods that change the instance that they are called on."""


class View:
    """A read-only view of an instance: reads go through, writes raise AttributeError.

    What is embedded in it is a view, too; lists and dicts are copies.
    """

    __slots__ = ("_instance",)

    _instance: Any

    def __init__(self, instance: Any) -> None:
        object.__setattr__(self, "_instance", instance)

    @property  # type: ignore[misc]  # as mocks do it: `isinstance` sees the instance
    def __class__(self) -> Any:
        """Pass for an instance of the model."""
        return type(self._instance)

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of a property, else *default*."""
        return _shown(self._instance.get(name, default))

    def raw(self, name: str) -> Any:
        """Return the value of a property as it is stored."""
        return _shown(self._instance.raw(name))

    def __getattr__(self, name: str) -> Any:
        if name in _WRITING and name not in self._instance._plans:
            raise AttributeError(f"current_instance is read-only: {name} would change it.")
        return _shown(getattr(self._instance, name))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"current_instance is read-only: {name} cannot be set.")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"current_instance is read-only: {name} cannot be removed.")

    def __getitem__(self, name: str) -> Any:
        return _shown(self._instance[name])

    def __setitem__(self, name: str, value: object) -> None:
        raise TypeError(f"current_instance is read-only: {name} cannot be set.")

    def __contains__(self, name: object) -> bool:
        return name in self._instance

    def __iter__(self) -> Iterator[str]:
        return iter(self._instance)

    def __eq__(self, other: object) -> bool:
        return bool(self._instance == (other._instance if type(other) is View else other))

    __hash__ = None  # type: ignore[assignment]  # as instances

    def __repr__(self) -> str:
        return repr(self._instance)


def _shown(value: Any) -> Any:
    """Return *value*, or what shows it where it could be changed itself."""
    if isinstance(value, Instance):
        return View(value)
    if isinstance(value, list):
        return list(map(_shown, value))
    if isinstance(value, dict):
        return {name: _shown(item) for name, item in value.items()}
    return value


def _for_now(tenant: str | None, call: Callable[[], Any]) -> Callable[[], Any]:
    """Return *call* as one that works for the tenant of the running task, which may be another."""
    code = context.current_tenant()
    if code is None or code == tenant:
        return call

    async def run() -> None:
        with context.tenant(code):
            found = call()
            if inspect.isawaitable(found):
                await found

    return run
