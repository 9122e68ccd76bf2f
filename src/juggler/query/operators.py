"""The one table of condition operators; whoever adds one adds it here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Operand = Literal[
    "any", "ordered", "list", "pair", "pattern", "regexp", "flag", "point", "conditions"
]
"""What an operator takes: any value; one that has an order; a list; exactly two values; a text with
wildcards; a regular expression; true or false; a location; conditions on one element of a list."""

Nulls = Literal["never", "always", "operand"]
"""Whether null and missing values match; ``operand`` = it depends on null in the operand."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator.

    Attributes:
        name: The canonical name, which nodes carry.
        operand: What it takes.
        nulls: Whether null and missing values match.
        negates: Name of the operator whose negation it is; empty for a positive one.
        aliases: Other spellings.
    """

    name: str
    operand: Operand
    nulls: Nulls = "never"
    negates: str = ""
    aliases: tuple[str, ...] = ()


OPERATORS: Final[Mapping[str, Operator]] = MappingProxyType(
    {
        item.name: item
        for item in (
            Operator("eq", "any", "operand"),
            Operator("neq", "any", "operand", negates="eq"),
            Operator("gt", "ordered"),
            Operator("gte", "ordered"),
            Operator("lt", "ordered"),
            Operator("lte", "ordered"),
            Operator("inq", "list", "operand"),
            Operator("nin", "list", "operand", negates="inq"),
            Operator("between", "pair"),
            Operator("like", "pattern"),
            Operator("nlike", "pattern", "always", negates="like"),
            Operator("ilike", "pattern"),
            Operator("nilike", "pattern", "always", negates="ilike"),
            Operator("regexp", "regexp"),
            Operator("exists", "flag", "operand"),
            Operator("near", "point"),
            Operator("elem_match", "conditions", aliases=("elemMatch",)),
        )
    }
)
"""Canonical name -> operator."""

SPELLINGS: Final[Mapping[str, str]] = MappingProxyType(
    {spelling: item.name for item in OPERATORS.values() for spelling in (item.name, *item.aliases)}
)
"""Every accepted spelling of an operator -> its canonical name."""

SIBLINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "options": "options",
        "max_distance": "max_distance",
        "maxDistance": "max_distance",
        "min_distance": "min_distance",
        "minDistance": "min_distance",
        "unit": "unit",
    }
)
"""Every accepted spelling of a modifier that stands beside an operator -> its canonical name."""

SIBLINGS_OF: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        **dict.fromkeys(("like", "nlike", "ilike", "nilike", "regexp"), frozenset({"options"})),
        "near": frozenset({"max_distance", "min_distance", "unit"}),
    }
)
"""Operator -> the modifiers that may stand beside it."""

NATIVE: Final = "$"
"""Operator of a condition in the store's own language, whose operand is the mapping that was
written: ``{"$regex": "^a", "$options": "i"}``."""

LOGICAL: Final = frozenset({"and", "or", "nor", "not"})
"""Keys of a where that combine conditions instead of naming a property."""
