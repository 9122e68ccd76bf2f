"""Settings written as a URL, for whoever reads one without making a data source of it."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from juggler.datasource.settings import parse_url
from juggler.errors import DefinitionError

_PARTS: Final = (
    *("connector", "host", "hostname", "port", "user", "username", "password", "database", "url"),
)
_NAMES: Final = frozenset(_PARTS) - {"port"}
_PART: Final = re.compile(r"\[([^\[\]]*)\]")
_KEY: Final = re.compile(r"(?P<name>[^\[\]]+)(?P<path>(?:\[[^\[\]]*\])*)")


def parse_settings(url: str) -> dict[str, Any]:
    """Return the settings that *url* stands for; parts that it lacks are None.

    User, password and database are decoded.  Parameters become settings, ``x[a]=1`` a nested one;
    they never replace the address or the login.

    >>> found = parse_settings("mysql://ann:p%40ss@db:3306/crm?ssl[mode]=on")
    >>> found["connector"], found["port"], found["password"], found["database"], found["ssl"]
    ('mysql', 3306, 'p@ss', 'crm', {'mode': 'on'})

    Raises:
        DefinitionError: It is no URL, or its port is no number.
    """
    if not isinstance(url, str):
        raise DefinitionError(f"A URL is text, not {type(url).__name__}.")
    if not url:
        return {}
    if "://" not in url:
        raise DefinitionError("A URL is written connector://host/database; this has no `://`.")
    given = parse_url(url)
    found = _parameters(url)
    port = given.get("port")
    parts = {name: given.get(name) for name in _PARTS if name != "port"}
    return {**parts, "port": port, **found} if port is None else {**found, **parts, "port": port}


def _parameters(url: str) -> dict[str, Any]:
    """Return the parameters that may be settings, nested as their names say."""
    found: dict[str, Any] = {}
    for key, text in parse_qsl(urlsplit(url).query, keep_blank_values=True):
        read = _KEY.fullmatch(key)
        if read is not None and read["name"].lower().replace("_", "") not in _NAMES:
            _put(found, [read["name"], *_PART.findall(read["path"])], text)
    return found


def _put(found: dict[str, Any], path: list[str], text: str) -> None:
    """Set one value; an empty name is the next place of a list, a value in the way goes."""
    *outer, last = path
    for part in outer:
        inner = found.get(part)
        if not isinstance(inner, dict):
            inner = found[part] = {}
        found = inner
    found[last or str(len(found))] = text
