"""``models/*.json`` and ``model-config.json``: which models there are and where their rows are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from juggler.cli.project.documents import ModelConfig, in_order, once, read_document
from juggler.cli.project.files import as_flag, as_object, as_text, error_in, read_object
from juggler.definition.names import snake

CONFIG: Final = "model-config.json"
FOLDERS: Final = ("models", "common/models")

_KEYS: Final = frozenset({"data_source", "public", "options"})


@dataclass(frozen=True, slots=True)
class Entry:
    """What ``model-config.json`` says of one model; None where it says nothing."""

    data_source: str | None = None
    public: bool | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


def read_models(
    folder: Path, sources: Iterable[str], ignored: list[str]
) -> tuple[ModelConfig, ...]:
    """Return the models of the project in *folder*, each after those that it refers to.

    Raises:
        ProjectError: A file cannot be used, two define one model, a data source is unknown, or
            models refer to one another in a circle.
    """
    known = tuple(sources)
    entries = _read_entries(folder / CONFIG, ignored)
    found: dict[str, ModelConfig] = {}
    for part in FOLDERS:
        for file in sorted((folder / part).glob("*.json")):
            once(found, read_document(file, folder, ignored))
    if entries is None:
        placed = {name: _on_the_only_one(model, known) for name, model in found.items()}
    else:
        ignored += [f"{CONFIG}: {name}" for name in entries if name not in found]
        file = folder / CONFIG
        placed = {
            name: _configured(model, entries.get(name, Entry()), known, file)
            for name, model in found.items()
        }
    return in_order(placed)


def _read_entries(file: Path, ignored: list[str]) -> dict[str, Entry] | None:
    """Return what ``model-config.json`` says; None where there is none."""
    if not file.exists():
        return None
    found = {}
    for name, given in read_object(file).items():
        if name.startswith("_"):  # where LoopBack looks for files; here they have their places
            ignored.append(f"{CONFIG}: {name}")
            continue
        ignored += [
            f"{CONFIG}: {name}.{key}"
            for key in as_object(file, name, given)
            if snake(key) not in _KEYS
        ]
        found[name] = _entry(file, name, {snake(key): item for key, item in given.items()})
    return found


def _entry(file: Path, name: str, given: Mapping[str, Any]) -> Entry:
    """Return one entry of ``model-config.json``, checked."""
    source, public, options = (given.get(key) for key in ("data_source", "public", "options"))
    return Entry(
        None if source is None else as_text(file, f"{name}.dataSource", source),
        None if public is None else as_flag(file, f"{name}.public", public),
        {} if options is None else as_object(file, f"{name}.options", options),
    )


def _on_the_only_one(model: ModelConfig, known: tuple[str, ...]) -> ModelConfig:
    """Return *model* on the source it names, else on the only one that there is."""
    if model.data_source is not None:
        _check(model.data_source, known, model.file, "dataSource")
        return model
    if len(known) != 1:
        told = f"is missing; it is one of {', '.join(known)}."
        raise error_in(model.file, "dataSource", told)
    return replace(model, data_source=known[0])


def _configured(
    model: ModelConfig, entry: Entry, known: tuple[str, ...], file: Path
) -> ModelConfig:
    """Return *model* as ``model-config.json`` has it: on no source where nobody names one."""
    if model.data_source is not None:
        _check(model.data_source, known, model.file, "dataSource")
    if entry.data_source is not None:
        _check(entry.data_source, known, file, f"{model.name}.dataSource")
    source = entry.data_source or model.data_source
    public = model.public if entry.public is None else entry.public
    options = {**(model.document.get("options") or {}), **entry.options}
    document = {**model.document, "options": options} if options else model.document
    return ModelConfig(model.file, document, source, public and source is not None)


def _check(source: str, known: tuple[str, ...], file: Path, key: str) -> None:
    """Raise unless *source* is the name of a data source."""
    if source not in known:
        told = f"{source!r} is no data source; there are {', '.join(known)}."
        raise error_in(file, key, told, source)
