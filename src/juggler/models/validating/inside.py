"""Embedded instances: where they are, and which of them need a closer look."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from juggler.models.instances import values
from juggler.models.validating.asked import EMBEDDED, Asked
from juggler.models.validating.objectids import object_id_rules
from juggler.models.validating.quick import Test, rules_inside
from juggler.validation.rules import Rule
from juggler.validation.run import locale_of


class Kind(NamedTuple):
    """What is looked at in the embedded instances of one model.

    Attributes:
        asked: What is looked at.
        rules: The rules that count.
        test: Says of an instance that it surely breaks none of them; None where only they can.
        is_leaf: Nothing is embedded in the instances.
    """

    asked: Asked
    rules: tuple[Rule, ...]
    test: Test | None
    is_leaf: bool

    def is_good(self, inner: Any) -> bool:
        """Tell whether *inner* itself surely breaks no rule, and has no report to renew."""
        return self.test is not None and inner._state.errors is None and self.test(inner)


class Inside:
    """What is looked at in all that is embedded in one instance; lives for one validation.

    Args:
        options: Options of the operation that validates.
        asked: What is looked at in the instance itself.

    Attributes:
        options: Options of the operation that validates.
        locale: Language of the messages; None for that of the registry.
    """

    __slots__ = ("_asked", "_kinds", "locale", "options")

    def __init__(self, options: Mapping[str, Any], asked: Asked) -> None:
        self.options = options
        self.locale = locale_of(options)
        self._asked = asked
        self._kinds: dict[Any, Kind] = {}

    def kind_of(self, inner: Any) -> Kind:
        """Return what is looked at in *inner*: all, and the same rules of the store."""
        model = inner._model
        found = self._kinds.get(model)
        if found is None:
            found = self._kinds[model] = self._kind(model)
        return found

    def _kind(self, model: Any) -> Kind:
        asked = EMBEDDED
        if self._asked.more or self._asked.at_once:
            more = object_id_rules(model.info) if self._asked.more else ()
            asked = Asked(more=more, embedded=True, at_once=self._asked.at_once)
        return Kind(asked, *rules_inside(model, asked), not model.shape.nested)


def embedded_in(instance: Any, only: Collection[str] | None = None) -> Iterator[tuple[str, Any]]:
    """Yield path and instance of all that is embedded (under the names *only*), in lists too."""
    for name in instance._shape.nested:
        if only is None or name in only:
            value = values.raw(instance, name)
            if hasattr(value, "_plans"):
                yield name, value
            elif isinstance(value, list):
                yield from _items(name, value)


def _items(path: str, items: list[Any]) -> Iterator[tuple[str, Any]]:
    """Yield path and instance of what is embedded in a list."""
    for at, item in enumerate(items):
        if hasattr(item, "_plans"):
            yield f"{path}.{at}", item
        elif isinstance(item, list):
            yield from _items(f"{path}.{at}", item)
