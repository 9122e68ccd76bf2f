"""What clients send of read-only properties: it is ignored, or refused where the model says so.

Only bodies are looked at; code that writes through the model is trusted.  Ignored means that
nothing happens to the value: a client that replaces a record, or an object inside it, does not
remove what it may not set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from juggler.errors import ValidationError
from juggler.models.instances.dump import complete
from juggler.models.validating.speaking import messages_of

SETTING: Final = "read_only_in_body"


def taken(model: Any, data: Any, locale: str | None = None) -> Any:
    """Return the *data* of a body without what is read-only; the same object where nothing is.

    Args:
        model: Whose record it is; its setting ``read_only_in_body`` is ``"ignore"`` (unless given)
            or ``"refuse"``.
        data: A record as a client sent it.
        locale: Language of messages.

    Raises:
        ValidationError: It has a value for a read-only property, and the model refuses that.
    """
    if not _any_inside(model, set()):
        return data
    names = list(dict.fromkeys(_offences(model, data, "", {})))
    if not names:
        return data
    if model.settings.get(SETTING) == "refuse":
        raise _refused(model, names, locale)
    return _without(model, data)


def kept(model: Any, data: dict[str, Any], stored: Any, *, whole: bool) -> dict[str, Any]:
    """Return *data* with the read-only values of the record that it goes into.

    Args:
        model: Whose record it is.
        data: What `taken` returned.
        stored: The record that is there, as an instance.
        whole: Whether *data* takes its place; else that is only so for the objects inside it.
    """
    values = complete(stored)
    return _inside(model, _with(model, data, values) if whole else dict(data), values)


def keeps(model: Any, data: Mapping[str, Any], *, whole: bool) -> bool:
    """Tell whether `kept` might have something to add, so that the record has to be read."""
    if whole and any(_read_only(model)):
        return True
    return any(
        isinstance(data.get(name), Mapping) and _any_inside(inner, {id(model)})
        for name, inner in model.nested.items()
    )


def _read_only(model: Any) -> Iterator[str]:
    """Yield the names of stored properties that clients may not set."""
    for item in model.shape:
        if item.is_read_only and item.is_stored:
            yield item.name


def _any_inside(model: Any, seen: set[int]) -> bool:
    if id(model) in seen:
        return False
    seen.add(id(model))
    return any(_read_only(model)) or any(
        _any_inside(inner, seen) for inner in model.nested.values()
    )


def _offences(
    model: Any, data: Any, above: str, known: dict[int, tuple[str, ...]]
) -> Iterator[str]:
    """Yield the dotted names of read-only properties that *data*, a record or a list, sets.

    Args:
        model: Whose record it is.
        data: What was sent.
        above: Dotted name of where it stands, with a dot at its end.
        known: Id of a model -> its read-only properties; filled on the way.
    """
    if isinstance(data, list):
        for item in data:
            yield from _offences(model, item, above, known)
    elif isinstance(data, Mapping):
        names = known.get(id(model))
        if names is None:
            names = known[id(model)] = tuple(_read_only(model))
        for name in names:
            if name in data:
                yield f"{above}{name}"
        for name, inner in model.nested.items():
            if name in data:
                yield from _offences(inner, data[name], f"{above}{name}.", known)


def _without(model: Any, data: Any) -> Any:
    """Return *data*, a record or a list of them, without read-only properties at any depth."""
    if isinstance(data, list):
        return [_without(model, item) for item in data]
    if not isinstance(data, Mapping):
        return data
    refused = frozenset(_read_only(model))
    nested = model.nested
    return {
        name: _without(nested[name], value) if name in nested else value
        for name, value in data.items()
        if name not in refused
    }


def _with(model: Any, data: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return *data* with the read-only ones of *values*."""
    return {**data, **{name: values[name] for name in _read_only(model) if name in values}}


def _inside(model: Any, data: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return *data* with the read-only ones of *values* in the objects inside it, at any depth."""
    for name, inner in model.nested.items():
        mine, theirs = data.get(name), values.get(name)
        if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
            data[name] = _inside(inner, _with(inner, mine, theirs), theirs)
    return data


def _refused(model: Any, names: list[str], locale: str | None) -> ValidationError:
    name, messages = model.model_name, messages_of(model)
    texts = {
        each: messages.text("read-only", locale=locale, model=name, field=each) for each in names
    }
    listed = ", ".join(f"`{field}` {text}" for field, text in texts.items())
    params = {"model": name, "details": listed}
    return ValidationError(
        messages.text("instance.invalid", params, locale=locale, model=name),
        model=name,
        details={
            "context": name,
            "codes": {each: ["read-only"] for each in texts},
            "messages": {each: [text] for each, text in texts.items()},
        },
    )
