"""The stores that writes are tried on."""

from collections.abc import Callable
from typing import Any

import pytest

from juggler import DataSource, ModelRegistry
from tests.persistence.shelf import NONE, make_source

STORES: dict[str, Callable[[], Any]] = {
    "memory": lambda: DataSource("memory", registry=ModelRegistry()),
    "sqlite": lambda: DataSource("sqlite", url="sqlite:///:memory:", registry=ModelRegistry()),
}
POOR: dict[str, Callable[[], Any]] = {
    "shelf": make_source,
    "bare shelf": lambda: make_source(capabilities=NONE),
}

on_every_store = pytest.mark.parametrize("store", STORES)
on_all = pytest.mark.parametrize("store", [*STORES, *POOR])


def open_source(store: str) -> Any:
    """Return a fresh source on a store; enter it with ``async with``."""
    return {**STORES, **POOR}[store]()
