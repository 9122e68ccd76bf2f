"""The rules of a model: which count, and the methods that add, remove and show them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, ClassVar

from juggler.errors import ValidationError
from juggler.models.behaviour import Behaviour, Removal
from juggler.models.validating.bounded import bounded
from juggler.models.validating.objectids import object_id_paths
from juggler.validation.rules import Rule, custom, declare, described


def rules_of(model: Any) -> tuple[Rule, ...]:
    """Return all rules of *model*: those of its bases, of its definition, and those added to it."""
    implied: tuple[Rule, ...] = model._blueprint.rules
    behaviour: Behaviour | None = model._behaviour
    base = model._base
    found = implied if base is None or _is_plain(base) else _with_bases(base, implied)
    return found if behaviour is None else behaviour.with_own(found)


def _is_plain(model: Any) -> bool:
    """Tell whether neither *model* nor its bases have rules but those of their definitions."""
    while model is not None:
        behaviour = model._behaviour
        if behaviour is not None and (behaviour.rules or behaviour.removals):
            return False
        model = model._base
    return True


def _with_bases(base: Any, implied: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Return the rules that a model has from *base* and from its own definition.

    What follows from the base's definition, but not from the model's own, does not count.
    """
    theirs, inherited = rules_of(base), base._blueprint.rules
    own = tuple(rule for rule in implied if rule not in inherited)
    return (*(rule for rule in theirs if rule not in inherited or rule in implied), *own)


class Validations(MutableMapping[str, list[dict[str, Any]]]):
    """Field -> descriptions of the rules on it, as they count for one model; writes change them.

    What is put here takes the place of all rules on the field; deleting a field removes them, also
    those that follow from the definition or come from a base.  Bases stay as they are.
    """

    __slots__ = ("_model",)

    def __init__(self, model: Any) -> None:
        self._model = model

    def __getitem__(self, field: str) -> list[dict[str, Any]]:
        found = [rule.describe() for rule in rules_of(self._model) if rule.field == field]
        if not found:
            raise KeyError(field)
        return found

    def __setitem__(self, field: str, entries: Any) -> None:
        rules = _described(field, entries)
        behaviour: Behaviour = self._model._own_behaviour()
        behaviour.remove_rules(Removal(field))
        for rule in rules:
            behaviour.add_rule(rule)

    def __delitem__(self, field: str) -> None:
        if field not in self:
            raise KeyError(field)
        self._model._own_behaviour().remove_rules(Removal(field))

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(rule.field for rule in rules_of(self._model)))

    def __len__(self) -> int:
        return len({rule.field for rule in rules_of(self._model)})

    def __repr__(self) -> str:
        return repr(dict(self))

    def clear(self) -> None:
        """Remove all rules of the model."""
        self._model._own_behaviour().remove_rules(Removal())


class RuleMethods:
    """``validates_..._of`` and ``validate``: each call adds to this model alone.

    Models that extend it have its rules too.  Names of properties come first, options after them
    as keywords (``in_``, ``with_``, ``is_``, ``if_`` where Python keeps the word) or as one mapping
    with LoopBack's names.  All take ``message``, ``code``, ``if_``, ``unless``; those that look at
    a value also ``allow_blank`` and ``allow_null``, or ``optional`` for both but the empty text,
    and ``each`` for the items of a list.
    """

    __slots__ = ()

    ValidationError: ClassVar[type[ValidationError]] = ValidationError
    """The error of a failed validation; ``Model.ValidationError(instance)`` makes one."""

    def _own_behaviour(self) -> Behaviour:
        raise NotImplementedError

    def _declare(self, kind: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
        for rule in map(bounded, declare(kind, *arguments, **options)):
            self._own_behaviour().add_rule(rule)

    @property
    def validations(self) -> Validations:
        """Return field -> descriptions of its rules; they may be cleared or replaced there."""
        return Validations(self)

    @validations.setter
    def validations(self, given: Mapping[str, Any]) -> None:
        new = {field: _described(field, entries) for field, entries in given.items()}
        behaviour = self._own_behaviour()
        behaviour.remove_rules(Removal())
        for rules in new.values():
            for rule in rules:
                behaviour.add_rule(rule)

    def remove_validation(self, field: str, kind: str | None = None) -> None:
        """Remove the rules of a *kind* (or code) on *field*; all on it without a kind.

        Rules that come from the definition or from a base stop counting for this model, and for
        those that extend it; the base keeps them.
        """
        self._own_behaviour().remove_rules(Removal(field, kind))

    @property
    def object_id_paths(self) -> list[str]:
        """Return the dotted paths of what is an object id where the store has those."""
        model: Any = self
        return [".".join(path) for path in object_id_paths(model.shape)]

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

    def validates_uniqueness_of(self, *names: Any, **options: Any) -> None:
        """Demand that no other record has the value.

        ``scoped_to`` names properties that have to be equal too for it to count; ``ignore_case``
        compares texts without regard to case.  The default scope of the model applies.  Two calls
        at a time may both pass; a unique index on the same properties keeps the second one out,
        with the same error.
        """
        self._declare("uniqueness", names, options)

    def validate(self, name: str, function: Callable[..., Any], *more: Any, **options: Any) -> None:
        """Let *function* decide, sync or async: called with the instance, ``err`` and options.

        ``err()`` adds the message for *name*, ``err(kind)`` that of a kind, ``err(False)`` fails
        without one; ``instance.errors.add(field, message, code)`` adds to any field.
        """
        self._own_behaviour().add_rule(custom(name, function, *more, **options))

    validate_async = validate


def _described(field: str, entries: Any) -> list[Rule]:
    """Return the rules on *field* that one mapping describes, or a list of them."""
    listed = (entries,) if isinstance(entries, Mapping) else entries
    return [bounded(described(field, entry)) for entry in listed]
