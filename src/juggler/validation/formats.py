"""The formats of text that JSON schema names, as far as the standard library knows them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from ipaddress import IPv4Address, IPv6Address
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST: Final = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
_LOCAL: Final = re.compile(r"(?=.{1,64}\Z)[^\s@.\"(),:;<>\[\]\\]+(?:\.[^\s@.\"(),:;<>\[\]\\]+)*")
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!#-;=?-\[\]_a-z~%A-Z]+")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_TIME: Final = re.compile(r"\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)")
_FRACTION: Final = re.compile(r"\.\d+")


def _is_email(text: str) -> bool:
    local, at, host = text.rpartition("@")
    return bool(at and _LOCAL.fullmatch(local) and _HOST.fullmatch(host))


def _is_moment(text: str) -> bool:
    return text[10:11] in {"T", "t", " "} and _is_day(text[:10]) and _is_time(text[11:])


def _is_day(text: str) -> bool:
    return bool(_DAY.fullmatch(text)) and _reads(date.fromisoformat, text)


def _is_time(text: str) -> bool:
    if not _TIME.fullmatch(text):
        return False
    return _reads(time.fromisoformat, _FRACTION.sub("", text).upper())


def _is_uuid(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4 and _reads(UUID, text)


def _reads(read: Callable[[str], Any], text: str) -> bool:
    """Tell whether *read* makes something of *text*."""
    try:
        read(text)
    except ValueError:
        return False
    return True


FORMATS: Final[Mapping[str, Callable[[str], bool]]] = MappingProxyType(
    {
        "date": _is_day,
        "date-time": _is_moment,
        "email": _is_email,
        "hostname": lambda text: _HOST.fullmatch(text) is not None,
        "ipv4": lambda text: _reads(IPv4Address, text),
        "ipv6": lambda text: _reads(IPv6Address, text),
        "time": _is_time,
        "uri": lambda text: _URI.fullmatch(text) is not None,
        "url": lambda text: _URI.fullmatch(text) is not None,
        "uuid": _is_uuid,
    }
)
"""Name of a format -> whether a text is in it."""
