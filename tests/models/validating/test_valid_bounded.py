"""Patterns of definitions take no time without end."""

import re
from typing import Any

import pytest

from juggler import DataSource, ModelRegistry
from juggler.errors import DefinitionError
from juggler.models.validating.bounded import BoundedPattern, bounded
from juggler.validation.rules import declare

ENDLESS = "^(a+)+$"
LONG = "a" * 40 + "!"


@pytest.mark.parametrize(
    ("properties", "settings"),
    [
        ({"x": {"type": "string", "pattern": ENDLESS}}, {}),
        ({"x": {"type": "string", "pattern": f"/{ENDLESS}/i"}}, {}),
        ({"x": [{"type": "string", "pattern": ENDLESS}]}, {}),
        ({"x": "string"}, {"validations": [{"property": "x", "rule": "format", "with": ENDLESS}]}),
    ],
)
async def test_definitions_cannot_stop_a_process(
    properties: dict[str, Any], settings: dict[str, Any]
) -> None:
    """A pattern that Python's engine would be busy with for years is searched at once."""
    # MOD-27, MOD-123
    model = DataSource("memory", registry=ModelRegistry()).define("Thing", properties, settings)
    is_list = isinstance(properties["x"], list)
    for text, is_good in ((LONG, False), ("aaa", True), ("A" * 3, "/i" in str(properties))):
        thing = model(x=[text] if is_list else text)
        assert await thing.is_valid() is is_good
        assert thing.errors.codes == ({} if is_good else {"x.0" if is_list else "x": ["format"]})


TWICE = r"^(?=(?:.*\d)+)(?!.*(.)\1{2,})[a-z\d]+$"
"""As rules for passwords have it: looks around, and refers to a group of its own."""


def added(how: str, pattern: str) -> Any:
    """Return a model that has a rule with *pattern*, from its definition or added to it."""
    rule = {"property": "x", "rule": "format", "with": pattern}
    kind = {"type": "string", "pattern": pattern} if how == "property" else "string"
    settings = {"validations": [rule] if how == "setting" else []}
    model = DataSource("memory", registry=ModelRegistry()).define("Thing", {"x": kind}, settings)
    if how == "call":
        model.validates_format_of("x", with_=pattern)
    elif how == "compiled":
        model.validates_format_of("x", with_=re.compile(pattern))
    elif how == "field":
        model.validations["x"] = [{"rule": "format", "with": pattern}]
    elif how == "all":
        model.validations = {"x": [{"validation": "format", "with": pattern}]}
    return model


HOW = pytest.mark.parametrize("how", ["call", "compiled", "field", "all", "property", "setting"])


# MOD-106, MOD-111, MOD-123
@HOW
@pytest.mark.parametrize("pattern", [ENDLESS, "(?=(a+)+$)a", "^(.*a){12}b", "(?!(a|a?)+!)b"])
async def test_no_rule_can_stop_a_process(how: str, pattern: str) -> None:
    """However a rule comes to a model, its pattern is searched in bounded time."""
    thing = added(how, pattern)(x=LONG)
    assert not await thing.is_valid()
    assert thing.errors.codes == {"x": ["format"]}


# MOD-106, MOD-123
@pytest.mark.parametrize(
    ("text", "is_good"),
    [
        ("ab1" * 1_000, True),
        ("ab1" * 1_000 + "bbb", False),
        ("ab", False),
        ("ab1" * 2_000, False),
    ],
)
async def test_a_text_that_is_too_long_for_its_pattern_does_not_match(
    text: str, is_good: bool
) -> None:
    """Where time cannot follow the length of the text, texts of usual length are searched."""
    assert await added("call", TWICE)(x=text).is_valid() is is_good


# MOD-27, MOD-106, MOD-123
@HOW
def test_what_could_take_time_without_end_is_refused(how: str) -> None:
    """A pattern that no engine can follow in time fails where it is declared, with the remedy."""
    pattern = r"^(?:(['\"])(?:(?!\1).)*\1\s*)*$"
    with pytest.raises(DefinitionError, match=r"^x: the pattern .* without end: .*") as caught:
        added(how, pattern)
    assert "write it more simply" in str(caught.value)
    assert (caught.value.property, caught.value.value) == ("x", pattern)


def test_it_stands_for_the_pattern() -> None:
    """It is equal to the pattern, shows its text, and can be declared anew."""
    # MOD-111
    (rule,) = declare("format", "x", with_=ENDLESS)
    made = bounded(rule)
    wanted = made.options["with"]
    assert isinstance(wanted, BoundedPattern)
    assert made == rule
    assert wanted == re.compile(ENDLESS)
    assert hash(wanted) == hash(re.compile(ENDLESS))
    assert repr(wanted) == repr(re.compile(ENDLESS))
    assert declare("format", "x", with_=wanted)[0] == rule
    assert bounded(made) is made
    (quick,) = declare("format", "x", with_="^a")
    assert bounded(quick) is quick
    model = DataSource("memory", registry=ModelRegistry()).define(
        "Thing", {"x": {"type": "string", "pattern": ENDLESS}}
    )
    entries = model.validations["x"]
    model.validations["x"] = entries
    assert model.validations["x"] == entries
