"""One model layer, many data sources, any number of tenants.

>>> ds = DataSource("memory")
>>> Customer = ds.define("Customer", {"name": {"type": str, "required": True}, "age": "number"})
>>> async with ds:
...     ada = await Customer.create(name="Ada", age="36")
...     grown = await Customer.find(where={"age": {"gt": 30}})
>>> grown[0].age
36
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from juggler.context import current_tenant, require_tenant, tenant
from juggler.datasource.datasource import DataSource
from juggler.errors import (
    BulkOperationError,
    ConnectionTimeoutError,
    ConnectorDetachedError,
    ConnectorNotFoundError,
    DefinitionError,
    DuplicateEntryError,
    InvalidQueryError,
    InvalidTenantError,
    InvalidValueError,
    JugglerError,
    MethodMissingError,
    ModelDisposedError,
    NotFoundError,
    OperationNotSupportedError,
    PermissionDeniedError,
    PKMissingError,
    PluginError,
    PoolExhaustedError,
    QuotaExceededError,
    RoutingError,
    StoreError,
    TenantContextError,
    TenantRequiredError,
    TransactionError,
    ValidationError,
    VersionConflictError,
)
from juggler.facade.default import ModelRegistry, registry
from juggler.facade.keyvalue import KeyValueModel
from juggler.facade.model import Model
from juggler.models.declared import prop
from juggler.models.instances.typed_list import List
from juggler.models.interop.hooks import dec_hook, enc_hook
from juggler.persistence.transactions.transaction import Transaction
from juggler.query.changes import inc, mul, pull, push, unset
from juggler.query.nodes import Filter
from juggler.registry.builder import ModelBuilder
from juggler.registry.managing.manager import RegistryManager
from juggler.registry.managing.policy import Policy
from juggler.registry.modeldefinition import ModelDefinition
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.records import CleanupResult
from juggler.registry.strategies.adaptive import Adaptive
from juggler.registry.strategies.budget import MemoryBudget
from juggler.registry.strategies.combine import any_of
from juggler.registry.strategies.idle import IdleStrategy
from juggler.registry.strategies.lru import LeastRecentlyUsed
from juggler.registry.strategies.predictive import Predictive
from juggler.registry.tenant import TenantRegistry
from juggler.types.geo import GeoPoint
from juggler.types.temporal import DateString

if TYPE_CHECKING:
    from juggler.app.asgi import App
    from juggler.tenancy.route import TenantRouter

__version__ = "0.1.0"

__all__ = [
    "UNSET",
    "Adaptive",
    "App",
    "BulkOperationError",
    "CleanupResult",
    "ConnectionTimeoutError",
    "ConnectorDetachedError",
    "ConnectorNotFoundError",
    "DataSource",
    "DateString",
    "DefinitionError",
    "DuplicateEntryError",
    "Filter",
    "GeoPoint",
    "IdleStrategy",
    "InvalidQueryError",
    "InvalidTenantError",
    "InvalidValueError",
    "JugglerError",
    "KeyValueModel",
    "LeastRecentlyUsed",
    "List",
    "MemoryBudget",
    "MethodMissingError",
    "Model",
    "ModelBuilder",
    "ModelDefinition",
    "ModelDisposedError",
    "ModelRegistry",
    "ModelRegistryProxy",
    "NotFoundError",
    "OperationNotSupportedError",
    "PKMissingError",
    "PermissionDeniedError",
    "PluginError",
    "Policy",
    "PoolExhaustedError",
    "Predictive",
    "QuotaExceededError",
    "RegistryManager",
    "RoutingError",
    "StoreError",
    "TenantContextError",
    "TenantRegistry",
    "TenantRequiredError",
    "TenantRouter",
    "Transaction",
    "TransactionError",
    "ValidationError",
    "VersionConflictError",
    "any_of",
    "current_tenant",
    "dec_hook",
    "enc_hook",
    "inc",
    "mul",
    "prop",
    "pull",
    "push",
    "registry",
    "require_tenant",
    "tenant",
    "unset",
]


def __getattr__(name: str) -> Any:
    """Import what needs more than the core when it is asked for."""
    if name == "App":
        from juggler.app.asgi import App  # noqa: PLC0415  needs the extra `app`

        return App
    if name == "TenantRouter":
        from juggler.tenancy.route import TenantRouter  # noqa: PLC0415  few programs need it

        return TenantRouter
    raise AttributeError(f"module 'juggler' has no attribute {name!r}")
