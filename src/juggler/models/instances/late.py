"""Lists that are told of their record when they are first read.

A weak reference is most of what the list of a property takes beside its items, and most records are
loaded only to be shown.  So the lists of a loaded record have no owner, and the record is one of a
class derived from its own, until one of them is read: then all are told, and the record becomes one
of its class, which reads slots directly.  What makes plain data reads lists without telling them.

Instances of declared models are not loaded like that: their class is the user's own.
"""

from __future__ import annotations

import weakref
from typing import Any, Final

from juggler.models.instances.assemble import compiled
from juggler.models.instances.typed_list import Held

# From several threads at once, too: a record has but one reference without a callback.
_READ: Final = """
def read{at}(instance):
    owner = ref(instance)
{lists}
    put_class(instance, "__class__", Class)
    return value{at}
"""

_LIST: Final = """\
    value{at} = instance.{bare}
    if value{at}.__class__ is Held and value{at}._owner is None:
        value{at}._owner = owner"""


def unread_class(cls: Any) -> type:
    """Return a class for those instances of *cls* whose lists have not been told of them."""
    late = tuple(enumerate(cls._late))
    lists = "\n".join(_LIST.format(at=at, bare=plan.bare) for at, plan in late)
    readers = "".join(_READ.format(at=at, lists=lists) for at, _ in late)
    found = ", ".join(f"{plan.slot!r}: read{at}" for at, plan in late)
    text = f"{readers}\nfunction = {{{found}}}"
    made = compiled(cls, text, Held=Held, ref=weakref.ref, put_class=object.__setattr__)
    body = {"__slots__": (), "__module__": cls.__module__, "_becomes": cls}
    body |= {slot: property(read) for slot, read in made.items()}
    unread: type = type.__new__(type(cls), cls.__name__, (cls,), body)
    return unread
