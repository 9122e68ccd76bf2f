"""Which connector a name stands for; a class is imported when it is asked for."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any, Final

from juggler.connectors.contract import Connector, Host
from juggler.errors import ConnectorNotFoundError, DefinitionError

Factory = Callable[[Mapping[str, Any], Host], Connector]

SHIPPED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "memory": "juggler.connectors.memory.connector:MemoryConnector",
        "sqlite": "juggler.connectors.sql.sqlite:SqliteConnector",
        "kv-memory": "juggler.connectors.keyvalue_memory.connector:KeyValueMemoryConnector",
        "transient": "juggler.connectors.transient:TransientConnector",
    }
)
ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sqlite3": "sqlite",
        "postgres": "postgresql",
        "pg": "postgresql",
        "mariadb": "mysql",
        "mongo": "mongodb",
        "redis": "kv-redis",
    }
)
PLANNED: Final = frozenset({"postgresql", "mysql", "mongodb", "kv-redis", "rest"})
GROUP: Final = "juggler.connectors"
_PREFIX: Final = "loopback-connector-"


def resolve_connector(given: Any) -> Factory:
    """Return what makes the connector *given*: a name, a class, a factory or an instance.

    A factory takes settings and data source; a module or object that has ``initialize`` instead
    takes the data source and returns the connector.

    Names are tried in order: shipped connectors and their aliases, entry points of the group
    ``juggler.connectors``, the module ``juggler_connector_<name>``, a dotted path
    ``package.module:Class``.

    Raises:
        ConnectorNotFoundError: No candidate is there; the message lists what was tried.  A
            candidate that is there and fails to import raises its own error.
    """
    if isinstance(given, Connector):
        return lambda _, host: _adopted(given, host)
    if isinstance(given, str):
        return _by_name(given)
    initialize = getattr(given, "initialize", None)
    if callable(initialize) and not inspect.isclass(given):
        return lambda _, host: _made(initialize(host), given)
    if inspect.isclass(given) or callable(given):
        return lambda settings, host: _made(given(settings, host), given)
    raise DefinitionError(
        f"A connector is a name, a Connector class, a factory or an instance, not {given!r}.",
        value=given,
    )


def _adopted(connector: Connector, host: Host) -> Connector:
    """Return a ready instance, told which data source it serves from now on."""
    connector.host = host
    return connector


def _made(connector: Any, by: Any) -> Connector:
    """Return *connector*, which *by* made, if it is one.

    Raises:
        DefinitionError: It is none.
    """
    if not isinstance(connector, Connector):
        raise DefinitionError(f"{by!r} made no connector but {connector!r}.", value=by)
    return connector


def _by_name(given: str) -> Factory:
    """Return the class that a name stands for."""
    bare = given.removeprefix(_PREFIX)
    name = ALIASES.get(bare, bare)
    if name in SHIPPED:
        return _load(SHIPPED[name])
    from importlib.metadata import entry_points  # noqa: PLC0415  slow, and few names get here

    for point in entry_points(group=GROUP, name=name):
        factory: Factory = point.load()
        return factory
    module = f"juggler_connector_{name.replace('-', '_')}"
    if module.isidentifier() and find_spec(module) is not None:
        return _load(f"{module}:Connector")
    if ":" in given and _is_there(given.partition(":")[0]):
        return _load(given)
    raise _not_found(given, name, module)


def _is_there(module: str) -> bool:
    """Tell whether a module exists; one that exists and fails to import raises its own error."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError as error:  # a package on the way to it
        if error.name is not None and (module + ".").startswith(error.name + "."):
            return False
        raise
    except ValueError:  # no name of a module at all
        return False


def _load(path: str) -> Factory:
    """Return the object at ``package.module:Class``."""
    module, _, attribute = path.partition(":")
    factory: Factory = getattr(import_module(module), attribute)
    return factory


def _not_found(given: str, name: str, module: str) -> ConnectorNotFoundError:
    """Return the error that lists every candidate and says what helps."""
    if name in PLANNED:
        return ConnectorNotFoundError(
            f"The {name} connector is not there yet; memory and sqlite are.", value=given
        )
    tried = f"shipped connectors ({', '.join(SHIPPED)}), entry points {GROUP}, module {module}"
    tried += f", {given}" if ":" in given else ""
    return ConnectorNotFoundError(
        f"No connector answers to {given!r}. Tried: {tried}. Install the package that brings it, "
        "or give its path as 'package.module:Class'.",
        value=given,
    )
