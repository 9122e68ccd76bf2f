"""Which methods a model has: those of records, or those of keys and values."""

import gc
import weakref
from typing import Any

import pytest

from juggler.context import tenant
from juggler.datasource.datasource import DataSource
from juggler.errors import (
    DefinitionError,
    JugglerError,
    MethodMissingError,
    OperationNotSupportedError,
)
from juggler.facade.default import ModelRegistry
from juggler.facade.keyvalue import KeyValueApi, KeyValueModel
from juggler.facade.model import Model
from juggler.facade.reads import Reads
from juggler.facade.writes import Writes
from juggler.models.declared import prop

RECORDS = sorted(
    name for part in (Reads, Writes) for name in vars(part) if not name.startswith("_")
)
METHODS = sorted(
    name for name in vars(KeyValueApi) if not name.startswith("_") and name != "keeps_keys"
)


def keys(registry: ModelRegistry | None = None) -> DataSource:
    """Return a source of keys and values."""
    return DataSource("kv-memory", registry=registry or ModelRegistry())


def rows(registry: ModelRegistry | None = None) -> DataSource:
    """Return a source of records."""
    return DataSource("memory", registry=registry or ModelRegistry())


def check_keys(model: Any) -> None:
    """Check that a model has the methods of keys and values alone."""
    assert [name for name in METHODS if not hasattr(model, name)] == []
    shared = {"delete_all"}
    assert [name for name in RECORDS if name not in shared and hasattr(model, name)] == []


def check_rows(model: Any) -> None:
    """Check that a model has the methods of records alone."""
    assert [name for name in RECORDS if not hasattr(model, name)] == []
    assert not hasattr(model, "iterate_keys")
    assert not hasattr(model, "increment")


def runtime(source: DataSource) -> Any:
    """Return a model defined at run time."""
    return source.define("Shelf", {"size": int})


def declared(source: DataSource) -> Any:
    """Return a declared model."""

    class Shelf(Model, data_source=source):
        size: int = 0

    return Shelf


# DAO-273
@pytest.mark.parametrize("make", [runtime, declared])
async def test_the_source_decides(make: Any) -> None:
    """A model has the methods of its source, and loses them when it moves to another kind."""
    registry = ModelRegistry()
    model = make(keys(registry))
    check_keys(model)
    await model.set("key", 1)
    assert await model.get("key") == 1
    rows(registry).attach(model)
    check_rows(model)
    assert (await model.create(size=3)).size == 3
    other = keys(registry)
    other.attach(model)
    check_keys(model)
    assert await model.get("key") is None
    model.data_source = rows(registry)
    check_rows(model)
    model.data_source = other
    check_keys(model)


# DAO-273
@pytest.mark.parametrize("make", [runtime, declared])
def test_what_is_not_there_says_why(make: Any) -> None:
    """A method of records is an AttributeError that names the model and what it has instead."""
    model = make(keys())
    with pytest.raises(AttributeError, match=r"find: Shelf keeps keys and values") as caught:
        model.find({})
    assert isinstance(caught.value, MethodMissingError)
    assert isinstance(caught.value, JugglerError)
    assert (caught.value.code, caught.value.status_code) == ("METHOD_MISSING", 501)
    assert caught.value.model == "Shelf"
    with pytest.raises(AttributeError, match="nonsense"):
        _ = model.nonsense
    with pytest.raises(AttributeError):
        make(rows()).increment("a")


@pytest.mark.parametrize("make", [runtime, declared])
def test_it_is_a_model_all_the_same(make: Any) -> None:
    """It makes instances, has a shape, can be looked up, extended and let go."""
    source = keys()
    model = make(source)
    one = model(size="3")
    assert (one.size, isinstance(one, model), source.models["Shelf"]) == (3, True, model)
    assert model.get_connector() is source.connector
    inner = model.extend("Inner", {"more": str})
    check_keys(inner)
    assert list(inner.shape.names)[-1:] == ["more"] or "more" in inner.shape.names
    gone = weakref.ref(model)
    source.delete_model_by_name("Inner")
    source.delete_model_by_name("Shelf")
    del model, inner, one
    gc.collect()
    assert gone() is None


async def test_copies_and_subclasses() -> None:
    """A copy has the methods of the source that it is on, a subclass those of its own."""
    registry = ModelRegistry()
    store = rows(registry)
    model = runtime(keys(registry))
    copy = store.copy_model(model)
    check_rows(copy)
    check_keys(model)
    assert (await copy.create(size=1)).size == 1

    class Sub(model):  # type: ignore[misc]
        more: str = ""

    assert issubclass(Sub, KeyValueModel)
    keys(registry).attach(Sub)
    assert await Sub.increment("n") == 1

    class Shelf(Model, data_source=keys(registry)):
        pass

    class Inner(Shelf):
        pass

    store.attach(Inner)
    check_rows(Inner)
    check_keys(Shelf)


async def test_key_value_models_are_declared_as_such() -> None:
    """They have their methods before they have a source, and take no source of records."""
    registry = ModelRegistry()

    class Session(KeyValueModel, registry=registry, default_ttl=60_000):
        user: str = prop(default="")

    check_keys(Session)
    with pytest.raises(DefinitionError, match="kv-memory"):
        rows(registry).attach(Session)
    check_keys(Session)
    keys(registry).attach(Session)
    await Session.set("key", {"user": "ada"})
    assert await Session.get("key") == {"user": "ada"}
    assert Session(user="ada").get("user") == "ada"

    class Admin(Session):
        pass

    with pytest.raises(DefinitionError):
        rows(registry).attach(Admin)


async def test_a_run_time_model_says_so_by_a_setting() -> None:
    """A model that routing gives a source needs to be told that it has keys and values."""
    registry = ModelRegistry()
    cache = registry.define("Cache", {}, key_value=True)
    check_keys(cache)
    keys(registry).attach(cache)
    check_keys(cache)
    with pytest.raises(DefinitionError):
        rows(registry).define("Other", {}, keyValue=True)


async def test_properties_and_methods_of_one_name() -> None:
    """The model has the method, its instances have the property."""

    class Shelf(Model, data_source=keys()):
        ttl: int = 0
        size: int = 0

    model: Any = Shelf
    await model.set("key", 1, ttl=3_600_000)
    assert 0 < await model.ttl("key") <= 3_600_000
    assert Shelf(ttl=3).ttl == 3
    assert Shelf(size=3).get("size") == 3
    assert callable(Shelf().delete)


async def test_methods_can_be_overridden() -> None:
    """A class, or one that is mixed in, may have methods of its own."""

    class Loud:
        @classmethod
        async def delete(cls, key: str, options: Any = None) -> str:
            return f"{key} is gone, {options}"

    class Shelf(Loud, KeyValueModel, data_source=keys()):
        @classmethod
        async def get(cls, key: str, options: Any = None) -> Any:
            return await KeyValueApi.get(cls, key, options) or "nothing"  # type: ignore[arg-type]

    class Inner(Shelf):
        pass

    keys().attach(Inner)
    for model in (Shelf, Inner):
        assert await model.get("a") == "nothing"
        assert await model.delete("a") == "a is gone, None"
        await model.set("a", 1)
        assert await model.get("a") == 1
    with pytest.raises(AttributeError, match="class statement"):
        Shelf.set = None


def test_models_with_a_metaclass_of_their_own_are_refused() -> None:
    """Their type cannot change, and that is said before anything is."""
    registry = ModelRegistry()

    class OwnMeta(type(Model)):  # type: ignore[misc]
        pass

    class Own(Model, metaclass=OwnMeta, data_source=rows(registry)):
        pass

    with pytest.raises(DefinitionError, match="metaclass"):
        keys(registry).attach(Own)
    check_rows(Own)


def test_forward_models_keep_records() -> None:
    """One that is embedded before it is defined cannot keep keys; nothing is left half done."""
    source = keys()
    source.define("Outer", {"inner": "Inner"})
    with pytest.raises(DefinitionError, match="embedded"):
        source.define("Inner", {"size": int})


async def test_a_model_of_a_tenant_that_rested_is_the_same() -> None:
    """Built anew from its definition, it has the methods and the keys that it had."""
    registry = ModelRegistry()
    db = keys(registry)
    with tenant("acme"):
        await registry.define("Cache", {}, data_source=db).set("key", 1)
    gc.collect()
    registry.evict("acme")
    with tenant("acme"):
        model = registry.find_model_by_name("Cache")
        check_keys(model)
        assert await model.get("key") == 1


async def test_shared_models_do_not_show_keys() -> None:
    """A view of another tenant's model has records; one of a key-value model has none to show."""
    registry = ModelRegistry()
    db = keys(registry)
    with tenant("acme"):
        await registry.define("Cache", {}, data_source=db).set("key", 1)
    registry.share("Cache", "acme", ["globex"])
    with tenant("globex"):
        view = registry.find_model_by_name("Cache")
        assert not hasattr(view, "get")
        with pytest.raises(OperationNotSupportedError):
            await view.find()
