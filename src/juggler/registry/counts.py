"""Running figures of a registry."""

from __future__ import annotations

from collections import deque

from juggler.registry.owners import TENANT, Owner


class Counts:
    """How many models there are and were; each change is made under the registry's lock.

    Attributes:
        in_tenants: Models that belong to tenants now.
        registered: Models that ever were registered.
        disposed: Models that were let go.
        reused: How often an anonymous model served again.
    """

    __slots__ = ("_dropped", "disposed", "in_tenants", "registered", "reused")

    def __init__(self) -> None:
        self._dropped: deque[Owner] = deque()
        self.reset()

    def reset(self) -> None:
        """Begin anew."""
        self._dropped.clear()
        self.in_tenants = self.registered = self.disposed = self.reused = 0

    @property
    def total(self) -> int:
        """Return how many models are registered now."""
        return self.registered - self.disposed

    def move(self, former: Owner, owner: Owner) -> None:
        """Count a model that moved from one owner to another."""
        former.count -= 1
        owner.count += 1
        self.in_tenants += (owner.kind == TENANT) - (former.kind == TENANT)

    def end(self, owner: Owner, models: int) -> None:
        """Count models of *owner* that were let go."""
        owner.count -= models
        self.disposed += models
        if owner.kind == TENANT:
            self.in_tenants -= models

    def drop(self, owner: Owner) -> None:
        """Note that an owner died with all its models.

        The garbage collector calls this, at any moment and in any thread, so the figures follow
        with `settle`: at the next report, and whenever an owner comes.
        """
        self._dropped.append(owner)

    def settle(self) -> None:
        """Take out the models of all owners that died until now."""
        while self._dropped:
            owner = self._dropped.popleft()
            self.end(owner, owner.count)
