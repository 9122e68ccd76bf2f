"""Blueprints: a definition with its compiled class, made once and shared by equal models."""

from __future__ import annotations

import threading
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from juggler.connectors.contract import ModelInfo
from juggler.definition.fingerprint import canonical, canonical_structure, fingerprint_of
from juggler.definition.model import Definition
from juggler.definition.property import Property
from juggler.definition.shape import Shape
from juggler.models.assemble import NotCompiled
from juggler.models.build import compile_shape
from juggler.models.implied import implied_rules
from juggler.validation.rules import Rule

T = TypeVar("T")


class Blueprint:
    """All that models of one definition share; immutable but for what it derives on demand.

    Attributes:
        definition: Shape and settings.
        rules: Validation rules that the definition itself implies.
        nulls: What is missing is None, not unset (``persist_undefined_as_null``).
        maker: What makes instances: their class, or what stands for it until it is needed.

    Args:
        definition: Shape and settings.
        cls: Class of the instances, or what makes it when the first one is made.
    """

    __slots__ = ("__weakref__", "_compile", "_infos", "definition", "maker", "nulls", "rules")

    def __init__(self, definition: Definition, cls: type | Callable[[Shape], type]) -> None:
        self.definition = definition
        self.rules: tuple[Rule, ...] = implied_rules(definition)
        self.nulls = definition.settings.get("persist_undefined_as_null") is True
        self.maker: Any = cls if isinstance(cls, type) else NotCompiled
        self._compile = cls
        self._infos: WeakValueDictionary[str, ModelInfo] | None = None

    @property
    def cls(self) -> Any:
        """Return the class of the instances."""
        if self.maker is NotCompiled:
            self.maker = self._compile(self.definition.shape)
        return self.maker

    def info(self, name: str) -> ModelInfo:
        """Return what connectors are told of a model called *name*; one object for all tenants.

        The models hold it, so it goes with the last of them.
        """
        if self._infos is None:
            self._infos = WeakValueDictionary()
        found = self._infos.get(name)
        if found is None:
            made = ModelInfo(name, self.definition.shape, self.definition.settings)
            found = self._infos.setdefault(name, made)
        return found


class ShapeTable:
    """Shapes, their classes and blueprints by fingerprint, held weakly.

    Safe from several threads; a new structure is compiled once however many define it at a time.

    Args:
        base: Class that instances derive from.

    Attributes:
        admit: Asked about each new structure; raises where it is too much.
    """

    admit: Callable[[list[Property]], None] | None = None

    def __init__(self, base: type) -> None:
        self._base = base
        self._shapes: WeakValueDictionary[str, Shape] = WeakValueDictionary()
        self._properties = 0
        self._gone: deque[int] = deque()
        self._classes: WeakValueDictionary[str, type] = WeakValueDictionary()
        self._blueprints: WeakValueDictionary[str, Blueprint] = WeakValueDictionary()
        self._lock = threading.RLock()

    def __len__(self) -> int:
        return len(self._shapes)

    def __contains__(self, fingerprint: object) -> bool:
        return fingerprint in self._shapes

    @property
    def properties(self) -> int:
        """Return how many properties the shapes in use have together; O(1) for each change."""
        with self._lock:
            while self._gone:  # the collector adds to it, at any moment and in any thread
                self._properties -= self._gone.popleft()
            return self._properties

    def fingerprints(self) -> set[str]:
        """Return the fingerprints of the shapes in use."""
        return {shape.fingerprint for shape in _alive(self._shapes)}

    def in_use(self) -> set[int]:
        """Return the identities of the shapes that definitions stand on, embedded ones too."""
        shapes = [blueprint.definition.shape for blueprint in _alive(self._blueprints)]
        found: set[int] = set()
        while shapes:
            shape = shapes.pop()
            if id(shape) not in found:
                found.add(id(shape))
                shapes += [kind.shape for kind in shape.nested.values()]
        return found

    def intern(
        self, properties: list[Property], strict: bool | str, *, is_limited: bool = True
    ) -> Shape:
        """Return the one shape of a structure, making it if it is new.

        Args:
            properties: What it has.
            strict: How it treats other data.
            is_limited: It may be too much; what lets go of something else never is.
        """
        fingerprint = fingerprint_of(canonical_structure(properties, strict))
        found = self._shapes.get(fingerprint)
        if found is not None:
            return found
        if is_limited and self.admit is not None:
            self.admit(properties)
        with self._lock:
            found = self._shapes.get(fingerprint)
            if found is None:
                found = Shape(fingerprint, properties, strict=strict)
                self._shapes[fingerprint] = found
                self._properties += len(found)
                weakref.finalize(found, self._gone.append, len(found)).atexit = False
            return found

    def compiled(self, shape: Shape) -> type:
        """Return the class of *shape*, compiling it if no living model stands on it."""
        found = self._classes.get(shape.fingerprint)
        if found is not None:
            return found
        with self._lock:
            found = self._classes.get(shape.fingerprint)
            if found is None:
                found = compile_shape(shape, self._base)
                self._classes[shape.fingerprint] = found
            return found

    def blueprint(self, shape: Shape, settings: Mapping[str, Any], model_name: str) -> Blueprint:
        """Return the one blueprint of a shape with these settings."""
        key = shape.fingerprint
        if settings:
            key += fingerprint_of(canonical(settings))
        found = self._blueprints.get(key)
        if found is not None:
            return found
        with self._lock:
            found = self._blueprints.get(key)
            if found is None:
                found = Blueprint(Definition(shape, settings, model_name), self.compiled)
                self._blueprints[key] = found
            return found


def _alive(table: WeakValueDictionary[str, T]) -> list[T]:
    """Return what *table* has; others may add to it meanwhile, which going through it forbids."""
    return [each for reference in table.valuerefs() if (each := reference()) is not None]
