"""Declared models: `class Order(Model)`."""

import copy
import pickle
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Optional

import pytest

from juggler.errors import DefinitionError, InvalidValueError
from juggler.facade.default import ModelRegistry
from juggler.facade.model import Model
from juggler.models.declared import ModelMeta, own_properties, prop
from juggler.models.instances.instance import Instance
from juggler.types.geo import GeoPoint

META: Any = type(Model)


class Address(Model):
    """A model that others embed."""

    street: str
    number: int | None = None


class Order(Model):
    """A model with a bit of everything."""

    MAX: ClassVar[int] = 5
    also: ClassVar = 1
    _private: int = 7
    plain = "not a property"

    code: str = prop(id=True, length=8, required={"message": "please"})
    total: Decimal
    note: Optional[str] = None  # noqa: UP045  the old form is read as well
    tags: list[str] = []
    meta: dict[str, Any] = {"deep": [1]}
    paid: bool = False
    made: datetime = prop(default_factory="now")
    where: GeoPoint | None = None
    anything: Any = None
    marked: Annotated[int, "marked"] = 3
    address: Address | None = None
    others: list[Address] = prop(default_factory=list, hidden=True)

    @property
    def label(self) -> str:
        """A property of Python's own."""
        return f"{self.code}: {self.total}"

    def double(self) -> Decimal:
        """A method."""
        return self.total * 2

    @classmethod
    def cheap(cls, code: str) -> "Order":
        """A method of the class."""
        return cls(code=code, total=Decimal(1))


class Special(Order, strict=True, hidden=["total"]):
    """A model that extends another."""

    total: Decimal = Decimal(5)
    anything: int = 7
    extra: str = "x"

    def double(self) -> Decimal:
        """A method over one of the base."""
        return super().double() + 1


# properties -----------------------------------------------------------------------------------


def test_annotations_are_properties() -> None:
    """Annotated names are properties, in order; private names and class variables are not."""
    assert list(Order.properties) == [
        "code",
        "total",
        "note",
        "tags",
        "meta",
        "paid",
        "made",
        "where",
        "anything",
        "marked",
        "address",
        "others",
    ]
    assert [item.type.name for item in Order.shape] == [
        "string",
        "decimal",
        "string",
        "array",
        "object",
        "boolean",
        "date",
        "geopoint",
        "any",
        "integer",
        "model",
        "array",
    ]
    assert (Order.MAX, Order.also, Order._private, Order.plain) == (5, 1, 7, "not a property")


def test_required_follows_from_the_annotation() -> None:
    """A property without default that does not allow None is required."""
    assert {name for name, item in Order.properties.items() if item.required} == {"code", "total"}


def test_options_come_from_prop() -> None:
    """`prop` gives a property all options there are."""
    code, others = Order.properties["code"], Order.properties["others"]
    assert (code.id, code.length, code.generated) == (1, 8, False)
    assert others.hidden
    assert Order.shape.ids == ("code",)


def test_values_are_coerced_and_defaults_fresh() -> None:
    """Instances of declared models behave as those of run-time ones."""
    one, two = Order(code=5, total="1.5"), Order(code="b", total=1)  # type: ignore[arg-type]
    one.tags.append("x")
    one.meta["deep"].append(2)
    one.others.append(Address(street="S"))
    assert (one.code, one.total, one.paid, one.marked) == ("5", Decimal("1.5"), False, 3)
    assert (two.tags, two.meta, two.others) == ([], {"deep": [1]}, [])
    assert (one.note, one.where, one.raw("note")) == (None, None, one.raw("where"))
    one.paid = "true"  # type: ignore[assignment]
    assert one.paid is True
    with pytest.raises(InvalidValueError):
        one.where = "nowhere"  # type: ignore[assignment]


def test_methods_and_properties_of_python() -> None:
    """What the class defines beside properties is there as in any class."""
    order = Order.cheap("a")
    assert type(order) is Order
    assert (order.label, order.double()) == ("a: 1", Decimal(2))
    with pytest.raises(AttributeError):
        order.label = "x"  # type: ignore[misc]


def test_embedded_declared_models() -> None:
    """A declared model may be a property of another."""
    order = Order(code="a", total=Decimal(1), address={"street": "S", "number": "5"})  # type: ignore[arg-type]
    assert isinstance(order.address, Address)
    assert order.address.number == 5
    assert order.to_json()["address"] == {"street": "S", "number": 5}


def test_an_instance_is_slotted() -> None:
    """Instances have no `__dict__`: a misspelt attribute of a strict model is an error."""
    assert not hasattr(Order(code="a", total=Decimal(1)), "__dict__")
    with pytest.raises(AttributeError):
        Special(code="a").totl = 5  # type: ignore[attr-defined]


# inheritance ----------------------------------------------------------------------------------


def test_a_child_has_the_properties_of_its_base() -> None:
    """Own properties come first; one of the same name replaces the base's whole."""  # MOD-59
    assert list(Special.properties)[:3] == ["total", "anything", "extra"]
    assert set(Special.properties) == {*Order.properties, "extra"}
    assert Special.properties["anything"].type.name == "integer"
    assert not Special.properties["total"].required
    special = Special(code="a")
    assert (special.total, special.anything, special.extra) == (Decimal(5), 7, "x")
    assert special.double() == Decimal(11)
    assert (special.label, special.plain) == ("a: 5", "not a property")
    assert isinstance(special, Order)
    assert Special.base is Order
    assert Order.properties["anything"].type.name == "any"
    assert (Special.shape.strict, Order.shape.strict) == (True, False)
    assert "total" not in special.to_json()


def test_odd_names_are_inherited() -> None:
    """Slots of names that are no identifiers are found again in subclasses."""
    registry = ModelRegistry()
    namespace = {"__annotations__": {"first-name": str, "class": str}, "__module__": __name__}
    base = META("Base", (Model,), dict(namespace), registry=registry)
    added = {"__annotations__": {"a": int}, "__module__": __name__}
    children = META("Child", (base,), added, registry=registry)
    child = children({"first-name": "Ada", "class": "A", "a": 1})
    assert (getattr(child, "first-name"), getattr(child, "class"), child.a) == ("Ada", "A", 1)
    again = children.load(child.to_dict())
    assert again == child


def test_what_runs_when_a_class_is_derived_runs_once() -> None:
    """A user's `__init_subclass__` hears of real subclasses alone."""
    heard = []

    class Base(Model):
        name: str | None = None

        def __init_subclass__(cls, **keywords: Any) -> None:
            super().__init_subclass__(**keywords)
            heard.append(cls.__name__)

    class Child(Base):
        age: int | None = None

    for made in (Child(age=1), Child.load({"id": 1, "age": 1, "name": None}), Base(name="x")):
        assert isinstance(made, Base)
    assert heard == ["Child"]
    assert Base.__subclasses__() == [Child]
    assert Child.__subclasses__() == []


def test_mixins_that_are_no_models() -> None:
    """Methods may come from any class beside the base."""

    class Loud:
        def shout(self) -> str:
            return str(self).upper()

    class Person(Loud, Model):
        name: str

    person = Person(name="Ada")
    assert person.shout() == "PERSON(NAME='ADA')"
    assert Person.load({"id": 1, "name": "Ada"}).shout() == "PERSON(ID=1, NAME='ADA')"


def test_one_base_only() -> None:
    """A model extends one model."""
    with pytest.raises(DefinitionError, match="extends several models"):

        class Both(Order, Address):
            pass


# classes --------------------------------------------------------------------------------------


def test_the_model_api_is_on_the_class() -> None:
    """A declared model answers what a run-time model answers."""
    assert (Order.model_name, Order.plural_model_name) == ("Order", "Orders")
    assert Order.info.name == "Order"
    assert (str(Order), repr(Order)) == ("[Model Order]", "[Model Order]")
    assert not Order.is_disposed
    assert hash(Order) == hash(Order)


def test_the_root_is_no_model() -> None:
    """`Model` itself makes no instances; its text is that of a class."""
    assert repr(Model) == "<class 'juggler.facade.model.Model'>"
    with pytest.raises(AttributeError, match="Model is the base of models"):
        Model()
    with pytest.raises(AttributeError, match="Model is the base of models"):
        _ = Model.model_name


def test_every_instance_is_a_model() -> None:
    """Instances of run-time models count as instances of the root, of declared ones not."""
    thing = ModelRegistry().define("Thing", {"a": int})()
    assert isinstance(thing, Model)
    assert isinstance(thing, Instance)
    assert not isinstance(thing, Order)
    assert not isinstance(5, Model)


def test_properties_cannot_be_replaced() -> None:
    """A property cannot be overwritten on the class; methods can, as in any class."""
    with pytest.raises(AttributeError, match="is a property"):
        Order.total = Decimal(5)
    anything: Any = Order
    anything.patched = lambda self: self.code
    assert anything(code="a", total=1).patched() == "a"
    del anything.patched


def test_a_property_may_be_called_like_a_method_of_models() -> None:
    """`order.count` is the value, `Order.count` the method, in subclasses too."""

    class Counter(Model):
        count: int
        find: str = "x"

    class Child(Counter):
        more: int = 1

    for cls in (Counter, Child):
        counter = cls(count="5")  # type: ignore[arg-type]
        assert (counter.count, counter.find) == (5, "x")
        counter.count = 6
        assert counter.to_dict()["count"] == 6
        assert callable(cls.count)
        assert cls.count.__self__ is cls  # type: ignore[attr-defined]
        assert cls.load({"id": 1, "count": 7, "find": "y"}).count == 7


def test_instances_are_copied_and_pickled() -> None:
    """Instances of declared models travel; the model goes by name."""
    order = Order(code="a", total=Decimal(1), address={"street": "S"})  # type: ignore[arg-type]
    order.total = Decimal(2)
    for again in (copy.copy(order), copy.deepcopy(order), pickle.loads(pickle.dumps(order))):
        assert again == order
        assert type(again) is Order
        assert again.changes() == {"total": (Decimal(1), Decimal(2))}


def test_annotations_may_come_from_a_function() -> None:
    """From Python 3.14 on a class body has a function that makes its annotations."""
    for name in ("__annotate_func__", "__annotate__"):
        body = {"a": 5, name: lambda _: {"a": int, "b": str | None, "c": ClassVar[int]}}
        assert own_properties(body, {}) == {
            "a": {"type": int, "default": 5, "required": False},
            "b": {"type": str, "required": False},
        }
    assert own_properties({}, {}) == {}


def test_instances_and_models_share_no_names() -> None:
    """A name means one thing: `Order.x` is the model's, `order.x` the instance's.

    Where both have it, it is the model's on the class.
    """
    mine = {name for name in dir(Instance) if not name.startswith("_")}
    theirs = {name for name in dir(ModelMeta) if not name.startswith("_")}
    assert mine & theirs == {"get_data_source", "get_id_name", "get_property_type"}
    assert Order.get_data_source.__func__ is ModelMeta.get_data_source
    assert Order.get_connector.__func__ is META.get_connector


# what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"__init__": print}, "__init__ is not used"),
        ({"__slots__": ("x",)}, "__slots__ is not used"),
        ({"load": classmethod(print)}, "load is what the model itself"),
        ({"__annotations__": {"a": "int +"}}, "is no type"),
        ({"__annotations__": {"a": "int.nothing"}}, "is no type"),
        ({"__annotations__": {"a": "1 | 2"}}, "is no type"),
        ({"__annotations__": {"save": str}}, "every instance has a method"),
        ({"a": prop(type="string")}, "no annotation"),
        ({"_a": prop(), "__annotations__": {"_a": int}}, "does not begin with an underscore"),
        ({"__annotations__": {"a": int | str}}, "is several types"),
    ],
)
def test_bodies_that_would_not_do_what_they_say(body: dict[str, Any], words: str) -> None:
    """A class body with something that cannot work is refused and told why."""
    namespace = {"__module__": __name__, **body}
    with pytest.raises(DefinitionError, match=words):
        META("Bad", (Model,), namespace, registry=ModelRegistry())


@pytest.mark.parametrize("value", [5, print, classmethod(print)])
def test_a_property_of_the_base_is_not_hidden(value: Any) -> None:
    """What has no annotation cannot take the place of an inherited property."""
    with pytest.raises(DefinitionError, match="annotate it"):
        META("Bad", (Order,), {"__module__": __name__, "total": value})


def test_settings_are_keywords_of_the_class() -> None:
    """Settings and the registry are given in the class statement."""
    registry = ModelRegistry()

    class Plain(Model, registry=registry, id_injection=False, plural="Plains", strict="filter"):
        a: int | None = None

    assert list(Plain.properties) == ["a"]
    assert Plain.plural_model_name == "Plains"
    assert Plain(a=1, b=2).to_dict() == {"a": 1}  # type: ignore[call-arg]
    assert Plain.owner is None
    with pytest.raises(DefinitionError):

        class Odd(Model, registry=registry, strict="maybe"):
            pass
