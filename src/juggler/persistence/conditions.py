"""What a call asks for: parsed, coerced, within the default scope, seen by "access" observers.

The scope binds whatever observers do: a condition that they replace is joined with it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import UNSET
from msgspec.structs import replace

from juggler.errors import InvalidQueryError, OperationNotSupportedError
from juggler.persistence.hooks import ACCESS
from juggler.persistence.limits import for_observers, hidden_from, limits_of
from juggler.persistence.operation import Operation
from juggler.persistence.scoping import NO_SCOPE
from juggler.query.nodes import And, Condition, Filter, Not, Or, Where
from juggler.query.normalise import normalise, normalise_where
from juggler.query.parse import CLAUSES, parse_filter, parse_where
from juggler.query.render import to_dict, where_to_dict

_NODES: Final = (And, Or, Not, Condition)
NO_CLAUSES: Final[Mapping[str, Any]] = {}


def read_filter(op: Operation, filter: Any, clauses: Mapping[str, Any] = NO_CLAUSES) -> Filter:
    """Return the caller's filter, as yet without the scope.

    Raises:
        TypeError: *filter* is no mapping.
        InvalidQueryError: It is not understood, or asks for what must not be asked for.
        OperationNotSupportedError: It asks for ``include``.
    """
    if filter is not None and not isinstance(filter, Mapping | Filter):
        raise TypeError(f"filter is a mapping of clauses, not {type(filter).__name__}.")
    for key in clauses:
        if key not in CLAUSES:
            raise InvalidQueryError(
                f"{key!r} is no clause of a filter; clauses are {', '.join(CLAUSES)}.",
                path=key,
                value=key,
            )
    limits = limits_of(op)
    parsed = parse_filter(filter, limits, **clauses)
    return normalise(
        parsed, op.shape, limits=limits, hidden=hidden_from(op), known_only=op.known_only
    )


def read_where(op: Operation, where: Any, *, writes: bool = False) -> Where:
    """Return the caller's condition, as yet without the scope; see `read_filter`."""
    if where is not None and not isinstance(where, (Mapping, *_NODES)):
        raise TypeError(f"where is a mapping of conditions, not {type(where).__name__}.")
    limits = limits_of(op, writes=writes)
    return normalise_where(
        parse_where(where, limits),
        op.shape,
        limits=limits,
        hidden=hidden_from(op),
        known_only=op.known_only,
    )


def within_scope(op: Operation, query: Filter) -> Filter:
    """Return *query* within the default scope of the call.

    Raises:
        OperationNotSupportedError: Query or scope have an ``include``.
    """
    if op.scope is not NO_SCOPE:
        query = normalise(op.scope.merge(query), op.shape, known_only=op.known_only)
    return without_include(op, query)


def bound(op: Operation, where: Where) -> Where:
    """Return *where* within the default scope of the call."""
    if op.scope is NO_SCOPE:
        return where
    return normalise_where(op.scope.bind(where), op.shape, known_only=op.known_only)


async def access(op: Operation, query: Filter) -> Filter:
    """Return *query* as the "access" observers leave it."""
    observers = op.observers(ACCESS)
    if not observers:
        return query
    shown = to_dict(query)
    if query.limit is not None or query.offset:
        shown.update(limit=query.limit, offset=query.offset, skip=query.offset)
    context = await op.notify(ACCESS, observers, query=shown)
    return _reread(op, context.query, query)


async def access_where(op: Operation, where: Where) -> Where:
    """Return the condition of a count or a write as the "access" observers leave it."""
    observers = op.observers(ACCESS)
    if not observers:
        return where
    context = await op.notify(ACCESS, observers, query={"where": where_to_dict(where)})
    left = context.query
    if isinstance(left, Filter):
        left = to_dict(left)
    if not isinstance(left, Mapping) or left.keys() != {"where"}:
        raise InvalidQueryError(
            f"{op.name}: after its observers `query` has to be an object with `where` alone.",
            path="query",
            value=left,
        )
    return reread_where(op, left["where"], where)


def reread_where(op: Operation, left: Any, former: Where) -> Where:
    """Return the condition that observers left behind; in the scope still if they changed it.

    Raises:
        InvalidQueryError: It is not understood, or no condition is left at all.
    """
    if left is None or left is UNSET:
        raise InvalidQueryError(
            f"{op.name}: an observer removed `where`; `{{}}` says that all are meant.", path="where"
        )
    limits = for_observers(limits_of(op, writes=True))
    found = normalise_where(
        parse_where(left, limits), op.shape, limits=limits, known_only=op.known_only
    )
    return former if found == former else bound(op, found)


def _reread(op: Operation, left: Any, former: Filter) -> Filter:
    """Return the filter that observers left behind."""
    limits = for_observers(limits_of(op))
    if isinstance(left, Mapping):
        left = dict(left)
        if left.get("skip") == former.offset and "offset" in left:
            del left["skip"]  # they changed `offset`, if anything
    found = normalise(parse_filter(left, limits), op.shape, limits=limits, known_only=op.known_only)
    if found.where != former.where:
        found = replace(found, where=bound(op, found.where))
    return without_include(op, found)


def without_include(op: Operation, query: Filter) -> Filter:
    """Return *query*; includes are not there yet, whoever asks for them."""
    if query.include:
        raise OperationNotSupportedError(
            f"{op.name}: `include` is not supported yet; find the related records yourself.",
            model=op.model_name,
            path="include",
        )
    return query
