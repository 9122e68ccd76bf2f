"""``datasources.json``: name -> settings of a data source, or of one for each tenant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from juggler.cli.project.files import as_object, as_text, error_in, read_object, substitute
from juggler.definition.names import DATA_SOURCE_SETTINGS, normalise_keys, snake
from juggler.errors import DefinitionError

FILE: Final = "datasources.json"
TENANT: Final = "{tenant}"
"""What stands for the tenant's code in the address of a source that each tenant has its own of."""

_MORE: Final = frozenset(
    """
    auto_update pool_size synchronous cached_statements max_open adapter
    host hostname port user username password database
    """.split()
)
_KNOWN: Final = DATA_SOURCE_SETTINGS | _MORE
_ADDRESSES: Final = frozenset({"url", "file"})
_SQLITE: Final = "sqlite:///"


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """One entry of ``datasources.json``.

    Attributes:
        name: Its key.
        settings: What a `DataSource` takes; snake case, environment and folder filled in.
        per_tenant: The address holds ``{tenant}``: every tenant has a source of its own.
    """

    name: str
    settings: Mapping[str, Any]
    per_tenant: bool = False


def read_sources(
    folder: Path, environment: Mapping[str, str], ignored: list[str]
) -> tuple[SourceConfig, ...]:
    """Return the data sources of the project in *folder*; keys without meaning join *ignored*.

    Raises:
        ProjectError: The file or an entry cannot be used; nothing was opened.
    """
    file = folder / FILE
    found = []
    for name, entry in read_object(file).items():
        as_object(file, name, entry)
        filled = substitute(entry, environment, file, name)
        found.append(_source(file, name, filled, ignored))
    if not found:
        raise error_in(file, "", "names no data source.")
    routed = [each.name for each in found if each.per_tenant]
    if len(routed) > 1:
        raise error_in(
            file, routed[1], f"only one data source can be per tenant, and {routed[0]} is already."
        )
    return tuple(found)


def _source(file: Path, name: str, entry: Mapping[str, Any], ignored: list[str]) -> SourceConfig:
    """Return the data source of one entry."""
    try:
        settings = normalise_keys(entry, _KNOWN, name)
    except DefinitionError as error:
        raise error_in(file, name, str(error), error.value) from error
    if not settings.keys() & {"connector", "adapter", "url"}:
        raise error_in(file, f"{name}.connector", "a data source needs a connector or a url.")
    ignored += [f"{FILE}: {name}.{key}" for key in entry if snake(key) not in _KNOWN]
    settings = {key: item for key, item in settings.items() if key in _KNOWN and key != "name"}
    for key in _ADDRESSES & settings.keys():
        address = as_text(file, f"{name}.{key}", settings[key])
        settings[key] = _placed(address, key, file.parent)
    return SourceConfig(name, settings, any(TENANT in settings.get(key, "") for key in _ADDRESSES))


def _placed(address: str, key: str, folder: Path) -> str:
    """Return *address* with a relative path of a file made one below *folder*."""
    prefix = _SQLITE if key == "url" else ""
    if not address.startswith(prefix):
        return address
    path = address[len(prefix) :]
    if not path or path == ":memory:":
        return address
    return f"{prefix}{folder.resolve() / path}"
