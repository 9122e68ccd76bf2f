"""What candidates share that have no registry: a dict for each tenant."""

from __future__ import annotations

import gc
import itertools
from collections.abc import Callable
from typing import Any


class OwnTables:
    """Keeps models in a dict for each tenant, as those must that get no registry."""

    def __init__(self) -> None:
        self._made: list[Any] = []
        self._codes = itertools.count()
        self._tenants: dict[str, dict[str, Any]] = {}

    def prepare(self, times: int) -> None:
        """Do nothing: there is nothing to make before."""

    def make(self, name: str, number: int | None, tenant: str) -> Any:
        """Return a new model; without a *number* one of the known structure."""
        raise NotImplementedError

    def new(self, number: int) -> Any:
        """Return a model of ten properties that no other number has."""
        made = self.make("Sample", number, f"n{number}")
        self._made.append(made)
        return made

    def again(self, times: int) -> None:
        """Make more models of the known structure."""
        make, codes = self.make, self._codes
        self._made += [make("Sample", None, f"a{next(codes)}") for _ in range(times)]

    def finish(self) -> None:
        """Let go of what was made."""
        self._made.clear()
        gc.collect()

    def settle(self, tenant: str, count: int) -> None:
        """Define models of the known structure for *tenant*."""
        names = [f"M{at}" for at in range(count)]
        self._tenants[tenant] = {name: self.make(name, None, tenant) for name in names}

    def finder(self, tenant: str, name: str) -> Callable[[int], None]:
        """Return what reads the dict of the tenant."""
        tenants = self._tenants

        def look_up(times: int) -> None:
            for _ in range(times):
                tenants[tenant][name]

        return look_up

    def models(self, tenant: str) -> list[Any]:
        """Return the models of *tenant*."""
        return list(self._tenants[tenant].values())

    def clean(self, tenant: str) -> None:
        """Drop the tenant's models and collect: classes are in cycles."""
        del self._tenants[tenant]
        gc.collect()
