"""Annotations of declared models: what Python programs write there."""

from __future__ import annotations

import enum
import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, NewType, Optional

import msgspec
import pytest

from juggler import DataSource, Model, ModelRegistry, prop
from juggler.errors import DefinitionError

REGISTRY = ModelRegistry()
SOURCE = DataSource("memory", registry=REGISTRY)
Email = NewType("Email", str)
Code = Annotated[str, prop(length=3, uppercase=True)]


class Colour(enum.Enum):
    """A choice."""

    RED = "red"


class Order(Model, registry=REGISTRY):
    """A model with every kind of annotation; some name what comes later."""

    code: Code
    size: Annotated[int, msgspec.Meta(ge=1, le=9, description="in cm")]
    ratio: Annotated[float, msgspec.Meta(gt=0, multiple_of=0.5)] = 1
    kind: Literal["a", "b"] = "a"
    level: Literal[1, 2] | None = None
    odd: Literal["a", 1, None] = None  # noqa: PYI061  the form that is tested
    colour: Colour = Colour.RED
    key: uuid.UUID = prop(default_fn="uuid")
    price: Decimal | None = None
    at: Optional[datetime] = None  # noqa: UP045  the form that is tested
    mail: Email | None = None
    tags: list[Annotated[str, prop(trim=True)]] = []
    many: Sequence[int] = ()
    extra: dict[str, int] | None = None
    lines: list[Line] = prop(default_factory=list)
    parent: Order | None = None
    main: Line | None = None


class Line(Model, registry=REGISTRY):
    """What an order embeds."""

    sku: str
    order: Order | None = None


# issue: Annotated, Optional, list, Literal, Enum, UUID, nested models, forward references
def test_types_of_annotations() -> None:
    """Each annotation is the type and the options that it says."""
    kinds = {name: Order.get_property_type(name) for name in Order.properties}
    assert kinds == {
        "id": "number", "code": "string", "size": "integer", "ratio": "number", "kind": "string",
        "level": "integer", "odd": "any", "colour": "Colour", "key": "uuid", "price": "decimal",
        "at": "date", "mail": "string", "tags": "List<string>", "many": "List<integer>",
        "extra": "object", "lines": "List<Line>", "parent": "Order", "main": "Line",
    }  # fmt: skip
    options = {name: item.options for name, item in Order.properties.items()}
    assert options["size"] == {"min": 1, "max": 9, "description": "in cm"}
    assert options["ratio"] == {"json_schema": {"exclusiveMinimum": 0, "multipleOf": 0.5}}
    assert options["kind"]["enum"] == ("a", "b")
    assert options["odd"]["enum"] == ("a", 1)
    assert options["tags"]["items"] == {"trim": True}
    assert Order.properties["code"].length == 3
    required = [name for name, item in Order.properties.items() if item.required]
    assert required == ["code", "size"]


def test_instances_of_them() -> None:
    """Values are what the annotations say, at every depth."""
    order: Any = Order(
        code="ab", size="5", colour="red", price="1.5", at="2020", tags=[" a "], lines=[{"sku": 5}],
        parent={"code": "p", "size": 1, "lines": [{"sku": "x", "order": {"code": "q", "size": 2}}]},
    )  # type: ignore[arg-type]  # fmt: skip
    assert (order.code, order.size, order.colour) == ("AB", 5, Colour.RED)
    assert isinstance(order.key, uuid.UUID)
    assert order.price == Decimal("1.5")
    assert order.tags == ["a"]
    assert isinstance(order.lines[0], Line)
    assert isinstance(order.parent, Order)
    inner = order.parent.lines[0].order
    assert isinstance(inner, Order)
    assert inner.code == "Q"
    assert Order(code="a", size=1).lines == []
    assert "colour" in order.to_json()
    assert order.to_json()["colour"] == "red"


async def test_they_are_stored() -> None:
    """What is written is read back with the same classes."""
    SOURCE.attach(Order)
    made = Order(code="ab", size=5, lines=[Line(sku="x")], colour=Colour.RED)
    await made.save()
    found: Any = await Order.find_by_id(made.id)
    assert found.colour is Colour.RED
    assert found.key == made.key
    assert isinstance(found.lines[0], Line)
    assert await Order.count({"key": str(made.key)}) == await Order.count({"colour": "red"}) == 1


def test_a_name_that_nobody_bears() -> None:
    """A name that stays undefined is an error when a value is given, not before."""
    body = {"__module__": "nowhere", "__annotations__": {"a": "Nobody | None", "b": "int"}}
    import sys
    import types

    sys.modules["nowhere"] = types.ModuleType("nowhere")
    try:
        made: Any = type(Model)("Lonely", (Model,), body, registry=ModelRegistry())
    finally:
        del sys.modules["nowhere"]
    assert made(b=1).a is None
    with pytest.raises(DefinitionError, match="The model Nobody is not defined"):
        made(a={"x": 1})


# MOD-45
def test_declared_models_take_properties_too() -> None:
    """A class given a property makes instances that have it; older ones stay."""

    class Thing(Model, data_source=DataSource("memory", registry=ModelRegistry())):
        """A thing."""

        name: str

        def shout(self) -> str:
            return self.name.upper()

    old = Thing(name="a")
    Thing.define_property("size", {"type": "number", "default": 3})
    Thing.define_property("name", {"type": "string", "trim": True})
    made: Any = Thing(name=" b ")
    assert (made.name, made.size, made.shout()) == ("b", 3, "B")
    assert isinstance(made, Thing)
    assert not hasattr(old, "size")
    assert old.shout() == "A"
    assert Thing.__subclasses__() == []


# MOD-58, MOD-60
def test_set_up() -> None:
    """`setup` is called with each class that extends the one that has it, of either kind."""
    seen: list[str] = []

    class Base(Model, data_source=DataSource("memory", registry=ModelRegistry())):
        """A base."""

        a: int = 0

        @classmethod
        def setup(cls) -> None:
            seen.append(cls.model_name)

    class Child(Base):
        """A child."""

    Base.extend("Other").extend("Grandchild", {"x": int})
    assert seen == ["Base", "Child", "Other", "Grandchild"]
    assert Child.base is Base


# What users ask for, 8
async def test_computed_properties() -> None:
    """They are in every output, are never stored, and what clients give for them is ignored."""
    source = DataSource("sqlite://", registry=ModelRegistry())

    class Person(Model, data_source=source):
        """A person."""

        id: int = prop(id=True, generated=True)
        first: str
        last: str
        full: str = prop(computed=lambda self: f"{self.first} {self.last}")
        short: str = prop(computed="initials")
        note: str | None = prop(virtual=True)

        def initials(self) -> str:
            return self.first[0] + self.last[0]

    async with source:
        await source.autoupdate()
        ada: Any = await Person.create({"first": "Ada", "last": "Byron", "full": "x", "note": "n"})
        assert (ada.full, ada.short, ada.note) == ("Ada Byron", "AB", "n")
        ada.last = "Lovelace"
        assert ada.full == "Ada Lovelace"
        with pytest.raises(AttributeError, match="computed"):
            ada.full = "x"
        await ada.save()
        found: Any = await Person.find_by_id(ada.id)
        assert found.to_json() == {
            "id": 1, "first": "Ada", "last": "Lovelace", "full": "Ada Lovelace", "short": "AL",
        }  # fmt: skip
        await found.update_attributes({"full": "y", "first": "A"})
        assert found.full == "A Lovelace"
        rows = await source.execute("select * from Person")
        assert "full" not in str(rows)
    assert Person.get_read_only_properties() == ["full", "short", "note"]


# What users ask for, 6
async def test_immutable_properties() -> None:
    """What is immutable is set once: a stored record keeps it."""
    source = DataSource("memory", registry=ModelRegistry())
    person = source.define("Person", {"name": {"type": str, "immutable": True}, "n": int})
    made = person(name="a")
    made.name = "b"
    await made.save()
    made.name = "b"
    with pytest.raises(ValueError, match="immutable") as error:
        made.name = "c"
    assert error.value.code == "IMMUTABLE"  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="immutable"):
        made.unset_attribute("name")
    found = await person.find_by_id(made.id)
    with pytest.raises(ValueError, match="immutable"):
        await found.update_attributes({"name": "d"})
    assert found.name == "b"
