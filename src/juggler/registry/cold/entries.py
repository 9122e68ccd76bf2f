"""What built models are made of, so that they can be let go and built again."""

from __future__ import annotations

from typing import Any

from juggler.registry.anonymous import is_anonymous
from juggler.registry.builder import ModelBuilder
from juggler.registry.cold.bundle import Entry
from juggler.registry.namespace import ModelRegistryProxy


def entry_of(model: Any, space: ModelRegistryProxy, builder: ModelBuilder) -> Entry | None:
    """Return what *model*, which stands in *space*, can be built of again; None if it cannot.

    It can if it is a run-time model without behaviour of its own: no observers, no rules added to
    those of its definition, no last calls.
    """
    if model._usual_type() is not builder.registry.model_type or model._behaviour is not None:
        return None
    base = model._base
    if is_anonymous(model) or (base is not None and _is_derived(base, space)):
        return None
    shape = model._blueprint.definition.shape
    inner = tuple(builder.inner(shape)) if shape.nested else ()
    return Entry(model._blueprint, base_in(base, space), model._source, inner)


def base_in(base: Any, space: ModelRegistryProxy) -> Any:
    """Return how a model of *space* names its *base*: by name if it is of the same tenant.

    One of the tenant that was replaced or deleted meanwhile is no base any more.
    """
    if base is None or base._owner is not space._owner:
        return base
    return base._name if space._built(base._name) is base else None


def _is_derived(base: Any, space: ModelRegistryProxy) -> bool:
    """Tell whether a base is an anonymous model of the same tenant."""
    return base._owner is space._owner and is_anonymous(base)
