"""All cases together, and how connector authors get at them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from juggler.testing.flags import Factory, flags_of
from juggler.testing.keyvalue_suite.base import FLAGS, Advance, Suite, wait
from juggler.testing.keyvalue_suite.keys import KeysCases
from juggler.testing.keyvalue_suite.life import LifeCases
from juggler.testing.keyvalue_suite.storing import AtomicCases, StoringCases


class KeyValueSuite(StoringCases, AtomicCases, LifeCases, KeysCases):
    """All cases; `run_kv_suite` says for which source."""


def run_kv_suite(
    data_source_factory: Factory,
    capabilities: Mapping[str, Any] | None = None,
    *,
    advance: Advance = wait,
) -> type[Suite]:
    """Return the cases for a source of keys and values, for pytest to run.

    Args:
        data_source_factory: Returns a new data source, not yet connected, on an empty store; it may
            take a fresh folder.
        capabilities: Flags that are not as in `juggler.testing.keyvalue_suite.base.FLAGS`.
        advance: Lets milliseconds pass on the store's clock; it really waits unless given.

    Raises:
        ValueError: A flag is none that there is.
    """
    body = {
        "factory": staticmethod(data_source_factory),
        "advance": staticmethod(advance),
        "flags": flags_of(FLAGS, capabilities),
        "__doc__": "Key-value models on one source.",
    }
    return type("KeyValueSuite", (KeyValueSuite,), body)
