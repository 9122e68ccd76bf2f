"""What a way to keep tenants apart has to offer."""

from __future__ import annotations

from typing import Protocol

from juggler.datasource.datasource import DataSource
from juggler.registry.builder import Traits


class Isolation(Protocol):
    """Makes the data source of each tenant; knows nothing of which are open."""

    @property
    def traits(self) -> Traits:
        """What the stores of the tenants want of models."""

    def create_data_source(self, tenant: str) -> DataSource:
        """Return a new, unconnected data source for *tenant*, at once and without waiting.

        Raises:
            RoutingError: There is no place for the tenant; nothing else is used instead.
        """
