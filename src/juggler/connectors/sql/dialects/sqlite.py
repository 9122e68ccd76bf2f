"""SQLite: what it writes in its own way."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, Final, cast

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.selectable import Select
from sqlalchemy.types import TypeEngine, UserDefinedType

from juggler.connectors.sql import codecs
from juggler.connectors.sql.codecs import Codec
from juggler.connectors.sql.dialects.base import Dialect, Expression, Reach, Value
from juggler.connectors.sql.dialects.sqlite_json import JsonPath
from juggler.connectors.sql.drivers.sqlite_functions import DECIMAL_COLLATION, JSON_COLLATION
from juggler.connectors.sql.jsoncodec import json_codec
from juggler.connectors.sql.mapping import Column
from juggler.connectors.sql.operands import Many, glob
from juggler.connectors.sql.statement import Binds
from juggler.errors import DefinitionError
from juggler.query.nodes import Near
from juggler.types.base import ValueType

_KIND_RANKS: Final = {
    "false": 1,
    "true": 1,
    "integer": 2,
    "real": 2,
    "text": 3,
    "array": 5,
    "object": 5,
}
"""JSON type -> its place among all kinds of values; null has none and sorts as null."""

_DATA_TYPE: Final = re.compile(
    r"(?!.*\b(?:as|check|collate|constraint|default|generated|not|null|primary|references|unique)\b)"
    r"[a-z]\w*(?: \w+)*(?: ?\(\d+(?:, ?\d+)?\))?",
    re.ASCII | re.IGNORECASE,
)
"""A name of one or more words, none of which begins another clause, maybe with lengths."""
_TOTAL: Final = {"number": "number", "integer": "number", "decimal": "decimal"}
"""Type -> the family of the aggregate functions for it."""
_ROW_NUMBERS: Final = ("rowid", "_rowid_", "oid")


class TextColumn(UserDefinedType[str]):
    """A column that keeps what it is given as text, under a name that says what the text is.

    SQLite turns text that looks like a number into one unless the type's name has TEXT in it.
    """

    cache_ok = True

    def __init__(self, name: str = "TEXT") -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        """Return the type as DDL writes it."""
        return self.name


class SqliteDialect(Dialect):
    """SQLite 3.35 or later with its JSON functions."""

    name: ClassVar[str] = "sqlite"
    blocks: ClassVar[tuple[str, ...]] = ("sqlite", "sqlite3", "sql")
    reserved: ClassVar[str] = "sqlite_"
    counts_keys: ClassVar[bool] = True

    def __init__(self) -> None:
        self.sa = sqlite.dialect(paramstyle="qmark")

    def codec(self, kind: ValueType) -> Codec:
        """Return how values of *kind* are kept in a column."""
        if kind.name == "integer":
            return _INTEGER
        return _CODECS.get(codecs.family_of(kind)) or json_codec(kind)

    def column_type(self, column: Column) -> TypeEngine[Any]:
        """Return the type that *column* is created with."""
        given = column.options.get("data_type")
        if given:
            if not isinstance(given, str) or not _DATA_TYPE.fullmatch(given):
                raise DefinitionError(
                    f"{given!r} is no data_type of a column.", property=column.property.name
                )
            return TextColumn(given)
        if column.generated or column.property.type.name == "integer":
            return sa.INTEGER()
        return _TYPES.get(column.codec.family, TextColumn("JSON_TEXT"))

    def decimal(self, expression: Expression) -> Expression:
        """Return a stored decimal so that it compares and sorts by its value."""
        return sa.collate(expression, DECIMAL_COLLATION)

    def fold(self, expression: Expression) -> Expression:
        """Return *expression* in lower case, as NOCASE sorts."""
        return sa.func.juggler_lower(expression)

    def change(self, verb: str, column: Column, stored: Expression, operand: Any) -> Expression:
        """Return what a change makes of *stored*: SQLite's own sums would lose digits."""
        is_sum = verb in {"inc", "mul"}
        kind = ("decimal_" if column.codec.family == "decimal" else "number_") if is_sum else ""
        return cast(Expression, getattr(sa.func, f"juggler_{kind}{verb}")(stored, operand))

    def upsert(
        self,
        source: Any,
        entry: Mapping[str, Any],
        keys: Sequence[str],
        changed: Sequence[str],
    ) -> Any:
        """Return the INSERT of *entry* that writes the columns *changed* where *keys* are taken."""
        found = sqlite.insert(source).values(dict(entry))
        if not changed:
            return found.on_conflict_do_nothing(index_elements=list(keys))
        new = {name: found.excluded[name] for name in changed}
        return found.on_conflict_do_update(index_elements=list(keys), set_=new)

    def row_place(self, source: Any, taken: Collection[str]) -> Expression | None:
        """Return the number that SQLite gives every row."""
        names = {name.lower() for name in taken}
        free = next((name for name in _ROW_NUMBERS if name not in names), None)
        return None if free is None else sa.column(free, _selectable=source)

    def least(self, numbers: Sequence[Expression]) -> Expression:
        """Return the least of several numbers."""
        return sa.func.min(*numbers)

    def like(self, text: Expression, binds: Binds, place: int, *, ignore_case: bool) -> Expression:
        """Return the test of *text* against the ``like`` pattern at *place*."""
        if ignore_case:
            return sa.func.juggler_ilike(binds.value(place), text) == sa.literal_column("1")
        return text.op("GLOB", is_comparison=True)(binds.value(place, glob))

    def regexp(self, text: Expression, binds: Binds, place: int, flags: int) -> Expression:
        """Return the test of *text* against the regular expression at *place*."""
        found = sa.func.juggler_regexp(binds.value(place), binds.constant(flags), text)
        return found == sa.literal_column("1")

    def items(self, binds: Binds, place: int) -> Select[Any]:
        """Return the values of the `Many` at *place* as a query of one column."""
        source = sa.func.json_each(binds.value(place, _items)).table_valued("value", name="one")
        return sa.select(source.c.value)

    def angle(self, point: Expression, binds: Binds, place: int) -> Expression:
        """Return the smallest angle between *point* and the `Near` at *place*, or null."""
        return sa.func.juggler_angle(binds.value(place, _lat), binds.value(place, _lng), point)

    def total(self, numbers: Expression, kind: ValueType) -> Expression:
        """Return the exact sum of *numbers*; SQLite's own rounds at every step."""
        if kind.name == "integer":
            return sa.func.sum(numbers)
        found: Expression = getattr(sa.func, f"juggler_{_TOTAL[kind.name]}_sum")(numbers)
        return found

    def mean(self, numbers: Expression, kind: ValueType) -> Expression:
        """Return the mean of *numbers*, of which only the result is rounded."""
        found: Expression = getattr(sa.func, f"juggler_{_TOTAL[kind.name]}_mean")(numbers)
        return found

    def reach(self, column: Value, path: tuple[str, ...], binds: Binds) -> Reach:
        """Return what *path* leads to inside *column*."""
        return JsonPath(column, binds).reach(path)

    def pick(self, column: Value, path: tuple[str, ...], binds: Binds) -> Value:
        """Return the one value that *path* leads to, null where a list is in the way."""
        return JsonPath(column, binds).pick(path)

    def json_order(self, value: Value, *, fold: bool) -> list[Expression]:
        """Return the terms that sort by *value*: its kind, then a simple value, then its parts."""
        kind = value.json_kind
        if kind is None:
            raise AssertionError("What is picked out of JSON knows its kind.")
        simple = sa.func.juggler_lower(value.expression) if fold else value.expression
        has_parts = sa.or_(kind == "array", kind == "object")
        return [
            sa.case(_KIND_RANKS, value=kind),
            sa.case((sa.not_(has_parts), simple)),
            sa.collate(sa.case((has_parts, value.expression)), JSON_COLLATION),
        ]


def _items(many: Many) -> str:
    return many.text()


def _lat(near: Near) -> float:
    lat: float = near.point.lat
    return lat


def _lng(near: Near) -> float:
    lng: float = near.point.lng
    return lng


_INTEGER: Final = Codec("number", codecs.encode_integer, fits=codecs.FITS_INTEGER)

_CODECS: Final[dict[str, Codec]] = {
    "text": Codec("text", codecs.encode_text, fits=codecs.FITS_TEXT),
    "number": Codec("number", codecs.encode_number, fits=codecs.FITS_NUMBER),
    "decimal": Codec("decimal", codecs.encode_decimal, codecs.decode_decimal),
    "boolean": Codec("boolean", codecs.encode_boolean, codecs.decode_boolean, codecs.FITS_BOOLEAN),
    "date": Codec("date", codecs.encode_date, codecs.decode_date),
    "datestring": Codec("datestring", codecs.encode_date_string, codecs.decode_date_string),
    "bytes": Codec("bytes", codecs.encode_bytes, fits=codecs.FITS_BYTES),
    "point": Codec("point", codecs.encode_point, codecs.decode_point),
}

_TYPES: Final[dict[str, TypeEngine[Any]]] = {
    "text": sa.TEXT(),
    "number": sa.NUMERIC(),
    "decimal": TextColumn(f"DECIMAL_TEXT COLLATE {DECIMAL_COLLATION}"),
    "boolean": sa.BOOLEAN(),
    "date": TextColumn("DATE_TEXT"),
    "datestring": sa.TEXT(),
    "bytes": sa.BLOB(),
    "point": TextColumn("JSON_TEXT"),
}
