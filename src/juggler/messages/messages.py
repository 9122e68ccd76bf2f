"""Messages in the language that is wanted, in the words of the application where it has its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from gettext import NullTranslations
from types import MappingProxyType
from typing import Any, Final

from juggler.errors import JugglerError
from juggler.messages.catalogue import ENGLISH, SHIPPED, chain, normal, read, translated
from juggler.messages.text import filled
from juggler.messages.texts import TEXTS

_ANY: Final = ""
_ITEM: Final = re.compile(r"(\.\d+)+$")
_Place = tuple[str, str, str, str]
_NO_PARAMS: Final[Mapping[str, Any]] = MappingProxyType({})


class Messages:
    """The messages of one registry: its language, and the application's own words.

    Each registry has one and it lives as long.  Safe from several threads: what is looked up is
    replaced, never changed.  Catalogues are read when a text in their language is first needed.

    >>> messages = Messages()
    >>> messages.text("presence", locale="de")
    'darf nicht leer sein'
    >>> messages.override("presence", "Bitte {field} angeben", locale="de", model="User")
    >>> messages.text("presence", {"field": "name"}, locale="de-AT", model="User")
    'Bitte name angeben'
    """

    def __init__(self) -> None:
        self._locale = ENGLISH
        self._own: Mapping[_Place, str] = {}
        self._read: Mapping[str, NullTranslations] = {}

    @property
    def locale(self) -> str:
        """Return the language of messages that are asked for without one."""
        return self._locale

    @property
    def locales(self) -> tuple[str, ...]:
        """Return the languages that the package brings and those of the application's own words."""
        own = {place[1] for place in self._own if place[1] != _ANY}
        return tuple(dict.fromkeys([*SHIPPED, *sorted(own)]))

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys of all messages that the package brings."""
        return tuple(TEXTS)

    def set_locale(self, locale: str) -> None:
        """Choose the language of messages that are asked for without one.

        A name such as ``de``, ``de-AT`` or ``zh_Hans``; where a text is missing in it, a wider
        language serves, in the end English.

        Raises:
            TypeError: It is no text.
        """
        self._locale = _checked(locale)

    def override(
        self,
        key: str,
        text: str | None,
        *,
        locale: str | None = None,
        model: str | None = None,
        field: str | None = None,
    ) -> None:
        """Put the application's own *text* in the place of a message; None takes it away again.

        The most specific one counts: for model and field, for the model, for the field, for all;
        and among those the one in the language asked for, then the one for every language.

        Args:
            key: Key of the message, e.g. ``length.min``; keys of rules of your own may be used too.
            text: The words, with placeholders such as ``{field}`` and ``{max}``; empty ones are
                none.
            locale: Language of the words; every language unless given.
            model: Name of the model that they are for; all unless given.
            field: Name of the field that they are for; all unless given.

        Raises:
            TypeError: *text*, or a name, is no text.
        """
        if not isinstance(text, str | None):
            raise TypeError(f"The words for {key!r} are a text, not {type(text).__name__}.")
        place = _place(key, locale, model, field)
        own = {each: words for each, words in self._own.items() if each != place}
        self._own = own if text is None else {**own, place: text}

    # texts --------------------------------------------------------------------------------------

    def text(
        self,
        key: str,
        params: Mapping[str, Any] = _NO_PARAMS,
        *,
        locale: str | None = None,
        model: str = _ANY,
        field: str = _ANY,
        default: str | None = None,
    ) -> str:
        """Return the message *key* with its placeholders filled in.

        Args:
            key: Key of the message.
            params: Name -> value of a placeholder, or a function that is called for it.
            locale: Language; the chosen one unless given.
            model: Name of the model that it is about.
            field: Name of the field that it is about.
            default: English text of a key that the package does not know.
        """
        found = self.template(key, locale, model, field)
        if found is None:
            found = key if default is None else default
        return filled(found, params)

    def template(
        self, key: str, locale: str | None = None, model: str = _ANY, field: str = _ANY
    ) -> str | None:
        """Return the words of the message *key* with their placeholders; None if there are none."""
        languages = tuple(chain(locale or self._locale))
        other = tuple(filter(ENGLISH.__ne__, languages))
        wanted = languages if languages[0].partition("_")[0] == ENGLISH else other
        return (
            self._own_words(key, (*wanted, _ANY), model, field)
            or self._translation(key, other)
            or self._own_words(key, (ENGLISH,), model, field)
            or TEXTS.get(key)
        )

    def text_of(self, error: BaseException, locale: str | None = None) -> str:
        """Return what *error* says in a language; in English where it cannot be translated."""
        told = getattr(error, "told", None)
        if told is None:
            return str(error)
        model = getattr(error, "model", None) or _ANY
        return self.text(told.key, told.params, locale=locale, model=model)

    def translate(self, error: BaseException, locale: str | None = None) -> None:
        """Make *error* say what it says in a language; codes stay as they are."""
        if isinstance(error, JugglerError) and getattr(error, "told", None) is not None:
            error.message = self.text_of(error, locale)
            error.args = (error.message,)

    def _own_words(
        self, key: str, languages: tuple[str, ...], model: str, field: str
    ) -> str | None:
        """Return the application's words for a message, the most specific ones."""
        own = self._own
        if not own:
            return None
        places = ((key, lang, *whom) for whom in _whom(model, field) for lang in languages)
        return next((own[place] for place in places if place in own), None)

    def _translation(self, key: str, languages: tuple[str, ...]) -> str | None:
        """Return the package's translation of a message into the first language that has one."""
        text = TEXTS.get(key)
        if text is None:
            return None
        words = (self._translated(each, key, text) for each in languages if each in SHIPPED)
        return next((each for each in words if each is not None), None)

    def _translated(self, language: str, key: str, text: str) -> str | None:
        """Return the translation of a message into one language, None without one."""
        known = self._read.get(language)
        if known is None:
            known = read(language)
            self._read = {**self._read, language: known}
        return translated(known, key, text)


def _whom(model: str, field: str) -> Iterator[tuple[str, str]]:
    """Yield whom words may be for: model and field, the model, the field, everyone.

    Words for a list are for its items too.
    """
    fields = [name for name in dict.fromkeys((field, _ITEM.sub("", field))) if name]
    if model:
        yield from ((model, name) for name in fields)
        yield model, _ANY
    yield from ((_ANY, name) for name in fields)
    yield _ANY, _ANY


def _place(key: str, locale: str | None, model: str | None, field: str | None) -> _Place:
    """Return where the application's words for a message are kept."""
    named: dict[str, Any] = {"key": key, "model": model or key, "field": field or key}
    for what, name in named.items():
        if not isinstance(name, str) or not name:
            raise TypeError(f"The {what} of a message is named by a text, not by {name!r}.")
    return key, _ANY if locale is None else _checked(locale), model or _ANY, field or _ANY


def _checked(locale: Any) -> str:
    """Return the usual spelling of a locale."""
    name = normal(locale.strip()) if isinstance(locale, str) else ""
    if name:
        return name
    raise TypeError(f"A locale is a name such as 'de' or 'zh_Hans', not {locale!r}.")
