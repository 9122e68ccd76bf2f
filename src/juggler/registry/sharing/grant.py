"""Grants: who may use whose model, how, and until when."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from juggler.context import check_tenant_code
from juggler.definition.shape import Shape
from juggler.errors import DefinitionError

EVERYONE: Final = "*"
READ: Final = "read"
WRITE: Final = "write"

Access = Literal["read", "write"]
Until = datetime | float | None


@dataclass(frozen=True, slots=True, eq=False)
class Grant:
    """What `ModelRegistry.share` gave; two grants are never equal.

    It says what was given, not whether it still holds: `ModelRegistry.grants` lists those that do.

    Attributes:
        model_name: Name of the model, for owner and grantees.
        owner_tenant: Whose model and rows they are.
        with_: Codes of the grantees, or ``"*"`` for every other tenant, whenever it comes.
        access: ``read`` or ``write``.
        fields: The properties that are shared, in the model's order; None for all.
        until: When it ends, as it was given: seconds from when it was given, or a point in time;
            None for never.
    """

    model_name: str
    owner_tenant: str
    with_: tuple[str, ...] | Literal["*"]
    access: Access
    fields: tuple[str, ...] | None
    until: Until

    def covers(self, code: str) -> bool:
        """Tell whether the tenant *code* is a grantee."""
        return code != self.owner_tenant and (self.with_ == EVERYONE or code in self.with_)


def checked_access(access: Any) -> Access:
    """Return *access* if it is a word for one.

    Raises:
        ValueError: It is not.
    """
    if access == READ:
        return "read"
    if access == WRITE:
        return "write"
    raise ValueError(f"access is 'read' or 'write', not {access!r}.")


def checked_grantees(owner: str, codes: Any) -> tuple[str, ...] | Literal["*"]:
    """Return the codes of the tenants that *owner* shares with, each once.

    Raises:
        InvalidTenantError: One of them can be no tenant's code.
        DefinitionError: There is none, or the owner is among them.
    """
    if codes == EVERYONE:
        return "*"
    given: Iterable[Any] = (codes,) if isinstance(codes, str) else codes
    found = tuple(dict.fromkeys(check_tenant_code(code) for code in given))
    if not found or owner in found:
        raise DefinitionError(
            "A model is shared with one other tenant or several, or with '*' for all others.",
            tenant=owner,
            value=codes,
        )
    return found


def checked_fields(shape: Shape, fields: Any, model: str) -> tuple[str, ...] | None:
    """Return the names of *fields* in the order of *shape*; None where all are meant.

    Raises:
        DefinitionError: There is none, or one that the model does not have.
    """
    if fields is None:
        return None
    if isinstance(fields, str) or not isinstance(fields, Collection):
        raise DefinitionError(f"{model}: fields is a list of names.", model=model, value=fields)
    unknown = [name for name in fields if name not in shape]
    if unknown or not fields:
        raise DefinitionError(
            f"{model}: fields names one property or several of the model; it has no {unknown!r}.",
            model=model,
            value=fields,
        )
    return tuple(name for name in shape.names if name in fields)


def checked_end(until: Any) -> float | None:
    """Return after how many seconds a grant ends, None for never.

    Raises:
        TypeError: It is neither seconds nor a point in time.
        ValueError: It has no time zone, or it is past.
    """
    if until is None:
        return None
    if isinstance(until, datetime):
        if until.tzinfo is None:
            raise ValueError("until needs a time zone: datetime.now(UTC) + timedelta(hours=1).")
        left = (until - datetime.now(UTC)).total_seconds()
    elif isinstance(until, bool) or not isinstance(until, int | float):
        raise TypeError(f"until is seconds from now or a point in time, not {until!r}.")
    else:
        left = float(until)
    if not left > 0:
        raise ValueError(f"until is over already: {until!r}.")
    return left
