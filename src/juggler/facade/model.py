"""Persisted models: the model API with reads and writes, for run-time and declared ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, dataclass_transform

from juggler.connectors.observing import around, run
from juggler.errors import ConnectorDetachedError, OperationNotSupportedError
from juggler.facade.attached import Attached
from juggler.facade.pickling import Pickled
from juggler.facade.preparing import Preparing
from juggler.facade.reads import Reads
from juggler.facade.record import Record
from juggler.facade.writes import Writes
from juggler.models.declared import ModelMeta, prop
from juggler.models.runtime import RuntimeModel
from juggler.persistence.hooks import Context
from juggler.persistence.operation import detached
from juggler.persistence.transactions.levels import read_wanted
from juggler.persistence.transactions.opening import Opening
from juggler.registry.sharing.views import ViewApi


class PersistedApi(Reads, Writes, Attached, Preparing):
    """All that a model answers: what it is, and its methods on the store."""

    __slots__ = ()

    async def notify_observers_of(
        self, operations: str | Sequence[str], context: Context
    ) -> Context:
        """Run the observers of one operation, or of several in turn, and return *context*."""
        for name in (operations,) if isinstance(operations, str) else operations:
            await run(self.observers_of(name), context, name)
        return context

    async def notify_observers_around(
        self, operation: str, context: Context, work: Callable[..., Any]
    ) -> Any:
        """Run *work* between the observers of ``before`` and ``after`` *operation*.

        What it returns is the one item of ``context.results``, which observers of ``after`` may
        replace: one item is returned as it is, several as a list, none as None.  An observer of
        ``before`` that calls ``context.end(result)`` skips the work and all that is left.  Where
        the work fails, ``after <operation> error`` is told, with ``context.error``.

        Args:
            operation: What is done.
            context: What observers, and *work* if it takes an argument, are called with.
            work: A function, sync or async.

        Raises:
            Exception: That of the work or of an observer.
        """
        return await around(self.observers_of, operation, context, work)

    def begin_transaction(
        self,
        options: Any = None,
        *,
        isolation_level: str | None = None,
        timeout: float | None = None,
    ) -> Opening:
        """Begin a transaction on the model's data source: await it, or use it with ``async with``.

        It is not ambient: give it to operations as ``options={"transaction": tx}``.  The arguments
        are those of `DataSource.begin_transaction`.

        Raises:
            OperationNotSupportedError: The connector has no transactions, or the model is shared
                by another tenant.
        """
        try:
            source = self.data_source
            if not hasattr(source, "transacting"):
                raise OperationNotSupportedError(
                    f"begin_transaction: the data source of {self.model_name} does not begin "
                    "transactions for it.",
                    model=self.model_name,
                )
            source.transacting("begin_transaction")
        except ConnectorDetachedError as error:
            raise detached("begin_transaction", self, error.message) from error
        wanted = read_wanted(options, isolation_level, timeout)
        return Opening(source, self._owner, wanted, is_ambient=False)


class PersistedRuntimeModel(Pickled, PersistedApi, RuntimeModel):
    """A model that was defined at run time, with its methods on the store."""

    __slots__ = ()


class PersistedView(ViewApi, PersistedRuntimeModel):
    """A view of another tenant's model, with its methods on the store."""

    __slots__ = ("_code", "_registry", "_share")


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
