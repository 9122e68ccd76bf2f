"""The catalogues that the package brings: complete, compiled, with the same placeholders."""

from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from juggler.messages.catalogue import DOMAIN, ENGLISH, SHIPPED
from juggler.messages.messages import Messages
from juggler.messages.text import placeholders
from juggler.messages.texts import TEXTS
from tests.house.tree import PACKAGE

FOLDER = PACKAGE / "messages"
OTHERS = [language for language in SHIPPED if language != ENGLISH]
each = pytest.mark.parametrize("language", OTHERS)


def place(language: str, ending: str) -> Path:
    """Return the file of a language."""
    return FOLDER / "locale" / language / "LC_MESSAGES" / f"{DOMAIN}.{ending}"


def catalogue(language: str) -> Catalog:
    """Return the catalogue of a language as translators write it."""
    with place(language, "po").open("rb") as file:
        return read_po(file, locale=language)


def translations(language: str) -> dict[str, tuple[str, str]]:
    """Return key -> English and translated text."""
    return {each.context: (each.id, each.string) for each in catalogue(language) if each.id}


# MOD-115, MOD-117
def test_the_languages() -> None:
    """English, German, French, Spanish, Chinese and Japanese are there, and no other folders."""
    assert set(SHIPPED) == {"en", "de", "fr", "es", "zh_Hans", "ja"}
    assert {path.name for path in (FOLDER / "locale").iterdir()} == set(OTHERS)


# MOD-117
@each
def test_every_message_is_translated(language: str) -> None:
    """Each key has a translation of the text as it is now; none is fuzzy or left over."""
    found = translations(language)
    assert {key: english for key, (english, _) in found.items()} == dict(TEXTS)
    assert all(text.strip() for _, text in found.values())
    assert not any(each.fuzzy for each in catalogue(language) if each.id)
    assert not catalogue(language).obsolete


# MOD-117
@each
def test_placeholders_agree(language: str) -> None:
    """A translation has the placeholders of the English text, all of them and no others."""
    for key, (english, text) in translations(language).items():
        assert placeholders(text) == placeholders(english), key
        assert text.count("{") == english.count("{"), key
        assert text.count("`") == english.count("`"), key


# MOD-117
@each
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    """The compiled catalogue is that of the written one: `make messages` was run."""
    made = BytesIO()
    write_mo(made, catalogue(language))
    assert place(language, "mo").read_bytes() == made.getvalue()


# MOD-117
@each
def test_texts_are_said_in_the_language(language: str) -> None:
    """What is looked up is what the catalogue says, for every key."""
    messages = Messages()
    for key, (_, text) in translations(language).items():
        assert messages.template(key, language) == text


# MOD-117
def test_every_message_is_collected() -> None:
    """What `make messages` collects from the sources is the table of texts."""
    found = extract_from_dir(
        str(FOLDER), [("**.py", "python")], keywords={"message": ((1, "c"), 2)}
    )
    assert {context: text for _, _, text, _, context in found} == dict(TEXTS)


def test_english_is_well_written() -> None:
    """No key is there twice in another spelling, no text begins or ends with a blank."""
    assert all(text == text.strip() for text in TEXTS.values())
    assert len({key.lower() for key in TEXTS}) == len(TEXTS)
