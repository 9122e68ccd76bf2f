"""Telling fast that an instance breaks no rule; what is wrong is told elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

from juggler.models.build import Plan
from juggler.models.extras import NOTHING
from juggler.models.validating.asked import EMBEDDED, Asked, chosen
from juggler.models.validating.implied import is_about_new_records
from juggler.models.validating.objectids import object_id_rules
from juggler.models.validating.rules import rules_of
from juggler.validation.rules import Rule
from juggler.validation.trial import failures

Test = Callable[[Any], bool]


_QUICK: Final = "juggler.models.validating.quick"
"""Key of a model's test in the cache of its `ModelInfo`."""
_INSIDE: Final = "juggler.models.validating.quick.inside"
"""Key of the rules of an embedded model, and their test, in the cache of its `ModelInfo`."""


def quick_test(model: Any) -> Test | None:
    """Return what says of an instance of *model* that it surely breaks no rule.

    One of which it does not say so may be valid all the same.  None where a rule asks a store, is a
    function or has conditions, where other instances are embedded, and where a store may bring
    rules of its own: only a validation can tell.
    That of rules which follow from the definition is made once for equal models.
    """
    rules, blueprint = rules_of(model), model._blueprint
    if rules is not blueprint.rules or blueprint.names is not NOTHING:
        return None if blueprint.names.getters else _made(model, rules)
    cache = model.info.cache
    if _QUICK not in cache:
        cache[_QUICK] = _made(model, rules)
    test: Test | None = cache[_QUICK]
    return test


def is_surely_valid(instance: Any) -> bool:
    """Tell whether *instance* surely breaks no rule of its model; see `quick_test`."""
    test = quick_test(instance._model)
    return test is not None and test(instance)


def rules_inside(model: Any, asked: Asked) -> tuple[tuple[Rule, ...], Test | None]:
    """Return the rules that count in embedded instances of *model*, and the test of them.

    The test says of an instance that it surely breaks none of them; what is embedded there in turn
    it does not look at.  It is None where only a validation can tell.  Rules that follow from the
    definition are worked out once for equal models.
    """
    rules, blueprint = rules_of(model), model._blueprint
    if rules is not blueprint.rules or blueprint.names is not NOTHING or asked is not EMBEDDED:
        rules = chosen(rules, asked)
        return rules, None if blueprint.names.getters else _tested(model, rules)
    cache = model.info.cache
    if _INSIDE not in cache:
        rules = chosen(rules, asked)
        cache[_INSIDE] = (rules, _tested(model, rules))
    found: tuple[tuple[Rule, ...], Test | None] = cache[_INSIDE]
    return found


def _made(model: Any, rules: tuple[Rule, ...]) -> Test | None:
    """Return the test of all *rules*."""
    if model.shape.nested or object_id_rules(model.info):
        return None
    return _tested(model, rules)


def _tested(model: Any, rules: tuple[Rule, ...]) -> Test | None:
    """Return the test of values that their types refuse, of unknown names and of *rules*."""
    tests: list[Test] = []
    for rule in rules:
        test = _test(model, rule)
        if test is None:
            return None
        tests.append(test)

    def is_valid(instance: Any) -> bool:
        state = instance._state
        if state.bad or state.unknown:
            return False
        for test in tests:  # noqa: SIM110  a generator costs more than the tests
            if not test(instance):
                return False
        return True

    return is_valid


def _test(model: Any, rule: Rule) -> Test | None:
    """Return the test of one rule, None where it needs a validation."""
    plan: Plan | None = model._blueprint.cls._plans.get(rule.field)
    if plan is None or rule.asks_store or not (rule.if_ is None and rule.unless is None):
        return None
    read = attrgetter(plan.slot)
    if rule.function is not None:
        if not is_about_new_records(rule):
            return None
        return lambda found: read(found) is None or not found.is_new_record()
    return _test_of_value(rule, read)


def _test_of_value(rule: Rule, read: Callable[[Any], Any]) -> Test:
    """Return the test of a rule about the value that *read* gives."""
    if rule.kind == "presence" and not rule.each:
        return lambda instance: _is_there(read(instance)) or _fits(rule, read(instance))
    optional = rule.optional
    return lambda instance: optional if (value := read(instance)) is None else _fits(rule, value)


def _fits(rule: Rule, value: Any) -> bool:
    """Tell whether *rule* finds nothing wrong with *value*; a failure may be an empty text."""
    return not any(True for _ in failures(rule, value))


def _is_there(value: Any) -> bool:
    """Tell whether *value* surely counts as a value."""
    kind = value.__class__
    return kind is int or kind is bool or (kind is str and value.isalnum())
