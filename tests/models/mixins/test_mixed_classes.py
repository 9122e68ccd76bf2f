"""Mixins of declared classes: they run when the class is where its rows are."""

from typing import Any

import pytest

from juggler import DataSource, Model
from juggler.errors import ConnectorDetachedError
from juggler.facade.default import ModelRegistry


@pytest.fixture
def source() -> DataSource:
    """A data source in a registry of its own."""
    return DataSource("memory", registry=ModelRegistry())


# MOD-96
def test_models_of_the_data_source(source: DataSource) -> None:
    """A class has a model of its data source mixed in by name, as a run-time model has."""
    stamp = source.define("Stamp", {"made": {"type": "string", "required": True}})
    stamp.add_method(lambda self: f"{self.made}!", "shout")

    class Letter(Model, data_source=source, mixins={"Stamp": True}):
        """A class with a model as mixin."""

        text: str = ""

    assert list(Letter.properties) == ["id", "text", "made"]
    letter: Any = Letter({"made": 5})
    assert letter.shout() == "5!"
    assert not Letter().is_valid_sync()


# MOD-96
@pytest.mark.parametrize("is_attached", [True, False])
def test_functions_see_the_data_source(source: DataSource, is_attached: bool) -> None:
    """A function finds the class where it will be, and before `setup` of it runs."""
    seen: list[Any] = []

    def mixin(model: Any, options: dict[str, Any]) -> None:
        try:
            seen.append(model.data_source)
        except ConnectorDetachedError:
            seen.append(None)

    source.model_builder.mixins.define("Seen", mixin)
    place: Any = {"data_source": source} if is_attached else {"registry": source.registry}

    class Letter(Model, mixins={"Seen": True}, **place):
        """A class with a function as mixin."""

        @classmethod
        def setup(cls) -> None:
            """Note that it ran."""
            seen.append("set up")

    assert seen == [source if is_attached else None, "set up"]
    source.attach(Letter)
    assert len(seen) == 2


# MOD-95
def test_a_mixin_that_fails(source: DataSource) -> None:
    """The class is not there when one of its mixins raised."""

    def mixin(model: Any, options: dict[str, Any]) -> None:
        raise ZeroDivisionError

    source.model_builder.mixins.define("Broken", mixin)
    with pytest.raises(ZeroDivisionError):

        class Letter(Model, data_source=source, mixins={"Broken": True}):
            """A class that is never made."""

    assert dict(source.models) == {}
