"""A subject made of a dict, for the tests of validation."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from msgspec import UNSET

from juggler.messages.messages import Messages
from juggler.validation.report import Report
from juggler.validation.subject import part_at


class Person:
    """Stands for an instance: values, methods and the report of the last run."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = dict(values)
        self.errors = Report()

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value as instances do."""
        return self.values.get(name, default)

    def is_adult(self) -> bool:
        """Tell what conditions ask by name."""
        return bool(self.values.get("age", 0) >= 18)

    async def is_vip(self) -> bool:
        """Tell it after a wait."""
        return self.values.get("name") == "Ada"


class Values:
    """A subject over a dict; *hidden* names are not shown."""

    def __init__(
        self,
        values: Mapping[str, Any] | None = None,
        *,
        model: str = "Person",
        hidden: Collection[str] = (),
        taken: Collection[Any] = (),
    ) -> None:
        self.words = Messages()
        self.taken = taken
        self.asked: list[tuple[str, Any]] = []
        self.instance = Person(values or {})
        self.model_name = model
        self.hidden = hidden

    def get(self, name: str) -> Any:
        """Return the value called *name*."""
        return self.instance.values.get(name, UNSET)

    def method(self, name: str) -> Callable[[], Any] | None:
        """Return the bound method called *name*."""
        return getattr(self.instance, name, None) if name.startswith("is_") else None

    @property
    def messages(self) -> Messages:
        """Return the messages to look up."""
        return self.words

    def shown(self, field: str) -> Any:
        """Return what may be shown."""
        name, _, rest = field.partition(".")
        if name in self.hidden:
            return UNSET
        return part_at(self.get(name), rest)

    async def is_taken(self, rule: Any, value: Any) -> bool:
        """Tell what is known to be taken."""
        self.asked.append((rule.field, value))
        return value in self.taken
