"""Read one condition: what stands behind a property name in a where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import filterfalse
from typing import Any

from juggler.errors import InvalidQueryError
from juggler.query.limits import Limits, too_much
from juggler.query.nodes import And, Bare, Condition, Not, Or, Where
from juggler.query.operands import read_operand
from juggler.query.operators import NATIVE, OPERATORS, SIBLINGS, SIBLINGS_OF, SPELLINGS
from juggler.query.raw import plain_value, refuse_dollars, wrong
from juggler.query.structure import as_list, is_leaf, plain
from juggler.query.textual import read_flags, read_pattern, read_regexp

Path = tuple[str, ...]


def split_path(name: str, at: str) -> Path:
    """Return the segments of a dotted name.

    Raises:
        InvalidQueryError: A segment is empty.
    """
    path = tuple(name.split(".")) if "." in name else (name,)
    if "" in path:
        raise InvalidQueryError(
            f"{at}: {name!r} is no property name; no segment may be empty.", path=at, value=name
        )
    return path


def read_condition(path: Path, raw: Any, limits: Limits, at: str) -> Where:
    """Return the node for what was given for the property at *path*.

    Raises:
        InvalidQueryError: The operand or an operator is not understood.
    """
    if is_leaf(raw) or not isinstance(raw, Mapping):
        return _value(path, raw, limits, at)
    if limits.native and any(str(key).startswith("$") for key in raw):
        return _native(path, raw, at)
    refuse_dollars(raw, at)
    operators = {key: SPELLINGS[key] for key in raw if key in SPELLINGS}
    if not operators:
        return Condition(path, "eq", Bare(plain_value(raw, at)))
    siblings = _siblings(raw, operators, at)
    children = tuple(
        _operation(path, name, raw[key], siblings, limits, f"{at}.{key}")
        for key, name in operators.items()
    )
    return children[0] if len(children) == 1 else And(children)


def _native(path: Path, raw: Mapping[Any, Any], at: str) -> Where:
    """Return the node for operators of the store's own language, which stand by themselves."""
    for key in raw:
        if not isinstance(key, str) or key[:1] != "$":
            raise unknown_operator(key, at)
    return Condition(path, NATIVE, plain(raw))


def unknown_operator(name: Any, at: str) -> InvalidQueryError:
    """Return the error for *name*, which is not an operator."""
    return InvalidQueryError(
        f"{at}: {name!r} is not an operator. Operators are {', '.join(OPERATORS)}; "
        'to compare with a whole object write {"eq": {...}}.',
        code="UNKNOWN_OPERATOR",
        path=f"{at}.{name}" if name else at,
        value=name,
    )


def _value(path: Path, raw: Any, limits: Limits, at: str) -> Where:
    """Return the node for a value without operator."""
    if isinstance(raw, re.Pattern):
        return read_regexp(path, raw, "", limits, at)
    return Condition(path, "eq", plain_value(raw, at))


def _siblings(raw: Mapping[str, Any], operators: Mapping[str, str], at: str) -> dict[str, Any]:
    """Return the modifiers of *raw* by canonical name; each must belong to an operator there."""
    allowed = {name for item in operators.values() for name in SIBLINGS_OF.get(item, ())}
    found: dict[str, Any] = {}
    for key in filterfalse(operators.__contains__, raw):
        name = SIBLINGS.get(key)
        if name is None:
            raise unknown_operator(key, at)
        if name not in allowed or name in found:
            why = "is given twice" if name in found else "belongs to none of the operators there"
            raise InvalidQueryError(f"{at}.{key} {why}.", path=f"{at}.{key}")
        found[name] = raw[key]
    return found


def _operation(
    path: Path, name: str, raw: Any, siblings: Mapping[str, Any], limits: Limits, at: str
) -> Where:
    """Return the node for operator *name* with operand *raw*."""
    kind = OPERATORS[name].operand
    if kind == "any":
        found = _value(path, raw, limits, at)
        return found if name == "eq" else _unequal(found)
    if kind == "conditions":
        return Condition(path, name, raw)  # the reader of the whole where goes on with them
    if kind == "list":
        return _listed(path, name, raw, limits, at)
    if kind == "pattern":
        return read_pattern(path, name, raw, siblings.get("options"), limits, at)
    if kind == "regexp":
        flags = read_flags(siblings.get("options"), "igm", at)
        return read_regexp(path, raw, flags, limits, at)
    return Condition(path, name, read_operand(kind, raw, siblings, at))


def _unequal(found: Where) -> Where:
    """Return the opposite of an equality, or of the pattern that was given in its place."""
    if isinstance(found, Condition) and found.operator == "eq":
        return Condition(found.path, "neq", found.value)
    return Not(found)


def _listed(path: Path, name: str, raw: Any, limits: Limits, at: str) -> Where:
    """Return the node for ``inq`` or ``nin``; patterns in the list become conditions beside it."""
    refuse_dollars(raw, at)
    items = as_list(raw)
    if items is None:
        raise wrong(at, "a list", raw)
    if len(items) > limits.max_inq_items:
        raise too_much(limits, "max_inq_items", at)
    patterns = [item for item in items if isinstance(item, re.Pattern)]
    others = [item for item in items if not isinstance(item, re.Pattern)]
    found = Condition(path, name, tuple(plain_value(others, at)))
    if not patterns:
        return found
    regexps = [read_regexp(path, item, "", limits, at) for item in patterns]
    return Or((found, *regexps)) if name == "inq" else And((found, *map(Not, regexps)))
