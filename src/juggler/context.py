"""The current tenant and request: one ContextVar, entered with ``with tenant(code):``."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NamedTuple, TypeVar, cast

from juggler.errors import InvalidTenantError, TenantContextError, TenantRequiredError

RESERVED_TENANTS = frozenset({"global", "trap"})
MAX_TENANT_LENGTH = 128

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class TenantContext:
    """What the running task works for; immutable, so tasks share it freely."""

    code: str
    principal: str | None = None
    request_id: str | None = None


class _Entry(NamedTuple):
    """A tenant that was entered, by which block, and what was current before."""

    context: TenantContext
    block: tenant
    outer: _Entry | None


_current: ContextVar[_Entry | None] = ContextVar("juggler_tenant", default=None)


def check_tenant_code(code: object) -> str:
    """Return *code* if it can be a tenant's code.

    Raises:
        InvalidTenantError: It is no text, empty, longer than 128 characters, has control
            characters or surrounding blanks, or is reserved (``global``, ``trap``).
    """
    if not isinstance(code, str):
        raise InvalidTenantError(
            f"A tenant code is text, not {type(code).__name__}; convert it yourself.", value=code
        )
    if not code or code != code.strip() or len(code) > MAX_TENANT_LENGTH:
        raise InvalidTenantError(
            f"A tenant code has 1 to {MAX_TENANT_LENGTH} characters and no surrounding blanks.",
            value=code,
        )
    if not code.isprintable():
        raise InvalidTenantError("A tenant code has no control characters.", value=code)
    if code in RESERVED_TENANTS:
        raise InvalidTenantError(f"The tenant code {code!r} is reserved.", value=code)
    return code


class tenant:  # noqa: N801  reads as a statement: with tenant("acme")
    """Set the current tenant for a block or a function, and restore the former one after it.

    Works with ``with``, ``async with`` and as a decorator of sync and async functions.  Tasks
    started inside inherit the tenant; sibling tasks never see it.  It holds no state, so many tasks
    may enter the same object.

    Args:
        code: The tenant's code.
        principal: Who acts, for audit records.
        request_id: Id of the request that is served, for logs.

    Raises:
        InvalidTenantError: *code* cannot be a tenant's code.
        TenantContextError: At the end of the block another tenant is current, because another task
            or context came to the end than the one that entered it.

    >>> with tenant("acme"):
    ...     current_tenant()
    'acme'
    """

    __slots__ = ("_context",)

    def __init__(
        self, code: str, *, principal: str | None = None, request_id: str | None = None
    ) -> None:
        self._context = TenantContext(check_tenant_code(code), principal, request_id)

    def __enter__(self) -> TenantContext:
        _current.set(_Entry(self._context, self, _current.get()))
        return self._context

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        entry = _current.get()
        if entry is None or entry.block is not self:
            message = "A tenant block was left in another task than the one that entered it."
            raise TenantContextError(message, tenant=self._context.code)
        _current.set(entry.outer)

    async def __aenter__(self) -> TenantContext:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, trace)

    def __call__(self, function: F) -> F:
        """Return *function* wrapped so that it runs for this tenant.

        Raises:
            TypeError: It is a generator, whose body would run in the context of whoever iterates.
        """
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(
                f"{function!r} is a generator: it cannot keep a tenant between two items.  Enter "
                "the tenant where it is iterated."
            )

        @functools.wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            with self:
                found = function(*args, **kwargs)
            return self._awaited(found) if inspect.isawaitable(found) else found

        @functools.wraps(function)
        async def run_async(*args: Any, **kwargs: Any) -> Any:
            with self:
                return await function(*args, **kwargs)

        return cast(F, run_async if inspect.iscoroutinefunction(function) else run)

    async def _awaited(self, found: Awaitable[Any]) -> Any:
        """Await what a function gave that is not declared ``async``, for this tenant."""
        with self:
            return await found


def current_tenant() -> str | None:
    """Return the code of the tenant the running task works for, or None."""
    entry = _current.get()
    return None if entry is None else entry.context.code


def tenant_context() -> TenantContext | None:
    """Return the whole context record of the running task, or None."""
    entry = _current.get()
    return None if entry is None else entry.context


def require_tenant() -> str:
    """Return the current tenant's code.

    Raises:
        TenantRequiredError: No tenant is current.
    """
    entry = _current.get()
    if entry is None:
        raise TenantRequiredError(
            "No tenant is current; enter one with `with tenant(code):` around this call."
        )
    return entry.context.code
