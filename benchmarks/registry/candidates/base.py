"""What is asked of every candidate."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, Final, Protocol


class Candidate(Protocol):
    """A way to make models at run time; one object a process."""

    def prepare(self, times: int) -> None:
        """Make room for so many models of `again`: not measured."""

    def new(self, number: int) -> Any:
        """Return a model of ten properties that no other number has."""

    def again(self, times: int) -> None:
        """Make so many more models of a structure that is known, and keep them."""

    def finish(self) -> None:
        """Let go of what `new` and `again` made: not measured."""

    def instance(self, model: Any, number: int) -> Any:
        """Return an instance of what `new` made of *number*."""

    def settle(self, tenant: str, count: int) -> None:
        """Define models ``M0``, ``M1`` ... of a known structure for *tenant*."""

    def finder(self, tenant: str, name: str) -> Callable[[int], None]:
        """Return what looks a model of *tenant* up a number of times."""

    def models(self, tenant: str) -> list[Any]:
        """Return the models of *tenant*."""

    def clean(self, tenant: str) -> None:
        """Let everything of *tenant* go, garbage collection included where it takes one."""


NAMES: Final = {
    "juggler": "juggler",
    "pydantic": "pydantic `create_model`",
    "sqlalchemy": "SQLAlchemy declarative",
    "django": "Django models",
    "bare": "bare `type()`",
}
"""Module of each candidate -> what tables call it."""


def candidate(name: str) -> Candidate:
    """Return the candidate *name*; what it stands on is imported now."""
    module = importlib.import_module(f"benchmarks.registry.candidates.with_{name}")
    made: Candidate = module.Models()
    return made
