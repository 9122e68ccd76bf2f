"""Plug-ins: strategies and additions to a registry, found by name among what is installed.

A distribution offers them as entry points, which are read when a name is asked for::

    [project.entry-points."juggler.cleanup_strategies"]
    nightly = "acme.strategies:Nightly"        # called with the options, returns a strategy

    [project.entry-points."juggler.registry_plugins"]
    audit = "acme.audit:install"               # called with the registry and the options
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from juggler.errors import PluginError
from juggler.registry.strategies.adaptive import Adaptive
from juggler.registry.strategies.budget import MemoryBudget
from juggler.registry.strategies.idle import IdleStrategy
from juggler.registry.strategies.lru import LeastRecentlyUsed
from juggler.registry.strategies.predictive import Predictive
from juggler.registry.strategies.view import CleanupStrategy

STRATEGIES: Final = "juggler.cleanup_strategies"
PLUGINS: Final = "juggler.registry_plugins"

SHIPPED: Final[Mapping[str, Callable[..., CleanupStrategy]]] = MappingProxyType(
    {
        "idle": IdleStrategy,
        "lru": LeastRecentlyUsed,
        "memory_budget": MemoryBudget,
        "adaptive": Adaptive,
        "predictive": Predictive,
    }
)
"""Strategies that need no plug-in; no plug-in takes their names."""


def load_strategy(name: str, **options: Any) -> CleanupStrategy:
    """Return a new strategy by its name: one that is shipped, or that a plug-in offers.

    Args:
        name: ``idle``, ``lru``, ``memory_budget``, ``adaptive``, ``predictive``, or the name of an
            entry point in ``juggler.cleanup_strategies``.
        **options: What it is made with.

    Raises:
        PluginError: There is none of that name, the message lists those that there are; or it could
            not be loaded or made, the cause says why.

    >>> from juggler.registry.managing.plugins import load_strategy
    >>> load_strategy("lru", max_tenants=1_000)
    LeastRecentlyUsed(max_tenants=1000)
    """
    shipped = SHIPPED.get(name)
    if shipped is not None:
        return shipped(**options)
    made = call_plugin(STRATEGIES, name, (), options, also=SHIPPED)
    if not callable(made):
        raise PluginError(
            f"The plug-in {name!r} of {STRATEGIES} gave {made!r}; a strategy can be called.",
            path=name,
            value=made,
        )
    strategy: CleanupStrategy = made
    return strategy


def call_plugin(
    group: str,
    name: str,
    given: tuple[Any, ...],
    options: Mapping[str, Any],
    *,
    also: Mapping[str, Any] = MappingProxyType({}),
) -> Any:
    """Return what the plug-in *name* of *group* returns for what is given.

    Args:
        group: Group of entry points.
        name: The name of one.
        given: Positional arguments for it.
        options: Keyword arguments for it.
        also: Names that there are without a plug-in, for the message.

    Raises:
        PluginError: There is none, or it failed.
    """
    point = _entry_point(group, name, also)
    try:
        return point.load()(*given, **options)
    except Exception as error:  # a plug-in is somebody else's code: whatever it raises is the cause
        raise PluginError(
            f"The plug-in {name!r} of {group} ({point.value}) failed: {error!r}.", path=name
        ) from error


def _entry_point(group: str, name: str, also: Mapping[str, Any]) -> Any:
    """Return the entry point *name*; the first where several distributions offer one.

    Raises:
        PluginError: There is none.
    """
    from importlib.metadata import entry_points  # noqa: PLC0415  heavy, and wanted by few

    points = entry_points(group=group)
    for point in points:
        if point.name == name:
            return point
    known = sorted({*points.names, *also})
    raise PluginError(
        f"No plug-in of {group} is called {name!r}; there are: {', '.join(known) or 'none'}.",
        path=name,
        value=name,
        details=known,
    )
