"""Looking messages up: languages, the application's own words, and errors said again."""

from typing import Any

import pytest

from juggler.errors import DefinitionError
from juggler.messages.catalogue import chain
from juggler.messages.messages import Messages
from juggler.messages.text import say


# MOD-117
@pytest.mark.parametrize(
    ("locale", "languages"),
    [
        ("de", ["de", "en"]),
        ("de-AT", ["de_AT", "de", "en"]),
        ("de_AT.UTF-8@euro", ["de_AT", "de", "en"]),
        ("en-GB", ["en_GB", "en"]),
        ("zh", ["zh", "zh_Hans", "en"]),
        ("zh-CN", ["zh_CN", "zh", "zh_Hans", "en"]),
        ("zh-hans-cn", ["zh_Hans_CN", "zh_Hans", "zh", "en"]),
        ("zh-TW", ["zh_TW", "zh", "en"]),
        ("zh-Hant", ["zh_Hant", "zh", "en"]),
        ("../../etc", ["", "en"]),
        ("a-b-c-d-e", ["a_B_C", "a_B", "a", "en"]),
    ],
)
def test_languages_that_will_do(locale: str, languages: list[str]) -> None:
    """The most specific comes first, English last; Chinese is written in two ways."""
    assert list(chain(locale)) == languages


# MOD-117
def test_the_chosen_language_counts_where_none_is_asked_for() -> None:
    """`set_locale` chooses for one registry; a language that is given wins."""
    messages = Messages()
    assert (messages.locale, messages.text("presence")) == ("en", "can't be blank")
    messages.set_locale("de-CH")
    assert messages.locale == "de_CH"
    assert messages.text("range.min", {"min": 3}) == "muss mindestens 3 sein"
    assert messages.text("presence", locale="fr") == "doit être rempli"
    assert messages.text("presence", locale="en") == "can't be blank"
    assert messages.text("presence", locale="xx") == "can't be blank"
    assert Messages().text("presence") == "can't be blank"


# MOD-117
@pytest.mark.parametrize("locale", ["", "  ", "..", None, 5])
def test_a_locale_is_a_name(locale: Any) -> None:
    """What is no name of a locale is refused at once."""
    with pytest.raises(TypeError, match="locale"):
        Messages().set_locale(locale)


# MOD-117
def test_own_words() -> None:
    """The most specific words count: model and field, model, field, all; then the language."""
    messages = Messages()
    messages.override("presence", "for all")
    messages.override("presence", "for all in German", locale="de")
    messages.override("presence", "for the field", field="name")
    messages.override("presence", "for the model", model="User")
    messages.override("presence", "for both", model="User", field="name")

    def text(model: str = "", field: str = "", locale: str = "en") -> str:
        return messages.text("presence", locale=locale, model=model, field=field)

    assert text() == text("Order", "total") == "for all"
    assert text(locale="de-AT") == "for all in German"
    assert text("Order", "name") == text("Order", "name", "de") == "for the field"
    assert text("User", "age") == text("User", "age", "de") == "for the model"
    assert text("User", "name") == "for both"
    assert text("User", "name.3") == text("User", "name.3.0") == "for both"  # an item of a list
    assert text("Order", "name.12") == "for the field"
    messages.override("presence", "for the item", model="User", field="name.3")
    assert text("User", "name.3") == "for the item"
    assert text("User", "name.x") == text("User", "name.1x") == "for the model"
    messages.override("presence", None, model="User", field="name")
    assert text("User", "name") == "for the model"
    messages.override("presence", None, model="nobody")
    with pytest.raises(TypeError, match="text"):
        messages.override("presence", 5)  # type: ignore[arg-type]  # what is proven is that it raises


# MOD-117
@pytest.mark.parametrize(
    ("key", "whom", "message"),
    [
        ("", {}, "The key of a message is named by a text, not by ''"),
        (5, {}, "The key of"),
        (None, {}, "The key of"),
        ("presence", {"model": Messages}, "The model of a message is named by a text"),
        ("presence", {"field": 5}, "The field of"),
    ],
)
def test_words_that_nobody_would_see_are_refused(key: Any, whom: Any, message: str) -> None:
    """Messages, models and fields are named by texts, and a message has a key."""
    with pytest.raises(TypeError, match=message):
        Messages().override(key, "is needed", **whom)


# MOD-117
def test_own_words_in_english_do_not_hide_a_translation() -> None:
    """Words for English are for English, and for languages that have none."""
    messages = Messages()
    messages.override("presence", "is needed", locale="en")
    messages.override("mine", "is mine", locale="en")
    assert messages.text("presence") == messages.text("presence", locale="xx") == "is needed"
    assert messages.text("presence", locale="de") == "darf nicht leer sein"
    assert messages.text("mine", locale="de") == "is mine"


# MOD-117
def test_languages_and_keys_of_the_applications_own() -> None:
    """An application may bring a language, and keys for its own rules."""
    messages = Messages()
    messages.override("presence", "è obbligatorio", locale="it")
    messages.override("known", "{field} is known", locale="en")
    assert messages.locales == ("en", "de", "es", "fr", "ja", "zh_Hans", "it")
    assert messages.text("presence", locale="it-CH") == "è obbligatorio"
    assert messages.text("known", {"field": "name"}) == "name is known"
    assert messages.text("nobody") == "nobody"
    assert messages.text("nobody", default="is odd") == "is odd"
    assert messages.template("nobody") is None
    assert "length.min" in messages.keys


# MOD-117
def test_asking_for_many_languages_keeps_nothing() -> None:
    """Names of languages come from clients: only those that are there are kept."""
    messages = Messages()
    for number in range(100):
        assert messages.text("presence", locale=f"xx-{number}") == "can't be blank"
    assert messages.text("presence", locale="../../de") == "can't be blank"
    assert set(messages._read) <= {"de"}


# MOD-116, MOD-117
def test_errors_say_it_again() -> None:
    """An error that was told by key is said in another language; code and data stay."""
    messages = Messages()
    error = DefinitionError(say("model.base-not-found", base="Ghost"), model="User")
    assert messages.text_of(error) == "Base model is not found: Ghost"
    assert messages.text_of(error, "de") == "Das Basismodell wurde nicht gefunden: Ghost"
    messages.translate(error, "de")
    assert str(error) == error.message == "Das Basismodell wurde nicht gefunden: Ghost"
    assert (error.code, error.model) == ("DEFINITION", "User")
    messages.override("model.base-not-found", "no {base}", model="User")
    assert messages.text_of(error) == "no Ghost"
    other = DefinitionError("by hand")
    messages.translate(other, "de")
    assert messages.text_of(other, "de") == str(other) == "by hand"
    messages.translate(KeyError("x"), "de")
    assert messages.text_of(KeyError("x"), "de") == "'x'"
