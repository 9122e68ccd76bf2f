"""The registry with persisted models, and the one default instance of it."""

from __future__ import annotations

from typing import Any, ClassVar

from juggler.facade.keyvalue import KeyValueMeta, KeyValueModel, KeyValueRuntimeModel
from juggler.facade.model import (
    Model,
    PersistedMeta,
    PersistedRuntimeModel,
    PersistedView,
    Record,
)
from juggler.facade.pickling import Pickled
from juggler.messages.messages import Messages
from juggler.models.declared import ModelMeta
from juggler.models.runtime import RuntimeModel
from juggler.registry.builder import ModelBuilder
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.registry import ModelRegistry as BareRegistry


class ModelRegistry(BareRegistry):
    """All models of a process (or of one part of it) by owner; the single source of truth.

    Lives as long as somebody refers to it; `juggler.registry` is the default one.  Every method is
    safe from several threads and tasks: reads take no lock, changes take one.

    Args:
        clock: Seconds that never go back; times of tenants are on it.
        definitions: Where the definitions of cold tenants are kept beyond the process; see
            `juggler.registry.cold.stores`.  Tenants of the store are known at once, and each is
            loaded when it is first touched.

    >>> registry = ModelRegistry()
    >>> with tenant("acme"):
    ...     Ticket = registry.define("Ticket", {"title": str})
    >>> registry.find_model_by_name("Ticket") is None
    True
    >>> registry.cleanup_tenant("acme").models_removed
    1
    """

    model_type: ClassVar[type[RuntimeModel]] = PersistedRuntimeModel
    instance_type: ClassVar[type] = Record
    view_type: ClassVar[Any] = PersistedView

    @property
    def messages(self) -> Messages:
        """Return the messages of its models: their language, and the application's own words."""
        found: Messages | None = vars(self).get("_messages")
        return vars(self).setdefault("_messages", Messages()) if found is None else found


def _make_default() -> ModelRegistry:
    """Return the default registry, known to whatever asks for none in particular."""
    made = ModelRegistry()
    ModelRegistryProxy.default_registry = made
    ModelMeta.default_registry = made
    ModelBuilder.default_registry = made
    PersistedRuntimeModel.declared_base = Model
    KeyValueRuntimeModel.declared_base = KeyValueModel
    PersistedRuntimeModel.kinds = KeyValueRuntimeModel.kinds = (
        PersistedRuntimeModel,
        KeyValueRuntimeModel,
    )
    PersistedMeta.kinds = KeyValueMeta.kinds = (PersistedMeta, KeyValueMeta)
    Pickled.default_registry = made
    return made


registry = _make_default()
"""The one default registry; everything takes another in its place (``registry=``)."""

__all__ = ["ModelRegistry", "PersistedMeta", "registry"]
