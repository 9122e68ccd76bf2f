"""With real data sources: what connectors note of models goes with the models."""

import gc
import weakref
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from juggler import DataSource, ModelRegistry
from juggler.connectors.contract import Connector, Host, ModelInfo
from juggler.context import tenant
from juggler.errors import ConnectorDetachedError, ModelDisposedError
from tests.registry.helpers import check

PLACE = {"lat": float, "lng": float}


class Noting(Connector):
    """A connector that notes the models it knows."""

    name: ClassVar[str] = "noting"

    def __init__(self, settings: Mapping[str, Any], host: Host) -> None:
        super().__init__(settings, host)
        self.known: list[ModelInfo] = []

    def define(self, info: ModelInfo) -> None:
        """Note a model."""
        if info not in self.known:
            self.known.append(info)

    def undefine(self, info: ModelInfo) -> None:
        """Forget a model."""
        if info in self.known:
            self.known.remove(info)

    def default_id_type(self) -> str:
        """Return the type of ids."""
        return "number"


@pytest.fixture
def registry() -> ModelRegistry:
    """A registry with persisted models."""
    return ModelRegistry()


def source(registry: ModelRegistry, name: str = "one") -> DataSource:
    """Return a data source whose connector takes notes."""
    return DataSource(name, {"connector": Noting, "same": "settings"}, registry=registry)


def notes(ds: DataSource) -> list[str]:
    """Return the names of the models that the connector knows."""
    connector = ds.connector
    assert isinstance(connector, Noting)
    return [info.name for info in connector.known]


def test_the_connector_forgets(registry: ModelRegistry) -> None:
    """A model that is deleted, replaced or moved leaves the connector's own tables."""
    # REG-45, REG-52, fault 15
    ds, other = source(registry), source(registry, "two")
    ds.define("A", {"where": PLACE})
    ds.define("B")
    moved = ds.define("C")
    ds.delete_model_by_name("A")
    assert notes(ds) == ["B", "C"]
    ds.define("B", {"x": int})
    assert notes(ds) == ["C", "B"]
    other.attach(moved)
    assert (notes(ds), notes(other)) == (["B"], ["C"])
    ds.delete_all_models()
    assert notes(ds) == []
    assert not moved.is_disposed
    check(registry)


async def test_closing_lets_go_of_ones_own(registry: ModelRegistry) -> None:
    """A closed source lets its models go, an equal one keeps its own; disconnecting keeps them."""
    # REG-52, REG-54, faults 7, 20
    ds, other = source(registry), source(registry)
    one, two = ds.define("A", {"where": PLACE}), other.define("A", {"where": PLACE})
    await ds.disconnect()
    assert ds.models["A"] is one
    await ds.close()
    assert (one.is_disposed, two.is_disposed) == (True, False)
    assert other.models["A"] is two
    with pytest.raises(ConnectorDetachedError):
        one.check_alive("find")
    check(registry)


def test_a_dropped_source(registry: ModelRegistry) -> None:
    """A source that nobody refers to goes with its models, its connector and their notes."""
    # REG-04, fault 29
    ds = source(registry)
    model = ds.define("A", {"where": PLACE})
    gone = [
        weakref.ref(each) for each in (ds, ds.connector, model, model.info, model.shape, ds.models)
    ]
    del ds
    gc.collect()
    assert all(each() is not None for each in gone), "a kept model keeps them"
    assert model.data_source.models["A"] is model
    del model
    gc.collect()
    assert [each() for each in gone] == [None] * 6
    assert registry.get_stats().total_models == 0


def test_tenants_on_one_source(registry: ModelRegistry) -> None:
    """Cleaning a tenant takes its own notes from a shared source, and leaves the source's."""
    # REG-45, REG-54
    ds = source(registry)
    own = ds.define("A", {"x": int})
    with tenant("acme"):
        theirs = registry.define("B", {"x": int}, data_source=ds)
    assert theirs.data_source is ds
    registry.cleanup_tenant("acme")
    assert notes(ds) == ["A"]
    assert not own.is_disposed
    with pytest.raises(ModelDisposedError):
        theirs.check_alive("find")
    gone = weakref.ref(theirs)
    del theirs
    gc.collect()
    assert gone() is None
    check(registry)
