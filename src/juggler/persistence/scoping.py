"""The default scope of a model, the values it forces on records, and which model a row is of.

Tenants are kept apart elsewhere: by the data source that routing gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from juggler.errors import InvalidQueryError
from juggler.models.api import ModelApi
from juggler.models.extras import NOTHING
from juggler.query.limits import DEFAULT_LIMITS
from juggler.query.merge import both, merge_scope, parse_scope
from juggler.query.nodes import And, Bare, Condition, Filter, Where
from juggler.query.normalise import normalise
from juggler.query.parse import parse_filter
from juggler.query.render import to_dict

_PARSED: Final = "juggler.persistence.scoping"
"""Key of the parsed scope in the cache of a `ModelInfo`."""


class Scope(Struct, frozen=True):
    """A default scope at work in one operation.

    Attributes:
        filter: The scope's own filter, coerced.
        off: Clauses of it that are not merged.
        values: Values that are forced on every record that is written.
        each: Works them out for one record of several, where they depend on what it is.
    """

    filter: Filter = field(default_factory=Filter)
    off: frozenset[str] = frozenset()
    values: Mapping[str, Any] = field(default_factory=dict)
    each: Callable[[Any], Mapping[str, Any]] | None = None

    def of(self, data: Any) -> Scope:
        """Return the scope for the one record of *data*."""
        return self if self.each is None else replace(self, values=self.each(data), each=None)

    def bind(self, where: Where) -> Where:
        """Return *where* within the scope."""
        return both(where, self.filter.where)

    def merge(self, query: Filter) -> Filter:
        """Return *query* within the scope."""
        return merge_scope(query, self.filter, self.off)


NO_SCOPE: Final = Scope()


_FORCING: Final = frozenset({"scope", "properties", "attributes", "soft_delete"})


class Scoped(ModelApi):
    """The part of the model API about default scopes."""

    __slots__ = ()

    def _called(self, data: Any = None, /, **given: Any) -> Any:
        """Return a new instance from a mapping and keywords, with the values the scope forces."""
        blueprint, is_usual = self._blueprint, data.__class__ is dict and not given
        if is_usual and blueprint.names is NOTHING and not may_force(self):
            return blueprint.make(self, data)
        if may_force(self):
            whole = {**data, **given} if isinstance(data, Mapping) else given
            given = {**given, **forced_values(self, whole)}
        return ModelApi._called(self, data, **given)

    if not TYPE_CHECKING:  # as in `ModelApi`
        __call__ = _called

    def default_scope(self, target: Any = None, inst: Any = None) -> Any:
        """Return the default scope: a filter, or None.  Override it in a declared class.

        It is the setting ``scope``; a function there is called with the query or the data that is
        asked about, and with the instance, if there is one.
        """
        given = self.settings.get("scope")
        return given(target, inst) if callable(given) else given

    def apply_scope(self, query: Any = None, inst: Any = None) -> dict[str, Any]:
        """Return *query* within the default scope, as a fresh mapping."""
        found = parse_filter(query)
        return to_dict(scope_of(self, lambda: query, inst).merge(found))

    def apply_properties(self, data: Mapping[str, Any], inst: Any = None) -> dict[str, Any]:
        """Return *data* with the values that the default scope forces."""
        return {**data, **(forced_values(self, data, inst) if may_force(self) else {})}

    def lookup_model(self, data: Mapping[str, Any]) -> Any:
        """Return the model that *data* or a row is of: this one.  Override it in a base class."""
        return self


_PLAIN_SCOPE: Final = Scoped.default_scope
_PLAIN_LOOKUP: Final = Scoped.lookup_model


def model_of(model: Any, data: Mapping[str, Any]) -> Any:
    """Return the model that *data* is of, as `Scoped.lookup_model` says."""
    return model.lookup_model(data) if looks_up(model) else model


def looks_up(model: Any) -> bool:
    """Tell whether the model has a `lookup_model` of its own."""
    return getattr(model.lookup_model, "__func__", None) is not _PLAIN_LOOKUP


def may_force(model: Any) -> bool:
    """Tell whether the model may have a default scope, or values of its own to force."""
    settings = model._blueprint.definition.settings
    if settings and not _FORCING.isdisjoint(settings):
        return True
    return getattr(model.default_scope, "__func__", None) is not _PLAIN_SCOPE


def _is_worked_out(model: Any) -> bool:
    """Tell whether functions say what the scope, or what is forced, is."""
    if getattr(model.default_scope, "__func__", None) is not _PLAIN_SCOPE:
        return True
    settings = model.settings
    return any(callable(settings.get(name)) for name in ("scope", "properties", "attributes"))


def scope_of(
    model: Any, target: Callable[[], Any], inst: Any = None, *, with_deleted: bool = False
) -> Scope:
    """Return the default scope for one operation; *target* makes the query or data if asked.

    For a list functions are asked with an empty mapping what the scope is, and with the data of
    each record what is forced on that.

    Records that are only marked as deleted are outside of it, unless *with_deleted* says otherwise.

    Raises:
        InvalidQueryError: The scope is not understood.
    """
    if not may_force(model):
        return NO_SCOPE
    data, each = target(), None
    if isinstance(data, list | tuple) and _is_worked_out(model):
        data, each = {}, partial(forced_values, model)
    given = model.default_scope(data, inst)
    filter, off = _parsed(model, given) if given else (NO_SCOPE.filter, NO_SCOPE.off)
    forced = _values(model, filter, data, inst) if each is None else {}
    marked = model.settings.get("soft_delete")
    if marked and not with_deleted:
        living = Condition((marked,), "eq", None)
        filter = replace(filter, where=both(filter.where, living))
    return Scope(filter, off, forced, each)


def as_told(filter: Any, clauses: Mapping[str, Any]) -> Any:
    """Return a query with its clauses that were given as keywords, as scope functions see it."""
    given = to_dict(filter) if isinstance(filter, Filter) else filter or {}
    return {**given, **clauses} if isinstance(given, Mapping) else given


def forced_values(model: Any, data: Any, inst: Any = None) -> Mapping[str, Any]:
    """Return the values that are forced on a record of *model*."""
    return scope_of(model, lambda: data, inst).values


def _parsed(model: Any, given: Any) -> tuple[Filter, frozenset[str]]:
    """Return a scope parsed and coerced; one that is a setting is read once."""
    cache = model.info.cache if given is model.settings.get("scope") else None
    if cache is not None and _PARSED in cache:
        found: tuple[Filter, frozenset[str]] = cache[_PARSED]
        return found
    try:
        filter, off = parse_scope(given, DEFAULT_LIMITS)
        parsed = normalise(filter, model.shape), off
    except InvalidQueryError as error:
        raise InvalidQueryError(
            f"The default scope of {model.model_name} is not understood: {error}",
            code=error.code,
            model=model.model_name,
            path=error.path,
            value=error.value,
        ) from error
    if cache is not None:
        cache[_PARSED] = parsed
    return parsed


def _values(model: Any, filter: Filter, data: Any, inst: Any) -> Mapping[str, Any]:
    """Return the forced values: the setting for them, else what the scope demands."""
    settings = model.settings
    given = settings.get("properties", settings.get("attributes"))
    if callable(given):
        given = given(data, inst) or {}
    if isinstance(given, Mapping):
        return given
    if given is False or settings.get("scope_enforce") is False:
        return {}
    return {each.name: each.value for each in _demanded(filter.where) if each.name in model.shape}


def _demanded(where: Where) -> list[Condition]:
    """Return each plain ``property: value`` in *where*, inside ``and`` too."""
    if isinstance(where, And):
        return [found for child in where.children for found in _demanded(child)]
    if not isinstance(where, Condition) or where.operator != "eq":
        return []
    is_plain = not isinstance(where.value, Mapping | list | tuple | Bare | None)
    return [where] if is_plain else []
