"""The current tenant and request: one ContextVar, entered with ``with tenant(code):``."""

from __future__ import annotations

import functools
import inspect
import sys
import threading
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Final, NamedTuple, TypeVar, cast
from weakref import WeakKeyDictionary

from msgspec import Struct

from juggler.errors import InvalidTenantError, TenantContextError, TenantRequiredError

RESERVED_TENANTS = frozenset({"global", "trap"})
MAX_TENANT_LENGTH = 128

F = TypeVar("F", bound=Callable[..., Any])


class TenantContext(Struct, frozen=True):
    """What the running task works for; immutable, so tasks share it freely."""

    code: str
    principal: str | None = None
    request_id: str | None = None


class Life:
    """What the blocks of one tenant share; kept as long as one of them is open or a task has it.

    A place where tenants live (a registry) ends the tenant's life there with `end_life`; blocks
    that were entered before then belong to a life that is over, for that place alone.

    Attributes:
        turn: Grows each time a life of the tenant ends; blocks note it when they are entered.
        ends: Place -> the turn that began when the last life there ended; None before that.
    """

    turn: int = 0
    ends: WeakKeyDictionary[Any, int] | None = None


class _Entry(NamedTuple):
    """A tenant that was entered, by which block, what was current before, and in which life."""

    context: TenantContext
    block: tenant
    outer: _Entry | None
    life: Life
    turn: int


_current: ContextVar[_Entry | None] = ContextVar("juggler_tenant", default=None)
_FEW: Final = 1_024
_UNUSED: Final = 2
"""References to a life that only the caller of `sys.getrefcount` has."""
_entry: Final = tuple.__new__


class _Lives(dict[str, Life]):
    """The lives of the tenants that blocks are open for, and of some that were left lately.

    A life that blocks or tasks have is never dropped, nor is a second one made beside it: lives are
    added and taken out under the lock, and whoever reads one without it has it from then on.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()  # the collector may run code of others in between
        self.enough = _FEW

    def begin(self, code: str) -> Life:
        """Return the life of *code*, a new one if there is none."""
        with self.lock:
            life = self.get(code)
            if life is None:
                if len(self) >= self.enough:
                    self.sweep()
                life = self[code] = Life()
            return life

    def sweep(self) -> None:
        """Drop the lives that nobody has any more."""
        for code in list(self):
            self.used(code)
        self.enough = max(_FEW, 2 * len(self))

    def used(self, code: str) -> Life | None:
        """Return the life of *code* if anybody has it; drop it if nobody does."""
        life = self.pop(code, None)  # from here on who has it can be counted
        if life is None or sys.getrefcount(life) == _UNUSED:
            return None
        self[code] = life
        return life


_lives: Final = _Lives()


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
        context = self._context
        life = _lives.get(context.code) or _lives.begin(context.code)
        _current.set(_entry(_Entry, (context, self, _current.get(), life, life.turn)))
        return context

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


# lives ------------------------------------------------------------------------------------------


def end_life(code: str, place: Any) -> None:
    """End the life of the tenant *code* at *place*, for all blocks that are open now.

    The running task itself goes on in the next life: its own blocks count as entered anew.  Tasks
    that it started before do not.

    Args:
        code: The tenant's code.
        place: Whatever tenants live in: hashable and weakly referenceable.
    """
    with _lives.lock:
        life = _lives.used(code)
        if life is None:
            return
        life.turn += 1
        if life.ends is None:
            life.ends = WeakKeyDictionary()
        life.ends[place] = life.turn
    renewed = _renewed(_current.get(), life)
    if renewed is not _current.get():
        _current.set(renewed)


def _renewed(entry: _Entry | None, life: Life) -> _Entry | None:
    """Return *entry* and those around it, with the blocks of *life* in its present turn."""
    if entry is None:
        return None
    outer = _renewed(entry.outer, life)
    if entry.life is life:
        return entry._replace(outer=outer, turn=life.turn)
    return entry if outer is entry.outer else entry._replace(outer=outer)


def is_former(code: str, place: Any) -> bool:
    """Tell whether the running task works for *code* in a life that has ended at *place*.

    What counts is the innermost block of that tenant that the task is in; without one it is False.
    """
    entry = _current.get()
    while entry is not None:
        if entry.context.code == code:
            ends = entry.life.ends
            return ends is not None and ends.get(place, 0) > entry.turn
        entry = entry.outer
    return False
