"""A database per tenant: a file, or a database on a server, named after the tenant."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from juggler.context import check_tenant_code
from juggler.datasource.datasource import DataSource
from juggler.errors import DefinitionError, RoutingError
from juggler.registry.builder import Traits
from juggler.registry.registry import ModelRegistry
from juggler.tenancy.isolation.encoding import MAX_NAME, encode

PLACE: Final = "{tenant}"
_SERVER_NAME: Final = 63  # characters that every database server allows for a name
_WAITING: Final = 10_000
_SQLITE: Final = "sqlite:///"


class DatabasePerTenant:
    """Gives each tenant a database of its own.

    The tenant's code never gets into a path or URL as it is: `encode` turns it into a name that no
    other tenant can have.  Tables are made when a model is first used.  Nothing here is open, so
    there is nothing to close; any number of tasks may ask.

    Args:
        template: Path of a SQLite file, or a URL, with ``{tenant}`` in its last part.
        registry: Registry that the data sources belong to; the default one unless given.
        settings: Further settings of every data source.

    Raises:
        DefinitionError: ``{tenant}`` is not there exactly once, or not in the last part.

    >>> DatabasePerTenant("data/{tenant}.db").file("Acme").name
    '=41cme.db'
    """

    def __init__(
        self,
        template: str | os.PathLike[str],
        *,
        registry: ModelRegistry | None = None,
        **settings: Any,
    ) -> None:
        text = os.fspath(template)
        self._registry = registry
        self._settings = {"auto_update": True, "max_offline_requests": _WAITING, **settings}
        self._url = None if "://" not in text or text.startswith(_SQLITE) else text
        path = text.removeprefix(_SQLITE) if self._url is None else urlsplit(text).path
        last = path.rpartition("/")[2]
        if text.count(PLACE) != 1 or PLACE not in last:
            raise DefinitionError(
                f"{text!r} needs {PLACE} once, in its last part: 'data/{PLACE}.db'.", value=text
            )
        self._folder = Path(path[: len(path) - len(last)] or ".")
        self._last = last

    @cached_property
    def traits(self) -> Traits:
        """Return what the stores want of models; asked of one that is never opened."""
        return self.create_data_source("example").traits

    def create_data_source(self, tenant: str) -> DataSource:
        """Return a new, unconnected data source on the database of *tenant*.

        Raises:
            InvalidTenantError: *tenant* cannot be a tenant's code.
            RoutingError: Its file would be outside the folder.
        """
        check_tenant_code(tenant)
        where: dict[str, Any]
        if self._url is not None:
            where = {"url": self._url.replace(PLACE, encode(tenant, _SERVER_NAME))}
        else:
            where = {"connector": "sqlite", "file": str(self.file(tenant))}
        return DataSource({"name": tenant, **self._settings, **where}, registry=self._registry)

    def file(self, tenant: str) -> Path:
        """Return the path of a tenant's SQLite file, whether it is there or not.

        Raises:
            RoutingError: It would be outside the folder, for a link leads out of it.
        """
        folder = Path(os.path.realpath(self._folder))
        path = folder / self._last.replace(PLACE, encode(tenant, MAX_NAME))
        if Path(os.path.realpath(path)).parent != folder:
            raise RoutingError(
                "The database of the tenant would be outside the folder of the tenants' databases.",
                tenant=tenant,
            )
        return path
