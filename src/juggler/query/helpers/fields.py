"""Which properties a ``fields`` clause asks for, and rows cut down to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from juggler.query.clauses import read_fields
from juggler.query.evaluate import select_fields as _picker


def fields_to_array(
    fields: Any, properties: Iterable[str] = (), exclude_unknown: bool = False
) -> list[str] | None:
    """Return the names that *fields* asks for, None for all.

    >>> fields_to_array({"bat": False}, ["foo", "bar", "bat"])
    ['foo', 'bar']

    Args:
        fields: A name, a list of names, or a mapping of names to yes and no: those with yes, else
            all but those with no.
        properties: Names of the model's properties, or a mapping from them.
        exclude_unknown: Leave out names that are none of *properties*.

    Raises:
        InvalidQueryError: *fields* is none of these.
    """
    if not fields:
        return None
    known = list(properties)
    wanted, unwanted = read_fields(fields)
    if wanted is None:
        return [name for name in known if name not in unwanted]
    return [name for name in wanted if name in known] if exclude_unknown else list(wanted)


def select_fields(fields: Any) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return a function that copies what *fields* asks for out of a row.

    >>> list(map(select_fields(["a"]), [{"a": 1, "b": 2}, {"b": 3}]))
    [{'a': 1}, {}]

    Args:
        fields: As of `fields_to_array`; names to leave out work without knowing the properties.

    Raises:
        InvalidQueryError: *fields* is no such clause.
    """
    wanted, unwanted = read_fields(fields) if fields else (None, ())
    if not unwanted:
        return _picker(wanted)
    return lambda row: {name: value for name, value in row.items() if name not in unwanted}
