"""Records as people see them: rich's pretty printing and the tables of notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from juggler.models.instances.dump import shown

MOST_ROWS: Final = 60
LONGEST: Final = 80


def fields_of(instance: Any) -> Iterator[tuple[str, Any]]:
    """Yield name and value of what may be shown of *instance*."""
    yield from shown(instance).items()


def rich_of(instance: Any) -> Iterator[Any]:
    """Yield what rich prints: the values by name, after the model's where the class says none."""
    if type(instance).__name__ != instance._model.model_name:
        yield instance._model.model_name
    yield from fields_of(instance)


def html_of(instance: Any) -> str:
    """Return the values of one record as a table, a row each."""
    rows = "".join(
        f"<tr><th>{_text(name)}</th>{_cell(value)}</tr>" for name, value in fields_of(instance)
    )
    return f"<table><caption>{_text(instance._model.model_name)}</caption>{rows}</table>"


def table_of(records: Iterable[Any]) -> str:
    """Return records as a table, a row each; long lists and long values are cut.

    The columns are the names of all of them, in order; a record without a value has an empty cell.
    """
    known = list(records)
    rows = [dict(fields_of(record)) for record in known[:MOST_ROWS]]
    names = list(dict.fromkeys(name for row in rows for name in row))
    head = "".join(f"<th>{_text(name)}</th>" for name in names)
    body = "".join(f"<tr>{_row(row, names)}</tr>" for row in rows)
    more = len(known) - len(rows)
    rest = f"<tfoot><tr><td>and {more} more</td></tr></tfoot>" if more else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody>{rest}</table>"


def _row(row: dict[str, Any], names: list[str]) -> str:
    return "".join(_cell(row[name]) if name in row else "<td></td>" for name in names)


def _cell(value: Any) -> str:
    return f"<td>{_text(value if isinstance(value, str) else repr(value))}</td>"


def _text(value: str) -> str:
    """Return *value* safe for a page, and not too long for a cell."""
    from html import escape  # noqa: PLC0415  slow to import, and tables are rare

    return escape(value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}…")
