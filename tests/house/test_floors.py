"""The floors of the house: who may import whom, and that nobody imports in a circle."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.house.tree import PACKAGE, Source, cycles, imports, read_package

# From the ground up.  A room may import rooms on lower floors only.
FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"errors", "context", "concurrency", "events", "telemetry", "undoing", "messages"}),
    frozenset({"types"}),
    frozenset({"definition"}),
    frozenset({"query", "validation"}),
    frozenset({"connectors"}),
    frozenset({"models"}),
    frozenset({"persistence", "registry"}),
    frozenset({"relations"}),
    frozenset({"facade"}),
    frozenset({"datasource"}),
    frozenset({"helpers"}),
    frozenset({"distribution"}),
    frozenset({"tenancy"}),
    frozenset({"app"}),
    frozenset({"cli"}),
)
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
FREE = frozenset({"__init__", "__main__", "testing"})
"""These may import anything; nobody but they themselves may import them."""


def room_of(module: str) -> str:
    """Return the folder or file right below the package that *module* is in."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def offence(importer: str, imported: str) -> str | None:
    """Say what is wrong with an import between two rooms; None where it is allowed."""
    if importer == imported:
        return None
    if imported in FREE and not (importer in FREE and imported == "__init__"):
        return f"{imported} is imported by nobody"
    if importer in FREE:
        return None
    unknown = [room for room in (importer, imported) if room not in FLOOR_OF]
    if unknown:
        return f"{unknown[0]} stands on no floor"
    if FLOOR_OF[imported] > FLOOR_OF[importer]:
        return f"{imported} is above {importer}"
    if FLOOR_OF[imported] == FLOOR_OF[importer] != 0:  # the ground floor is one room
        return f"{imported} is on the floor of {importer}"
    return None


def offences(modules: Mapping[str, Source]) -> list[str]:
    """Return every import of *modules* that goes up, sideways or to a room of no floor."""
    found = []
    for source in modules.values():
        importer = room_of(source.name)
        if importer not in FLOOR_OF.keys() | FREE:
            found.append(f"{source.name}: {importer} stands on no floor")
        for imported in sorted(imports(source, modules)):
            wrong = offence(importer, room_of(imported))
            if wrong:
                found.append(f"{source.name} imports {imported}: {wrong}")
    return found


def circles(modules: Mapping[str, Source]) -> list[list[str]]:
    """Return the groups of *modules* that import one another, however hidden."""
    return cycles({name: imports(source, modules) for name, source in modules.items()})


def test_imports_go_down_only() -> None:
    """No room imports one above it or beside it, not in a function and not for types either."""
    found = offences(read_package(PACKAGE))
    assert not found, "\n".join(found)


def test_nobody_imports_in_a_circle() -> None:
    """No modules import one another, counting imports in functions and for types."""
    found = circles(read_package(PACKAGE))
    assert not found, "\n".join(map(" <-> ".join, found))


# --- the checker itself, on houses that are made up -----------------------------------------


def build(folder: Path, files: Mapping[str, str]) -> dict[str, Source]:
    """Write a package `house` with *files* and read it."""
    package = folder / "house"
    for name, text in {"__init__.py": "", **files}.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return read_package(package)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("types/scalar.py", "from house.errors import JugglerError"),
        ("cli/main.py", "import house.app.asgi, house.types.scalar"),
        ("models/base.py", "from . import build"),
        ("models/base.py", "from ..types import scalar"),
        ("context.py", "from house.errors import TenantRequiredError"),
        ("testing/gate.py", "from house import DataSource\nfrom house.app import asgi"),
        ("__init__.py", "from house.cli.main import main\nfrom house.types import scalar"),
        ("__main__.py", "from house.cli.main import main"),
        ("types/scalar.py", "import datetime\nfrom collections import abc"),
    ],
)
def test_imports_that_go_down_are_allowed(tmp_path: Path, path: str, text: str) -> None:
    """Downwards, inside one room, between files of the ground floor, and from the free rooms."""
    rooms = ("types/scalar.py", "app/asgi.py", "cli/main.py", "models/build.py", "errors.py")
    house = build(tmp_path, {**dict.fromkeys(rooms, ""), "app/__init__.py": "", path: text})
    assert offences(house) == []


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        ("types/scalar.py", "from house.app import asgi", "app is above types"),
        ("types/scalar.py", "from house.app.asgi import App", "app is above types"),
        ("types/scalar.py", "import house.app.asgi", "app is above types"),
        ("types/scalar.py", "from ..app import asgi", "app is above types"),
        ("types/scalar.py", "from .. import app", "app is above types"),
        ("types/scalar.py", "def f():\n    import house.app.asgi", "app is above types"),
        (
            "types/scalar.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.app import asgi",
            "app is above types",
        ),
        ("types/scalar.py", "importlib.import_module('house.app.asgi')", "app is above types"),
        ("errors.py", "from house.types import scalar", "types is above errors"),
        ("query/parse.py", "import house.validation.run", "validation is on the floor of query"),
        ("registry/owners.py", "from house import persistence", "persistence is on the floor"),
        ("app/asgi.py", "from house.testing import gate", "testing is imported by nobody"),
        ("cli/main.py", "from house import App", "__init__ is imported by nobody"),
        ("__init__.py", "from house.testing import gate", "testing is imported by nobody"),
        ("cellar/wine.py", "", "cellar stands on no floor"),
    ],
)
def test_other_imports_are_found(tmp_path: Path, path: str, text: str, why: str) -> None:
    """Upwards, sideways, to the free rooms, to a room of no floor: whatever the spelling."""
    rooms = ("types/scalar.py", "app/asgi.py", "validation/run.py", "testing/gate.py")
    packages = ("app/__init__.py", "persistence/__init__.py")
    house = build(tmp_path, {**dict.fromkeys(rooms + packages, ""), path: text})
    found = offences(house)
    assert len(found) == 1
    assert why in found[0]


def test_circles_are_found(tmp_path: Path) -> None:
    """A circle counts when one of its imports hides in a function or stands there for types."""
    files = {
        "a.py": "import house.b",
        "b.py": "def late():\n    from house import c",
        "c.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.a import A",
        "d.py": "import house.a",
    }
    assert circles(build(tmp_path, files)) == [["house.a", "house.b", "house.c"]]


def test_a_package_and_its_own_module_are_no_circle(tmp_path: Path) -> None:
    """A package that hands on what its modules hold is a circle only if they ask it back."""
    files = {"a/__init__.py": "from house.a.one import One", "a/one.py": "from house.a import two"}
    assert circles(build(tmp_path, {**files, "a/two.py": ""})) == []
    assert circles(build(tmp_path, {**files, "a/one.py": "from house.a import Two"})) != []


def test_every_room_has_one_floor() -> None:
    """The table names no room twice."""
    assert sum(map(len, FLOORS)) == len(FLOOR_OF)
