"""Making instances of models that have setters, or that tell somebody of each new one."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from msgspec import UNSET

from juggler.errors import DefinitionError
from juggler.models.instances import values
from juggler.models.instances.assemble import NotCompiled, Takes
from juggler.models.instances.making import TAKES, make, put_within
from juggler.models.instances.parents import adopted
from juggler.models.instances.state import LOADED, State

INITIALIZE: Final = "initialize"


def make_through(
    model: Any,
    data: Mapping[str, Any],
    *,
    persisted: bool = False,
    defaults: bool = True,
    fields: Collection[str] | None = None,
    strict: bool | str | None = None,
    raw: Collection[str] | None = (),
    takes: Takes | None = None,
) -> Any:
    """Return a new instance of *model*, whose setters get what *data* has for them.

    They run last, in the order of *data*, each once; what was given to one gets no default.

    Args:
        model: The model.
        data: Name -> value.
        persisted: The record is in the store already.
        defaults: Fill in what is missing.
        fields: Names that count, in *data* and of defaults; all unless given.
        strict: How this instance alone treats undeclared data.
        raw: Names in *data* that are stored without a setter; None for all.
        takes: What makes values of those that may not stay as they are.
    """
    blueprint = model._blueprint
    setters: frozenset[str] = blueprint.names.setters
    held = {} if raw is None else _held(setters, data, fields, raw)
    if held:
        (takes or TAKES).other(held)
        names = {*model.shape.names, *data} if fields is None else set(fields)
        instance = make(
            model,
            {name: value for name, value in data.items() if name not in held},
            defaults=defaults,
            fields=names - held.keys(),
            strict=strict,
            takes=takes,
        )
        for name, value in held.items():
            setattr(instance, name, value)
        state = values.owned(instance)
        state.changed, state.persisted = None, persisted
    else:
        instance = make(
            model,
            data,
            persisted=persisted,
            defaults=defaults,
            fields=fields,
            strict=strict,
            takes=takes,
        )
    if blueprint.names.is_told:
        tell(instance)
    return instance


def make_through_within(
    model: Any, rows: Iterable[Mapping[str, Any]], within: State, made: list[Any]
) -> None:
    """Make what `make_through` does of each of some *rows*; see `make_within`."""
    for data in rows:
        instance = make_through(model, data)
        put_within(instance, within)
        made.append(instance)


def _held(
    setters: Collection[str],
    data: Mapping[str, Any],
    fields: Collection[str] | None,
    raw: Collection[str],
) -> dict[str, Any]:
    """Return what of *data* is for setters."""
    return {
        name: value
        for name, value in data.items()
        if name in setters
        and name not in raw
        and value is not UNSET
        and (fields is None or name in fields)
    }


def check_told(name: str, function: Any) -> None:
    """Refuse a *function* that is async for being told of each instance of the model *name*.

    Raises:
        DefinitionError: It is.
    """
    if any(map(inspect.iscoroutinefunction, (function, type(function).__call__))):
        raise _cannot_wait(name)


def tell(instance: Any) -> None:
    """Call the instance's ``on_initialize`` and the observers of "initialize" with it.

    Raises:
        DefinitionError: One of them is async.
    """
    model = instance._model
    own = getattr(instance, "on_initialize", None)
    if callable(own):
        _call(model, own)
    for observer in model.observers_of(INITIALIZE):
        _call(model, observer, instance)


def _call(model: Any, function: Any, *arguments: Any) -> None:
    outcome = function(*arguments)
    if inspect.isawaitable(outcome):
        if inspect.iscoroutine(outcome):
            outcome.close()
        raise _cannot_wait(model.model_name)


def _cannot_wait(name: str) -> DefinitionError:
    return DefinitionError(
        f"{name}: what is told of a new instance cannot be async; use a hook of an operation for "
        "what has to wait.",
        model=name,
    )


class Telling(NotCompiled):
    """Makes the instances of a class and tells of each; in the place of the class itself."""

    @staticmethod
    def _load(model: Any, row: Mapping[str, Any], state: State = LOADED) -> Any:
        instance = model._blueprint.cls._load(model, row)
        tell(instance)
        return instance if state is LOADED else adopted(instance, state.parent)
