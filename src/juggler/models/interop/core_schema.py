"""Models as types of pydantic, and so of FastAPI's requests and responses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from juggler.definition.json_schema import part_of
from juggler.errors import InvalidValueError, ValidationError
from juggler.models.interop.taking import complaints, taken
from juggler.models.validating.shown import kept_back_by


class PydanticMethods:
    """The part of the model API that pydantic asks for."""

    __slots__ = ()

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> dict[str, Any]:
        """Return how pydantic reads and writes records of the model."""
        return core_schema_of(self)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        """Return the JSON schema of the model within that of pydantic."""
        return json_schema_of(self, handler)


def core_schema_of(model: Any) -> dict[str, Any]:
    """Return what pydantic needs to read and write records of *model*.

    Data is coerced and validated by the model itself; what it refuses is told at the path of the
    property.  JSON output is that of `to_json`: hidden properties are not in it.
    """
    from pydantic_core import core_schema as core  # noqa: PLC0415  needs pydantic

    def read(data: Any) -> Any:
        return _read(model, data)

    read.__qualname__ = model.model_name  # which errors show
    written = core.plain_serializer_function_ser_schema(_written, info_arg=True)
    made: dict[str, Any] = dict(
        core.no_info_plain_validator_function(read, ref=_ref(model), serialization=written)
    )
    return made


def json_schema_of(model: Any, handler: Any, above: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return the JSON schema of *model* as a part of pydantic's.

    Args:
        model: The model.
        handler: Pydantic's own; it makes the schema of a core schema, or the reference to it.
        above: What the models are known by whose schemas this one is within.
    """
    inside = above | {_ref(model)}

    def refer(inner: Any) -> dict[str, Any]:
        if _ref(inner) in inside:
            return item({"type": "definition-ref", "schema_ref": _ref(inner)})
        functions = [lambda _, handler: json_schema_of(inner, handler, inside)]
        found = {"pydantic_js_functions": functions}
        return item({**core_schema_of(inner), "metadata": found})

    def item(schema: dict[str, Any]) -> dict[str, Any]:
        """Return the schema or reference for *schema*; as an item it is treated as any other."""
        made: dict[str, Any] = handler({"type": "list", "items_schema": schema})["items"]
        return made

    found = part_of(model, refer)
    if handler.mode == "serialization":
        _keep_shown(found, model.definition.hidden)
    return found


def _keep_shown(schema: dict[str, Any], hidden: frozenset[str]) -> None:
    """Take what is never in an output out of *schema*."""
    for name in hidden.intersection(schema["properties"]):
        del schema["properties"][name]
    schema["required"] = [name for name in schema.get("required", ()) if name not in hidden]


def _read(model: Any, data: Any) -> Any:
    """Return *data* as a checked instance; failures are those of pydantic, one for each path."""
    from pydantic_core import InitErrorDetails, PydanticCustomError  # noqa: PLC0415
    from pydantic_core import ValidationError as Refused  # noqa: PLC0415

    try:
        return taken(model, data)
    except TypeError as error:
        raise PydanticCustomError("model_type", "{text}", {"text": str(error)}) from error
    except (ValidationError, InvalidValueError) as error:
        details = [
            InitErrorDetails(
                type=PydanticCustomError(code.replace(".", "_"), "{text}", {"text": text}),
                loc=path,
                input=_shown(model, path, data),
            )
            for path, code, text in complaints(error)
        ]
        raise Refused.from_exception_data(model.model_name, details) from error


def _shown(model: Any, path: tuple[str | int, ...], data: Any) -> Any:
    """Return the value at *path*, None where no message may show it, or something in it."""
    for step in path:
        if isinstance(data, Mapping):
            if model is not None and step in kept_back_by(model.definition):
                return None
            model = None if model is None else model.nested.get(step)
            data = data.get(str(step))
        else:
            is_place = isinstance(data, list) and isinstance(step, int) and step < len(data)
            data = data[step] if is_place else None
    return None if model is not None and isinstance(data, Mapping | list) else data


def _written(instance: Any, info: Any) -> Any:
    """Return an instance as plain data: for JSON, or as Python values."""
    if info.mode == "json":
        return instance.to_json()
    return instance.to_object(only_schema=False, remove_hidden=True)


def _ref(model: Any) -> str:
    """Return what pydantic knows the model by; the last part of it names it to people."""
    return f"{model.model_name}:{id(model)}"
