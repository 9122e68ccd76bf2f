"""Models of a juggler registry, each for a tenant."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from benchmarks import samples
from juggler import ModelRegistry, tenant


class Models:
    """Defines in one registry; a structure that is known is given as users write it."""

    known: Any = samples.RAW
    each = 20
    """Models of each tenant of `again`."""

    def __init__(self) -> None:
        self.registry = ModelRegistry()
        self.registry.define("Sample", samples.RAW)  # from here on the structure is known
        self._codes = itertools.count()
        self._places: list[tuple[str, str]] = []

    def prepare(self, times: int) -> None:
        """Make tenants for so many models, and the names they get."""
        names = [f"M{at}" for at in range(self.each)]
        codes = [f"a{next(self._codes)}" for _ in range(0, times, self.each)]
        for code in codes:
            self.registry.tenant(code)
        self._places = list(itertools.product(codes, names))[:times]

    def new(self, number: int) -> Any:
        """Return a model of ten properties that no other number has."""
        return self.registry.define(f"S{number}", samples.unique(number), tenant="new")

    def again(self, times: int) -> None:
        """Define more models of the known structure, for tenants that are there."""
        define, known = self.registry.define, self.known
        for code, name in self._places:
            define(name, known, tenant=code)

    def finish(self) -> None:
        """Clean all tenants up."""
        for each in self.registry.tenants():
            self.registry.cleanup_tenant(each.code)

    def instance(self, model: Any, number: int) -> Any:
        """Return an instance with all defaults and checks."""
        return model(samples.values_of(number))

    def settle(self, tenant: str, count: int) -> None:
        """Define models of the known structure for *tenant*."""
        for at in range(count):
            self.registry.define(f"M{at}", self.known, tenant=tenant)

    def finder(self, code: str, name: str) -> Callable[[int], None]:
        """Return what looks a model up by name while the tenant is current."""
        registry = self.registry

        def look_up(times: int) -> None:
            with tenant(code):
                for _ in range(times):
                    registry.find_model_by_name(name)

        return look_up

    def models(self, tenant: str) -> list[Any]:
        """Return the models of *tenant*."""
        return list(self.registry.tenant(tenant).models.values())

    def clean(self, tenant: str) -> None:
        """Clean the tenant up; nothing is collected, for nothing needs to be."""
        self.registry.cleanup_tenant(tenant)
