"""Lives of a tenant: what began before a clean-up has no part in what comes after it."""

from __future__ import annotations

from typing import Any

from juggler.context import is_former
from juggler.errors import ModelDisposedError


def check_life(code: str, registry: Any, model: str | None = None) -> None:
    """Refuse work for the tenant *code* that began before *registry* cleaned the tenant up.

    Args:
        code: The tenant's code.
        registry: Where it lives.
        model: Name of the model concerned, for the error.

    Raises:
        ModelDisposedError: The running task's block of the tenant was entered before that.
    """
    if is_former(code, registry):
        raise ModelDisposedError(
            f"The tenant {code} was cleaned up after this task had entered it; leave the block and "
            "enter the tenant anew to work for it as it is now.",
            model=model,
            tenant=code,
        )
