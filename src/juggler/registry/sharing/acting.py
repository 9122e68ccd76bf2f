"""Working on behalf of the tenant whose rows a view shows."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from juggler import context

_acting: Final[ContextVar[tuple[Any, str] | None]] = ContextVar("juggler_acting", default=None)
"""The view at work, and the code of the tenant that it works on behalf of."""


@contextmanager
def on_behalf(view: Any, code: str) -> Iterator[None]:
    """Be the tenant *code* for the block, which does a part of what *view* was asked for."""
    token = _acting.set((view, code))
    try:
        with context.tenant(code):
            yield
    finally:
        _acting.reset(token)


def acting_for() -> str | None:
    """Return the tenant that the running task works on behalf of, or None."""
    found = _acting.get()
    return None if found is None else found[1]


def is_acting(view: Any) -> bool:
    """Tell whether the running task does a part of what *view* was asked for."""
    found = _acting.get()
    return found is not None and found[0] is view


def done_on_behalf(view: Any, code: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return *function*, sync or async, as one that runs on behalf of the tenant *code*."""

    async def awaited(found: Awaitable[Any]) -> Any:
        with on_behalf(view, code):
            return await found

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        with on_behalf(view, code):
            found = function(*args, **kwargs)
        return awaited(found) if inspect.isawaitable(found) else found

    @functools.wraps(function)
    async def run_async(*args: Any, **kwargs: Any) -> Any:
        with on_behalf(view, code):
            return await function(*args, **kwargs)

    return run_async if inspect.iscoroutinefunction(function) else run
