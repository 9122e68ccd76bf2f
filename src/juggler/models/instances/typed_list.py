"""Lists whose items are all of one type, and that tell their owner when they change."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any, SupportsIndex, TypeVar, overload

import msgspec

from juggler.errors import InvalidValueError
from juggler.models.instances import dump
from juggler.models.instances.as_json import to_json
from juggler.models.instances.item_types import of_first, said, written
from juggler.models.instances.items import Items
from juggler.models.instances.parents import Claim
from juggler.types.base import BAD
from juggler.types.plain import plain
from juggler.types.structured import list_items

T = TypeVar("T")


class List(list[T]):
    """A list that makes an item of whatever is put into it.

    The lists in properties are of this class.  Each knows the instance that owns it, weakly: what
    is changed in place counts as a change of that instance, and embedded instances that are put in
    belong to it.  An item that its type does not accept stays as it is in such a list and is
    reported by validation; any other list refuses it.  Slices and what comprehensions give are
    plain lists.  Not safe for writes from several tasks at once.

    Args:
        items: A list, the JSON text of one, or None for an empty one.
        item_type: Type name, Python type, model, or a list with one in it; that of the first item
            unless given.  ``list`` is any.
        parent: Instance that owns it.

    Raises:
        InvalidValueError: *items* is no list, or an item is refused; ``path`` tells which.
        DefinitionError: *item_type* is no type.

    >>> numbers = List(["1", 2], "number")
    >>> numbers.push("3")
    3
    >>> numbers
    [1, 2, 3]
    """

    __slots__ = ("_items", "_model", "_owner")

    _items: Items
    _model: Any
    _owner: Callable[[], Any] | None

    def __init__(self, items: Any = None, item_type: Any = None, parent: Any = None) -> None:
        given = [] if items is None else list_items(items)
        kind, model = of_first(given) if item_type is None else said(item_type)
        self._items = Items(kind)
        self._model = model
        self._owner = weakref.ref(parent) if hasattr(parent, "_plans") else None
        super().__init__()
        self.extend(given)

    @property
    def parent(self) -> Any:
        """Return the instance that owns the list; None without one, or when it is gone."""
        return None if self._owner is None else self._owner()

    # putting in -------------------------------------------------------------------------------

    @overload
    def push(self, item: Any, /, *more: Any) -> T: ...

    @overload
    def push(self, *items: Any) -> T | None: ...

    def push(self, *items: Any) -> T | None:
        """Append each of *items* and return the last one as it is in the list."""
        self.extend(items)
        return self[-1] if items else None

    def append(self, item: Any, /) -> Any:
        """Append *item* and return it as it is in the list."""
        self._put((item,), len(self), super().extend)
        return self[-1]

    def extend(self, items: Iterable[Any], /) -> None:
        """Append all of *items*."""
        self._put(items, len(self), super().extend)

    def insert(self, index: SupportsIndex, item: Any, /) -> None:
        """Put *item* before *index*."""
        put, at = super().insert, range(len(self) + 1)[: _from(index, len(self)) + 1][-1]
        self._put((item,), at, lambda made: put(at, made[0]))

    @overload
    def __setitem__(self, index: SupportsIndex, value: Any, /) -> None: ...

    @overload
    def __setitem__(self, index: slice, value: Iterable[Any], /) -> None: ...

    def __setitem__(self, index: SupportsIndex | slice, value: Any, /) -> None:
        put = super().__setitem__
        if isinstance(index, slice):
            start = index.indices(len(self))[0]
            self._put(value, start, lambda made: put(index, made))
            return
        at = range(len(self))[index] if -len(self) <= index.__index__() < len(self) else len(self)
        self._put((value,), at, lambda made: put(index, made[0]))

    def __iadd__(self, items: Iterable[Any], /) -> List[T]:  # type: ignore[override, misc]
        self.extend(items)
        return self

    def __imul__(self, count: SupportsIndex, /) -> List[T]:
        owner = self._begin()
        super().__imul__(count)
        self._end(owner)
        return self

    def _put(self, values: Iterable[Any], at: int, put: Callable[[list[Any]], Any]) -> None:
        """Make items of *values*, the first of which comes to place *at*, and *put* them in."""
        given = list(values)
        owner = self._begin()
        try:
            made = [
                self._item(place, value, tolerant=owner is not None)
                for place, value in enumerate(given, at)
            ]
        except InvalidValueError as error:
            if owner is not None:
                owner._names_error(error, self._items.name)
            raise
        is_bad = owner is not None and any(self._items.bad_paths(made, self._model))
        put(self._owned(made))
        self._end(owner, is_bad=is_bad)

    def _item(self, place: int, value: Any, *, tolerant: bool) -> Any:
        """Return *value* as an item that comes to a *place*; a bad one as it is, if *tolerant*."""
        items = self._items
        item = items.made_at(place, value, self._model, tolerant=tolerant)
        if item is BAD and not tolerant:
            raise InvalidValueError(
                f"The item at {place} {items.kind.bad_message}.", path=str(place), value=value
            )
        return value if item is BAD else item

    def _owned(self, made: list[Any]) -> list[Any]:
        """Return items that were *made* as those of the owner, if there is one."""
        items = self._items
        if items.inner is None and not items.embeds:
            return made
        parent = self.parent
        claim = None if parent is None else Claim(parent, self._owner)
        return _parts(items, self._model, made, self._owner, claim)

    # taking out -------------------------------------------------------------------------------

    def pop(self, index: SupportsIndex = -1, /) -> T:
        """Remove the item at *index* and return it; it still knows the owner."""
        owner = self._begin()
        found = super().pop(index)
        self._end(owner)
        return found

    def remove(self, value: T, /) -> None:
        """Remove the first item that is equal to *value*."""
        owner = self._begin()
        super().remove(value)
        self._end(owner)

    def clear(self) -> None:
        """Remove all items."""
        owner = self._begin()
        super().clear()
        self._end(owner)

    def __delitem__(self, index: SupportsIndex | slice, /) -> None:
        owner = self._begin()
        super().__delitem__(index)
        self._end(owner)

    def sort(self, **options: Any) -> None:
        """Sort in place, as any list."""
        owner = self._begin()
        super().sort(**options)
        self._end(owner)

    def reverse(self) -> None:
        """Reverse in place."""
        owner = self._begin()
        super().reverse()
        self._end(owner)

    # telling the owner ------------------------------------------------------------------------

    def _begin(self) -> Any:
        """Return the owner, told that the list is about to change; None if it is not in one."""
        name = self._items.name
        if name is None or self._owner is None:
            return None
        owner = self._owner()
        return owner if owner is not None and owner._list_changes(name, self) else None

    def _end(self, owner: Any, *, is_bad: bool = False) -> None:
        """Tell the *owner* that the list has changed, if that is of importance to it."""
        if owner is not None and (is_bad or owner._state.bad):
            owner._list_changed(self._items.name)

    # out --------------------------------------------------------------------------------------

    def to_array(self) -> list[T]:
        """Return a plain list of the items."""
        return list(self)

    def to_object(
        self,
        only_schema: bool = True,
        remove_hidden: bool = False,
        remove_protected: bool = False,
    ) -> list[Any]:
        """Return a plain list with embedded instances as dicts; the arguments are theirs."""
        return [dump.plain(item, only_schema, remove_hidden, remove_protected) for item in self]

    def to_json(self) -> list[Any]:
        """Return plain JSON data without hidden and protected properties."""
        kind = self._items.kind
        return [_json(kind, item) for item in self]

    def __str__(self) -> str:
        return msgspec.json.encode(self.to_json(), enc_hook=str).decode()

    # copies -----------------------------------------------------------------------------------

    def __copy__(self) -> List[T]:
        return _of_its_own(self._items, self._model, self)

    def __deepcopy__(self, memo: dict[int, Any]) -> List[T]:
        return _of_its_own(self._items, self._model, deepcopy(list(self), memo))

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> tuple[Any, ...]:
        return revived, (list(self), written(self._items.kind, self._model))


class Held(List[T]):
    """The list of a property: like any other, but made of items without asking what they are."""

    __slots__ = ()

    __init__ = list.__init__  # one in Python costs three times as much


def listed(
    items: Items, model: Any, values: Iterable[Any], owner: Any, claim: Claim | None
) -> List[Any]:
    """Return a list of *values* that are items already.

    Args:
        items: What they are.
        model: The model that is embedded in them, if any.
        values: Items; lists among them are plain ones.
        owner: Weak reference to the instance that owns the list, or None.
        claim: What makes embedded instances the owner's; None leaves them as they are.
    """
    if items.inner is not None or items.embeds:
        values = _parts(items, model, values, owner, claim)
    return held(items, model, values, owner)


def held(items: Items, model: Any, values: Iterable[Any], owner: Any) -> List[Any]:
    """Return a list of *values* that are items of its owner already; see `listed`."""
    made: List[Any] = Held(values)
    made._items = items
    made._model = model
    made._owner = owner
    return made


def revived(values: list[Any], expression: Any) -> List[Any]:
    """Return the list that was pickled."""
    kind, model = said(expression)
    return _of_its_own(Items(kind), model, values)


def _of_its_own(items: Items, model: Any, values: Iterable[Any]) -> List[Any]:
    """Return a list of *values*, which are items already, that nobody owns."""
    made: List[Any] = List(None, list)
    made._items = items
    made._model = model
    list.extend(made, _parts(items, model, values, None, None))
    return made


def _parts(
    items: Items, model: Any, values: Iterable[Any], owner: Any, claim: Claim | None
) -> list[Any]:
    """Return items that are lists as typed ones, and instances as the owner's; see `listed`."""
    inner = items.inner
    if inner is not None:
        return [
            listed(inner, model, value, owner, claim) if isinstance(value, list) else value
            for value in values
        ]
    return list(values) if claim is None else claim.adopt_all(values)


def _from(index: SupportsIndex, size: int) -> int:
    """Return an index of a list as one that counts from its beginning, as ``insert`` takes it."""
    at = index.__index__()
    return max(at + size, 0) if at < 0 else min(at, size)


def _json(kind: Any, item: Any) -> Any:
    if isinstance(item, List):
        return item.to_json()
    if hasattr(item, "_plans"):
        return to_json(item, nested=True)
    return plain(item) if item is None or not kind.is_scalar else kind.dump(item)
