"""What a model builder does beside defining: change, copy, look up and derive models."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from juggler.definition.document import model_document
from juggler.definition.frozen import frozen
from juggler.definition.introspect import introspect, sample_definition
from juggler.definition.parse import PropertyParser
from juggler.definition.schema_reading import from_schema
from juggler.definition.settings import parse_settings
from juggler.definition.shape import EmbeddedType
from juggler.errors import DefinitionError
from juggler.models.listening import EventMethods, Listeners
from juggler.models.mixins.table import Mixins
from juggler.models.structure import set_up
from juggler.registry.anonymous import is_anonymous
from juggler.registry.inherit import family
from juggler.registry.modeldefinition import ModelDefinition
from juggler.registry.parsed import ParsedDefinition, Traits
from juggler.registry.placing import standing
from juggler.registry.reading import Reader
from juggler.registry.scope import Resolver
from juggler.types.table import TypeTable
from juggler.undoing import OnFailure

Create = Callable[[str, Mapping[str, Any], Mapping[str, Any]], Any]


class _Introspection:
    """Finds types of values: of a builder, which may know types of its own, or of the class."""

    def __get__(self, builder: BuilderMethods | None, owner: Any = None) -> Callable[[Any], Any]:
        return partial(introspect, table=TypeTable() if builder is None else builder.reader.types)


class BuilderMethods(EventMethods):
    """The part of a builder that works on models which are defined, or on samples of data.

    Whoever listens to ``define`` is called with each model that is defined, when it is complete.
    """

    registry: Any
    reader: Reader
    forwards: Any
    mixins: Mixins
    _names = 0
    _events: Listeners | None = None

    def _listeners(self, make: bool = False) -> Listeners | None:
        if make and self._events is None:
            self._events = Listeners()
        return self._events

    def finish(self, model: Any) -> None:
        """Mix in what the settings of a new model ask for, set it up and tell listeners.

        Raises:
            DefinitionError: A mixin cannot be applied; the model is gone then.
        """
        if model._blueprint.mixins:
            with OnFailure(lambda: self.registry.remove(model)):  # half a model is no use
                self.mixins.apply_settings(model)
        if model._base is not None or isinstance(model, type):
            set_up(model)
        self.emit("define", model)

    def _mixable(self, name: str, model: Any) -> Any:
        """Return the model that *name* means for the owner of *model*, or None."""
        owner = model._owner
        return self.registry.look_up(name, None if owner is None else owner.space())

    # types and functions ------------------------------------------------------------------------

    def define_default_fn(self, name: str, function: Callable[..., Any]) -> None:
        """Let ``default_fn`` of this builder's models name *function*.

        It is called without arguments or, if it takes one, with the values given so far.

        Raises:
            DefinitionError: The name is built in or no text, or *function* cannot be called.
        """
        self.reader.types.define_function(name, function)

    def resolve_type(self, expression: Any) -> Any:
        """Return the type, or the model, that a type expression stands for; None for nothing.

        Lists come back as a list with what their items are.
        """
        expression = _expression_of(expression)
        if isinstance(expression, list | tuple):
            return [self.resolve_type(item) for item in expression[:1]]
        scope = self.registry.current_scope()
        parser = PropertyParser(self.reader.types, Resolver(scope, self.registry.shapes))
        try:
            found = parser.type_of(expression, "type")
        except DefinitionError:
            return None
        return found.model or found if isinstance(found, EmbeddedType) else found

    introspect = _Introspection()
    """Returns the type expression that holds a value, which stays as it is."""

    # looking up -----------------------------------------------------------------------------------

    @property
    def definitions(self) -> dict[str, ModelDefinition]:
        """Return name -> definition of the models that `define` adds to."""
        return {name: self._definition(model) for name, model in self.models.items()}

    @property
    def models(self) -> Mapping[str, Any]:
        """Return the models that `define` adds to."""
        raise NotImplementedError

    def get_model(self, name: str, force_create: bool = False) -> Any:
        """Return the model *name* that is visible now, or None.

        Args:
            name: Name of the model.
            force_create: Return, for None, what becomes the model when it is defined.
        """
        found = self.registry.look_up(name, None)
        if found is None and force_create:
            self.reader.check_name(name)
            found = self.forwards.make(name, self.registry.current_space()._owner)
        return found

    def get_model_definition(self, name: str) -> ModelDefinition | None:
        """Return the definition of the model *name* that is visible now, or None."""
        found = self.registry.look_up(name, None)
        return None if found is None else self._definition(found)

    def _definition(self, model: Any) -> ModelDefinition:
        properties = {item.name: item for item in model.shape}
        return ModelDefinition(self, model.model_name, properties, model.settings)

    def delete_model_by_name(self, name: str) -> None:
        """Delete the model *name* of the current tenant, without a tenant the global one."""
        found = self.models.get(name)
        if found is not None:
            self.registry.remove(found)

    def get_schema_name(self, name: str | None = None) -> str:
        """Return *name*, or a new name of an anonymous model."""
        if name:
            return name
        self._names += 1
        return f"AnonymousModel_{self._names - 1}"

    # changing -----------------------------------------------------------------------------------

    def define_property(self, model: Any, name: str, definition: Any) -> None:
        """Add or replace one property of a *model*; see `extend_model`."""
        self.extend_model(model, {name: definition})

    def extend_model(
        self,
        model: Any,
        properties: Mapping[str, Any],
        settings: Mapping[str, Any] | None = None,
    ) -> Any:
        """Add or replace *properties* of a *model* and return it; None takes one away.

        The model moves to the shape of its new structure.  Instances made before keep theirs, and
        other models are untouched.

        Args:
            model: The model, or the name of one that is visible now.
            properties: Name -> type or definition.
            settings: Settings that the model gets, in the place of those of the same names.

        Raises:
            DefinitionError: A definition is not understood; nothing was changed.
            ModelDisposedError: The model is gone.
        """
        if isinstance(model, str):
            model = self._named(model)
        model.check_alive("define_property")
        if is_anonymous(model):
            raise DefinitionError(
                f"{model.model_name} is the structure of properties; define these anew instead.",
                model=model.model_name,
            )
        self.registry._awaken(model._owner)
        space = standing(model)
        scope = self.registry.scope(space, model._source)
        parser = PropertyParser(
            self.reader.types,
            Resolver(scope, self.registry.shapes),
            reserved=self.registry.reserved_names,
            model_name=model.model_name,
            strict_embedded=self.reader.strict_embedded,
        )
        found = {item.name: item for item in parser.parse(_typed(properties, model))}
        items = [
            found.pop(item.name, item) for item in model.shape if _stays(item, properties, found)
        ]
        whole = model.settings
        if settings:
            own = parse_settings(settings, model.model_name)
            whole = frozen({**whole, **own}, model.model_name)
        parsed = ParsedDefinition(
            [*items, *found.values()], whole, model.base, scope.used, self.registry.shapes
        )
        traits = self._traits_of(model)
        blueprint = parsed.compile(model.model_name, traits, self.reader.id_type(traits))
        self.registry.move(model, blueprint)
        return model

    def _named(self, name: str) -> Any:
        """Return the model *name* that is visible now."""
        found = self.get_model(name)
        if found is None:
            raise DefinitionError(f"There is no model {name} here.", model=name)
        return found

    def refit(self, model: Any) -> None:
        """Let *model* and all that extend it know the names that it adds to instances."""
        self.registry._locked(self._refit, model)

    def _refit(self, model: Any) -> None:
        for each in family(model, self.registry.spaces()):
            each._stand_on(each._blueprint)
            if self.registry._placement.moved is not None:
                self.registry._placement.moved(each)

    def _traits_of(self, model: Any) -> Traits:
        """Return what the store of *model* wants, its strictness as it is."""
        source = model._source
        found = Traits() if source is None else getattr(source, "traits", Traits())
        return Traits(found.relational or model.shape.strict is True, found.id_type)

    def copy_model(self, model: Any) -> Any:
        """Return a model of the same name and shape among those that `define` adds to.

        It extends its master: hooks and rules of the master count for it, and its instances are
        the master's too.
        """
        model.check_alive("copy_model")
        return self.copy_into(model, self.registry.current_space(), None)

    def copy_into(self, model: Any, namespace: Any, source: Any) -> Any:
        """Return a copy of *model* in a namespace, on a data source of its own."""
        made = self.registry.model_type(model.model_name, model._blueprint, model)
        made._use(source)
        self.registry.place(namespace, made.model_name, made)
        return made

    # deriving -----------------------------------------------------------------------------------

    def define(self, name: str, properties: Any = None, settings: Any = None) -> Any:
        """Define a model of the current tenant, without a tenant a global one."""
        raise NotImplementedError

    def build_model_from_instance(
        self, name: str, sample: Any, settings: Mapping[str, Any] | None = None
    ) -> Any:
        """Define a model that holds a *sample* record, which stays as it is.

        Raises:
            DefinitionError: The sample is no mapping, or contains itself.
        """
        properties, given = self.of_sample(sample, settings)
        return self.define(name, properties, given)

    def of_sample(
        self, sample: Any, settings: Mapping[str, Any] | None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return properties and settings of a model that holds a *sample* record."""
        properties = sample_definition(sample, self.reader.types)
        return properties, {"id_injection": False, **(settings or {})}

    def build_models(
        self,
        schemas: Any,
        create_model: Create | None = None,
        taken: Container[str] | None = None,
    ) -> dict[str, Any]:
        """Define models from schemas and return name -> model; they may refer to each other.

        Args:
            schemas: A list of ``{"name", "properties", "options"}``, one of them, or a bare map of
                properties.
            create_model: Makes a model of name, properties and settings, in place of `define`.
            taken: Names that no model without one is to get; those that `define` adds to unless
                given.

        Raises:
            DefinitionError: A schema is not understood.
        """
        create = self.define if create_model is None else create_model
        known = self.models if taken is None else taken
        read = [self._schema(schema, known) for schema in _listed(schemas)]
        parts = {name: (properties, settings) for name, properties, settings in read}
        made = {name: create(name, *parts[name]) for name in _bases_first(parts)}
        return {name: made[name] for name in parts}

    def _schema(
        self, schema: Any, taken: Container[str]
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        if not isinstance(schema, Mapping):
            raise DefinitionError(f"A schema is a mapping, not {schema!r}.", value=schema)
        if not isinstance(schema.get("properties"), Mapping):
            schema = {"properties": schema, "settings": {"anonymous": True, "id_injection": False}}
        given = schema.get("name")
        name = self.get_schema_name(given)
        while not given and name in taken:
            name = self.get_schema_name()
        return model_document({**schema, "name": name})

    def from_json_schema(
        self, schema: Mapping[str, Any], name: str | None = None, create: Create | None = None
    ) -> Any:
        """Define the model of a JSON schema, and those of objects it refers to; return it.

        Args:
            schema: Schema of an object; its title is the name of the model.
            name: Name of the model, in place of the title.
            create: Makes a model of name, properties and settings, in place of `define`.

        Raises:
            DefinitionError: It is no schema of an object, or has no name.
        """
        make = self.define if create is None else create
        made = None
        for each, (properties, settings) in from_schema(schema, name).items():
            made = make(each, properties, settings)
        return made


def _expression_of(expression: Any) -> Any:
    """Return the type in the long form of a property; what is none as it is."""
    is_long = isinstance(expression, Mapping) and "type" in expression
    return expression["type"] if is_long else expression


def _listed(schemas: Any) -> Sequence[Any]:
    return schemas if isinstance(schemas, list | tuple) else [schemas]


def _bases_first(parts: Mapping[str, tuple[Any, Mapping[str, Any]]]) -> Iterator[str]:
    """Yield the names of definitions, each after that of its base if this is among them."""
    waiting = dict.fromkeys(parts)
    while waiting:
        name: Any = next(iter(waiting))
        line: list[str] = []
        while isinstance(name, str) and name in waiting and name not in line:
            line.append(name)
            name = parts[name][1].get("base")
        for each in reversed(line):
            del waiting[each]
            yield each


def _stays(item: Any, given: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Tell whether a property is still there: it is not taken away."""
    return item.name in found or item.name not in given


def _typed(properties: Mapping[str, Any], model: Any) -> Mapping[str, Any]:
    """Return *properties*; refuse one in its long form that has no type."""
    for name, definition in properties.items():
        if definition == {} or (
            isinstance(definition, Mapping) and definition.get("type", 0) is None
        ):
            raise DefinitionError(
                f"Invalid type for property {name}: give it a type.",
                model=model.model_name,
                property=name,
            )
    return properties
