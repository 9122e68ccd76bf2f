"""What a library must be able to do to be measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.models.records import Data
from benchmarks.timing import Work

Make = Callable[[Data], Any]


@dataclass(frozen=True, slots=True)
class Contestant:
    """How users of one library do what is measured; None where it offers nothing for it.

    Attributes:
        title: What tables call it.
        load: Makes an instance of a row that a store gave.
        coerce: Makes one of what a client sent, with every value made one of its type.
        checked: Makes one whose attributes are checked when they are written; *load* unless given.
        to_dict: Returns the values of an instance by name.
        to_json: Returns an instance as JSON text.
        loading: Works that load rows: with the library, and all of that which is not its own part.
        rows: How many rows these load at a time.
        keep: Makes an instance to be weighed; *load* unless given.
    """

    title: str
    load: Make
    coerce: Make | None = None
    checked: Make | None = None
    to_dict: Callable[[Any], Any] | None = None
    to_json: Callable[[Any], bytes | str] | None = None
    loading: tuple[Work, Work] | None = None
    rows: int = 1
    keep: Make | None = None
