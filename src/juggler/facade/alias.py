"""Second names of methods, found anew at each use so that overriding the first changes both."""

from __future__ import annotations

from typing import Any


class Alias:
    """A second name for the attribute *name* of whatever it is read from.

    >>> class Shelf:
    ...     def remove(self):
    ...         return "gone"
    ...
    ...     delete = Alias("remove")
    >>> Shelf().delete()
    'gone'
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        return getattr(owner if instance is None else instance, self.name)


class Both(Alias):
    """An instance method's second name that is the name of a model's own method as well.

    On the instance it is *name*; on a declared model it is *class_name*.
    """

    __slots__ = ("class_name",)

    def __init__(self, name: str, class_name: str) -> None:
        super().__init__(name)
        self.class_name = class_name

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return getattr(owner, self.class_name)
        return getattr(instance, self.name)
