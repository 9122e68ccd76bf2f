"""Connectors that say they can do less, so that the model layer does it in its own way."""

from __future__ import annotations

from typing import Any


def hiding(source: Any, *capabilities: str) -> Any:
    """Return *source*, whose connector declares none of the *capabilities* from now on.

    >>> from juggler import DataSource
    >>> source = hiding(DataSource("memory"), "upsert")
    >>> "upsert" in source.connector.capabilities
    False
    """
    connector = source.connector
    connector.capabilities = connector.capabilities - set(capabilities)
    return source
