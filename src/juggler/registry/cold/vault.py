"""What a registry knows of the store of its definitions."""

from __future__ import annotations

from juggler.registry.cold.bundle import Bundle, BundleTable, Entry
from juggler.registry.cold.codec import Codec
from juggler.registry.cold.stores.contract import DefinitionStore


class Vault:
    """Reads and writes the definitions of tenants, and remembers what is written; under the lock.

    Args:
        store: Where they are kept.
        codec: Makes text of them.
        bundles: The registry's bundles.
    """

    def __init__(self, store: DefinitionStore, codec: Codec, bundles: BundleTable) -> None:
        self._store = store
        self._codec = codec
        self._bundles = bundles
        self._versions: dict[str, int] = {}
        self._written: dict[str, Bundle] = {}

    def codes(self) -> list[str]:
        """Return the codes of all tenants in the store."""
        return list(self._store.list())

    def can_keep(self, name: str, entry: Entry) -> bool:
        """Tell whether a definition can be written; one that was written before can."""
        return self._codec.can_write(name, entry)

    def load(self, code: str) -> Bundle | None:
        """Return the definitions of a tenant, None for none.

        Raises:
            StoreError: They cannot be read.
            DefinitionError: They extend a global model that is not there.
        """
        found = self._store.load(code)
        if found is None:
            return None
        bundle = self._bundles.intern(self._codec.read(found.definitions, code))
        self._versions[code] = found.version
        self._written[code] = bundle
        return bundle

    def keep(self, code: str, bundle: Bundle) -> None:
        """Write the definitions of a tenant, unless they are what was written last.

        Raises:
            OperationNotSupportedError: Something in them cannot be written.
            DuplicateEntryError: Somebody else has written the tenant's definitions.
            StoreError: They could not be written.
        """
        if self._written.get(code) is bundle:
            return
        text = self._codec.write(bundle.entries)
        expected = self._versions.get(code, 0)
        self._versions[code] = self._store.save(code, text, expected)
        self._written[code] = bundle

    def delete(self, code: str) -> None:
        """Forget the definitions of a tenant.

        Raises:
            StoreError: They could not be deleted.
        """
        self._store.delete(code)
        self._versions.pop(code, None)
        self._written.pop(code, None)
