"""Read the JSON files of a project; every error names the file and the key."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

from juggler.errors import DefinitionError

MAX_BYTES: Final = 16 * 1024 * 1024
_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class ProjectError(DefinitionError):
    """Raised when a file of a project cannot be used; ``path`` is the file and the key in it."""

    code = "PROJECT"


def error_in(file: Path, key: str, problem: str, value: Any = None) -> ProjectError:
    """Return the error for *key* of *file*; an empty key stands for the whole file."""
    where = f"{file}: {key}" if key else str(file)
    return ProjectError(f"{where}: {problem}", path=where, value=value)


def read_json(file: Path) -> Any:
    """Return the JSON in *file*.

    Raises:
        ProjectError: It cannot be read, is no JSON, names a key twice, or is larger than 16 MiB.
    """
    try:
        if file.stat().st_size > MAX_BYTES:
            raise error_in(file, "", f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB.")
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise error_in(file, "", f"cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise error_in(file, "", f"is not UTF-8 (byte {error.start}).") from error

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise error_in(file, key, "the key is there twice; keep one.", key)
            found[key] = value
        return found

    def constant(name: str) -> NoReturn:
        raise error_in(file, "", f"{name} is no JSON.", name)

    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise error_in(file, "", f"is no JSON: {error.msg} in {where}.") from error
    except RecursionError as error:
        raise error_in(file, "", "is nested too deep.") from error


def read_object(file: Path) -> dict[str, Any]:
    """Return the JSON object in *file*.

    Raises:
        ProjectError: As `read_json`, or the JSON is no object.
    """
    found = read_json(file)
    return as_object(file, "", found)


def as_object(file: Path, key: str, value: Any) -> dict[str, Any]:
    """Return *value*, which stands in *file* at *key*, if it is a JSON object."""
    if isinstance(value, dict):
        return value
    raise error_in(file, key, f"a JSON object belongs here, not {kind(value)}.", value)


def as_text(file: Path, key: str, value: Any) -> str:
    """Return *value*, which stands in *file* at *key*, if it is text and not empty."""
    if isinstance(value, str) and value:
        return value
    raise error_in(file, key, f"text belongs here, not {kind(value)}.", value)


def as_flag(file: Path, key: str, value: Any) -> bool:
    """Return *value*, which stands in *file* at *key*, if it is true or false."""
    if isinstance(value, bool):
        return value
    raise error_in(file, key, f"true or false belongs here, not {kind(value)}.", value)


def kind(value: Any) -> str:
    """Return how JSON calls what *value* is."""
    names = {type(None): "null", bool: "true or false", str: "text", list: "a list"}
    empty = "an empty text" if value == "" else None
    return (
        empty or names.get(type(value)) or ("an object" if isinstance(value, dict) else "a number")
    )


def substitute(value: Any, environment: Mapping[str, str], file: Path, key: str) -> Any:
    """Return *value* with every ``${NAME}`` in its texts replaced from *environment*.

    Raises:
        ProjectError: A variable is not set; nothing takes its place.
    """
    if isinstance(value, dict):
        return {
            name: substitute(item, environment, file, f"{key}.{name}" if key else name)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [
            substitute(item, environment, file, f"{key}[{index}]")
            for index, item in enumerate(value)
        ]
    if not isinstance(value, str):
        return value

    def given(match: re.Match[str]) -> str:
        name = match[1]
        if name not in environment:
            raise error_in(file, key, f"the environment variable {name} is not set.", name)
        return environment[name]

    return _VARIABLE.sub(given, value)
