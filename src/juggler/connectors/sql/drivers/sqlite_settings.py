"""Settings of a SQLite data source, read and checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from juggler.errors import DefinitionError

MEMORY: Final = ":memory:"
SYNCHRONOUS: Final = ("off", "normal", "full", "extra")


@dataclass(frozen=True, slots=True)
class SqliteSettings:
    """Where the database is and how it is opened.

    Attributes:
        file: Path of the file; ``:memory:`` for a database that lives as long as it is open.
        readonly: Never write; the file must exist.
        pool_size: Most connections to a file: one that writes, the others read.
        busy_timeout: Milliseconds to wait while another process, or a transaction, writes.
        synchronous: When the disk must have what was committed: ``full`` (the default) survives a
            power cut, ``normal`` is faster and may then lose the last transactions.
        cached_statements: Prepared statements that each connection keeps.
    """

    file: str = MEMORY
    readonly: bool = False
    pool_size: int = 4
    busy_timeout: int = 5000
    synchronous: str = "full"
    cached_statements: int = 256

    @property
    def in_memory(self) -> bool:
        """Tell whether there is no file."""
        return self.file == MEMORY

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> SqliteSettings:
        """Return the settings of a data source that concern SQLite; ``url`` beats ``file``.

        Raises:
            DefinitionError: A setting has a value that it cannot have; the message names it.
        """
        url, file, default = settings.get("url"), settings.get("file"), cls()
        synchronous = str(settings.get("synchronous", default.synchronous)).lower()
        if synchronous not in SYNCHRONOUS:
            raise _bad("synchronous", f"one of {', '.join(SYNCHRONOUS)}", synchronous)
        return cls(
            file=_file_of_url(url) if url else _file(file),
            readonly=bool(settings.get("readonly", False)),
            pool_size=_number(settings, "pool_size", default.pool_size, least=2),
            busy_timeout=_number(settings, "busy_timeout", default.busy_timeout, least=0),
            synchronous=synchronous,
            cached_statements=_number(
                settings, "cached_statements", default.cached_statements, least=0
            ),
        )


def _file(given: Any) -> str:
    if given is None or given == "":
        return MEMORY
    try:
        path = given if isinstance(given, str) else given.__fspath__()
    except AttributeError:
        raise _bad("file", "the path of a file", given) from None
    if not isinstance(path, str) or "\0" in path:
        raise _bad("file", "the path of a file", given)
    return path


def _file_of_url(url: Any) -> str:
    """Return the path in ``sqlite:///relative`` or ``sqlite:////absolute``."""
    parts = urlsplit(str(url))
    if parts.netloc or (parts.path and not parts.path.startswith("/")):
        raise _bad("url", "sqlite:///relative/path or sqlite:////absolute/path", url)
    return _file(unquote(parts.path[1:]))


def _number(settings: Mapping[str, Any], name: str, default: int, *, least: int) -> int:
    given = settings.get(name, default)
    try:
        number = int(given)
    except (TypeError, ValueError):
        raise _bad(name, f"a whole number from {least} on", given) from None
    if number < least:
        raise _bad(name, f"a whole number from {least} on", given)
    return number


def _bad(name: str, wanted: str, given: Any) -> DefinitionError:
    return DefinitionError(f"The setting {name} takes {wanted}, not {given!r}.", value=given)
