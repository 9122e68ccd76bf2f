"""Every error class of juggler.

JugglerError
├── ValidationError            422  VALIDATION_ERROR      an instance breaks its model's rules
├── BulkOperationError         (that of its cause)        some items of a list failed
├── NotFoundError              404  NOT_FOUND
├── DuplicateEntryError        409  DUPLICATE
├── VersionConflictError       409  VERSION_CONFLICT      somebody else has changed the record
├── PKMissingError             400  PK_MISSING            the model has no primary key
├── OperationNotSupportedError 501  NOT_IMPLEMENTED       (also a NotImplementedError)
├── MethodMissingError         501  METHOD_MISSING        (also an AttributeError) others have it
├── InvalidQueryError          400  (of the clause)       a filter or id that is not understood
├── InvalidValueError          400  INVALID_VALUE         (also a ValueError) a value of no use
├── DefinitionError            500  DEFINITION            (also a ValueError) not to be defined
├── StoreError                 500  STORE                 the store failed: the cause says how
├── TransactionError           (of the code)              a transaction cannot do what was asked
├── ConnectorNotFoundError     500  CONNECTOR_NOT_FOUND
├── PluginError                500  PLUGIN                no plug-in of that name, or it failed
├── ConnectorDetachedError     503  CONNECTOR_DETACHED    the data source of the model is gone
├── ConnectionTimeoutError     503  CONNECTION_TIMEOUT
├── PoolExhaustedError         503  POOL_EXHAUSTED
├── ModelDisposedError         410  MODEL_DISPOSED
├── RoutingError               500  ROUTING
├── TenantRequiredError        400  TENANT_REQUIRED
├── InvalidTenantError         400  INVALID_TENANT        (also a ValueError)
├── TenantContextError         500  TENANT_CONTEXT
├── PermissionDeniedError      403  PERMISSION_DENIED
└── QuotaExceededError         429  QUOTA_EXCEEDED

``status_code`` is data for whoever answers HTTP; nothing here knows HTTP.
"""

from __future__ import annotations

from typing import Any, ClassVar


class JugglerError(Exception):
    """Base of all errors; carries a code, a status and the data to act on.

    Args:
        message: What was wrong and what remedies it, in one or two sentences.  One that
            `juggler.messages` made is kept in ``told`` and can be said in another language.
        code: Stable machine-readable code; the class's own unless given.
        status_code: HTTP status that fits; the class's own unless given.
        model: Name of the model concerned.
        property: Name of the property concerned.
        path: Dotted path of the clause or value concerned.
        tenant: Code of the tenant concerned.
        value: The offending value.
        details: Further plain data for the caller.

    Attributes:
        instance: The record that was not valid, or could not be created; None for no single one.
    """

    code: str = "JUGGLER"
    status_code: int = 500
    instance: Any = None

    def __init__(
        self,
        message: str = "",
        *,
        code: str | None = None,
        status_code: int | None = None,
        model: str | None = None,
        property: str | None = None,  # noqa: A002  the word users read in the error
        path: str | None = None,
        tenant: str | None = None,
        value: Any = None,
        details: Any = None,
    ) -> None:
        super().__init__(str(message))
        self.message = str(message)
        self.told: Any = message if hasattr(message, "key") else None
        if code is not None:
            self.code = code
        if status_code is not None:
            self.status_code = status_code
        self.model = model
        self.property = property
        self.path = path
        self.tenant = tenant
        self.value = value
        self.details = details

    @property
    def name(self) -> str:
        """Return the class name, as REST answers show it."""
        return type(self).__name__

    @property
    def status(self) -> int:
        """Return ``status_code`` under its other usual name."""
        return self.status_code


class ValidationError(JugglerError):
    """Raised when an operation validates an instance and it breaks a rule.

    ``details`` is ``{"context": model, "codes": {field: [code]}, "messages": {field: [text]}}``;
    ``instance`` is the instance that was validated.  No more than ``max_failures`` are listed, or
    what the option ``max_failures`` of the call says; where there are others, ``details["total"]``
    is how many there are in all.

    Args:
        message: What is wrong; or an instance, of which the error tells what its last validation
            found.
        instance: The instance that was validated.
        data: What every error carries.
    """

    code = "VALIDATION_ERROR"
    status_code = 422
    max_property_string_length: ClassVar[int] = 32
    max_failures: ClassVar[int] = 100

    def __init__(self, message: Any = "", *, instance: Any = None, **data: Any) -> None:
        complaint = getattr(message, "_complaint", None)
        if callable(complaint):
            instance, found = message, complaint()
            message, data = found.message, {"model": found.model, "details": found.details, **data}
        super().__init__(message, **data)
        self.instance = instance


class BulkOperationError(JugglerError):
    """Raised when some items of a list operation failed.

    ``errors`` maps the index of each failed item to its exception; ``results`` maps each index to
    the instance made or the instance that failed.  The first error is the cause.
    """

    code = "BULK_OPERATION"

    def __init__(
        self, message: str, *, errors: dict[int, Exception], results: dict[int, Any]
    ) -> None:
        first = errors[min(errors)]
        super().__init__(message, status_code=getattr(first, "status_code", 500))
        self.errors = errors
        self.results = results
        self.__cause__ = first


class NotFoundError(JugglerError):
    """Raised when a record that must be there is not."""

    code = "NOT_FOUND"
    status_code = 404


class DuplicateEntryError(JugglerError):
    """Raised when a primary key or unique index is taken; ``fields`` names its properties."""

    code = "DUPLICATE"
    status_code = 409

    def __init__(self, message: str = "", *, fields: tuple[str, ...] = (), **data: Any) -> None:
        super().__init__(message, **data)
        self.fields = fields


class VersionConflictError(JugglerError):
    """Raised when a record was changed or deleted since the instance was loaded.

    ``value`` is the version that the instance had; read the record again and repeat the change.
    """

    code = "VERSION_CONFLICT"
    status_code = 409


class PKMissingError(JugglerError):
    """Raised when an operation needs a primary key and the model has none."""

    code = "PK_MISSING"
    status_code = 400


class OperationNotSupportedError(JugglerError, NotImplementedError):
    """Raised when a connector cannot do what was asked."""

    code = "NOT_IMPLEMENTED"
    status_code = 501


class MethodMissingError(JugglerError, AttributeError):  # type: ignore[misc]  # `name` is read-only
    """Raised when a model has no method of that name, and models on other stores have."""

    code = "METHOD_MISSING"
    status_code = 501

    def __init__(self, message: str = "", *, method: str = "", **data: Any) -> None:
        super().__init__(message, **data)
        AttributeError.__init__(self, self.message, name=method)  # else Python would set it


class InvalidQueryError(JugglerError, ValueError):
    """Raised when a filter, condition or id is not understood; ``path`` names the clause."""

    code = "INVALID_QUERY"
    status_code = 400


class InvalidValueError(JugglerError, ValueError):
    """Raised when a value cannot be stored in its property at all."""

    code = "INVALID_VALUE"
    status_code = 400


class DefinitionError(JugglerError, ValueError):
    """Raised when a model, property or setting cannot be defined as written."""

    code = "DEFINITION"


class StoreError(JugglerError):
    """Raised when a store fails in a way of its own; the driver's error is the cause."""

    code = "STORE"


class TransactionError(JugglerError):
    """Raised when a transaction cannot do what was asked of it.

    Codes: ``TRANSACTION_CONFLICT`` (somebody else was faster: do it again),
    ``TRANSACTION_NOT_ACTIVE`` (it was committed or rolled back), ``TRANSACTION_NOT_READY`` (it was
    not awaited), ``TRANSACTION_TIMEOUT``, ``TRANSACTION_NESTED`` and
    ``TRANSACTION_DATASOURCE_MISMATCH``.  ``value`` is the transaction's id where there is one.
    """

    code = "TRANSACTION"
    status_code = 409


class ConnectorNotFoundError(JugglerError):
    """Raised when no connector answers to a name; the message lists what was tried."""

    code = "CONNECTOR_NOT_FOUND"


class PluginError(JugglerError):
    """Raised when no plug-in has a name, or one fails; the message lists those that there are."""

    code = "PLUGIN"


class ConnectorDetachedError(JugglerError):
    """Raised when a model has no data source, or its data source was closed."""

    code = "CONNECTOR_DETACHED"
    status_code = 503


class ConnectionTimeoutError(JugglerError):
    """Raised when a data source did not connect in time."""

    code = "CONNECTION_TIMEOUT"
    status_code = 503


class PoolExhaustedError(JugglerError):
    """Raised when no data source or connection became free in time."""

    code = "POOL_EXHAUSTED"
    status_code = 503


class ModelDisposedError(JugglerError):
    """Raised when a model that was cleaned up, replaced or deleted is used again."""

    code = "MODEL_DISPOSED"
    status_code = 410


class RoutingError(JugglerError):
    """Raised when the data source of an operation cannot be told."""

    code = "ROUTING"


class TenantRequiredError(JugglerError):
    """Raised when a tenant is needed and none is current."""

    code = "TENANT_REQUIRED"
    status_code = 400


class InvalidTenantError(JugglerError, ValueError):
    """Raised when something that is no tenant code is given as one."""

    code = "INVALID_TENANT"
    status_code = 400


class TenantContextError(JugglerError):
    """Raised when the tenant context is unusable or would be crossed."""

    code = "TENANT_CONTEXT"


class PermissionDeniedError(JugglerError):
    """Raised when the operation is not allowed to whoever asked for it."""

    code = "PERMISSION_DENIED"
    status_code = 403


class QuotaExceededError(JugglerError):
    """Raised when a limit of the tenant, the registry or the service is reached."""

    code = "QUOTA_EXCEEDED"
    status_code = 429
