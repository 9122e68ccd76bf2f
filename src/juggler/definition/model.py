"""A definition: a shape with settings, frozen, shared by all models that are defined so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import inflection

from juggler.definition.fingerprint import canonical, fingerprint_of
from juggler.definition.property import Property
from juggler.definition.settings import frozen_settings, marked
from juggler.definition.shape import Shape
from juggler.definition.storage import indexes


class Definition:
    """What a model of one shape is told about itself; knows no name, owner or behaviour.

    Attributes:
        shape: The structure.
        settings: Read-only settings with snake-case keys.
        hidden: Names left out of JSON output.
        protected: Names left out of the JSON output of nested instances.
        force_id: Whether clients may not choose ids: False, True or ``"auto"``.
        anonymous: Models on it have no name of their own.
        is_plain: It is not anonymous and embeds nothing.
    """

    __slots__ = (
        "_key",
        "anonymous",
        "force_id",
        "hidden",
        "is_plain",
        "protected",
        "settings",
        "shape",
    )

    shape: Shape
    settings: Mapping[str, Any]
    hidden: frozenset[str]
    protected: frozenset[str]
    force_id: bool | str
    anonymous: bool
    is_plain: bool
    _key: str

    def __init__(self, shape: Shape, settings: Mapping[str, Any], model_name: str) -> None:
        put = object.__setattr__
        put(self, "shape", shape)
        put(self, "settings", frozen_settings(settings))
        put(self, "hidden", marked(settings, shape, "hidden", model_name))
        put(self, "protected", marked(settings, shape, "protected", model_name))
        put(self, "force_id", force_id(shape, settings))
        put(self, "anonymous", bool(settings.get("anonymous")))
        put(self, "is_plain", not (self.anonymous or shape.nested))
        put(self, "_key", "")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"A definition is frozen: {name} cannot be set.")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"A definition is frozen: {name} cannot be deleted.")

    @property
    def properties(self) -> Mapping[str, Property]:
        """Return name -> property, read-only, in order of definition."""
        return self.shape.properties

    def ids(self) -> list[Property]:
        """Return the properties of the primary key, in its order."""
        return [self.shape.properties[name] for name in self.shape.ids]

    def id_names(self) -> list[str]:
        """Return the names of the primary key's properties, in its order."""
        return list(self.shape.ids)

    def id_name(self) -> str | None:
        """Return ``id`` if that is in the primary key, else its first property, None without."""
        return self.shape.id_name

    def has_pk(self) -> bool:
        """Tell whether there is a primary key."""
        return bool(self.shape.ids)

    def indexes(self) -> dict[str, Any]:
        """Return name -> definition of all indexes, those of properties included."""
        return indexes(self.shape, self.settings)

    @property
    def key(self) -> str:
        """Return what tells it from every definition with another shape or other settings."""
        if not self._key:
            made = self.shape.fingerprint + fingerprint_of(canonical(self.settings))
            object.__setattr__(self, "_key", made)
        return self._key


def force_id(shape: Shape, settings: Mapping[str, Any]) -> bool | str:
    """Return the effective ``force_id``: a generated id cannot be chosen unless allowed."""
    given = settings.get("force_id")
    if given is True or given is False:
        return given
    generated = any(shape.properties[name].generated for name in shape.ids)
    return "auto" if generated else False


def with_id(
    properties: list[Property], settings: Mapping[str, Any], id_type: Any
) -> list[Property]:
    """Return *properties* with the default id in front, unless one is there or unwanted."""
    if settings.get("id_injection") is False or any(item.id for item in properties):
        return properties
    rest = [item for item in properties if item.name != "id"]
    return [Property("id", id_type, id=1, generated=True), *rest]


def plural_of(name: str, settings: Mapping[str, Any]) -> str:
    """Return the plural name of a model: the setting, or the English plural."""
    given = settings.get("plural")
    return given if isinstance(given, str) and given else inflection.pluralize(name)


def http_path(name: str, settings: Mapping[str, Any]) -> str:
    """Return the path of a model under the REST root, with one leading slash."""
    http = settings.get("http")
    path = http.get("path") if isinstance(http, Mapping) else None
    return "/" + (path or plural_of(name, settings)).strip("/")
