"""What a registry should be like after each step: written down apart from it, and plainly."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from juggler.registry.sharing.grant import Grant

GLOBAL = "the global owner"


@dataclass(eq=False)
class Given:
    """A grant as it should be."""

    grant: Grant
    left: set[str] | None
    ends: float | None
    over: bool = False

    def holds(self, code: str | None, now: float) -> bool:
        """Tell whether *code* may use it now."""
        if self.over or code is None or code == self.grant.owner_tenant:
            return False
        if self.ends is not None and now >= self.ends:
            return False
        return self.left is None or code in self.left

    def stands(self, now: float) -> bool:
        """Tell whether anybody may use it now."""
        return not self.over and (self.ends is None or now < self.ends) and self.left != set()


@dataclass(eq=False)
class Actor:
    """Somebody at work: the main program, or a task.

    Attributes:
        stack: The tenants it is in, and whether each has been cleaned up since; the last counts.
        blocks: The blocks that it entered itself.
        inbox: Takes what it is to do.
        task: None for the main program.
    """

    stack: list[list[Any]] = field(default_factory=list)
    blocks: list[Any] = field(default_factory=list)
    inbox: Any = None
    task: Any = None

    @property
    def code(self) -> str | None:
        """Return its current tenant."""
        return self.stack[-1][0] if self.stack else None

    def is_former(self, code: str | None) -> bool:
        """Tell whether it works for *code* in a life that is over."""
        lives = [over for entered, over in self.stack if entered == code]
        return bool(lives and lives[-1])


@dataclass
class Expected:
    """Names of all owners, tenants that are known, grants that were given.

    Attributes:
        names: Owner (a tenant's code, `GLOBAL`, or the number of an object) -> name -> fingerprint,
            in order; but for anonymous models that come and go with those that embed them.
        resident: Code of each tenant that is known -> whether it is resident.
        given: All grants, the oldest first.
    """

    names: dict[Any, dict[str, str]] = field(default_factory=lambda: {GLOBAL: {}})
    resident: dict[str, bool] = field(default_factory=dict)
    given: list[Given] = field(default_factory=list)

    def of(self, owner: Any) -> dict[str, str]:
        """Return the names of *owner*."""
        return self.names.setdefault(owner, {})

    def tenant(self, code: str, *, resident: bool = True) -> dict[str, str]:
        """Note that the tenant *code* is there; return its names."""
        self.resident[code] = resident
        return self.of(code)

    def put(self, owner: Any, name: str, fingerprint: str) -> None:
        """Note that *owner* has a model under *name*, in the place of what was there."""
        self.gone(owner, name)
        if owner != GLOBAL and isinstance(owner, str):
            self.resident[owner] = True
        self.of(owner)[name] = fingerprint

    def gone(self, owner: Any, name: str) -> None:
        """Note that what *owner* had under *name* is not there any more: nor is what it gave."""
        for one in self.given:
            if one.grant.owner_tenant == owner and one.grant.model_name == name:
                one.over = True

    def take(self, owner: Any, name: str) -> None:
        """Note that *owner* has nothing under *name*."""
        self.gone(owner, name)
        self.of(owner).pop(name, None)

    def leave(self, code: str) -> None:
        """Note that the tenant *code* was cleaned up."""
        self.resident.pop(code, None)
        self.names.pop(code, None)
        for one in self.given:
            one.over = one.over or one.grant.owner_tenant == code
            if one.left is not None:
                one.left.discard(code)

    def clear(self) -> None:
        """Note that the registry was emptied."""
        self.resident.clear()
        for owner in list(self.names):
            self.names[owner] = {}
        for one in self.given:
            one.over = True

    def usable(self, code: str | None, name: str, now: float) -> Given | None:
        """Return the grant by which *code* has a model *name* of another tenant."""
        fit = [one for one in self.given if one.grant.model_name == name and one.holds(code, now)]
        named = [one for one in fit if one.left is not None]
        return next(iter(named or fit), None)

    def standing(self, now: float) -> list[Grant]:
        """Return the grants that hold."""
        return [one.grant for one in self.given if one.stands(now)]


def end_life(actors: Iterable[Actor], code: str, by: Actor | None) -> None:
    """Note that a life of *code* ended: for all open blocks but those of who did it."""
    for actor in actors:
        for block in actor.stack:
            if block[0] == code:
                block[1] = actor is not by
