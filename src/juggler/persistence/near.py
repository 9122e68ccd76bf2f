"""What stores that know no places are not asked to do."""

from __future__ import annotations

from typing import Final

from juggler.errors import InvalidQueryError
from juggler.persistence.operation import Operation
from juggler.query.located import has_near
from juggler.query.nodes import Where

_READING: Final = frozenset({"aggregate", "count", "distinct", "exists"})
"""Operations that can look at rows here instead, where that is allowed."""


def refuse_near(op: Operation, where: Where) -> None:
    """Raise if a write would have to find its rows by their distance and the store cannot.

    Raises:
        InvalidQueryError: ``OPERATOR_NOT_SUPPORTED``.
    """
    if "near" in op.capabilities or op.name in _READING or not has_near(where):
        return
    raise InvalidQueryError(
        f"{op.name}: the store of {op.model_name} knows no places; find the records and write to "
        "them by their ids.",
        code="OPERATOR_NOT_SUPPORTED",
        model=op.model_name,
        path="where",
        value="near",
    )
