"""The steps of a call before its store is reached, one by one and without I/O."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from juggler.definition.shape import Shape
from juggler.errors import ConnectorDetachedError
from juggler.models.api import ModelApi
from juggler.models.instances.instance import Instance
from juggler.persistence.conditions import read_filter
from juggler.persistence.data import DEFAULT_DEPTH
from juggler.persistence.hidden import guarded
from juggler.persistence.limits import limits_of
from juggler.persistence.operation import Operation
from juggler.persistence.road import begin
from juggler.persistence.storing import stored
from juggler.query.guard import Guard
from juggler.query.helpers import sanitising
from juggler.query.limits import DEFAULT_LIMITS
from juggler.query.normalise import normalise_where
from juggler.query.parse import parse_where
from juggler.query.render import to_dict, where_to_dict
from juggler.query.structure import is_leaf

Options = Mapping[str, Any] | None

DEFAULTS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "allow_extended_operators": False,
        "allow_regexp": DEFAULT_LIMITS.allow_regexp,
        "like": DEFAULT_LIMITS.like,
        "max_conditions": DEFAULT_LIMITS.max_conditions,
        "max_depth_of_data": DEFAULT_DEPTH,
        "max_depth_of_query": DEFAULT_LIMITS.max_depth,
        "max_inq_items": DEFAULT_LIMITS.max_inq_items,
        "max_regexp_length": DEFAULT_LIMITS.max_regexp_length,
        "normalize_undefined_in_query": DEFAULT_LIMITS.undefined,
        "prohibit_hidden_properties_in_query": False,
        "prohibited": "raise",
    }
)
"""Behavioural setting -> what counts where nobody says anything."""


def normalize_filter(model: Any, filter: Any, options: Options) -> dict[str, Any] | None:
    """Return *filter* as a connector gets it; None for None."""
    if filter is None:
        return None
    query = read_filter(_call(model, "normalize_filter", options), filter)
    found = to_dict(query)
    if query.limit is not None or query.offset:
        found |= {"offset": query.offset, "skip": query.offset}
    return found


def coerce_where(model: Any, where: Any, options: Options, definition: Any) -> dict[str, Any]:
    """Return *where* with its operands coerced to *definition*, else to the model's shape."""
    op = _call(model, "coerce_where", options)
    limits = limits_of(op)
    shape = op.shape if definition is None else _shape_of(definition)
    return where_to_dict(normalise_where(parse_where(where, limits), shape, limits=limits))


def _shape_of(definition: Any) -> Shape:
    shape: Any = definition if isinstance(definition, Shape) else definition.shape
    if isinstance(shape, Shape):
        return shape
    raise TypeError(f"coerce_where: {definition!r} is no model, definition or shape.")


def sanitize_query(model: Any, query: Any, options: Options) -> Any:
    """Return a copy of a condition that is bounded and asks for no secrets."""
    if is_leaf(query):
        return query
    op = _call(model, "sanitize_query", options)
    limits = limits_of(op)
    found = sanitising.sanitize_query(
        query,
        {"max_depth": limits.max_depth, "normalize_undefined_in_query": limits.undefined},
    )
    parsed = parse_where(found, limits)
    left = guarded(op, parsed, Guard.where, writes=False)
    return found if left is parsed or left == parsed else where_to_dict(left)


def sanitize_data(model: Any, data: Any, options: Options) -> Any:
    """Return a copy of data that is bounded and has no UNSET in it."""
    depth = get_setting(model, "max_depth_of_data", options)
    return sanitising.sanitize_data(data, {"max_depth": depth})


def get_setting(model: Any, key: str, options: Options) -> Any:
    """Return a setting of the options, the model or its source, else its default."""
    try:
        source = model.data_source.settings
    except ConnectorDetachedError:
        source = {}
    for settings in (options or {}, model.settings, source):
        found = settings.get(key)
        if found is not None:
            return found
    return DEFAULTS.get(key)


def for_db(model: Any, data: Any) -> dict[str, Any]:
    """Return what a store gets of an instance or of values by name."""
    if isinstance(data, Instance):
        return stored(data)
    if not isinstance(data, Mapping):
        raise TypeError(f"for_db: data is a mapping of values, not {type(data).__name__}.")
    return stored(ModelApi.build(model, data, defaults=False))


def _call(model: Any, name: str, options: Options) -> Operation:
    """Return a call that ends before the store; nothing is opened for it."""
    op = begin(model, name, options)
    op._connector = op.source.connector
    return op
