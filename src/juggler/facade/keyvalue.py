"""Key-value models: what a model on a store of keys and values answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import takewhile
from types import MethodType
from typing import TYPE_CHECKING, Any, ClassVar, dataclass_transform

from msgspec import UNSET, UnsetType

from juggler.definition.shape import Shape
from juggler.errors import MethodMissingError
from juggler.facade.attached import Attached
from juggler.facade.pickling import Pickled
from juggler.facade.reads import Options, Reads
from juggler.facade.writes import Writes
from juggler.models.declared import ModelMeta, prop
from juggler.models.instances.instance import Instance
from juggler.models.runtime import RuntimeModel
from juggler.persistence import keyvalue

Ttl = float | UnsetType | None
"""Milliseconds; None for ever; not given means the ``default_ttl`` of model or source."""


class KeyValueApi(Attached):
    """The methods of a model whose data source keeps keys and values, in the place of `find` etc.

    Keys are text of up to 1,024 characters.  Values are made of dicts, lists, text, bytes, numbers,
    booleans, dates, times, durations, `UUID`, `GeoPoint` and `DateString`, and come back equal, as
    copies.  Each model has its own keys, and so has each tenant: those of the tenant that owns the
    model, else of the one that the task works for; the setting ``shared`` gives all the same.
    No hooks run.

    Raises:
        TypeError: An argument is of the wrong type.
        InvalidValueError: A key, value or time to live cannot be one.
        OperationNotSupportedError: The connector cannot do it.
        ModelDisposedError: The model is gone.
        ConnectorDetachedError: It has no data source.
    """

    __slots__ = ()

    keeps_keys: ClassVar[bool] = True

    async def get(self, key: str, options: Options | None = None) -> Any:
        """Return the value of *key*, None where it is not there.

        >>> from juggler import DataSource
        >>> Session = DataSource("kv-memory").define("Session")
        >>> await Session.set("ada", {"cart": [1, 2]}, ttl=60_000)
        True
        >>> await Session.get("ada")
        {'cart': [1, 2]}
        """
        return await keyvalue.get(self, key, options)

    async def get_many(self, keys: Iterable[str], options: Options | None = None) -> dict[str, Any]:
        """Return key -> value of those *keys* that are there, in their order."""
        return await keyvalue.get_many(self, keys, options)

    async def set(
        self,
        key: str,
        value: Any,
        options: Options | float | None = None,
        *,
        ttl: Ttl = UNSET,
        only_if: str | None = None,
    ) -> bool:
        """Put *value* in the place of what is there, its time to live too.

        Args:
            key: The key.
            value: The value; not None.
            options: Options of the call, which may hold ``ttl`` and ``only_if``; or the time to
                live.
            ttl: Milliseconds that it lives; None for ever, whatever the model's ``default_ttl``.
            only_if: ``"absent"`` or ``"present"``: write only if the key is so, in one step.

        Returns:
            Whether it was written; False only where *only_if* did not hold.
        """
        return await keyvalue.put(self, key, value, options, ttl, only_if)

    async def set_many(
        self,
        values: Mapping[str, Any],
        options: Options | float | None = None,
        *,
        ttl: Ttl = UNSET,
    ) -> None:
        """Set each key of a mapping, as `set` does; one that cannot be kept sets none."""
        await keyvalue.set_many(self, values, options, ttl)

    async def increment(
        self,
        key: str,
        by: float = 1,
        options: Options | float | None = None,
        *,
        ttl: Ttl = UNSET,
    ) -> float:
        """Add *by* to the number under *key*, in one step, and return the sum.

        A key that is not there begins with 0 and *ttl*; one that is keeps its time to live.

        Raises:
            InvalidValueError: What is there is no number.
        """
        return await keyvalue.increment(self, key, by, options, ttl)

    async def delete(self, key: str, options: Options | None = None) -> None:
        """Delete *key*; harmless when it is not there."""
        await keyvalue.delete(self, key, options)

    async def delete_all(self, options: Options | None = None) -> None:
        """Delete all keys of this model (and tenant)."""
        await keyvalue.delete_all(self, options)

    async def expire(self, key: str, ttl: float, options: Options | None = None) -> None:
        """Give *key* a new time to live, in milliseconds from now.

        Raises:
            NotFoundError: It is not there.
        """
        await keyvalue.expire(self, key, ttl, options)

    async def ttl(self, key: str, options: Options | None = None) -> int | None:
        """Return the milliseconds that *key* has left, None for ever.

        Raises:
            NotFoundError: It is not there.
        """
        return await keyvalue.ttl(self, key, options)

    async def keys(
        self,
        filter: Mapping[str, Any] | None = None,
        options: Options | None = None,
        *,
        match: str | None = None,
    ) -> list[str]:
        """Return the keys of this model (and tenant).

        Args:
            filter: ``{"match": pattern}``; see `juggler.connectors.globs.glob_matcher`.
            options: Options of the call.
            match: The pattern; it wins over the filter's.

        Raises:
            InvalidQueryError: The pattern cannot be read.
        """
        return await keyvalue.keys(self, filter, options, match)

    def iterate_keys(
        self,
        filter: Mapping[str, Any] | None = None,
        options: Options | None = None,
        *,
        match: str | None = None,
    ) -> keyvalue.Keys:
        """Return the keys for ``async for``, read from the store in pages; arguments of `keys`.

        Keys that come or go meanwhile may be given or not, none of them twice.
        """
        return keyvalue.Keys(self, filter, options, match)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Raise, and say why where it is a method of models with records."""
            if not name.startswith("_") and (hasattr(Reads, name) or hasattr(Writes, name)):
                raise MethodMissingError(
                    f"{name}: {self.model_name} keeps keys and values, and has get, set, delete "
                    "and the like; records are kept by sources such as memory or sqlite.",
                    method=name,
                    model=self.model_name,
                )
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


class KeyValueRuntimeModel(Pickled, KeyValueApi, RuntimeModel):
    """A key-value model that was defined at run time."""

    __slots__ = ()


class _OfModel:
    """A method that a declared model has though instances have another one of its name.

    One that the class, or a class mixed into it, defines itself counts before it.
    """

    __slots__ = ("_function", "_name")

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._name = function.__name__

    def __get__(self, cls: Any, meta: type) -> Any:
        if cls is None:
            return self
        own = next(filter(self._is_overridden, takewhile(_is_users, cls.__mro__)), None)
        if own is None:
            return MethodType(self._function, cls)
        return vars(own)[self._name].__get__(None, cls)

    def _is_overridden(self, cls: type) -> bool:
        """Tell whether a class has a method, not a property, of the name."""
        return self._name in vars(cls) and self._name not in vars(cls).get("_plans", ())

    def __set__(self, cls: Any, value: Any) -> None:
        raise AttributeError(f"Override {self._name} in the class statement of {cls.__name__}.")


def _is_users(cls: type) -> bool:
    """Tell whether a class is a model or mixed into one; after these come the house's own."""
    return "_plans" in vars(cls) or not issubclass(cls, Instance)


@dataclass_transform(kw_only_default=True, field_specifiers=(prop,))
class KeyValueMeta(KeyValueApi, ModelMeta):
    """Metaclass of declared models that keep keys and values."""

    if not TYPE_CHECKING:
        get = _OfModel(KeyValueApi.get)
        get_many = _OfModel(KeyValueApi.get_many)
        set = _OfModel(KeyValueApi.set)
        set_many = _OfModel(KeyValueApi.set_many)
        increment = _OfModel(KeyValueApi.increment)
        delete = _OfModel(KeyValueApi.delete)
        delete_all = _OfModel(KeyValueApi.delete_all)
        expire = _OfModel(KeyValueApi.expire)
        ttl = _OfModel(KeyValueApi.ttl)
        keys = _OfModel(KeyValueApi.keys)
        iterate_keys = _OfModel(KeyValueApi.iterate_keys)

    @classmethod
    def _compiled(
        mcs,  # noqa: N804  a metaclass's own word
        name: str,
        bases: tuple[type, ...],
        body: dict[str, Any],
        shape: Shape,
        settings: Mapping[str, Any],
        base: Any,
    ) -> ModelMeta:
        """Return the class for a parsed definition, still without an owner."""
        if any(getattr(each, "_is_key_value", False) for each in bases):
            settings = {**settings, "key_value": True}
        return super()._compiled(name, bases, body, shape, settings, base)


class KeyValueModel(Instance, metaclass=KeyValueMeta):
    """Base of declared models that keep keys and values, as checkers see them.

    >>> from juggler import DataSource
    >>> class Session(KeyValueModel, data_source=DataSource("kv-memory"), default_ttl=60_000):
    ...     pass
    >>> await Session.increment("visits")
    1
    """

    __slots__ = ()
    _is_key_value: ClassVar[bool] = True

    if TYPE_CHECKING:

        @classmethod
        async def get(cls, key: str, options: Options | None = None) -> Any:
            """Return the value of *key*, None where it is not there."""


__all__ = ["KeyValueApi", "KeyValueMeta", "KeyValueModel", "KeyValueRuntimeModel"]
