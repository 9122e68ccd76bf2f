"""Paths into JSON columns as SQLite writes them.

The rules are those of `juggler.query.values`: a path looks through the lists on its way, a number
addresses one element of a list, lists right within lists are not looked through.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from juggler.connectors.sql.codecs import FAMILIES
from juggler.connectors.sql.dialects.base import Elements, Expression, Reach, Value
from juggler.connectors.sql.statement import Binds
from juggler.definition.shape import EmbeddedType
from juggler.errors import InvalidQueryError
from juggler.query.values import as_index
from juggler.types.base import ValueType
from juggler.types.geo import GEO_POINT
from juggler.types.number import NUMBER
from juggler.types.structured import ListType

Path = tuple[str, ...]
ROOT = "$"


class JsonPath:
    """Walks one path through one JSON column, while a statement is built.

    Args:
        column: The column.
        binds: Where the parts of the path are bound.
    """

    def __init__(self, column: Value, binds: Binds) -> None:
        self.binds = binds
        self.type = column.type
        self.sources: list[Any] = []
        self._document: Expression = column.expression
        self._path = ROOT
        self._found: Value | None = None

    def reach(self, path: Path) -> Reach:
        """Return what *path* leads to, through the lists on its way."""
        for segment in path:
            if self._is_index(segment):
                self._index(segment)
            else:
                if _may_be_list(self.type):
                    self._explode()
                self._member(segment)
        value = self.value()
        if not _may_be_list(self.type):
            return Reach(value, sources=self.sources)
        listed = value.expression
        if not isinstance(self.type, ListType):
            listed = sa.case((self._kind() == self._text("array"), listed))
        source = sa.func.json_each(listed).table_valued("type", "value", name="item")
        item = Value(source.c.value, self._item_type(), source.c.type)
        return Reach(value, Elements(item, source), self.sources)

    def pick(self, path: Path) -> Value:
        """Return the one value that *path* leads to; null where a list is in the way."""
        for segment in path:
            if self._is_index(segment):
                self._index(segment)
            else:
                self._member(segment)
        return self.value()

    def value(self) -> Value:
        """Return the value where the walk is."""
        return self._found or Value(self._extract(), self.type, self._kind())

    def _is_index(self, segment: str) -> bool:
        return as_index(segment) is not None and not isinstance(self.type, EmbeddedType)

    def _member(self, segment: str) -> None:
        """Go to the member *segment* of an object."""
        self._found = None
        self._path += _label(segment)
        if isinstance(self.type, EmbeddedType):
            declared = self.type.shape.properties.get(segment)
            self.type = None if declared is None else declared.type
        else:
            is_coordinate = self.type is GEO_POINT and segment in {"lat", "lng"}
            self.type = NUMBER if is_coordinate else None

    def _index(self, segment: str) -> None:
        """Go to an element of a list, or to the member of an object that is called so."""
        steps = (f"[{as_index(segment)}]", _label(segment))
        paths = [self._text(self._path + step) for step in steps]
        found, kind = (
            sa.func.coalesce(*(function(self._document, path) for path in paths))
            for function in (sa.func.json_extract, sa.func.json_type)
        )
        has_parts = kind.in_([self._text("array"), self._text("object")])
        self.type = self._item_type()
        self._found = Value(found, self.type, kind)
        self._document, self._path = sa.case((has_parts, found)), ROOT

    def _explode(self) -> None:
        """Go to each element of the list that may be here; what is no list stands for itself."""
        kind, here, nothing = self._kind(), self._extract(), self._text("[null]")
        is_empty = sa.func.json_array_length(here) == self.binds.constant(0)
        listed = sa.case(
            (kind == self._text("array"), sa.case((is_empty, nothing), else_=here)),
            (kind == self._text("object"), sa.func.json_array(sa.func.json(here))),
            else_=nothing,
        )
        name = f"list{len(self.sources)}"
        source = sa.func.json_each(listed).table_valued("type", "value", name=name)
        self.sources.append(source)
        self.type = self._item_type()
        self._document = sa.case((source.c.type == self._text("object"), source.c.value))
        self._path, self._found = ROOT, None

    def _item_type(self) -> ValueType | None:
        return self.type.item if isinstance(self.type, ListType) else None

    def _extract(self) -> Expression:
        """Return the value in SQL."""
        if self._found is not None:
            return self._found.expression
        if self._path == ROOT and isinstance(self.type, ListType | EmbeddedType):
            return self._document
        found: Expression = sa.func.json_extract(self._document, self._text(self._path))
        return found

    def _kind(self) -> Expression:
        """Return the name of the JSON type of the value."""
        if self._found is not None and self._found.json_kind is not None:
            return self._found.json_kind
        found: Expression = sa.func.json_type(self._document, self._text(self._path))
        return found

    def _text(self, value: str) -> Expression:
        return self.binds.constant(value)


def _may_be_list(kind: ValueType | None) -> bool:
    """Tell whether a value of type *kind* may be a list; None is of no declared type."""
    return kind is None or not (kind.name in FAMILIES or isinstance(kind, EmbeddedType))


def _label(segment: str) -> str:
    """Return the step of a JSON path to the member *segment*."""
    if not segment.isprintable() or '"' in segment or "\\" in segment:
        raise InvalidQueryError(
            f"SQLite cannot look for the key {segment!r} inside JSON.",
            code="OPERATOR_NOT_SUPPORTED",
            value=segment,
        )
    return f'."{segment}"'
