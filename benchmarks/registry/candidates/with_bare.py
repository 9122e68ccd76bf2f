"""Classes with ten annotations and nothing else."""

from __future__ import annotations

from typing import Any

from benchmarks import samples
from benchmarks.registry.candidates.own import OwnTables

KNOWN = samples.annotated()


class Models(OwnTables):
    """Makes ``type(name, (object,), {...})``."""

    def make(self, name: str, number: int | None, tenant: str) -> Any:
        """Return a new class; each has annotations of its own, as a class body gives it."""
        fields = {**KNOWN} if number is None else samples.annotated(number)
        return type(name, (object,), {"__annotations__": fields})

    def again(self, times: int) -> None:
        """Make more classes of the known structure, with nothing around it."""
        self._made += [
            type("Sample", (object,), {"__annotations__": {**KNOWN}}) for _ in range(times)
        ]

    def instance(self, model: Any, number: int) -> Any:
        """Return an empty instance with its attributes set."""
        made = model()
        for name, value in samples.values(number).items():
            setattr(made, name, value)
        return made
