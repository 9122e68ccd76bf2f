"""Blueprints: a definition with its compiled class, made once and shared by equal models."""

from __future__ import annotations

import threading
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar
from weakref import WeakValueDictionary

from juggler.connectors.contract import ModelInfo
from juggler.definition.fingerprint import canonical, canonical_structure, fingerprint_of
from juggler.definition.model import Definition
from juggler.definition.property import Property
from juggler.definition.shape import Shape
from juggler.errors import DefinitionError
from juggler.models.build import compile_shape
from juggler.models.extras import NOTHING, Names, variant_of
from juggler.models.instances.as_json import FIRST
from juggler.models.instances.assemble import NotCompiled
from juggler.models.instances.making import make, make_within
from juggler.models.instances.through import Telling, make_through, make_through_within
from juggler.models.instances.writers import Writers
from juggler.models.mixins.forms import uses_in
from juggler.models.validating.implied import implied_rules
from juggler.validation.rules import Rule

T = TypeVar("T")

NO_NAMES: Final[frozenset[str]] = frozenset()


class Blueprint:
    """All that models of one definition share; immutable but for what it derives on demand.

    Attributes:
        definition: Shape and settings.
        rules: Validation rules that the definition itself implies.
        nulls: What is missing is None, not unset (``persist_undefined_as_null``).
        mixins: What is mixed into models on it when they are defined.
        relations: Names of relations, which are no data of the records.
        maker: What makes instances: their class, or what stands for it until it is needed.
        writers: What makes JSON of instances.
        names: What models on it add to their instances.
        make: Makes an instance of client data.
        make_within: Makes some that are embedded in one that is being made.

    Args:
        definition: Shape and settings.
        cls: Class of the instances, or what makes it when the first one is made.
    """

    __slots__ = (
        "__weakref__",
        "_compile",
        "_infos",
        "_variants",
        "definition",
        "maker",
        "mixins",
        "nulls",
        "relations",
        "rules",
        "writers",
    )

    writers: Writers
    names: Names = NOTHING
    make = staticmethod(make)
    make_within = staticmethod(make_within)

    def __init__(self, definition: Definition, cls: type | Callable[[Shape], type]) -> None:
        self.definition = definition
        self.rules: tuple[Rule, ...] = implied_rules(definition)
        self.nulls = definition.settings.get("persist_undefined_as_null") is True
        self.relations = relation_names(definition)
        self.mixins = uses_in(definition.settings.get("mixins"))
        self.maker: Any = cls if isinstance(cls, type) else NotCompiled
        self._compile = cls
        self.writers = FIRST
        self._infos: WeakValueDictionary[str, ModelInfo] | None = None
        self._variants: WeakValueDictionary[Names, Blueprint] | None = None

    @property
    def plain(self) -> Blueprint:
        """Return the blueprint of the models that add nothing to their instances."""
        return self

    def with_names(self, names: Names) -> Blueprint:
        """Return the one blueprint of this definition for models that add *names*."""
        names = names.within(self.definition.shape)
        if names is NOTHING:
            return self
        if self._variants is None:
            self._variants = WeakValueDictionary()
        found = self._variants.get(names)
        return found or self._variants.setdefault(names, Variant(self, names))

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


class Variant(Blueprint):
    """A blueprint for models that add something to their instances by name.

    It holds the one that it was made of, and what connectors are told of both is the same.
    """

    __slots__ = ("_made", "names", "plain")

    names: Names
    plain: Blueprint
    make = staticmethod(make_through)
    make_within = staticmethod(make_through_within)

    def __init__(self, plain: Blueprint, names: Names, made: type | None = None) -> None:
        self.definition = plain.definition
        self.rules = plain.rules
        self.nulls = plain.nulls
        self.relations = plain.relations
        self.mixins = plain.mixins
        self.writers = FIRST
        self.names = names
        self.plain = plain
        self._made = made
        self.maker = Telling if names.is_told else NotCompiled if made is None else made

    @property
    def cls(self) -> Any:
        """Return the class of the instances."""
        if self._made is None:
            plain = self.plain.cls
            self._made = variant_of(plain, self.definition.shape, self.names)
            if not self.names.is_told:
                self.maker = self._made
        return self._made

    def with_names(self, names: Names) -> Blueprint:
        """Return the one blueprint of this definition for models that add *names*."""
        return self.plain.with_names(names)

    def info(self, name: str) -> ModelInfo:
        """Return what connectors are told of a model called *name*."""
        return self.plain.info(name)


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
                try:
                    found = Blueprint(Definition(shape, settings, model_name), self.compiled)
                except DefinitionError as error:
                    error.model = error.model or model_name
                    raise
                self._blueprints[key] = found
            return found


def relation_names(definition: Definition) -> frozenset[str]:
    """Return the names of the relations in the settings of a definition, but for properties."""
    given = definition.settings.get("relations")
    if not given:
        return NO_NAMES
    named = (each.get("name") for each in given if isinstance(each, Mapping))
    names = given if isinstance(given, Mapping) else named
    return frozenset(name for name in names if isinstance(name, str)).difference(
        definition.shape.names
    )


def _alive(table: WeakValueDictionary[str, T]) -> list[T]:
    """Return what *table* has; others may add to it meanwhile, which going through it forbids."""
    return [each for reference in table.valuerefs() if (each := reference()) is not None]
