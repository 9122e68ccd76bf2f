"""Rows between a model and its driver: dicts of properties on one side, tuples on the other."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from juggler.connectors.contract import Row
from juggler.connectors.sql.driver import Record
from juggler.connectors.sql.mapping import Column, TableMap
from juggler.errors import InvalidValueError, StoreError

Load = Callable[[list[Record]], list[Row]]
EncodeAll = Callable[[Sequence[Record]], list[Record]]


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

    __slots__ = ("_encode", "columns", "model", "names")

    def __init__(self, table: TableMap, names: Iterable[str]) -> None:
        self.model = table.model
        self.names = tuple(names)
        self.columns = tuple(_column(table, name) for name in self.names)
        self._encode = _generate_encoder(self.columns)

    def encode(self, data: Mapping[str, Any]) -> Record:
        """Return the values of a row, which must have all the properties.

        Raises:
            InvalidValueError: A column cannot hold its value; the error names the property.
        """
        return self.encode_all((tuple([data[name] for name in self.names]),))[0]

    def encode_all(self, records: Sequence[Record]) -> list[Record]:
        """Return the values of several rows, which are given in the order of the names.

        Raises:
            InvalidValueError: As with `encode`.
        """
        try:
            return self._encode(records)
        except (InvalidValueError, UnicodeEncodeError):
            self._blame(records)
            raise

    def _blame(self, records: Sequence[Record]) -> None:
        """Raise the error for the first value that its column cannot hold."""
        pairs = (zip(self.names, self.columns, record, strict=True) for record in records)
        for name, column, value in chain.from_iterable(pairs):
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
    scope: dict[str, Any] = {"isfinite": math.isfinite}
    values, items = "", ""
    for place, column in enumerate(columns):
        value = f"v{place}"
        scope[f"e{place}"] = column.codec.encode
        fits = column.codec.fits.format(v=value)
        values += f"{value}, "
        items += f"{value} if {fits} or {value} is None else e{place}({value}), "
    source = f"lambda records: [({items}) for ({values}) in records]"
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
