"""Models that SQLAlchemy maps: a registry and a base for each tenant."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

from sqlalchemy import Boolean, Float, Integer, String
from sqlalchemy.orm import declarative_base, mapped_column

from benchmarks import samples
from benchmarks.registry.candidates.own import OwnTables

COLUMNS = {str: String, int: Integer, float: Float, bool: Boolean}


class Models(OwnTables):
    """Makes declarative classes; the mappers are configured when the first instance is made."""

    def __init__(self) -> None:
        super().__init__()
        self._bases: dict[str, Any] = {}

    def make(self, name: str, number: int | None, tenant: str) -> Any:
        """Return a new mapped class on the tenant's base."""
        base = self._bases.get(tenant)
        if base is None:
            base = self._bases[tenant] = declarative_base()
        body: dict[str, Any] = {"__tablename__": name.lower(), "__module__": __name__}
        for field, kind in samples.annotated(number).items():
            body[field] = mapped_column(COLUMNS[kind], primary_key=field == "id")
        return type(name, (base,), body)

    def finish(self) -> None:
        """Dispose the registries of what was made."""
        for made in self._made:
            made.registry.dispose()
        self._bases.clear()
        super().finish()

    def instance(self, model: Any, number: int) -> Any:
        """Return an instance."""
        return model(**samples.values_of(number))

    def finder(self, tenant: str, name: str) -> Callable[[int], None]:
        """Return what reads the table of classes that the base keeps."""
        bases = self._bases

        def look_up(times: int) -> None:
            for _ in range(times):
                bases[tenant].registry._class_registry[name]

        return look_up

    def clean(self, tenant: str) -> None:
        """Dispose the tenant's registry, drop the classes and collect."""
        self._bases.pop(tenant).registry.dispose()
        del self._tenants[tenant]
        gc.collect()
