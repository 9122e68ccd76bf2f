"""A project becomes an app: sources, models, tenants, hooks, and errors that name the file."""

from pathlib import Path
from typing import Any

import pytest

from juggler.app.asgi import App
from juggler.cli.project.build import Access, build_app, isolation_of
from juggler.cli.project.files import ProjectError
from juggler.cli.project.reading import read_project
from juggler.context import tenant
from juggler.errors import JugglerError
from juggler.facade.default import ModelRegistry
from tests.cli.folders import CITY, PLAIN, write

DEV = Access(dev=True)


def build(folder: Path, files: dict[str, Any], access: Access = DEV) -> App:
    """Return the app of the project with *files*."""
    return build_app(read_project(write(folder, files), {}), access, ModelRegistry())


async def test_models_are_where_the_files_say(tmp_path: Path) -> None:
    """Each on its source, extended ones with what they extend, private ones not served."""
    # APP-04
    files = {
        "datasources.json": {"one": {"connector": "memory"}, "two": {"connector": "memory"}},
        "model-config.json": {
            "City": {"dataSource": "one"},
            "Port": {"dataSource": "two", "options": {"plural": "Havens"}},
        },
        "models/base.json": {"name": "Base", "properties": {"name": "string"}},
        "models/city.json": {"name": "City", "base": "Base", "properties": {"size": "number"}},
        "models/port.json": {"name": "Port", "base": "City", "properties": {"home": "Spot"}},
        "models/spot.json": {"name": "Spot", "idInjection": False, "properties": {"x": "number"}},
    }
    app = build(tmp_path, files)
    assert sorted(app.models) == ["Base", "City", "Port", "Spot"]
    assert app.models.City.data_source is app.data_sources.one
    assert app.models.Port.data_source is app.data_sources.two
    assert set(app.models.Port.properties) == {"id", "name", "size", "home"}
    assert app.models.Port.plural_model_name == "Havens"
    async with app.running():
        made = await app.models.Port.create(name="Oslo", size=1, home={"x": "2"})
        assert made.to_dict() == {"id": 1, "name": "Oslo", "size": 1, "home": {"x": 2}}
        assert await app.models.City.count() == 0


async def test_a_tenants_own_model_extends_the_apps(tmp_path: Path) -> None:
    """It sees the app's model of the same name, and only its tenant sees the variant."""
    files = {
        "datasources.json": {"db": {"connector": "sqlite", "url": "sqlite:///{tenant}.db"}},
        "models/city.json": CITY,
        "tenants.json": ["acme", "zeta"],
        "tenants/acme/big.json": {"name": "BigCity", "base": "City", "properties": {"y": "number"}},
        "tenants/acme/city.json": {"name": "City", "base": "City", "properties": {"x": "number"}},
    }
    app = build(tmp_path, files)
    async with app.running():
        for code, properties in (("acme", {"id", "name", "x"}), ("zeta", {"id", "name"})):
            with tenant(code):
                city = app.registry.look_up("City", app.models)
                assert set(city.properties) == properties
                await city.create(name=code)
                assert [each.name for each in await city.find()] == [code]
        with tenant("acme"):
            big = app.registry.look_up("BigCity", app.models)
            assert set(big.properties) == {"id", "name", "x", "y"}
    assert sorted(each.name for each in tmp_path.glob("*.db")) == ["acme.db", "zeta.db"]


def test_hooks_run_once_on_the_whole_app(tmp_path: Path) -> None:
    """`boot` gets the app with all its models; it may use what needs its module, and add models."""
    hooks = """
from __future__ import annotations
from dataclasses import dataclass

@dataclass
class Seen:
    names: list[str]

def boot(app):
    app.seen = Seen(sorted(app.models))
    app.model(app.data_sources.db.define("Added", {"x": "number"}))
"""
    app = build(tmp_path, {**PLAIN, "models/city.json": CITY, "hooks.py": hooks})
    assert app.seen.names == ["City"]  # type: ignore[attr-defined]  # set by the hook
    assert sorted(app.models) == ["Added", "City"]


def test_errors_of_ours_in_hooks_stay_what_they_are(tmp_path: Path) -> None:
    """A hook that raises an error of ours is not wrapped in another."""
    hooks = "from juggler.errors import QuotaExceededError\n"
    hooks += "def boot(app):\n    raise QuotaExceededError('no')\n"
    with pytest.raises(JugglerError) as caught:
        build(tmp_path, {**PLAIN, "hooks.py": hooks})
    assert caught.value.code == "QUOTA_EXCEEDED"


def test_a_project_without_a_source_per_tenant_has_no_isolation(tmp_path: Path) -> None:
    """Who asks for it is told."""
    with pytest.raises(ProjectError, match="has no data source per tenant"):
        isolation_of(read_project(write(tmp_path, PLAIN), {}))


BAD: list[tuple[str, dict[str, Any], Access, str]] = [
    (
        "a connector that is not there",
        {"datasources.json": {"db": {"connector": "nope"}}},
        Access(),
        "datasources.json: db.connector: ",
    ),
    (
        "a setting that cannot be",
        {"datasources.json": {"db": {"connector": "sqlite", "poolSize": "many"}}},
        Access(),
        "datasources.json: db: ",
    ),
    (
        "a tenant in the middle of a path",
        {"datasources.json": {"db": {"url": "sqlite:///{tenant}/a.db"}}, "tenants.json": ["a"]},
        DEV,
        "datasources.json: db.url: ",
    ),
    (
        "a tenant in the file of another store",
        {
            "datasources.json": {"db": {"connector": "memory", "file": "{tenant}.db"}},
            "tenants.json": ["a"],
        },
        DEV,
        "datasources.json: db.connector: 'memory' has no file with a tenant in it",
    ),
    (
        "a bad number of open sources",
        {
            "datasources.json": {"db": {"url": "sqlite:///{tenant}.db", "maxOpen": 0}},
            "tenants.json": ["a"],
        },
        DEV,
        "datasources.json: db: ",
    ),
    (
        "a source per tenant without tenants",
        {"datasources.json": {"db": {"url": "sqlite:///{tenant}.db"}}},
        Access(),
        "tenants.json: is needed",
    ),
    (
        "tenants that cannot enter",
        {**PLAIN, "tenants.json": ["acme"]},
        Access(),
        "No tenant could enter: set JUGGLER_PEPPER",
    ),
    ("a short pepper", {**PLAIN, "tenants.json": ["acme"]}, Access(pepper="x"), "A pepper has"),
    (
        "an unknown type",
        {**PLAIN, "models/a.json": {"name": "A", "properties": {"x": {"type": "strnig"}}}},
        Access(),
        "models/a.json: properties.x: ",
    ),
    (
        "an unknown base",
        {**PLAIN, "models/a.json": {"name": "A", "base": "Nobody"}},
        Access(),
        "models/a.json: Base model is not found: Nobody",
    ),
    (
        "two models at one path",
        {**PLAIN, "models/a.json": {"name": "A", "plural": "Bs"}, "models/b.json": {"name": "B"}},
        Access(),
        "models/b.json: ",
    ),
    (
        "a tenant's model that is wrong",
        {
            **PLAIN,
            "tenants.json": ["acme"],
            "tenants/acme/a.json": {"name": "A", "properties": {"x": "strnig"}},
        },
        DEV,
        "tenants/acme/a.json: properties.x: ",
    ),
    (
        "hooks that are no Python",
        {**PLAIN, "hooks.py": "def"},
        Access(),
        "hooks.py: fails: SyntaxError",
    ),
    ("hooks without boot", {**PLAIN, "hooks.py": "x = 1"}, Access(), "hooks.py: boot: is missing"),
    (
        "hooks that fail",
        {**PLAIN, "hooks.py": "def boot(app):\n    1 / 0\n"},
        Access(),
        "hooks.py: fails: ZeroDivisionError: division by zero",
    ),
    (
        "hooks that are async",
        {**PLAIN, "hooks.py": "async def boot(app):\n    pass\n"},
        Access(),
        "hooks.py: boot: is async",
    ),
]


@pytest.mark.parametrize(
    ("files", "access", "message"), [case[1:] for case in BAD], ids=[case[0] for case in BAD]
)
def test_what_cannot_be_built_is_told(
    tmp_path: Path, files: dict[str, Any], access: Access, message: str
) -> None:
    """A typed error that names file and key."""
    with pytest.raises(JugglerError) as caught:
        build(tmp_path, files, access)
    assert message in str(caught.value)
