"""The model registry: all namespaces, the shape table, who owns what."""

from __future__ import annotations

from juggler.registry.cleanup import Cleaning
from juggler.registry.reports import Reports
from juggler.registry.structures import Structures


class ModelRegistry(Structures, Cleaning, Reports):
    """All models of a process (or of one part of it) by owner; the single source of truth.

    Lives as long as somebody refers to it; `juggler.registry` is the default one.  Every method is
    safe from several threads and tasks: look-ups take no lock, changes take one, and listeners are
    told when it is free again.

    Args:
        clock: Seconds that never go back; times of tenants are on it.
    """
