"""The mixins of one registry or builder, by name, and applying them to models."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from juggler.definition.property import Property
from juggler.errors import DefinitionError
from juggler.models.api import is_model
from juggler.models.mixins.contribute import contribute, lacking
from juggler.models.mixins.forms import Use, uses_in
from juggler.models.mixins.soft_delete import SOFT_DELETE, Amendment
from juggler.models.structure import StructureMethods

Extend = Callable[[Any, Mapping[str, Any], Mapping[str, Any] | None], Any]
"""Adds properties, and settings, to a model."""

Find = Callable[[str], Any]
"""Finds the model that a name means to a definition; None for none."""


class Mixin(NamedTuple):
    """A mixin as it was defined.

    Attributes:
        name: Its name; empty for a model that has none in the table.
        source: A function of a model and options, or a model.
        requires: Names of mixins that are applied before it.
    """

    name: str
    source: Any
    requires: tuple[str, ...] = ()

    @property
    def is_model(self) -> bool:
        """Tell whether it is a model that is mixed in, there or still to be built."""
        return isinstance(self.source, StructureMethods) and hasattr(self.source, "_name")


BUILT_IN: Final[Mapping[str, Mixin]] = MappingProxyType(
    {"SoftDelete": Mixin("SoftDelete", SOFT_DELETE)}
)
"""The mixins that every registry has, unless it defines others of these names."""


class Mixins:
    """Name -> mixin; belongs to one registry, or to one builder of it, and is let go with it.

    What another registry defines is never found here.  It holds what is defined until it is defined
    anew or removed, so no tenant's model can be in it.  Safe from several threads.

    Args:
        extend: Adds properties to a model.
        look_up: Finds a model by name, for a model that asks.
        parent: The mixins of the registry, where the others are a builder's own.
    """

    def __init__(
        self, extend: Extend, look_up: Callable[[str, Any], Any], parent: Mixins | None = None
    ) -> None:
        self._extend = extend
        self._look_up = look_up
        self._parent = parent
        self._by_name: dict[str, Mixin] = {}
        self._version = 0

    @property
    def version(self) -> int:
        """Return a number that changes with every definition."""
        return self._version + (0 if self._parent is None else self._parent.version)

    def define(self, name: Any, mixin: Any, *, requires: Iterable[str] = ()) -> Any:
        """Define a mixin and return it; one of that name is replaced.

        Args:
            name: What models ask for in their setting ``mixins``.
            mixin: A function of the model and the options, which is a dict; or a model, whose
                properties, rules, hooks, accessors, methods and static members are contributed.
            requires: Names of mixins that are applied first, if the model has them not already.

        Raises:
            DefinitionError: It is neither, it is async, or it is a tenant's model.
        """
        if not isinstance(name, str) or not name:
            raise DefinitionError(f"A mixin has a name, not {name!r}.", value=name)
        _check_source(name, mixin)
        required = (requires,) if isinstance(requires, str) else tuple(requires)
        self._by_name[name] = Mixin(name, mixin, required)
        self._version += 1
        return mixin

    def remove(self, name: str) -> None:
        """Forget a mixin; models that have it keep it.  No error if there is none."""
        if self._by_name.pop(name, None) is not None:
            self._version += 1

    def get(self, name: str) -> Mixin | None:
        """Return the mixin *name*, of the registry where the builder has none; None for none."""
        found = self._by_name.get(name)
        if found is None and self._parent is not None:
            return self._parent.get(name)
        return BUILT_IN.get(name) if found is None else found

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> Iterator[str]:
        yield from dict.fromkeys((*(self._parent or ()), *self._by_name))

    # at definition ------------------------------------------------------------------------------

    def amend(
        self, name: str, settings: Mapping[str, Any], taken: Iterable[str], find: Find
    ) -> tuple[list[Property], Mapping[str, Any]]:
        """Return what mixins give a model which is being defined: properties and settings.

        Args:
            name: Name of the model.
            settings: Its settings, those of its base included.
            taken: Names of properties that it has, or does not want.
            find: Finds a model by name.

        Raises:
            DefinitionError: There is no such mixin, or the setting is not understood.
        """
        found: list[Property] = []
        names, given = set(taken), dict[str, Any]()
        for mixin, options in self._planned(name, uses_in(settings["mixins"], name), find):
            new: list[Property] = []
            if mixin.is_model:
                mixin.source.check_alive("mixin")
                new = lacking(names, mixin.source)
            elif isinstance(mixin.source, Amendment):
                items, more = mixin.source.make(name, options)
                given |= more
                new = [item for item in items if item.name not in names]
            names.update(item.name for item in new)
            found += new
        return found, given

    def apply_settings(self, model: Any) -> None:
        """Apply what the settings of *model*, which has just been defined, ask for.

        Raises:
            DefinitionError: A mixin is async, or there is none of a name.
        """
        uses = model._blueprint.mixins
        for mixin, options in self._planned(model.model_name, uses, self._finder(model)):
            if mixin.is_model:
                _check_owner(model, mixin.source)
                contribute(model, mixin.source, options)
            elif not isinstance(mixin.source, Amendment):  # which the definition has already
                _call(mixin, model, options)

    # later ----------------------------------------------------------------------------------------

    def apply_mixin(self, model: Any, mixin: Any, options: Any = None) -> None:
        """Apply one mixin to *model*, and those that it requires.

        Args:
            model: The model.
            mixin: Name of a mixin or of a model, or a model.
            options: Options of the mixin; True is none.

        Raises:
            DefinitionError: There is none of that name, or it cannot be mixed in here.
            ModelDisposedError: A model is gone.
        """
        model.check_alive("mixin")
        given = _options(model, options)
        if not isinstance(mixin, str):
            _check_source(model.model_name, mixin, only_models=True)
            self._mix_in(model, mixin, given)
            return
        plan = self._planned(
            model.model_name, (Use(mixin, given),), self._finder(model), _had(model)
        )
        for found, its in plan:
            if found.is_model:
                self._mix_in(model, found.source, its)
            elif isinstance(found.source, Amendment):
                self._amend(model, found.source, its)
            else:
                _call(found, model, its)
                behaviour = model._own_behaviour()
                behaviour.mixed = (*behaviour.mixed, found.source)

    def _mix_in(self, model: Any, source: Any, options: Mapping[str, Any]) -> None:
        """Mix a model in: the properties that are missing, and all else that it has."""
        source.check_alive("mixin")
        _check_owner(model, source)
        new = lacking(model.shape, source)
        if new:
            self._extend(model, {item.name: item for item in new}, None)
        contribute(model, source, options)

    def _amend(self, model: Any, amendment: Amendment, options: Mapping[str, Any]) -> None:
        """Change the definition of a model that is there."""
        items, settings = amendment.make(model.model_name, options)
        new = {item.name: item for item in items if item.name not in model.shape}
        self._extend(model, new, settings)

    # inside ---------------------------------------------------------------------------------------

    def _finder(self, model: Any) -> Find:
        return lambda name: self._look_up(name, model)

    def _planned(
        self, model_name: str, uses: Iterable[Use], find: Find, had: Container[Any] = ()
    ) -> Iterator[tuple[Mixin, dict[str, Any]]]:
        """Yield the mixins of *uses* with their options, each after those that it requires.

        Args:
            model_name: For messages.
            uses: What is asked for.
            find: Finds a model by name.
            had: What the model has already, which nothing that requires it applies again.
        """
        plan = _Plan(model_name, lambda name: self._found(model_name, name, find), had)
        for use in uses:
            plan.options.setdefault(use.name, []).append(use.fresh_options())
        for name in plan.options:
            yield from plan.visit(name, ())

    def _found(self, model_name: str, name: str, find: Find) -> Mixin:
        found = self.get(name)
        if found is None:
            model = find(name)
            found = None if model is None else Mixin(name, model)
        if found is None:
            raise DefinitionError(
                f"{model_name}: there is no mixin {name!r}, and no model of that name; define it "
                "with `builder.mixins.define(name, mixin)` first.",
                model=model_name,
                value=name,
            )
        return found


class _Plan:
    """What is applied to one model, and in which order; lives for one definition."""

    __slots__ = ("_done", "_found", "_had", "_model_name", "options")

    def __init__(self, model_name: str, found: Callable[[str], Mixin], had: Container[Any]) -> None:
        self.options: dict[str, list[dict[str, Any]]] = {}
        self._model_name = model_name
        self._found = found
        self._had = had
        self._done: set[str] = set()

    def visit(self, name: str, above: tuple[str, ...]) -> Iterator[tuple[Mixin, dict[str, Any]]]:
        """Yield the mixin *name*, once for each of its options, after those that it requires."""
        if name in above:
            raise DefinitionError(
                f"{self._model_name}: the mixins {' -> '.join((*above, name))} require one "
                "another.",
                model=self._model_name,
            )
        mixin = self._found(name)
        is_there = name in self._had or mixin.source in self._had
        if name in self._done or (is_there and name not in self.options):
            return
        for required in mixin.requires:
            yield from self.visit(required, (*above, name))
        self._done.add(name)
        for its in self.options.get(name, [{}]):
            yield mixin, its


def _had(model: Any) -> list[Any]:
    """Return the names of mixins, the functions and the models that *model* has already."""
    found: list[Any] = []
    while model is not None:
        found += [use.name for use in model._blueprint.mixins]
        found += () if model._behaviour is None else model._behaviour.mixed
        model = model._base
    return found


def _options(model: Any, given: Any) -> Mapping[str, Any]:
    """Return the options of a mixin; None and True are none."""
    if given is None or given is True:
        return {}
    if isinstance(given, Mapping):
        return given
    raise DefinitionError(
        f"{model.model_name}: options of a mixin are a mapping, not {given!r}.",
        model=model.model_name,
    )


def _check_source(name: str, mixin: Any, *, only_models: bool = False) -> None:
    """Refuse what cannot be mixed in.

    Raises:
        DefinitionError: It cannot.
    """
    problem = _objection(mixin, only_models=only_models)
    if problem:
        raise DefinitionError(f"{name}: the mixin {mixin!r} {problem}.", model=name, value=mixin)


def _objection(mixin: Any, *, only_models: bool) -> str:
    """Return why something cannot be mixed in; empty if it can."""
    if is_model(mixin):
        is_tenants = mixin.owner_kind == "tenant" and not only_models
        return "belongs to a tenant; that tenant's models name it as it is" if is_tenants else ""
    if only_models or isinstance(mixin, type) or not callable(mixin):
        return "is neither a model nor a function of a model and options"
    is_async = inspect.iscoroutinefunction(mixin)
    return "is async; a mixin is applied at definition, and cannot wait" if is_async else ""


def _check_owner(model: Any, source: Any) -> None:
    """Refuse a tenant's model as a mixin of somebody else's.

    Raises:
        DefinitionError: It is one.
    """
    if source.owner_kind == "tenant" and source._owner is not model._owner:
        raise DefinitionError(
            f"{model.model_name}: the model {source.model_name} belongs to a tenant; only that "
            "tenant's own models may mix it in.",
            model=model.model_name,
        )


def _call(mixin: Mixin, model: Any, options: dict[str, Any]) -> None:
    """Run a function mixin.

    Raises:
        DefinitionError: It is async.
    """
    outcome = mixin.source(model, options)
    if inspect.isawaitable(outcome):
        if inspect.iscoroutine(outcome):
            outcome.close()
        raise DefinitionError(
            f"{model.model_name}: the mixin {mixin.name!r} is async; a mixin is applied while the "
            "model is defined, and cannot wait.",
            model=model.model_name,
        )
