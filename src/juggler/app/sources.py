"""The data sources of an app, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from juggler.datasource.datasource import DataSource


class DataSources(dict[str, DataSource]):
    """Name -> data source, in the order in which they are opened; names are attributes too."""

    __slots__ = ()

    def __getattr__(self, name: str) -> DataSource:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"The app has no data source {name!r}.") from None


def named_sources(given: Mapping[str, Any] | Iterable[Any] | None) -> DataSources:
    """Return the data sources of a mapping, or of a collection by their own names.

    Raises:
        TypeError: One is none.
        ValueError: Two have one name.
    """
    found = DataSources()
    items = given.items() if isinstance(given, Mapping) else ((None, each) for each in given or ())
    for name, source in items:
        if not isinstance(source, DataSource):
            raise TypeError(f"{source!r} is no DataSource.")
        key = source.name if name is None else name
        if key in found:
            raise ValueError(f"Two data sources of the app are called {key!r}.")
        found[key] = source
    return found
