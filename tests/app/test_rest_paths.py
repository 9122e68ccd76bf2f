"""Models that an app takes over, and the paths they are served at."""

from __future__ import annotations

import pytest

from juggler.app.asgi import App
from juggler.datasource.datasource import DataSource
from juggler.errors import DefinitionError
from juggler.facade.default import ModelRegistry
from tests.app.answers import error
from tests.app.service import client_of


async def test_models_are_registered() -> None:
    """An app takes models over from anywhere, by themselves or by name, under their own paths."""
    registry = ModelRegistry()
    ds = DataSource("db", connector="memory", registry=registry)
    other = DataSource("other", connector="memory", registry=registry)
    app = App(registry, data_sources=[ds, other])
    assert app.data_sources.db is app.data_sources["db"] is ds
    one = ds.define("One", {"name": str})
    ds.define("Two", {"name": str}, http={"path": "duo"})
    ds.define("Hidden", {"name": str})
    assert app.model(one) is one
    app.model("Two", data_source="db")
    app.model("Hidden", public=False)
    app.model(registry.define("Three", {"name": str}), data_source=other, plural="trio")
    assert app.models["One"] is app.models.One is one
    assert one.app is app
    assert one.data_source is ds
    assert app.models.Three.data_source is other
    async with client_of(app) as client:
        for path in ("Ones", "duo", "trio"):
            assert (await client.post(f"/api/{path}", json={"name": path})).status_code == 200
        for path in ("Hiddens", "Twos", "Threes"):
            error(await client.get(f"/api/{path}"), 404)


# APP-06
async def test_two_models_cannot_share_a_path() -> None:
    """A path that is taken, or that would never be reached, is found out at registration."""
    registry = ModelRegistry()
    ds = DataSource("memory", registry=registry)
    app = App(registry)
    app.model(ds.define("City", {}))
    with pytest.raises(DefinitionError, match="Cities"):
        app.model(ds.define("Town", {}, plural="Cities"))
    with pytest.raises(DefinitionError, match="more than one part"):
        app.model(ds.define("Village", {}), plural="a/b")
    with pytest.raises(DefinitionError, match="define it first"):
        app.model("Nowhere")
    with pytest.raises(DefinitionError, match="no data source"):
        app.model("City", data_source="nowhere")


async def test_the_root_may_be_anywhere() -> None:
    """`rest_api_root` may have several parts, or none."""
    for root, path in (("/v1/rest/", "/v1/rest/Cities"), ("", "/Cities"), ("/", "/Cities")):
        registry = ModelRegistry()
        app = App(registry, rest_api_root=root)
        app.model(DataSource("memory", registry=registry).define("City", {}))
        async with client_of(app) as client:
            assert (await client.get(path)).json() == []
            assert (await client.get("/health/live")).json() == {"status": "ok"}
            error(await client.get("/x/Cities"), 404)
