"""Texts that know their key: filling in, equality with plain text, and errors made of them."""

import pickle

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.errors import DefinitionError
from juggler.messages.text import Text, filled, placeholders, say


# MOD-117
def test_a_said_text_is_english_and_knows_its_key() -> None:
    """It is a text like any other, with key and parameters beside it."""
    text = say("model.base-not-found", base="Ghost")
    assert text == "Base model is not found: Ghost"
    assert (text.key, dict(text.params)) == ("model.base-not-found", {"base": "Ghost"})
    assert Text("plain").key == ""
    with pytest.raises(KeyError):
        say("no.such-key")


# MOD-117
def test_an_error_keeps_what_it_was_told() -> None:
    """Its message is plain text, which every encoder takes; key and parameters stand beside it."""
    error = DefinitionError(say("model.base-not-found", base="Ghost"))
    assert str(error) == error.message == "Base model is not found: Ghost"
    assert type(error.message) is type(error.args[0]) is str
    assert msgspec.json.encode(error.message)
    assert error.told is not None
    assert error.told.key == "model.base-not-found"
    assert DefinitionError("by hand").told is None
    copy = pickle.loads(pickle.dumps(error))
    assert copy.told.params == {"base": "Ghost"}


# MOD-117
@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("at least {min}", "at least 3"),
        ("{min}{min} {value}", "33 seen"),
        ("{unknown} {} {0} {min", "{unknown} {} {0} {min"),
        ("^[a-z]{3}$", "^[a-z]{3}$"),
        ("none", "none"),
    ],
)
def test_filling_in(template: str, text: str) -> None:
    """Known names are filled in, functions asked; all else, braces included, stays as it is."""
    assert filled(template, {"min": 3, "value": lambda: "seen"}) == text


# MOD-117
def test_a_function_is_asked_only_where_it_is_needed() -> None:
    """What no placeholder wants is not worked out."""

    def never() -> str:
        raise AssertionError

    assert filled("nothing {min}", {"min": 1, "value": never}) == "nothing 1"


@given(st.text())
def test_any_text_can_be_a_template(text: str) -> None:
    """Whatever an application writes, filling in never fails, and invents nothing."""
    assert filled(text, {}) == text
    assert all(f"{{{name}}}" in text for name in placeholders(text))
