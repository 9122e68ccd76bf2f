"""Names of connectors lead to classes that are imported when they are asked for."""

import subprocess
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from juggler.connectors.catalog import resolve_connector
from juggler.connectors.contract import Connector
from juggler.connectors.memory.connector import MemoryConnector
from juggler.errors import ConnectorNotFoundError, DefinitionError

HOST = SimpleNamespace(name="test", settings={})


def made(given: Any) -> Connector:
    """Return the connector that *given* leads to."""
    return resolve_connector(given)({}, HOST)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("memory", "memory"),
        ("sqlite", "sqlite"),
        ("sqlite3", "sqlite"),
        ("loopback-connector-memory", "memory"),
        ("juggler.connectors.memory.connector:MemoryConnector", "memory"),
    ],
)
def test_names_and_aliases(name: str, wanted: str) -> None:
    """A built-in name, an alias, LoopBack's package name and a dotted path lead to a class."""
    assert made(name).name == wanted  # DS-14


def test_classes_factories_and_instances() -> None:
    """A class, a factory, an instance and an object with ``initialize`` serve as they are."""
    ready = MemoryConnector({}, SimpleNamespace(name="other", settings={}))
    assert isinstance(made(MemoryConnector), MemoryConnector)  # DS-15
    assert isinstance(made(partial(MemoryConnector)), MemoryConnector)
    assert made(SimpleNamespace(initialize=lambda _: ready)) is ready
    assert made(ready) is ready
    assert ready.host is HOST  # DS-20


@pytest.mark.parametrize("name", ["postgresql", "pg", "mysql", "mongodb", "rest", "redis"])
def test_what_is_planned_says_so(name: str) -> None:
    """A canonical name whose connector is still to come is told apart from an unknown one."""
    with pytest.raises(ConnectorNotFoundError, match="not there yet"):
        made(name)


@pytest.mark.parametrize("name", ["nope", "juggler.nope:Class", "nope.deep:Class", "../x", "a:b:c"])
def test_unknown_names_list_what_was_tried(name: str) -> None:
    """An unknown name is an error that lists the candidates."""
    with pytest.raises(ConnectorNotFoundError, match="juggler_connector_") as caught:
        made(name)  # DS-16
    assert caught.value.code == "CONNECTOR_NOT_FOUND"
    assert name in str(caught.value)


def test_a_broken_candidate_is_not_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that is there and fails to import raises its own error."""
    (tmp_path / "juggler_connector_broken.py").write_text("import nothing_of_that_name\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="nothing_of_that_name"):
        made("broken")  # DS-17


def test_a_package_of_the_right_name_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The module ``juggler_connector_<name>`` brings a connector by its name."""
    source = "from juggler.connectors.memory.connector import MemoryConnector as Connector\n"
    (tmp_path / "juggler_connector_other_one.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    assert isinstance(made("other-one"), MemoryConnector)


def test_entry_points_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package may announce a connector by an entry point."""
    point = SimpleNamespace(load=lambda: MemoryConnector)

    def entry_points(*, group: str, name: str) -> list[Any]:
        return [point] if (group, name) == ("juggler.connectors", "mine") else []

    monkeypatch.setattr("importlib.metadata.entry_points", entry_points)
    assert isinstance(made("mine"), MemoryConnector)


@pytest.mark.parametrize("given", [None, 7, {}])
def test_other_things_are_no_connectors(given: Any) -> None:
    """What is neither a name nor makes a connector is refused."""
    with pytest.raises(DefinitionError):
        made(given)


def test_a_factory_that_makes_something_else_is_refused() -> None:
    """What a factory makes has to be a connector."""
    with pytest.raises(DefinitionError, match="made no connector"):
        made(lambda *_: object())  # DS-19


def test_the_catalog_imports_no_store() -> None:
    """Knowing the names costs no import of a connector or of its libraries."""
    code = (
        "import sys, juggler.connectors.catalog;"
        "print([name for name in sys.modules if 'sqlalchemy' in name or 'aiosqlite' in name])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
