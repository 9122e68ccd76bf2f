"""Which data source a model's operation goes to: asked anew each time, never guessed."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from typing import Any, Final

from juggler.errors import ConnectorDetachedError, RoutingError
from juggler.models.binding import Source

_asked: Final[ContextVar[tuple[Any, ...]]] = ContextVar("juggler_routing", default=())
"""Models whose own routing is being asked by the running task."""


def routed(model: Any, usual: Callable[..., Any]) -> Source:
    """Return the data source that routing of *model* says; every call begins with it.

    While the model's own routing is at work, asking again answers the original source.

    Args:
        model: The model.
        usual: The function behind ``get_data_source`` of models that have none of their own.

    Raises:
        ConnectorDetachedError: There is none.
        RoutingError: The model's own routing answered something else.
    """
    own: Callable[[], Any] = model.get_data_source
    settings = model._blueprint.definition.settings
    if settings and settings.get("get_data_source") is not None:
        own = partial(settings["get_data_source"], model)
    elif getattr(own, "__func__", None) is usual:
        found: Source | None = model._source
        return default_source(model) if found is None else found
    asked = _asked.get()
    if any(each is model for each in asked):
        return default_source(model)
    token = _asked.set((*asked, model))
    try:
        return _checked(model, own())
    finally:
        _asked.reset(token)


def default_source(model: Any) -> Source:
    """Return the model's own source, else what its owner routes it to.

    Raises:
        ConnectorDetachedError: There is none.
    """
    found: Source | None = model._source
    if found is None and model._owner is not None:
        found = model._owner.route(model)
    if found is None:
        raise ConnectorDetachedError(
            f"The model {model.model_name} is attached to no data source; attach it "
            "(`data_source.attach(model)`) or register a router.",
            model=model.model_name,
        )
    return found


def check_source(found: object, message: str, model: Any) -> None:
    """Raise RoutingError with *message* unless *found* is a data source."""
    if inspect.iscoroutine(found):
        found.close()
    if not hasattr(found, "opened"):
        raise RoutingError(message, model=model.model_name, value=found)


def _checked(model: Any, found: Any) -> Source:
    """Return what routing answered, if it is a data source."""
    check_source(
        found,
        f"get_data_source of {model.model_name} answered {found!r}, which is no data source; "
        "it must be synchronous and return one.",
        model,
    )
    source: Source = found
    return source
