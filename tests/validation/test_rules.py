"""How rules are declared, spelled, compared and refused."""

import re
from functools import partial
from typing import Any

import pytest

from juggler.errors import DefinitionError
from juggler.validation.rules import Rule, add_rules, by_function, custom, declare, from_setting

NOT_A_FUNCTION: Any = "nothing"


def nothing(instance: Any, err: Any) -> None:
    """Find nothing."""


async def nothing_later(instance: Any, err: Any, options: Any) -> None:
    """Find nothing after a wait."""


class AsyncObject:
    """An object that is called like an async function."""

    async def __call__(self, instance: Any, err: Any, options: Any) -> None:
        """Find nothing after a wait."""


def test_one_call_makes_a_rule_for_each_field() -> None:
    """Several names share the options; the rules come in the order of the names."""
    # MOD-102
    rules = declare("length", "name", "title", min=1, max=80)
    assert [(rule.field, dict(rule.options)) for rule in rules] == [
        ("name", {"min": 1, "max": 80}),
        ("title", {"min": 1, "max": 80}),
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (declare("inclusion", "x", in_=["a"], allow_null=True),
         declare("inclusion", "x", {"in": ["a"], "allowNull": True})),
        (declare("format", "x", with_="a", if_="is_new"),
         declare("format", "x", {"with": "a", "if": "is_new"})),
        (declare("length", "x", is_=3), declare("length", "x", {"is": 3.0})),
        (declare("length", "x", {"max": 3}, min=1), declare("length", "x", min=1, max=3)),
        (declare("length", "x", max=3, min=None), declare("length", "x", max=3)),
        (declare("length", "x", max=3),
         (from_setting({"property": "x", "rule": "length", "max": 3}),)),
    ],
)  # fmt: skip
def test_spellings(one: tuple[Rule, ...], other: tuple[Rule, ...]) -> None:
    """Keywords, LoopBack's names and entries of a setting declare the same rule."""
    # MOD-102, MOD-01
    assert one == other
    assert hash(one) == hash(other)


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        (lambda: declare("inclusion", "x"), "needs the option 'in'"),
        (lambda: declare("exclusion", "x", in_=None), "needs the option 'in'"),
        (lambda: declare("format", "x", {}), "needs the option 'with'"),
        (lambda: declare("format", "x", with_="["), "'with' must be a regular expression"),
        (lambda: declare("format", "x", with_="/a/x"), "flags are among i, g and m"),
        (lambda: declare("format", "x", with_=5), "'with' must be a regular expression"),
        (lambda: declare("format", "x", with_=re.compile(b"a")), "must be a regular expression"),
        (lambda: declare("inclusion", "x", in_="abc"), "'in' must be a list"),
        (lambda: declare("inclusion", "x", in_=5), "'in' must be a list"),
        (lambda: declare("uniqueness", "x", scoped_to=5), "'scoped_to' must be the name of a prop"),
        (lambda: declare("uniqueness", "x", scoped_to=["a", 5]), "must be the name of a property"),
        (lambda: declare("length", "x", min="3"), "'min' must be a whole number"),
        (lambda: declare("length", "x", max=-1), "'max' must be a whole number"),
        (lambda: declare("length", "x", is_=True), "'is' must be a whole number"),
        (lambda: declare("length", "x", max=1.5), "'max' must be a whole number"),
        (lambda: declare("numericality", "x", int="yes"), "'int' must be true or false"),
        (lambda: declare("presence", "x", allow_null=1), "'allow_null' must be true or false"),
        (lambda: declare("presence", "x", message=5), "'message' must be a text"),
        (lambda: declare("presence", "x", message={"min": 5}), "'message' must be a text"),
        (lambda: declare("presence", "x", code=""), "'code' must be a text"),
        (lambda: declare("presence", "x", if_=True), "'if' must be a function"),
        (lambda: declare("presence", "x", unless=""), "'unless' must be a function"),
        (lambda: declare("presence", "x", max=3), "has no option 'max'"),
        (lambda: declare("length", "x", maximum=3), "there are .*'?max"),
        (lambda: declare("length", "x", {"allowNull": True, "allow_null": False}), "two spellings"),
        (lambda: declare("inclusion", "x", {"in": [1]}, in_=[2]), "given twice"),
        (lambda: declare("length"), "needs the name of a property"),
        (lambda: declare("length", {"max": 3}), "needs the name of a property"),
        (lambda: declare("length", 5, max=3), "needs the name of a property"),
        (lambda: declare("lenght", "x"), "no validation 'lenght'; there are presence"),
        (lambda: declare("custom", "x"), "no validation 'custom'"),
        (lambda: from_setting({"rule": "length"}), "needs the name of a property"),
        (lambda: from_setting({"property": "x"}), "no validation ''"),
        (lambda: by_function("custom", "x", NOT_A_FUNCTION), "needs a function"),
        (lambda: custom("x", nothing, "more"), "one function and its options"),
        (lambda: custom("x", nothing, min=3), "has no option 'min'"),
        (lambda: custom("", nothing), "needs the name"),
    ],
)  # fmt: skip
def test_mistakes_are_told_at_once(declared: Any, message: str) -> None:
    """What cannot work fails where it is declared, with the remedy, not when records are saved."""
    # MOD-102 (Do better): a missing in_ or with_ fails at declaration
    with pytest.raises(DefinitionError, match=message):
        declared()


def test_identical_rules_are_one() -> None:
    """Adding an identical rule changes nothing; a rule that differs in anything is added."""
    # MOD-111 (Do better): an identical rule is replaced
    rules = add_rules((), *declare("length", "x", max=3))
    assert add_rules(rules, *declare("length", "x", {"max": 3})) == rules
    for other in (
        declare("length", "x", max=4),
        declare("length", "y", max=3),
        declare("length", "x", max=3, message="odd"),
        declare("length", "x", max=3, if_=nothing),
        (custom("x", nothing),),
    ):
        assert add_rules(rules, *other) == (*rules, *other)


def test_rules_are_fixed() -> None:
    """A rule cannot be changed, nor can the options and texts it was declared with."""
    messages = {"min": "short"}
    choices = ["a"]
    rule = declare("length", "x", min=2, message=messages)[0]
    included = declare("inclusion", "x", in_=choices)[0]
    messages["min"] = "changed"
    choices.append("b")
    assert rule.own_words("min") == "short"
    assert included.options["in"] == ("a",)
    with pytest.raises(AttributeError):
        rule.field = "y"  # type: ignore[misc]  # what is proven is that it raises
    with pytest.raises(TypeError):
        rule.options["min"] = 3  # type: ignore[index]  # what is proven is that it raises


@pytest.mark.parametrize(
    ("rule", "is_async"),
    [
        (custom("x", nothing), False),
        (custom("x", lambda _instance, _err, _options: None), False),
        (custom("x", nothing_later), True),
        (custom("x", AsyncObject()), True),
        (custom("x", partial(nothing_later, None)), True),
        (custom("x", nothing, if_=nothing_later), True),
        (declare("presence", "x", unless=nothing_later)[0], True),
        (declare("presence", "x", unless="is_new")[0], False),
    ],
)
def test_async_rules_are_known(rule: Rule, is_async: bool) -> None:
    """A rule knows from its declaration whether it may have to wait."""
    # MOD-108
    assert rule.is_async is is_async


def test_descriptions() -> None:
    """A rule describes itself as the options it was declared with."""
    # MOD-111
    assert declare("length", "x", max=80, allow_null=True)[0].describe() == {
        "validation": "length",
        "max": 80,
        "allow_null": True,
    }
    assert custom("x", nothing, code="odd").describe() == {
        "validation": "custom",
        "code": "odd",
        "function": nothing,
    }


def test_rules_by_function_have_the_words_of_their_kind() -> None:
    """A rule that asks a store is a function with the code and text of its own kind."""
    # MOD-102: the place of uniqueness
    rule = by_function("uniqueness", "email", nothing_later, allow_null=True)
    assert (rule.code_of(), rule.keys_of()[0], rule.is_async) == ("uniqueness", "uniqueness", True)


@pytest.mark.parametrize(
    ("function", "takes_options"),
    [(nothing, False), (nothing_later, True), (max, True), (lambda *_: None, True)],
)
def test_rules_know_whether_their_function_takes_options(
    function: Any, takes_options: bool
) -> None:
    """A function with room for two arguments is called with two."""
    # MOD-107
    assert custom("x", function).takes_options is takes_options


def test_a_bare_rule_has_no_options() -> None:
    """A rule that is made directly has the same empty options as a declared one."""
    assert (Rule("x", "presence"),) == declare("presence", "x")
