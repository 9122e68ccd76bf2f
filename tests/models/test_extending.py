"""Methods and static members of a model, and what is told of its new instances."""

from functools import partial
from typing import Any

import pytest

from juggler import DataSource, Model
from juggler.errors import DefinitionError
from juggler.facade.default import ModelRegistry


class Person(Model):
    """A declared model that run-time ones extend."""

    LIMIT = 5
    name: str = ""

    @property
    def shout(self) -> str:
        """The name, louder."""
        return self._loud() + "!"

    def _loud(self) -> str:
        return self.name.upper()

    @classmethod
    def named(cls, name: str) -> Any:
        """A method of the class."""
        return cls(name=name)

    @staticmethod
    def count_of(items: Any) -> int:
        """A function."""
        return len(items)


# MOD-58
def test_run_time_models_have_what_a_declared_one_has(registry: ModelRegistry) -> None:
    """Methods, properties and static members come along, those that are added later too."""
    model = registry.define("Employee", {"job": "string"}, base=Person)
    ada = model.named("ada")
    assert isinstance(ada, model)
    assert isinstance(ada, Person)
    assert (ada.shout, model.LIMIT, model.count_of("abc")) == ("ADA!", 5, 3)
    model.add_method(lambda self, more: f"{self.name}{more}", "with_more")
    assert ada.__class__ is not type(model())
    assert model(name="x").with_more("y") == "xy"
    with pytest.raises(AttributeError):
        Person(name="x").with_more  # type: ignore[attr-defined]  # noqa: B018  that is the point


def test_methods_are_inherited_and_looked_up_each_time(registry: ModelRegistry) -> None:
    """A later method of a base reaches what extends it; the nearest one counts."""  # MOD-58
    base = registry.define("Base", {"x": "number"})
    child = base.extend("Child")
    other = registry.define("Other", {"x": "number"})

    @base.add_method
    def double(self: Any) -> Any:
        return self.x * 2

    @base.add_static
    def make(model: Any, x: int) -> Any:
        return model(x=x)

    made = child.make(2)
    assert (made.double(), isinstance(made, child)) == (4, True)
    child.add_method(lambda _: 0, "double")
    child.add_method(property(lambda _: "p"), "kind")
    assert (made.double(), child(x=1).kind, base(x=3).double()) == (0, "p", 6)
    assert not hasattr(other(), "double")
    with pytest.raises(AttributeError):
        other.make  # noqa: B018  reading is what is tried

    class Declared(child):  # type: ignore[misc, valid-type]  # a run-time model as a base
        """A class on top."""

        def kind_of(self) -> str:
            """A method of its own."""
            return f"{self.kind}{self.double()}"

    assert Declared(x=1).kind_of() == "p0"


@pytest.mark.parametrize(
    ("function", "name", "words"),
    [
        (len, "x", "A.x is a property; give the method another name"),
        (5, "five", "A.five is to be a function or a property, not 5"),
        (lambda: 0, None, "has no name; give it one"),
    ],
)
def test_members_that_cannot_be(
    registry: ModelRegistry, function: Any, name: str | None, words: str
) -> None:
    """A property is not covered, and a member is a function with a name."""
    model = registry.define("A", {"x": "number"})
    with pytest.raises(DefinitionError, match=words):
        model.add_method(function, name)


@pytest.mark.parametrize("name", ["find", "model_name", "__init__"])
def test_static_members_that_nobody_would_reach(registry: ModelRegistry, name: str) -> None:
    """What every model has is not covered."""
    for model in (registry.define("A", {"x": "number"}), Person):
        with pytest.raises(DefinitionError, match=f"{name} is what every model has"):
            model.add_static(len, name)


# initialize -----------------------------------------------------------------------------------


# MOD-72
async def test_new_instances_are_told_of(registry: ModelRegistry) -> None:
    """The method and the observers run when an instance is made or loaded, complete already."""
    source = DataSource("memory", registry=registry)
    seen: list[Any] = []

    class Pet(Model, data_source=source):
        """A declared model that is told of its instances."""

        id: int | None = None
        name: str = "none"

        def on_initialize(self) -> None:
            """Note it."""
            seen.append(("method", self.name))

    child = Pet.extend("Cat", {"color": "string"})
    Pet.observe("initialize", lambda pet: seen.append(("base", pet.name)))

    @child.observe("initialize")
    def note(cat: Any) -> None:
        seen.append(("child", cat.name))

    Pet()
    assert seen == [("method", "none"), ("base", "none")]
    seen.clear()
    child(name="Tom")
    assert seen == [("method", "Tom"), ("base", "Tom"), ("child", "Tom")]
    async with source:
        await Pet.create(name="Rex")
        seen.clear()
        await Pet.find()
        assert seen == [("method", "Rex"), ("base", "Rex")]
    child.remove_observer("initialize", note)
    seen.clear()
    child(name="Kit")
    assert seen == [("method", "Kit"), ("base", "Kit")]


def test_what_is_told_cannot_wait(registry: ModelRegistry) -> None:
    """An async observer of new instances is refused at once; errors are the caller's."""
    model = registry.define("A", {"x": "number"})
    plain = registry.define("B", {"x": "number"})

    async def slow(instance: Any) -> None:
        """Never run."""

    class Slow:
        async def __call__(self, instance: Any) -> None:
            """Never run."""

    for each in (slow, Slow(), partial(slow)):
        with pytest.raises(DefinitionError, match="async"):
            model.observe("initialize", each)
    with pytest.raises(DefinitionError, match=r"Late: .*async"):

        class Late(Model):
            async def on_initialize(self) -> None:
                """Never run."""

    assert model().x is None

    def hidden(instance: Any) -> Any:
        """Give what has to be awaited, which nobody can tell before."""
        return slow(instance)

    handle = model.observe("initialize", hidden)
    with pytest.raises(DefinitionError, match="async"):
        model()
    handle.remove()
    model()
    model.observe("initialize", lambda instance: instance.nothing)
    with pytest.raises(AttributeError):
        model()
    assert plain(x=1).x == 1
