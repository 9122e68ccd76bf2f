"""Filters and conditions in query strings: as JSON, or in LoopBack's bracket form."""

from __future__ import annotations

import json
import re
from typing import Any, Final
from urllib.parse import parse_qsl

from juggler.app.limits import Limits, exceeded
from juggler.app.rest.body import decode
from juggler.errors import InvalidQueryError

_KEY: Final = re.compile(r"(?P<name>[^\[\]]+)(?P<path>(?:\[[^\[\]]*\])*)\Z")
_MOST_PARAMETERS: Final = 1_000
_TRUTH: Final = {"true": True, "false": False}


def read_query(query_string: bytes, name: str | None, limits: Limits) -> dict[str, Any] | None:
    """Return the object that the parameter *name* holds; None where it is not given.

    ``filter={"where": {"a": 1}}`` and ``filter[where][a]=1`` mean the same; texts of the bracket
    form become what the property takes.  Every other parameter is an error, and so is a key that
    an object has twice: no condition must be left out in silence.

    Args:
        query_string: As it stands in the address.
        name: ``filter``, ``where``, or None where no parameter is taken.
        limits: What is too much.

    Raises:
        InvalidQueryError: It is not understood.
        JugglerError: It is over a limit, or no JSON.
    """
    if not query_string:
        return None
    if len(query_string) > limits.max_filter:
        exceeded(limits, "max_filter", 414)
    whole: Any = None
    tree: dict[str, Any] = {}
    for key, text in _pairs(query_string):
        found = _KEY.match(key)
        if found is None or found["name"] != name:
            raise _unknown(key, name)
        if found["path"]:
            _put(tree, found["path"][1:-1].split("]["), text, limits, key)
        elif whole is None:
            whole = _json(text, key, limits)
        else:
            raise _bad(key, "is given twice")
    if whole is not None and tree:
        raise _bad(name, "is given as JSON and in brackets")
    return whole if whole is not None or not tree else _typed(tree, name)


def _pairs(query_string: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_PARAMETERS,
        )
    except ValueError as error:  # not UTF-8, or too many
        raise InvalidQueryError(f"The query string is not understood: {error}.") from error


def _json(text: str, key: str, limits: Limits) -> dict[str, Any]:
    value = decode(text, limits, f"The parameter {key}")
    if not isinstance(value, dict):
        raise _bad(key, "is a JSON object")
    try:
        _KEYS.decode(text)
    except KeyError as error:
        raise _bad(key, f"has {error.args[0]!r} twice in one object") from error
    return value


def _once(pairs: list[tuple[str, Any]]) -> None:
    """Raise a KeyError with the first key that an object has twice."""
    if len(dict(pairs)) < len(pairs):
        names = [name for name, _ in pairs]
        raise KeyError(next(name for name in names if names.count(name) > 1))


_KEYS: Final = json.JSONDecoder(object_pairs_hook=_once, parse_int=str, parse_float=str)
"""Reads JSON for the sake of `_once`; the numbers in it are of no interest."""


def _put(tree: dict[str, Any], path: list[str], text: str, limits: Limits, key: str) -> None:
    """Set the value of one bracketed key; an empty pair of brackets is the next of a list."""
    if len(path) > limits.max_depth:
        exceeded(limits, "max_depth")
    *outer, last = path
    for part in outer:
        tree = tree.setdefault(part or str(len(tree)), {})
        if not isinstance(tree, dict):
            raise _bad(key, "is a value and has parts")
    last = last or str(len(tree))
    if last not in tree:
        tree[last] = text
        return
    former = tree[last]
    if isinstance(former, dict):
        raise _bad(key, "is a value and has parts")
    tree[last] = [*former, text] if isinstance(former, list) else [former, text]


def _typed(tree: dict[str, Any], name: str | None) -> dict[str, Any]:
    """Return the tree with lists in it; only truth values of ``fields`` are not texts."""
    result = {key: _listed(value) for key, value in tree.items()}
    fields = result.get("fields") if name == "filter" else None
    if isinstance(fields, dict):
        result["fields"] = {
            key: _TRUTH.get(value, value) if isinstance(value, str) else value
            for key, value in fields.items()
        }
    return result


def _listed(value: Any) -> Any:
    """Return *value* with lists in the place of objects with the keys 0 to n-1."""
    if not isinstance(value, dict):
        return value
    items = {key: _listed(item) for key, item in value.items()}
    places = [str(place) for place in range(len(items))]
    return [items[place] for place in places] if items.keys() == set(places) else items


def _bad(key: str | None, why: str) -> InvalidQueryError:
    return InvalidQueryError(f"The parameter {key} {why}.", path=key)


def _unknown(key: str, name: str | None) -> InvalidQueryError:
    known = f"there is only {name}" if name else "there is none"
    return InvalidQueryError(
        f"{key!r} is no parameter here; {known}.", code="UNKNOWN_PARAMETER", path=key
    )
