"""What is kept of a cold tenant."""

from __future__ import annotations

from typing import Any

import msgspec


class ColdTenant(msgspec.Struct, gc=False):
    """A cold tenant: its figures, and nothing that the collector would have to look at.

    Its definitions stand in a bundle beside it, which tenants of equal definitions share.

    Attributes:
        created_at: When the tenant came, on the registry's clock.
        last_accessed: When it was last at work.
        accesses: How often it was.
        count: How many names it has.
        held: How many of its models the registry holds all the same.
        dormant: Anonymous models that went cold and come back with those that embed them.
        extra: Bytes of the held models beyond those of as many plain ones.
        since: When its models were registered, in seconds since 1970.
        policy: The tenant's own policy.
        pinned: It is never cleaned up for being idle.
        loaded: Its definitions are here; else they are in the store alone, and uncounted.
    """

    created_at: float
    last_accessed: float
    accesses: int = 0
    count: int = 0
    held: int = 0
    dormant: int = 0
    extra: int = 0
    since: float = 0.0
    policy: Any = None
    pinned: bool = False
    loaded: bool = True
