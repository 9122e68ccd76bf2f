"""What checkers see of models and their instances: this file is checked by mypy, never run."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Annotated, Any, ClassVar, Literal, assert_type
from uuid import UUID

from juggler.facade.model import Model
from juggler.models.declared import prop
from juggler.models.runtime import RuntimeModel


class Address(Model):
    """A model that another embeds."""

    street: str
    number: int | None = None


class Order(Model, strict=True):
    """A declared model: its constructor takes its properties, by name."""

    LIMIT: ClassVar[int] = 5

    id: int = prop(id=True, generated=True)
    code: str = prop(index=True, length=8)
    total: float
    paid: bool = False
    note: str | None = prop(default=None)
    made: datetime = prop(default_factory="now")
    tags: list[str] = []
    address: Address | None = None

    def twice(self) -> float:
        """A method."""
        return self.total * 2


class Special(Order):
    """A model that extends another."""

    extra: int = 1


class Colour(Enum):
    """A choice."""

    RED = "red"


class Modern(Model):
    """What Python programs write in annotations; some of it comes later."""

    code: Annotated[str, prop(trim=True, length=3)]
    kind: Literal["a", "b"] = "a"
    colour: Colour = Colour.RED
    key: UUID = prop(default_factory="uuid")
    later: list[Later] = prop(default_factory=list)
    parent: Modern | None = None
    shout: str = prop(computed=lambda self: self.code.upper())


class Later(Model):
    """A model that another names before it is there."""

    sku: str


def modern() -> None:
    """Checkers see the types in the annotations; what is computed is not given."""
    made = Modern(code="a", later=[Later(sku="x")], parent=Modern(code="b"))
    assert_type(made.code, str)
    assert_type(made.colour, Colour)
    assert_type(made.key, UUID)
    assert_type(made.later, list[Later])
    assert_type(made.parent, Modern | None)
    assert_type(made.shout, str)
    assert_type(Modern.get_property_type("code"), str | None)
    assert_type(Modern.json_schema(), dict[str, Any])
    Modern(code="a", kind="c")  # type: ignore[arg-type]
    Modern(code="a", shout="A")  # type: ignore[call-arg]
    Modern.misspelt  # type: ignore[attr-defined]  # noqa: B018  what is checked is the name


def constructor() -> None:
    """What the store makes, and what has a default, may be left out."""
    order = Order(code="a", total=3)
    assert_type(order, Order)
    assert_type(Order(code="a", total=1, paid=True, note="x", tags=["b"]), Order)
    assert_type(Order(code="a", total=1, address=Address(street="S")), Order)
    assert_type(Special(code="a", total=1, extra=2), Special)
    Order(total=3)  # type: ignore[call-arg]
    Order(code=5, total=3)  # type: ignore[arg-type]
    Order(code="a", total=3, id=1)  # type: ignore[call-arg]
    Order(code="a", total=3, color="red")  # type: ignore[call-arg]
    Order("a", 3)  # type: ignore[call-arg]


def instances(order: Special) -> None:
    """Properties have the types of their annotations."""
    assert_type(order.id, int)
    assert_type(order.total, float)
    assert_type(order.note, str | None)
    assert_type(order.tags, list[str])
    assert_type(order.address, Address | None)
    assert_type(order.extra, int)
    assert_type(order.twice(), float)
    assert_type(order.LIMIT, int)
    assert_type(order.to_dict(), dict[str, Any])
    assert_type(order.changes(), dict[str, tuple[Any, Any]])
    assert_type(order.is_new_record(), bool)
    assert_type(order.get("anything"), Any)
    order.total = "x"  # type: ignore[assignment]
    order.misspelt  # type: ignore[attr-defined]  # noqa: B018  what is checked is the name


def models(ticket: RuntimeModel) -> None:
    """A declared class and a run-time model answer alike."""
    assert_type(Order.model_name, str)
    assert_type(ticket.model_name, str)
    assert_type(Order.is_disposed, bool)
    assert_type(ticket(title="Hi"), Any)
    assert_type(ticket.is_hidden_property("a"), bool)


async def observers(ticket: RuntimeModel) -> None:
    """`observe` gives a handle on what it was given; as a decorator what it was given."""

    @Order.observe("before save")
    def first(context: Any) -> None: ...

    async def second(context: Any) -> None: ...

    assert_type(first(None), None)
    with ticket.observe("access", second, priority=1) as handle:
        assert_type(await handle.function(None), None)
    ticket.observe("access", second, order=1)  # type: ignore[call-overload]
    ticket.observe("access", 5)  # type: ignore[call-overload]
