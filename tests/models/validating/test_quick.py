"""What is told fast to be valid is valid."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from juggler import DataSource, ModelRegistry
from juggler.models.validating.quick import quick_test

PROPERTIES = {
    "id": {"type": "number", "id": True, "generated": True},
    "name": {"type": str, "required": True, "length": 3},
    "age": {"type": "number", "min": 1, "max": 9},
    "kind": {"type": str, "enum": ["a", "b"]},
    "code": {"type": str, "pattern": "^x"},
    "tags": {"type": ["string"], "max": 2, "items": {"min": 1}},
    "size": "integer",
}
VALUES = st.sampled_from(
    ["", " ", "a", "x", "xyz", "long text", None, 0, 1, 5, 10, 2.5, True, [], ["a"], ["", "b"], "5"]
) | st.text(max_size=4)


def define() -> Any:
    """Return a model with rules of every kind that needs no validation to be told."""
    model = DataSource("memory", registry=ModelRegistry()).define(
        "Thing", PROPERTIES, {"strict": True}
    )
    model.validates_exclusion_of("name", in_=["abc"])
    model.validates_numericality_of("size", int=True)
    model.validates_length_of("code", min=2, allow_null=True)
    return model


MODEL = define()


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*PROPERTIES, "unknown"]), VALUES))
async def test_what_is_told_fast_is_true(data: dict[str, Any]) -> None:
    """An instance that the quick test lets pass breaks no rule."""
    # DAO-036
    test = quick_test(MODEL)
    assert test is not None
    try:
        thing = MODEL(data)
    except ValueError:
        return
    if test(thing):
        assert await thing.is_valid()


async def test_valid_instances_are_told_fast() -> None:
    """What is plainly valid needs no validation."""
    test = quick_test(MODEL)
    assert test is not None
    assert test(MODEL(name="abd", age=3, kind="a", code="xy", size=3))
    assert not test(MODEL(age=3))
    assert not test(MODEL(name="abd", nothing=3))


@pytest.mark.parametrize("how", ["function", "condition", "unique", "nested", "path"])
async def test_what_needs_a_validation_is_left_to_it(how: str) -> None:
    """Functions, conditions, the store and embedded instances cannot be told fast."""
    source = DataSource("memory", registry=ModelRegistry())
    home = {"city": str} if how in {"nested", "path"} else str
    model = source.define("Person", {"name": str, "home": home})
    if how == "function":
        model.validate("name", lambda _, err: err())
    elif how == "condition":
        model.validates_presence_of("name", if_="home")
    elif how == "unique":
        model.validates_uniqueness_of("name")
    elif how == "path":
        model.validates_presence_of("home.city")
    assert quick_test(model) is None
