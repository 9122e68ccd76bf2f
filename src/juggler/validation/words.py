"""What a validation says: the rule's own words, the application's, or the translated ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from juggler.messages.text import filled
from juggler.types.dates import iso_text
from juggler.validation.rules import Rule
from juggler.validation.subject import Subject
from juggler.validation.wording import value_text


class Words:
    """The messages about one subject in one language; made where something failed.

    Args:
        subject: What is validated.
        locale: Language; None for that of the registry.
    """

    __slots__ = ("_locale", "_subject")

    def __init__(self, subject: Subject, locale: str | None) -> None:
        self._subject = subject
        self._locale = locale

    def of_rule(self, rule: Rule, failure: str, field: str) -> str:
        """Return what to say of a kind of *failure* of *rule*, found at *field*."""
        own = rule.own_words(failure)
        if own is None:
            messages, model = self._subject.messages, self._subject.model_name
            keys = rule.keys_of(failure)
            found = (messages.template(key, self._locale, model, field) for key in keys)
            own = next((each for each in found if each is not None), keys[-1])
        given = {name: partial(_shown, item) for name, item in rule.options.items()}
        return filled(own, {**given, "field": field, "value": self._value(field)})

    def of_key(self, key: str, field: str, default: str) -> str:
        """Return the message *key* about *field*; *default* where there is none."""
        return self._subject.messages.text(
            key,
            {"field": field, "value": self._value(field)},
            locale=self._locale,
            model=self._subject.model_name,
            field=field,
            default=default,
        )

    def of_failure(self, texts: Mapping[str, list[str]], more: int = 0) -> str:
        """Return the message of the error for a subject with the *texts* of its fields.

        *more* is how many failures there are beside them.
        """
        say, locale, name = self._subject.messages.text, self._locale, self._subject.model_name
        details = "; ".join(
            say(
                "instance.detail",
                {"field": field, "text": text, "value": self._value(field)},
                locale=locale,
                model=name,
            )
            for field, listed in texts.items()
            for text in listed
        )
        if more:
            details = "; ".join(
                filter(None, (details, say("instance.more", {"count": more}, locale=locale)))
            )
        params = {"model": name, "details": details or say("instance.unknown", locale=locale)}
        key = "instance.invalid" if name else "instance.invalid-unnamed"
        return say(key, params, locale=locale, model=name)

    def _value(self, field: str) -> Callable[[], str]:
        """Return a function that says what the value of *field* is, as far as that may be shown."""
        return lambda: value_text(self._subject.shown(field))


def _shown(option: Any) -> Any:
    """Return an option of a rule as it stands in a text."""
    if isinstance(option, tuple):
        return ", ".join(map(str, option))
    if isinstance(option, datetime):
        return iso_text(option)
    return getattr(option, "pattern", option)
