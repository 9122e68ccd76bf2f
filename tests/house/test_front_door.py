"""The front door: what is public, and what importing it does."""

import importlib
import inspect
import subprocess
import sys

import juggler

PROMISED = """
DataSource Model App Filter GeoPoint DateString UNSET prop
ModelRegistry TenantRegistry ModelRegistryProxy RegistryManager ModelBuilder registry
tenant current_tenant require_tenant
JugglerError ValidationError TenantRequiredError ConnectorDetachedError ModelDisposedError
""".split()


def test_promised_names_are_there() -> None:
    """Every name that the design promises can be imported from the front door."""
    assert [name for name in PROMISED if not hasattr(juggler, name)] == []


def test_public_names_are_listed() -> None:
    """Nothing becomes public by accident: what is bound here is listed, and what is listed is."""
    modules = {name for name, item in vars(juggler).items() if inspect.ismodule(item)}
    bound = {name for name in vars(juggler) if not name.startswith("_")} - modules
    bound -= {"annotations", "TYPE_CHECKING", "Any"}
    assert bound | {"App", "TenantRouter"} == set(juggler.__all__)
    assert [name for name in juggler.__all__ if getattr(juggler, name, None) is None] == []


def test_unknown_names_raise() -> None:
    """A name that is not there is an AttributeError, as of any module."""
    assert not hasattr(juggler, "Nothing")


def test_every_error_is_at_the_front_door() -> None:
    """Whoever catches an error finds its class in the package itself."""
    errors = importlib.import_module("juggler.errors")
    classes = {
        name
        for name, item in vars(errors).items()
        if inspect.isclass(item) and issubclass(item, juggler.JugglerError)
    }
    assert classes - set(juggler.__all__) == set()


def test_import_starts_nothing() -> None:
    """Importing starts no thread, task or timer, and loads no heavy library."""
    program = (
        "import sys, threading, juggler;"
        "assert threading.active_count() == 1, threading.enumerate();"
        "heavy = {'sqlalchemy', 'alembic', 'aiosqlite', 'starlette', 'typer', 'rich', 'pydantic'};"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
