"""Rows between a model and its driver: dicts of properties on one side, tuples on the other."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from juggler.connectors.contract import Row
from juggler.connectors.sql.codecs import INT64
from juggler.connectors.sql.driver import Record
from juggler.connectors.sql.mapping import Column, TableMap
from juggler.errors import InvalidValueError, StoreError

Load = Callable[[list[Record]], list[Row]]
EncodeAll = Callable[[Sequence[Mapping[str, Any]]], list[list[Any]]]


def loader(columns: Sequence[Column], model: str) -> Load:
    """Return the function that makes rows of records with *columns*.

    It is generated: one expression builds all rows, and only values that need it are decoded.
    Names are constants in it, never code.
    """
    load = _generate(columns)

    def checked(records: list[Record]) -> list[Row]:
        try:
            return load(records)
        except (ValueError, TypeError, ArithmeticError) as error:
            raise StoreError(
                f"A stored row of {model} holds a value that is none of its column's: {error}.",
                code="STORED_VALUE",
                model=model,
            ) from error

    return checked


def _generate(columns: Sequence[Column]) -> Load:
    scope: dict[str, Any] = {}
    items = []
    for place, column in enumerate(columns):
        value = f"v{place}"
        if column.codec.decode is not None:
            scope[f"d{place}"] = column.codec.decode
            value = f"None if v{place} is None else d{place}(v{place})"
        items.append(f"{column.property.name!r}: {value}")
    names = "".join(f"v{place}, " for place in range(len(columns)))
    source = f"lambda records: [{{{', '.join(items)}}} for {names}in records]"
    load: Load = eval(source, scope)  # noqa: S307  every part of it was written above
    return load


class Writer:
    """Encodes rows with certain properties, in their order; immutable.

    Raises:
        InvalidValueError: The table has no column for one of *names*.
    """

    __slots__ = ("_encode", "columns", "model")

    def __init__(self, table: TableMap, names: Iterable[str]) -> None:
        self.model = table.model
        self.columns = tuple(_column(table, name) for name in names)
        self._encode = _generate_encoder(self.columns)

    def encode(self, data: Mapping[str, Any]) -> list[Any]:
        """Return the values of a row, which must have all the properties.

        Raises:
            InvalidValueError: A column cannot hold its value; the error names the property.
        """
        return self.encode_all((data,))[0]

    def encode_all(self, rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
        """Return the values of several *rows*; see `encode`."""
        try:
            return self._encode(rows)
        except (InvalidValueError, UnicodeEncodeError):
            self._blame(rows)
            raise

    def _blame(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Raise the error for the first value that its column cannot hold."""
        for data, column in product(rows, self.columns):
            name = column.property.name
            value = data[name]
            try:
                _ = None if value is None else column.codec.encode(value)
            except InvalidValueError as error:
                raise InvalidValueError(
                    f"{self.model}: {name!r} cannot be stored. {error.message}",
                    code=error.code,
                    model=self.model,
                    property=name,
                    value=error.value,
                ) from error


def _generate_encoder(columns: Sequence[Column]) -> EncodeAll:
    """Return the function that encodes rows with *columns*, in one generated expression."""
    scope: dict[str, Any] = {"isfinite": math.isfinite, "INT64": INT64}
    items = []
    for place, column in enumerate(columns):
        scope[f"e{place}"] = column.codec.encode
        fits = f"(v := data[{column.property.name!r}]) is None or {column.codec.fits}"
        items.append(f"v if {fits} else e{place}(v)")
    source = f"lambda rows: [[{', '.join(items)}] for data in rows]"
    encode: EncodeAll = eval(source, scope)  # noqa: S307  as above
    return encode


def _column(table: TableMap, name: str) -> Column:
    found = table.columns.get(name)
    if found is None:
        raise InvalidValueError(
            f"{table.model} has no property {name!r} that could be stored.",
            code="UNKNOWN_PROPERTY",
            model=table.model,
            property=name,
        )
    return found
