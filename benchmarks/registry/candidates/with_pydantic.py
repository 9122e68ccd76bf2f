"""Models that pydantic makes."""

from __future__ import annotations

from typing import Any

import pydantic

from benchmarks import samples
from benchmarks.registry.candidates.own import OwnTables

KNOWN: dict[str, Any] = {name: (kind, ...) for name, kind in samples.annotated().items()}


class Models(OwnTables):
    """Makes ``pydantic.create_model(name, ...)``."""

    def make(self, name: str, number: int | None, tenant: str) -> Any:
        """Return a new model."""
        fields = KNOWN
        if number is not None:
            fields = {field: (kind, ...) for field, kind in samples.annotated(number).items()}
        return pydantic.create_model(name, **fields)

    def again(self, times: int) -> None:
        """Make more models of the known structure, with nothing around it."""
        create = pydantic.create_model
        self._made += [create("Sample", **KNOWN) for _ in range(times)]

    def instance(self, model: Any, number: int) -> Any:
        """Return a validated instance."""
        return model(id=1, **samples.values_of(number))
