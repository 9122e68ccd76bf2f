"""Texts that remember the key and the parameters they were made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Self

from juggler.messages.texts import TEXTS

_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
_NO_PARAMS: Final[Mapping[str, Any]] = MappingProxyType({})


class Text(str):
    """A text in English that can be said again in another language.

    Attributes:
        key: Stable name of the message.
        params: Name -> what stands in the text.
    """

    __slots__ = ("key", "params")

    key: str
    params: Mapping[str, Any]

    def __new__(cls, text: str, key: str = "", params: Mapping[str, Any] = _NO_PARAMS) -> Self:
        """Return *text* with its *key* and *params*."""
        made = super().__new__(cls, text)
        made.key = key
        made.params = params
        return made


def say(key: str, **params: Any) -> Text:
    """Return the English text of *key*, which can be translated later on.

    >>> say("model.base-not-found", base="Ghost")
    'Base model is not found: Ghost'
    """
    return Text(filled(TEXTS[key], params), key, params)


def filled(template: str, params: Mapping[str, Any]) -> str:
    """Return *template* with its placeholders filled in; names without a value stay as they are.

    A value may be a function, which is called if its placeholder is there.
    """
    if "{" not in template:
        return template
    return _PLACEHOLDER.sub(lambda found: _value(found, params), template)


def _value(found: re.Match[str], params: Mapping[str, Any]) -> str:
    name = found[1]
    if name not in params:
        return found[0]
    value = params[name]
    return str(value() if callable(value) else value)


def placeholders(template: str) -> frozenset[str]:
    """Return the names of the placeholders of *template*."""
    return frozenset(_PLACEHOLDER.findall(template))
