"""What a constructor takes of its data, and what `to_object` leaves out."""

from typing import Any

import pytest

from juggler.registry.registry import ModelRegistry

PLAIN = {"id_injection": False}


@pytest.fixture
def model() -> Any:
    """A model with scalars, structures and a default."""
    properties = {
        "a": {"type": "string", "default": "x"},
        "any": "any",
        "o": "object",
        "e": {"n": "number"},
        "l": [{"n": "number"}],
        "made": {"type": dict},
        "hidden": {"type": "string", "hidden": True},
        "guarded": {"type": "string", "protected": True},
    }
    return ModelRegistry().define("Thing", properties, PLAIN)


@pytest.mark.parametrize("function", [lambda: 1, print, "x".upper])
def test_functions_are_no_data(model: Any, function: Any) -> None:
    """A function is skipped as if nothing had been given, under declared names and others."""
    # MOD-69, MOD-76
    given = dict.fromkeys(("a", "any", "o", "e", "l", "zork"), function)
    made = model(given)
    assert made.to_object() == {"a": "x"}
    assert not made.is_set("any")
    made = model(any=1, l=[{"n": 1}])
    for name, value in given.items():
        setattr(made, name, value)
    made.set_attributes(given)
    assert made.to_object() == {"a": "x", "any": 1, "l": [{"n": 1}]}


def test_text_of_structures_is_parsed_without_setters(model: Any) -> None:
    """With `apply_setters=False` JSON text in properties that are no text is parsed."""
    # MOD-10
    text = {"e": '{"n": "3"}', "l": '[{"n": 4}]', "o": '{"a": 1}', "a": '{"a": 1}'}
    made = model(text, apply_setters=False)
    assert (made.e.n, made.l[0].n, made.o, made.a) == (3, 4, {"a": 1}, '{"a": 1}')
    assert text["e"] == '{"n": "3"}'
    given = model(text)
    assert (given.o, given.e) == ('{"a": 1}', '{"n": "3"}'), "client text stays text"
    assert model({"o": "{bad"}, apply_setters=False).o == "{bad"


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ({}, {"a", "hidden", "guarded"}),
        ({"only_schema": False}, {"a", "hidden", "guarded", "late"}),
        ({"onlySchema": False, "removeHidden": True}, {"a", "guarded", "late"}),
        ({"remove_hidden": True, "removeProtected": True}, {"a"}),
    ],
)
def test_options_in_a_dict(model: Any, options: dict[str, bool], left: set[str]) -> None:
    """`to_object` takes one dict of its options, in either spelling."""
    # MOD-76
    made = model({"a": "1", "hidden": "2", "guarded": "3"}, strict=True)
    made["late"] = 4
    assert made.to_object(options).keys() == left


def test_options_are_known(model: Any) -> None:
    """A misspelt option of `to_object` is told, so that nothing hidden is shown by mistake."""
    # MOD-76
    with pytest.raises(TypeError, match="remove_hiden"):
        model().to_object({"remove_hiden": True})
