"""Hooks for msgspec's encoders and decoders."""

from __future__ import annotations

from typing import Any

from juggler.errors import InvalidValueError, ValidationError
from juggler.models.api import ModelApi
from juggler.models.instances.instance import Instance
from juggler.models.interop.taking import complaints, taken
from juggler.types.plain import plain


def enc_hook(value: Any) -> Any:
    """Return a record, or a value of ours, as plain data; for msgspec's encoders.

    Records are what `to_json` gives: hidden properties are left out.

    Args:
        value: What the encoder does not know.

    Raises:
        NotImplementedError: It is nothing of ours, as msgspec wants it told.

    >>> import msgspec
    >>> Note = DataSource("memory").define("Note", {"text": str, "at": "geopoint"})
    >>> msgspec.json.encode([Note(text="Hi", at="1,2")], enc_hook=enc_hook)
    b'[{"text":"Hi","at":{"lat":1,"lng":2}}]'
    """
    if isinstance(value, Instance):
        return value.to_json()
    found = plain(value)
    if found is value:
        raise NotImplementedError(f"{type(value).__name__} is no value of a model.")
    return found


def dec_hook(kind: Any, value: Any) -> Any:
    """Return plain data as a checked record of the declared model *kind*; for msgspec's decoders.

    Args:
        kind: The type that is asked for.
        value: What was decoded.

    Raises:
        ValueError: A rule is broken; the text tells property and reason.
        NotImplementedError: *kind* is no model.
    """
    if not isinstance(kind, ModelApi):
        raise NotImplementedError(f"{kind!r} is no model.")
    try:
        return taken(kind, value)
    except (ValidationError, InvalidValueError) as error:
        told = [f"{'.'.join(map(str, path))}: {text}" for path, _, text in complaints(error)]
        raise ValueError("; ".join(told)) from error
