"""Running figures of a registry."""

from __future__ import annotations

from collections import deque

from juggler.registry.owners import TENANT, Owner


class Counts:
    """How many models there are and were; each change is made under the registry's lock.

    Attributes:
        in_tenants: Models that belong to tenants now, built or declared.
        built: Model objects that the registry holds.
        registered: Models that ever were registered or declared.
        disposed: Models that were let go.
        dormant: Anonymous models that went cold and come back with those that embed them.
        reused: How often an anonymous model served again.
    """

    __slots__ = (
        "_dropped",
        "built",
        "disposed",
        "dormant",
        "in_tenants",
        "registered",
        "reused",
    )

    def __init__(self) -> None:
        self._dropped: deque[Owner] = deque()
        self.reset()

    def reset(self) -> None:
        """Begin anew."""
        self._dropped.clear()
        self.in_tenants = self.built = self.dormant = 0
        self.registered = self.disposed = self.reused = 0

    @property
    def total(self) -> int:
        """Return how many models are registered now, built or declared."""
        return self.registered - self.disposed - self.dormant

    def enter(self, owner: Owner, names: int, built: int) -> None:
        """Count new names of *owner*, and models that were built."""
        owner.count += names
        owner.built += built
        self.registered += names
        self.built += built
        if owner.kind == TENANT:
            self.in_tenants += names

    def declare(self, names: int, replaced: int = 0) -> None:
        """Count new and replaced names of a cold tenant, whose record counts them itself."""
        self.registered += names + replaced
        self.disposed += replaced
        self.in_tenants += names

    def move(self, former: Owner, owner: Owner) -> None:
        """Count a model that moved from one owner to another."""
        former.count -= 1
        former.built -= 1
        owner.count += 1
        owner.built += 1
        self.in_tenants += (owner.kind == TENANT) - (former.kind == TENANT)

    def end(self, owner: Owner, names: int, built: int) -> None:
        """Count names of *owner* that were let go, and models that were built for them."""
        owner.count -= names
        owner.built -= built
        self.disposed += names
        self.built -= built
        if owner.kind == TENANT:
            self.in_tenants -= names

    def end_all(self, owner: Owner) -> None:
        """Count everything of *owner* as let go, what is dormant too."""
        self.dormant -= owner.dormant
        self.disposed += owner.dormant
        owner.dormant = 0
        self.end(owner, owner.count, owner.built)

    def rest(self, owner: Owner, anonymous: int, held: int) -> None:
        """Count a tenant that is evicted: its *anonymous* models sleep, few are *held*."""
        self.built -= owner.built - held
        self.dormant += anonymous
        self.in_tenants -= anonymous
        owner.count -= anonymous
        owner.dormant += anonymous
        owner.built = 0

    def rouse(self, owner: Owner) -> None:
        """Count one anonymous model that was just entered as one that slept, if one did."""
        if owner.dormant:
            owner.dormant -= 1
            self.dormant -= 1
            self.registered -= 1

    def drop(self, owner: Owner) -> None:
        """Note that an owner died with all its models.

        The garbage collector calls this, at any moment and in any thread, so the figures follow
        with `settle`: at the next report, and whenever an owner comes.
        """
        self._dropped.append(owner)

    def settle(self) -> None:
        """Take out the models of all owners that died until now."""
        while self._dropped:
            self.end_all(self._dropped.popleft())
