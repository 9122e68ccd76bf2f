"""The methods of a model that add validation rules to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from juggler.models.behaviour import Behaviour
from juggler.validation.rules import custom, declare


class RuleMethods:
    """``validates_..._of`` and ``validate``: each call adds to this model alone.

    Names of properties come first, options after them as keywords (``in_``, ``with_``, ``is_``,
    ``if_`` where Python keeps the word) or as one mapping with LoopBack's names.  All take
    ``message``, ``code``, ``if_``, ``unless``; those that look at a value also ``allow_blank`` and
    ``allow_null``.
    """

    __slots__ = ()

    def _own_behaviour(self) -> Behaviour:
        raise NotImplementedError

    def _declare(self, kind: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
        for rule in declare(kind, *arguments, **options):
            self._own_behaviour().add_rule(rule)

    def validates_presence_of(self, *names: Any, **options: Any) -> None:
        """Demand a value: not missing, None, empty text, an empty list or NaN."""
        self._declare("presence", names, options)

    def validates_absence_of(self, *names: Any, **options: Any) -> None:
        """Demand that there is no value."""
        self._declare("absence", names, options)

    def validates_length_of(self, *names: Any, **options: Any) -> None:
        """Demand a length of text or list: ``min``, ``max``, ``is_``."""
        self._declare("length", names, options)

    def validates_numericality_of(self, *names: Any, **options: Any) -> None:
        """Demand a number; with ``int=True`` a whole one."""
        self._declare("numericality", names, options)

    def validates_inclusion_of(self, *names: Any, **options: Any) -> None:
        """Demand one of the values ``in_``."""
        self._declare("inclusion", names, options)

    def validates_exclusion_of(self, *names: Any, **options: Any) -> None:
        """Demand none of the values ``in_``."""
        self._declare("exclusion", names, options)

    def validates_format_of(self, *names: Any, **options: Any) -> None:
        """Demand a match of the regular expression ``with_``."""
        self._declare("format", names, options)

    def validates_date_of(self, *names: Any, **options: Any) -> None:
        """Demand a date where there is a value."""
        self._declare("date", names, options)

    def validate(self, name: str, function: Callable[..., Any], *more: Any, **options: Any) -> None:
        """Let *function* decide, sync or async: called with the instance, ``err`` and options.

        ``err()`` adds the message for *name*; ``instance.errors.add(field, message, code)`` adds to
        any field.
        """
        self._own_behaviour().add_rule(custom(name, function, *more, **options))

    validate_async = validate
