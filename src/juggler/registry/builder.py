"""The model builder: definitions in, models out, each in its owner's namespace."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Protocol
from weakref import WeakValueDictionary

from juggler.definition.shape import Shape
from juggler.errors import DefinitionError
from juggler.models.blueprint import Blueprint, ShapeTable
from juggler.models.mixins.table import Mixins
from juggler.models.runtime import RuntimeModel, descends
from juggler.registry.building import BuilderMethods
from juggler.registry.forward import Forwards
from juggler.registry.inherit import form_of, has_class
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.owners import TENANT
from juggler.registry.parsed import PLAIN, ParsedDefinition, Traits
from juggler.registry.rawkey import KnownDefinitions, raw_key
from juggler.registry.reading import Given, Reader, named_base
from juggler.registry.scope import Scope, is_root
from juggler.undoing import OnFailure

__all__ = ["PLAIN", "Given", "ModelBuilder", "ParsedDefinition", "Registers", "Traits"]


class Registers(Protocol):
    """What the builder asks of the registry."""

    model_type: ClassVar[type[RuntimeModel]]
    shapes: ShapeTable
    reserved_names: frozenset[str]

    def namespace_of(self, owner: Any, kind: str) -> ModelRegistryProxy:
        """Return the namespace of *owner*, made if it has none yet."""

    def place(self, namespace: ModelRegistryProxy, name: str, model: Any) -> None:
        """Register *model* under *name*."""

    def add(self, namespace: ModelRegistryProxy, name: str, model: Any) -> None:
        """Register a *model* that was just made and embeds nothing."""

    def embed(self, model: Any, namespace: ModelRegistryProxy | None) -> None:
        """Give *model* the models of its embedded structures."""

    def look_up(self, name: str, namespace: ModelRegistryProxy | None) -> Any:
        """Return the model *name* for the current tenant, then the namespace, then global."""

    def visible_models(self) -> Mapping[str, Any]:
        """Return the current tenant's models, else the global ones; creates nothing."""

    def scope(
        self,
        namespace: ModelRegistryProxy | None,
        source: Any = None,
        module: str | None = None,
    ) -> Scope:
        """Return what a definition for the owner of *namespace*, or of a class, may refer to."""

    def define_with(
        self,
        builder: ModelBuilder,
        name: str,
        properties: Any,
        settings: Any,
        base: Any,
        tenant: str | None,
        source: Any,
    ) -> Any:
        """Define a model of the current (or given) tenant; without any tenant a global one."""


class ModelBuilder(BuilderMethods):
    """Turns definitions into models; keeps no models of its own, its owner's namespace does.

    Args:
        registry: Where models are registered; the default one unless given.
        settings: ``strict_embedded_models`` is the strictness of nested structures, and
            ``parent_ref`` lets embedded instances show their owner, where a model does not say.

    >>> builder = ModelBuilder(ModelRegistry())
    >>> Point = builder.define("Point", {"x": float, "y": float}, {"id_injection": False})
    >>> Point(x=1, y="2")
    Point(x=1, y=2)
    """

    default_registry: ClassVar[Any] = None

    def __init__(
        self, registry: Registers | None = None, settings: Mapping[str, Any] | None = None
    ) -> None:
        self.registry: Registers = self.default_registry if registry is None else registry
        self.settings = dict(settings or {})
        theirs = getattr(self.registry, "builder", None)  # the registry's own is the first
        self.forwards: Forwards = (
            Forwards(self.registry.model_type, self.registry.shapes)
            if theirs is None
            else theirs.forwards
        )
        self._waiting = self.forwards.waiting
        self.reader = Reader(
            self.registry,
            self.settings,
            None if theirs is None else theirs.reader.types,
        )
        self._good_names = self.reader.good_names
        self._known = KnownDefinitions()
        self.mixins = self.reader.mixins = Mixins(
            self.extend_model, self._mixable, None if theirs is None else theirs.mixins
        )
        self._anonymous: WeakValueDictionary[str, Blueprint] = WeakValueDictionary()
        self.default_model_base_class: Any = None

    def define_value_type(self, cls: type, aliases: Sequence[str] = ()) -> None:
        """Let properties of this builder's models name *cls* as a type."""
        self.reader.define_value_type(cls, aliases)
        self._known.clear()

    # models -----------------------------------------------------------------------------------

    @property
    def models(self) -> Mapping[str, Any]:
        """Return the models that `define` adds to: the current tenant's, else the global ones."""
        return self.registry.visible_models()

    def define(
        self,
        name: str,
        properties: Mapping[str, Any] | ParsedDefinition | None = None,
        settings: Mapping[str, Any] | None = None,
        parent: Any = None,
    ) -> Any:
        """Define a model of the current tenant, without a tenant a global one.

        Raises:
            DefinitionError: The definition is not understood.
        """
        return self.registry.define_with(self, name, properties, settings, parent, None, None)

    def make(
        self,
        name: str,
        properties: Mapping[str, Any] | ParsedDefinition | None,
        settings: Mapping[str, Any] | None,
        namespace: ModelRegistryProxy,
        *,
        source: Any = None,
        base: Any = None,
        traits: Traits = PLAIN,
    ) -> Any:
        """Return a new model, registered in *namespace*.

        Raises:
            DefinitionError: The definition is not understood; nothing was changed.
        """
        found = self.blueprint(name, properties, settings, base, namespace, source, traits)
        return self.build(name, *found, namespace, source)

    def build(
        self,
        name: str,
        blueprint: Blueprint,
        base: Any,
        namespace: ModelRegistryProxy | None,
        source: Any,
        tenant: str | None = None,
    ) -> Any:
        """Return a new model on *blueprint*, registered in *namespace*.

        Args:
            name: Name of the model.
            blueprint: What it stands on.
            base: Model it extends, or None.
            namespace: Where it is registered; None for that of a new *tenant*.
            source: Its data source, None where routing decides.
            tenant: Code of a tenant that comes with this model.
        """
        definition = blueprint.definition
        # Held until the model has them: then they are compiled once, and what is wrong with them
        # is known before anything was changed.
        inner = None if definition.is_plain else self.inner(definition.shape)
        if namespace is None:
            namespace = self.registry.namespace_of(tenant, TENANT)
        if base is not None:
            base = _surviving(base, namespace, name)
        waiting = self._waiting and self.forwards.take(namespace._owner, name)
        if waiting:
            return self._fill(waiting, blueprint, base, namespace, source)
        model: Any = self.registry.model_type(name, blueprint, base)
        model._use(source)
        if inner is None:
            self.registry.add(namespace, name, model)
        else:
            self.registry.place(namespace, name, model)
        if base is not None or blueprint.mixins or self._events is not None:
            self.finish(model)
        return model

    def _fill(
        self,
        model: Any,
        blueprint: Blueprint,
        base: Any,
        namespace: ModelRegistryProxy,
        source: Any,
    ) -> Any:
        """Return *model*, which was referred to before, as the one that is defined now."""
        former = model._blueprint
        model.become(blueprint, base)

        def go_back() -> None:
            model.go_back(former, namespace._owner)
            self.forwards.put_back(namespace._owner, model)

        with OnFailure(go_back):
            model._use(source)
            self.registry.place(namespace, model.model_name, model)
        if base is not None or blueprint.mixins or self._events is not None:
            self.finish(model)
        return model

    # what models stand on ---------------------------------------------------------------------

    def blueprint(
        self,
        name: str,
        properties: Any,
        settings: Any,
        base: Any,
        namespace: ModelRegistryProxy | None,
        source: Any,
        traits: Traits,
        *,
        siblings: Callable[[str], Any] | None = None,
    ) -> tuple[Blueprint, Any]:
        """Return blueprint and base of a definition, read anew only if it is not known.

        Args:
            name: Name of the model.
            properties: Name -> type or definition, or a `ParsedDefinition`.
            settings: Model settings.
            base: Model, or name of one, to extend.
            namespace: Where the model will be registered, None for a tenant that has none yet.
            source: Its data source, None where routing decides.
            traits: What the store wants.
            siblings: Finds what is read with it and may be mixed in.  With it names of models mean
                those that are there, and none that is still to come.

        Raises:
            DefinitionError: Something in it is not understood; the message names it.
        """
        if type(name) is not str or name not in self._good_names:
            self.reader.check_name(name)
        if type(properties) is not ParsedDefinition:

            def scope_of() -> Scope:
                found = self.registry.scope(namespace, source)
                return found if siblings is None else found.settled(siblings)

            return self._of_raw(name, properties, settings, base, scope_of, traits)
        if properties.models or settings or base is not None:
            given = Given(properties, settings, base)
            _check_usable(name, given, self.registry.scope(namespace, source))
        known = properties.blueprints.get(traits)
        return known or self.reader.compile(name, properties, traits), properties.base

    def _of_raw(
        self,
        name: str,
        properties: Any,
        settings: Any,
        base: Any,
        scope_of: Callable[[], Scope],
        traits: Traits,
    ) -> tuple[Blueprint, Any]:
        """Return blueprint and base of a definition as users write it."""
        scope, form = None, None
        if settings or base is not None or self.default_model_base_class is not None:
            scope = scope_of()
            base = self._based(scope.base(name, named_base(settings, base)), name, scope)
            form = None if base is None else form_of(base)
        head = (
            traits.relational,
            traits.id_type,
            self.reader.strict_embedded,
            self.reader.parent_ref,
            form,
            self.reader.types.version,
        )
        key = None if base is not None and has_class(base) else raw_key(head, properties, settings)
        known = self._known.get(key)
        if known is not None:
            return known, base
        scope = scope or scope_of()
        scope.asked = False  # the key tells of the base
        parsed = self.reader.read_on(name, Given(properties, settings), scope, base)
        made = self.reader.compile(name, parsed, traits)
        if not scope.asked and not made.mixins:
            self._known.keep(key, made)
        return made, parsed.base

    def _based(self, base: Any, name: str, scope: Scope) -> Any:
        """Return what a model extends: the default base class where nothing else is asked for.

        Raises:
            DefinitionError: The base does not descend from the default one.
        """
        root = self.default_model_base_class
        if root is None or is_root(root):
            return base
        if base is None:
            return scope.base(name, root)
        if not descends(base, root):
            raise DefinitionError(
                f"{name}: the base {base.model_name} does not descend from {root.model_name}, as "
                "all models of this builder extend.",
                model=name,
                value=base,
            )
        return base

    def parse(
        self,
        name: str,
        properties: Mapping[str, Any] | None,
        settings: Mapping[str, Any] | None,
        namespace: ModelRegistryProxy | None,
        *,
        base: Any = None,
        traits: Traits = PLAIN,
        module: str | None = None,
    ) -> tuple[Shape, Mapping[str, Any], Any]:
        """Return shape, settings and base for a definition; the caller's objects stay as they are.

        *module* is that of the class that is declared.

        Raises:
            DefinitionError: Something in it is not understood; the message names it.
        """
        given = Given(properties, settings, base)
        parsed = self.reader.read(name, given, self.registry.scope(namespace, module=module))
        shape = parsed.shape(traits, self.reader.id_type(traits))
        return shape, parsed.settings, parsed.base

    # structures in them -----------------------------------------------------------------------

    def embed(self, model: Any, namespace: ModelRegistryProxy | None) -> None:
        """Give *model* the models of its embedded structures, reusing equal ones of the owner.

        Without a namespace they are made for this model alone, until it is registered.
        """
        if model.shape.nested:
            self.registry.embed(model, namespace)

    def new_anonymous(self, name: str, shape: Shape) -> Any:
        """Return an anonymous model that is registered nowhere."""
        return self.registry.model_type(name, self._anonymous_blueprint(shape))

    def _anonymous_blueprint(self, shape: Shape) -> Blueprint:
        """Return the blueprint of the anonymous models of a structure."""
        found = self._anonymous.get(shape.fingerprint)
        if found is None:
            settings = {"anonymous": True, "id_injection": False}
            found = self.registry.shapes.blueprint(shape, settings, "AnonymousModel")
            self._anonymous[shape.fingerprint] = found
        return found

    def inner(self, shape: Shape) -> list[Blueprint]:
        """Return the blueprints of all anonymous structures in *shape*, at every depth."""
        found = []
        for kind in shape.nested.values():
            if kind.model is None:
                found += [self._anonymous_blueprint(kind.shape), *self.inner(kind.shape)]
        return found


def _surviving(base: Any, namespace: ModelRegistryProxy, name: str) -> Any:
    """Return *base*, or its own base if the model that is defined will replace it."""
    replaced = namespace._built(name)
    return replaced._base if replaced is not None and replaced is base else base


def _check_usable(name: str, given: Given, scope: Scope) -> None:
    """Refuse a parsed definition that cannot be defined here."""
    if given.settings or given.base is not None:
        raise DefinitionError(
            f"{name}: a parsed definition has its settings and base already; parse another one.",
            model=name,
        )
    for model in given.properties.models:
        scope.check(model)
