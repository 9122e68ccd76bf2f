"""LoopBack's model documents: what each file defines, and in which order."""

from __future__ import annotations

import graphlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from juggler.cli.project.files import as_flag, as_object, as_text, error_in, read_object
from juggler.definition.names import SETTINGS, snake

_OURS: Final = frozenset({"data_source", "public", "$schema"})
_NOT_YET: Final = frozenset("acls relations methods mixins scopes".split())
"""LoopBack's keys that nothing here acts on yet; an empty one says nothing and is no loss."""
_BLOCKS: Final = frozenset("memory sql sqlite postgresql mysql mongodb redis rest".split())


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """One model of a project.

    Attributes:
        file: Where it is defined.
        document: LoopBack's model JSON without the keys of the project itself.
        data_source: Name of its data source; None for one that others only extend.
        public: Whether REST serves it.
    """

    file: Path
    document: Mapping[str, Any]
    data_source: str | None = None
    public: bool = True

    @property
    def name(self) -> str:
        """Return the model's name."""
        return str(self.document["name"])


def read_document(file: Path, folder: Path, ignored: list[str]) -> ModelConfig:
    """Return the model that *file* in the project *folder* defines.

    Keys without meaning join *ignored*.

    Raises:
        ProjectError: The file cannot be used.
    """
    document = read_object(file)
    as_text(file, "name", document.get("name"))
    for part in ("properties", "options"):
        if document.get(part) is not None:
            as_object(file, part, document[part])
    own = {snake(key): item for key, item in document.items() if snake(key) in _OURS}
    source = own.get("data_source")
    if source is not None:
        as_text(file, "dataSource", source)
    public = as_flag(file, "public", own.get("public", True))
    vain = {key for key, item in document.items() if _is_vain(key, item)}
    ignored += [f"{file.relative_to(folder)}: {key}" for key in document if key in vain]
    rest = {
        key: item for key, item in document.items() if key not in vain and snake(key) not in _OURS
    }
    return ModelConfig(file, rest, source, public)


def once(models: dict[str, ModelConfig], model: ModelConfig) -> None:
    """Add *model* to *models*.

    Raises:
        ProjectError: One of that name is there.
    """
    former = models.setdefault(model.name, model)
    if former is not model:
        raise error_in(model.file, "name", f"{model.name} is defined in {former.file} already.")


def in_order(models: Mapping[str, ModelConfig]) -> tuple[ModelConfig, ...]:
    """Return *models*, each after those that it extends or embeds.

    Raises:
        ProjectError: They refer to one another in a circle.
    """
    graph = {
        name: [other for other in _references(model.document) if other in models and other != name]
        for name, model in models.items()
    }
    try:
        return tuple(models[name] for name in graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as error:
        circle = error.args[1]
        problem = f"models refer in a circle: {' -> '.join(circle)}."
        raise error_in(models[circle[0]].file, "", problem) from error


def _is_vain(key: str, value: Any) -> bool:
    """Tell whether nothing acts on a key of a model document."""
    short = snake(key)
    if short in _NOT_YET:
        return bool(value)
    return short not in SETTINGS | _OURS | _BLOCKS


def _references(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names that a model document refers to: its base and the types of its properties."""
    options = document.get("options") or {}
    for base in (document.get("base"), options.get("base")):
        if isinstance(base, str):
            yield base
    for definition in (document.get("properties") or {}).values():
        yield from _types(definition)


def _types(expression: Any) -> Iterator[str]:
    """Yield every text in a type expression; most name built-in types."""
    if isinstance(expression, str):
        yield expression
    elif isinstance(expression, Mapping):
        yield from _types([expression["type"]] if "type" in expression else [*expression.values()])
    elif isinstance(expression, list):
        for item in expression:
            yield from _types(item)
