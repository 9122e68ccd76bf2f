"""How a model lies in a database: its table, its columns, their names and codecs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import inflection

from juggler.connectors.contract import ModelInfo
from juggler.connectors.sql.codecs import Codec
from juggler.definition.property import Property
from juggler.definition.storage import COLUMN_KEYS, TABLE_KEYS
from juggler.errors import DefinitionError
from juggler.types.base import ValueType
from juggler.types.number import INTEGER

NAMINGS: Final[Mapping[str, Callable[[str], str]]] = {
    "lower": str.lower,
    "as_is": str,
    "snake": inflection.underscore,
}
"""Ways to make a column's or table's name of a property's or model's."""

_NO: Final = (False, 0, "N", "n", "NO", "no")


class Column:
    """One column; immutable.

    Attributes:
        property: The property it holds.
        name: Its name in the database.
        codec: How values go there and come back.
        nullable: Whether it may be empty.
        generated: Whether the database makes its value, a whole number.
        options: The connector's block in the property's options.
    """

    __slots__ = ("codec", "generated", "name", "nullable", "options", "property")

    def __init__(
        self,
        prop: Property,
        name: str,
        codec: Codec,
        options: Mapping[str, Any],
        *,
        generated: bool,
    ) -> None:
        self.property = prop
        self.name = name
        self.codec = codec
        self.options = options
        self.generated = generated
        self.nullable = _is_nullable(prop, options)


class TableMap:
    """A model as a table; immutable, derived once per `ModelInfo` and kept with it.

    Attributes:
        model: Name of the model, for messages.
        table: Name of the table.
        columns: Property name -> `Column`, in order of definition.
        ids: The columns of the primary key in key order.
        generated_id: The key column whose value the database makes, if there is one.
    """

    __slots__ = ("by_column", "columns", "generated_id", "ids", "model", "table")

    def __init__(
        self,
        info: ModelInfo,
        blocks: tuple[str, ...],
        naming: str,
        codec: Callable[[ValueType], Codec],
        reserved: str = "",
    ) -> None:
        rename, block = NAMINGS[naming], info.block(*blocks)
        self.model = info.name
        self.table = _name(_first(block, *TABLE_KEYS), rename(info.name), info)
        if reserved and self.table.lower().startswith(reserved):
            raise DefinitionError(
                f"{info.name}: the database keeps table names that begin with {reserved!r}.",
                model=info.name,
                value=self.table,
            )
        stored = [prop for prop in info.shape if prop.is_stored]
        columns = [_column(info, prop, blocks, rename, codec) for prop in stored]
        self.columns = {column.property.name: column for column in columns}
        self.by_column = {column.name.lower(): column for column in columns}
        if len(self.by_column) < len(columns):
            raise _clash(self.columns, info)
        self.ids = tuple(self.columns[name] for name in info.shape.ids)
        self.generated_id = next((column for column in self.ids if column.generated), None)

    def properties_of(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Return the properties that lie in *columns*; a name that is no column stays."""
        found = (self.by_column.get(name.lower()) for name in columns)
        return tuple(
            name if column is None else column.property.name
            for name, column in zip(columns, found, strict=True)
        )


def _column(
    info: ModelInfo,
    prop: Property,
    blocks: tuple[str, ...],
    rename: Callable[[str], str],
    codec: Callable[[ValueType], Codec],
) -> Column:
    options = _block(prop.options, blocks)
    given = _first(options, *COLUMN_KEYS)
    name = _name(given or prop.options.get("name"), rename(prop.name), info)
    found = codec(prop.type)
    is_made = info.shape.ids == (prop.name,) and found.family == "number"
    return Column(prop, name, codec(INTEGER) if is_made else found, options, generated=is_made)


def naming_of(info: ModelInfo, settings: Mapping[str, Any], default: str) -> str:
    """Return the naming rule: the model's setting, the data source's, or the dialect's.

    Raises:
        DefinitionError: There is no such rule.
    """
    naming = info.settings.get("naming") or settings.get("naming") or default
    if naming not in NAMINGS:
        raise DefinitionError(
            f"{info.name}: naming is one of {', '.join(NAMINGS)}, not {naming!r}.",
            model=info.name,
            value=naming,
        )
    return str(naming)


def _block(options: Mapping[str, Any], names: tuple[str, ...]) -> Mapping[str, Any]:
    for name in names:
        found = options.get(name)
        if isinstance(found, Mapping):
            return found
    return {}


def _first(block: Mapping[str, Any], *keys: str) -> Any:
    return next((block[key] for key in keys if block.get(key)), None)


def _name(given: Any, default: str, info: ModelInfo) -> str:
    """Return the name *given* or the default one, if a database can have it."""
    name = default if given is None else given
    if not isinstance(name, str) or not name or "\0" in name:
        raise DefinitionError(
            f"{info.name}: {name!r} is no name of a table or column.", model=info.name, value=name
        )
    return name


def _clash(columns: Mapping[str, Column], info: ModelInfo) -> DefinitionError:
    seen: dict[str, str] = {}
    for prop, column in columns.items():
        other = seen.setdefault(column.name.lower(), prop)
        if other != prop:
            break
    return DefinitionError(
        f"{info.name}: the properties {other!r} and {prop!r} share the column {column.name!r}; "
        'give one of them another: {"sqlite": {"column": "..."}}.',
        model=info.name,
        property=prop,
    )


def _is_nullable(prop: Property, options: Mapping[str, Any]) -> bool:
    """Tell whether the column may be empty."""
    if prop.id or prop.required:
        return False
    given = (source.get(key) for source in (options, prop.options) for key in _NULL_KEYS)
    return not any(value is not None and value in _NO for value in given)


_NULL_KEYS: Final = ("nullable", "null", "allow_null")
