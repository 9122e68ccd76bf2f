"""The translations that the package brings, read by gettext when a language is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pkgutil import get_data
from types import MappingProxyType
from typing import Final

DOMAIN: Final = "juggler"
ENGLISH: Final = "en"
SHIPPED: Final = (ENGLISH, "de", "es", "fr", "ja", "zh_Hans")
"""The languages that come with the package; English is what the messages are written in."""

_MOST_PARTS: Final = 3
_SAME: Final[Mapping[str, str]] = MappingProxyType({"zh": "zh_Hans"})
_SCRIPTS: Final = frozenset({"Hans", "Hant", "HK", "MO", "TW"})
"""What says how Chinese is written: as a script, or by where it is written so."""


def normal(locale: str) -> str:
    """Return the name of a locale as catalogues spell it: ``de-at.UTF-8`` becomes ``de_AT``."""
    language, *rest = locale.partition(".")[0].partition("@")[0].replace("-", "_").split("_")
    parts = [part.title() if len(part) == len("Hans") else part.upper() for part in rest if part]
    return "_".join([language.lower(), *parts])


def chain(locale: str) -> Iterator[str]:
    """Yield the languages that will do for *locale*, the most specific first, English last.

    >>> list(chain("de-AT")), list(chain("zh-CN"))
    (['de_AT', 'de', 'en'], ['zh_CN', 'zh', 'zh_Hans', 'en'])
    """
    name = normal(locale)
    parts = name.split("_", _MOST_PARTS)[:_MOST_PARTS]
    for end in range(len(parts), 0, -1):
        yield "_".join(parts[:end])
    if parts[0] in _SAME and not _SCRIPTS.intersection(parts):
        yield _SAME[parts[0]]
    if parts[0] != ENGLISH:
        yield ENGLISH


def read(language: str) -> NullTranslations:
    """Return the translations of one language; empty ones where the package brings none."""
    if language not in SHIPPED or language == ENGLISH:
        return NullTranslations()
    data = get_data(__package__, f"locale/{language}/LC_MESSAGES/{DOMAIN}.mo")
    if data is None:
        raise FileNotFoundError(f"The catalogue of {language} is not in the package.")
    return GNUTranslations(BytesIO(data))


def translated(translations: NullTranslations, key: str, text: str) -> str | None:
    """Return the translation of the message *key*, whose English is *text*; None without one."""
    if not isinstance(translations, GNUTranslations):
        return None
    found = translations.pgettext(key, text)
    return None if found == text else found
