"""What a data source is told: names, URLs and settings, in any of the accepted forms."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

from juggler.definition.names import DATA_SOURCE_SETTINGS, normalise_keys, snake
from juggler.errors import DefinitionError

log = logging.getLogger("juggler.datasource")

_KNOWN: Final = DATA_SOURCE_SETTINGS | {"adapter", "auto_update"}
_PROTECTED: Final = frozenset(
    {"connector", "host", "hostname", "user", "username", "password", "database", "url"}
)
_SECRETS: Final = ("password", "token", "key", "cert", "secret")
_NO: Final = frozenset({"false", "0", "no", "off", ""})
MASK: Final = "***"


class Given(NamedTuple):
    """What the arguments of a `DataSource` come to.

    Attributes:
        name: Its name; None where only the connector can give one.
        connector: The connector: its name, class, factory or an instance.
        settings: A private copy of all settings, known keys in snake case.
    """

    name: str | None
    connector: Any
    settings: dict[str, Any]


def settings_of(first: Any, second: Any, keywords: Mapping[str, Any]) -> Given:
    """Return name, connector and settings for the arguments of a `DataSource`.

    *first* and *second* may be a name, a URL, a connector (its name, class, factory or an
    instance) or a mapping of settings; keywords win over the mapping.

    Raises:
        DefinitionError: There is no connector, or a setting is spelled in two ways that disagree.
    """
    name = first if isinstance(first, str) and "://" not in first else None
    connector: Any = None
    settings: dict[str, Any] = {}
    for given in (second,) if name is not None else (first, second):
        found = _as_settings(given)
        if found is None:
            connector = given
        else:
            settings.update(found)
    settings = normalise_keys({**settings, **keywords}, _KNOWN, name or "data source")
    connector = _connector(connector, settings, name)
    return Given(_name(name, settings, keywords), connector, _completed(settings))


def _as_settings(given: Any) -> Mapping[str, Any] | None:
    """Return the settings that an argument holds, None for a connector."""
    if given is None or isinstance(given, Mapping):
        return given or {}
    return parse_url(given) if isinstance(given, str) and "://" in given else None


def _connector(given: Any, settings: Mapping[str, Any], name: str | None) -> Any:
    """Return the connector: the argument, the setting, that of the URL, the name."""
    candidates = (
        given,
        settings.get("connector"),
        settings.get("adapter"),
        _scheme(settings.get("url")),
        name or None,
    )
    for found in candidates:
        if found is not None:
            return found
    raise DefinitionError(
        "A data source needs a connector: give its name, a URL, or the setting 'connector'."
    )


def _name(
    given: str | None, settings: Mapping[str, Any], keywords: Mapping[str, Any]
) -> str | None:
    """Return the name: the keyword, the argument, the setting; the first that is text."""
    keyword, setting = _text(keywords.get("name")), _text(settings.get("name"))
    if keyword is None and given and setting not in (None, given):
        log.warning("The data source is called %s; its setting name says %s.", given, setting)
    return keyword or given or setting


def _text(value: Any) -> str | None:
    """Return *value* if it is a text that says something."""
    return value if isinstance(value, str) and value else None


def _completed(settings: dict[str, Any]) -> dict[str, Any]:
    """Return *settings* with ``debug`` on where it is asked for or logging says so."""
    debug = flag(settings, "debug") or log.isEnabledFor(logging.DEBUG)
    return {**settings, "debug": True} if debug else settings


# single settings ------------------------------------------------------------------------------


def flag(settings: Mapping[str, Any], name: str) -> bool:
    """Tell whether a setting is on; in a URL it is text."""
    given = settings.get(name)
    return given.strip().lower() not in _NO if isinstance(given, str) else bool(given)


def number(settings: Mapping[str, Any], name: str, default: int) -> float:
    """Return a setting that is a number from 0 on; in a URL it is text.

    Raises:
        DefinitionError: It is none.
    """
    given = settings.get(name)
    if given is None:
        return default
    try:
        found = float("nan" if isinstance(given, bool) else given)
    except (TypeError, ValueError):
        found = -1
    if not 0 <= found < float("inf"):
        raise DefinitionError(f"{name} must be a number from 0 on, not {given!r}.", value=given)
    return found


# URLs -----------------------------------------------------------------------------------------


def parse_url(url: str) -> dict[str, Any]:
    """Return the settings that *url* stands for: connector, host, port, user, password, database.

    Query parameters become settings of their own but never replace the address or the login.

    Raises:
        DefinitionError: The port is no number.
    """
    parts = urlsplit(url)
    host, port = _address(parts)
    user, path = unquote(parts.username or ""), parts.path[1:]
    database = path.partition("/")[0] if parts.netloc else path  # without a host it is a file
    found = {
        "connector": _scheme(url),
        "url": url,
        "host": host,
        "hostname": host,
        "port": port,
        "user": user,
        "username": user,
        "password": unquote(parts.password or ""),
        "database": unquote(database),
    }
    return _parameters(parts) | {name: value for name, value in found.items() if value}


def _parameters(parts: SplitResult) -> dict[str, Any]:
    """Return the query parameters that may be settings."""
    return {
        key: value
        for key, value in parse_qsl(parts.query)
        if key.lower().replace("_", "") not in _PROTECTED
    }


def _scheme(url: Any) -> str | None:
    """Return the connector that a URL names: ``postgresql+asyncpg://`` is ``postgresql``."""
    if not isinstance(url, str) or "://" not in url:
        return None
    return url.partition("://")[0].partition("+")[0].lower()


def _address(parts: SplitResult) -> tuple[str | None, int | None]:
    """Return host and port; several hosts stay together as one text."""
    address = parts.netloc.rpartition("@")[2]
    if "," in address:
        return address, None
    try:
        return parts.hostname, parts.port
    except ValueError:
        raise DefinitionError(
            f"The port in {masked_url(parts.geturl())} is no number from 0 to 65535."
        ) from None


# what may be shown ----------------------------------------------------------------------------


def shown(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return *settings* for messages, secrets masked at any depth."""
    result: dict[str, Any] = {}
    for key, value in settings.items():
        if _is_secret(key):
            result[key] = MASK
        elif isinstance(value, Mapping):
            result[key] = shown(value)
        elif isinstance(value, str) and "://" in value:
            result[key] = masked_url(value)
        else:
            result[key] = value
    return result


def masked_url(url: str) -> str:
    """Return *url* with its password, and secrets among its parameters, masked."""
    parts = urlsplit(url)
    if parts.password is not None:
        login, _, address = parts.netloc.rpartition("@")
        masked = f"{login.partition(':')[0]}:{MASK}@{address}"
        url = url.replace(parts.netloc, masked, 1)
    query = parse_qsl(parts.query, keep_blank_values=True)
    if any(_is_secret(key) for key, _ in query):
        shown_query = [(key, MASK if _is_secret(key) else value) for key, value in query]
        url = url.replace(parts.query, urlencode(shown_query, safe="*"), 1)
    return url


def _is_secret(key: object) -> bool:
    """Tell whether a setting of that name must not be shown."""
    name = snake(str(key))
    return any(name == word or name.endswith(f"_{word}") for word in _SECRETS)
