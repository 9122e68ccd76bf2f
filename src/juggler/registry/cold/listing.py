"""Records of models that are declared, for listings that build nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from juggler.registry.owners import TENANT
from juggler.registry.records import ModelRecord


class DeclaredRecord(ModelRecord):
    """A model that was declared and not built when the record was made.

    Attributes:
        model: The model; built, and its tenant woken, when it is read; None once it is gone.
    """

    __slots__ = ("_read",)

    _read: Callable[[str, str], Any]

    def __init__(
        self, name: str, tenant: str, registered_at: float, read: Callable[[str, str], Any]
    ) -> None:
        put = object.__setattr__
        put(self, "name", name)
        put(self, "owner", tenant)
        put(self, "owner_kind", TENANT)
        put(self, "tenant", tenant)
        put(self, "registered_at", registered_at)
        put(self, "_read", read)

    @property
    def model(self) -> Any:
        """Return the model, or None once it is gone."""
        return self._read(self.tenant or "", self.name)

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, DeclaredRecord)
            and (self.name, self.tenant, self.registered_at, self._read)
            == (other.name, other.tenant, other.registered_at, other._read)
        )

    def __hash__(self) -> int:
        return hash((self.name, self.tenant, self.registered_at))

    def __repr__(self) -> str:
        return f"DeclaredRecord(name={self.name!r}, tenant={self.tenant!r})"
