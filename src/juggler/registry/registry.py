"""The model registry: all namespaces, the shape table, who owns what."""

from __future__ import annotations

from juggler.registry.across import Across
from juggler.registry.cleaning.slices import Slicing
from juggler.registry.cold.declaring import Declaring
from juggler.registry.reports import Reports
from juggler.registry.structures import Structures
from juggler.registry.watching.watching import Watching


class ModelRegistry(Declaring, Structures, Slicing, Across, Watching, Reports):
    """All models of a process (or of one part of it) by owner; the single source of truth.

    Lives as long as somebody refers to it; `juggler.registry` is the default one.  Every method is
    safe from several threads and tasks: look-ups take no lock, changes take one, and listeners are
    told when it is free again.

    Args:
        clock: Seconds that never go back; times of tenants are on it.
        definitions: Where the definitions of cold tenants are kept beyond the process; without it
            they are kept in memory.  Declaring and evicting write to it, a clean-up deletes.
        max_tenants: Most tenants, whether their models are built or only declared.
        max_models_per_tenant: Most models of one tenant, anonymous ones included; a tenant's policy
            may allow less.
        max_bytes: Most bytes that the models of all owners may be estimated to take.
        max_properties: Most properties of one structure.
        max_depth: Most levels of one structure.  What is beyond a limit raises QuotaExceededError
            and changes nothing; each limit is off unless given.
    """
