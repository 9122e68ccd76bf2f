"""What the suites for connectors are made of: capability flags, and a data source for each case."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

Factory = Callable[..., Any]
"""Returns a new data source, not yet connected, on an empty store; may take a folder for files."""


def flags_of(known: Mapping[str, Any], given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return all flags: those *given*, the others as they are in *known*.

    Raises:
        ValueError: A flag is none that there is.
    """
    unknown = set(given or ()) - set(known)
    if unknown:
        raise ValueError(
            f"No such capability: {', '.join(sorted(unknown))}. There are {', '.join(known)}."
        )
    return {**known, **(given or {})}


def made(factory: Factory, folder: Path) -> Any:
    """Return what *factory* makes, given a fresh folder if it asks for an argument."""
    parameters = inspect.signature(factory).parameters.values()
    asks = any(each.default is each.empty and each.kind != each.VAR_KEYWORD for each in parameters)
    return factory(folder) if asks else factory()


class Flagged:
    """Cases that depend on flags."""

    flags: Mapping[str, Any]

    def needs(self, *names: str) -> None:
        """Skip the case unless all of these flags are on."""
        missing = [name for name in names if not self.flags[name]]
        if missing:
            pytest.skip(f"the store has no {', '.join(missing)}")


class OnSource(Flagged):
    """Cases that each have a data source of their own.

    Attributes:
        factory: Makes the data source.
    """

    factory: Factory

    @pytest_asyncio.fixture
    async def source(self, tmp_path: Path) -> AsyncIterator[Any]:
        """Give a case its data source, connected."""
        async with made(type(self).factory, tmp_path) as found:
            yield found
        await found.close()
