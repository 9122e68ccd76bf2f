"""All cases together, and how connector authors get at them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from juggler.testing.flags import Factory, flags_of
from juggler.testing.persistence_suite.base import FLAGS, Suite
from juggler.testing.persistence_suite.changing import ChangingCases
from juggler.testing.persistence_suite.creating import CreatingCases, UpsertCases
from juggler.testing.persistence_suite.hooks import HookCases
from juggler.testing.persistence_suite.querying import QueryingCases


class PersistenceSuite(CreatingCases, UpsertCases, ChangingCases, QueryingCases, HookCases):
    """All cases; `run_persistence_suite` says for which source."""


def run_persistence_suite(
    data_source_factory: Factory, capabilities: Mapping[str, Any] | None = None
) -> type[Suite]:
    """Return the cases for a source of records, for pytest to run.

    Args:
        data_source_factory: Returns a new data source, not yet connected, on an empty store; it may
            take a fresh folder.
        capabilities: Flags that are off; see `juggler.testing.persistence_suite.base.FLAGS`.

    Raises:
        ValueError: A flag is none that there is.
    """
    body = {
        "factory": staticmethod(data_source_factory),
        "flags": flags_of(FLAGS, capabilities),
        "__doc__": "Models on one source.",
    }
    return type("PersistenceSuite", (PersistenceSuite,), body)
