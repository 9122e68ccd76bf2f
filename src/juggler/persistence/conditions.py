"""What a call asks for: parsed, coerced, within the default scope, seen by "access" observers.

The scope binds whatever observers do: a condition that they replace is joined with it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import UNSET
from msgspec.structs import replace

from juggler.errors import InvalidQueryError, OperationNotSupportedError
from juggler.persistence.hidden import guarded, has_secrets
from juggler.persistence.hooks import ACCESS
from juggler.persistence.limits import (
    NATIVE,
    NATIVE_OPERATORS,
    for_observers,
    for_scopes,
    limits_of,
)
from juggler.persistence.near import refuse_near
from juggler.persistence.operation import Operation
from juggler.persistence.related import refuse_related
from juggler.persistence.scoping import NO_SCOPE
from juggler.query.equalities import Equalities
from juggler.query.guard import Guard
from juggler.query.limits import DEFAULT_LIMITS, Limits
from juggler.query.nodes import And, Condition, Filter, Not, Or, Where
from juggler.query.normalise import normalise, normalise_where
from juggler.query.parse import CLAUSES, parse_filter, parse_where
from juggler.query.render import to_dict, where_to_dict

_NODES: Final = (And, Or, Not, Condition)
NO_CLAUSES: Final[Mapping[str, Any]] = {}
_EQUALITIES: Final = "juggler.persistence.conditions"
"""Key of what reads the simplest queries in the cache of a `ModelInfo`."""


def read_filter(
    op: Operation,
    filter: Any,
    clauses: Mapping[str, Any] = NO_CLAUSES,
    *,
    writes: bool = False,
    limits: Limits | None = None,
) -> Filter:
    """Return the caller's filter, as yet without the scope.

    Args:
        op: The call.
        filter: Its filter.
        clauses: Its clauses that were given as keywords.
        writes: What it finds decides what is written, so nothing of it may be left out.
        limits: What it may ask for; as the settings of the call say unless given.

    Raises:
        TypeError: *filter* is no mapping.
        InvalidQueryError: It is not understood, or asks for what must not be asked for.
        OperationNotSupportedError: It asks for ``include``, or leads through a relation.
    """
    _check_clauses(filter, clauses)
    limits = limits or limits_of(op, writes=writes)
    if _may_be_plain(op, limits) and (filter is None or not clauses):
        plain = _equalities(op).filter(clauses if filter is None else filter)
        if plain is not None:
            return plain
    try:
        parsed = parse_filter(filter, limits, **clauses)
    except InvalidQueryError as error:
        raise _of_native(op, error) from error.__cause__
    parsed = guarded(op, parsed, Guard.filter, writes=writes)
    refuse_related(op, parsed.where, parsed.order)
    return normalise(parsed, op.shape, limits=limits, known_only=op.known_only)


def _check_clauses(filter: Any, clauses: Mapping[str, Any]) -> None:
    """Raise where *filter* is no mapping, or *clauses* given as keywords are none."""
    if filter is not None and not isinstance(filter, Mapping | Filter):
        raise TypeError(f"filter is a mapping of clauses, not {type(filter).__name__}.")
    for key in clauses:
        if key not in CLAUSES:
            raise InvalidQueryError(
                f"{key!r} is no clause of a filter; clauses are {', '.join(CLAUSES)}.",
                path=key,
                value=key,
            )


def read_where(op: Operation, where: Any, *, writes: bool = False) -> Where:
    """Return the caller's condition, as yet without the scope; see `read_filter`."""
    if where is not None and not isinstance(where, (Mapping, *_NODES)):
        raise TypeError(f"where is a mapping of conditions, not {type(where).__name__}.")
    limits = limits_of(op, writes=writes)
    if _may_be_plain(op, limits):
        plain = _equalities(op).where(where)
        if plain is not None:
            return plain
    try:
        parsed = parse_where(where, limits)
    except InvalidQueryError as error:
        raise _of_native(op, error) from error.__cause__
    parsed = guarded(op, parsed, Guard.where, writes=writes)
    refuse_related(op, parsed)
    return normalise_where(parsed, op.shape, limits=limits, known_only=op.known_only)


def _may_be_plain(op: Operation, limits: Limits) -> bool:
    """Tell whether the simplest queries need no closer look in this call."""
    return limits is DEFAULT_LIMITS and not has_secrets(op)


def _equalities(op: Operation) -> Equalities:
    """Return what reads the simplest queries on the model."""
    found: Equalities | None = op.info.cache.get(_EQUALITIES)
    if found is None:
        found = op.info.cache[_EQUALITIES] = Equalities(op.shape)
    return found


def _of_native(op: Operation, error: InvalidQueryError) -> InvalidQueryError:
    """Return *error*; of a store's own operators, where they are allowed, that it has none."""
    is_wanted = error.code == "OPERATOR_NOT_ALLOWED_IN_QUERY" and op.setting(NATIVE) is True
    if is_wanted and NATIVE_OPERATORS not in op.capabilities:
        error.code, error.model = "OPERATOR_NOT_SUPPORTED", op.model_name
    return error


def within_scope(op: Operation, query: Filter) -> Filter:
    """Return *query* within the default scope of the call.

    Raises:
        OperationNotSupportedError: Query or scope have an ``include``.
    """
    if op.scope is not NO_SCOPE:
        query = op.scope.merge(query)
        refuse_related(op, query.where, query.order)
        query = normalise(query, op.shape, limits=for_scopes(op), known_only=op.known_only)
    return without_include(op, query)


def bound(op: Operation, where: Where) -> Where:
    """Return *where* within the default scope of the call."""
    if op.scope is NO_SCOPE:
        return where
    found = op.scope.bind(where)
    refuse_related(op, found)
    return normalise_where(found, op.shape, limits=for_scopes(op), known_only=op.known_only)


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
    found = await _left_where(op, where)
    refuse_near(op, found)
    return found


async def _left_where(op: Operation, where: Where) -> Where:
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
        raise _removed(op, "where")
    limits = for_observers(limits_of(op, writes=True))
    parsed = parse_where(left, limits)
    refuse_related(op, parsed)
    found = normalise_where(parsed, op.shape, limits=limits, known_only=op.known_only)
    return former if found == former else bound(op, found)


def _removed(op: Operation, what: str) -> InvalidQueryError:
    """Return the error for an observer that left None, which may be a mistake, as *what*."""
    return InvalidQueryError(
        f"{op.name}: an observer removed `{what}`; `{{}}` says that all are meant.",
        model=op.model_name,
        path=what,
    )


def _reread(op: Operation, left: Any, former: Filter) -> Filter:
    """Return the filter that observers left behind.

    Raises:
        InvalidQueryError: It is not understood; or it, or its condition, is None.
    """
    limits = for_observers(limits_of(op))
    if left is None:
        raise _removed(op, "query")
    if isinstance(left, Mapping):
        left = dict(left)
        if left.get("where", former) is None:
            raise _removed(op, "where")
        if left.get("skip") == former.offset and "offset" in left:
            del left["skip"]  # they changed `offset`, if anything
    parsed = parse_filter(left, limits)
    refuse_related(op, parsed.where, parsed.order)
    found = normalise(parsed, op.shape, limits=limits, known_only=op.known_only)
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
