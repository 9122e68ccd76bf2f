"""Definitions in memory: gone with the process."""

from __future__ import annotations

import builtins
import threading

from juggler.registry.cold.stores.contract import Stored, conflict


class MemoryDefinitions:
    """Keeps definitions in memory, for tests and as a model for stores of your own.

    Safe from several threads.

    >>> store = MemoryDefinitions()
    >>> store.save("acme", "{}", 0), store.load("acme").version
    (1, 1)
    """

    def __init__(self) -> None:
        self._kept: dict[str, Stored] = {}
        self._lock = threading.Lock()

    def load(self, tenant: str) -> Stored | None:
        """Return what is kept of *tenant*, None for nothing."""
        return self._kept.get(tenant)

    def save(self, tenant: str, definitions: str, expected_version: int) -> int:
        """Keep *definitions* in the place of the version expected; return the new one.

        Raises:
            DuplicateEntryError: There is another version; nothing was changed.
        """
        with self._lock:
            former = self._kept.get(tenant)
            found = 0 if former is None else former.version
            if found != expected_version:
                raise conflict(tenant, expected_version, found)
            self._kept[tenant] = Stored(definitions, found + 1)
            return found + 1

    def delete(self, tenant: str) -> None:
        """Forget *tenant*; no error if there is none."""
        with self._lock:
            self._kept.pop(tenant, None)

    def list(self) -> builtins.list[str]:
        """Return the codes of all tenants, in order of arrival."""
        return [*self._kept]
