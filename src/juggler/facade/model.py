"""Persisted models: the model API with reads and writes, for run-time and declared ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, dataclass_transform

from juggler.connectors.contract import Connector
from juggler.errors import ConnectorDetachedError, OperationNotSupportedError
from juggler.facade.reads import Reads
from juggler.facade.record import Record
from juggler.facade.writes import Writes
from juggler.models.declared import ModelMeta, prop
from juggler.models.runtime import RuntimeModel
from juggler.persistence.hooks import Context, run
from juggler.registry.sharing.share import Share
from juggler.registry.sharing.views import ViewApi, begin_view


class PersistedApi(Reads, Writes):
    """All that a model answers: what it is, and its methods on the store."""

    __slots__ = ()

    def get_connector(self) -> Connector:
        """Return the connector that the model's records are on, for the running task.

        Raises:
            ConnectorDetachedError: There is none, or its data source was closed.
        """
        connector: Connector | None = self.data_source.connector
        if connector is None:
            raise ConnectorDetachedError(
                f"get_connector: the data source of {self.model_name} was closed.",
                model=self.model_name,
            )
        return connector

    async def notify_observers_of(
        self, operations: str | Sequence[str], context: Context
    ) -> Context:
        """Run the observers of one operation, or of several in turn, and return *context*."""
        for name in (operations,) if isinstance(operations, str) else operations:
            await run(self.observers_of(name), context, name)
        return context

    async def begin_transaction(self, options: Any = None) -> Any:
        """Refuse: transactions are not there yet.

        Raises:
            OperationNotSupportedError: Always.
        """
        raise OperationNotSupportedError(
            f"begin_transaction: transactions are not supported yet ({self.model_name})."
        )


class PersistedRuntimeModel(PersistedApi, RuntimeModel):
    """A model that was defined at run time, with its methods on the store."""

    __slots__ = ()


class PersistedView(ViewApi, PersistedRuntimeModel):
    """A view of another tenant's model, with its methods on the store."""

    __slots__ = ("_code", "_registry", "_share")

    def __init__(self, share: Share, registry: Any, code: str) -> None:
        begin_view(self, share, registry, code)


@dataclass_transform(kw_only_default=True, field_specifiers=(prop,))
class PersistedMeta(PersistedApi, ModelMeta):
    """Metaclass of declared models, with their methods on the store."""


class Model(Record, metaclass=PersistedMeta):
    """Base of declared models.

    >>> from juggler import DataSource
    >>> class Order(Model, data_source=DataSource("memory")):
    ...     id: int = prop(id=True, generated=True)
    ...     total: float
    >>> (await Order.create(total=3)).id
    1
    """


__all__ = ["Model", "PersistedApi", "PersistedMeta", "PersistedRuntimeModel", "Record"]
