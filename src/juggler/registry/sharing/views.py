"""Views: the models that grantees work with, each on another tenant's rows."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from juggler.connectors.contract import ModelInfo
from juggler.connectors.observing import Observe, wrapped
from juggler.errors import ModelDisposedError, PermissionDeniedError, TenantContextError
from juggler.models.api import ALIVE, ModelApi
from juggler.models.behaviour import GETTERS, SETTERS, Behaviour, Removal
from juggler.models.binding import Home, Source
from juggler.models.blueprint import Blueprint
from juggler.models.extending import names_of
from juggler.models.extras import Names
from juggler.models.runtime import RuntimeModel
from juggler.models.validating.implied import is_about_new_records
from juggler.models.validating.rules import rules_of
from juggler.registry.sharing.acting import done_on_behalf, is_acting, on_behalf
from juggler.registry.sharing.narrowing import nested_of
from juggler.registry.sharing.share import Share
from juggler.registry.sharing.source import SharedSource
from juggler.validation.rules import Rule, add_rules

READING: Final = frozenset(
    "aggregate count distinct exists find find_by_id find_by_ids find_one find_page is_valid "
    "iterate ping reload used".split()
) | {"nested values"}
"""Operations that every grant allows."""

CHANGING: Final = frozenset("save update_all update_attribute update_attributes".split())
"""Operations that a grant to write allows where it is limited to some properties."""

OWNING: Final = frozenset("attach define define_property extend register share".split())
"""What only the owner may do with a model."""


class SharedHome:
    """The owner of a view as one operation sees it: the grantee, working on another's rows.

    The operation keeps the owner of the rows in use, too, but is no work of it.
    """

    __slots__ = ("_at_work", "_registry", "_share", "tenant")

    kind: Final = "tenant"

    def __init__(self, share: Share, registry: Any, code: str) -> None:
        self.tenant = code
        self._share = share
        self._registry = registry
        self._at_work: Any = None

    @property
    def owner(self) -> str:
        """Return the grantee's code."""
        return self.tenant

    @property
    def behalf(self) -> str:
        """Return the code of the tenant whose observers run in what the grantee does."""
        return self._share.owner

    @property
    def closed(self) -> bool:
        """Tell whether the grant is over."""
        return not self._share.holds()

    @property
    def in_flight(self) -> int:
        """Return how many operations of the grantee are at work."""
        known = self._registry._tenants.get(self.tenant)
        return 0 if known is None else known.owner.in_flight

    def space(self) -> None:
        """Return no namespace: a view stands in none."""

    @property
    def registry(self) -> Any:
        """Return the registry that both tenants are in."""
        return self._registry

    def route(self, model: Any) -> Source | None:
        """Return no source: a view asks its owner."""

    def work(self) -> None:
        """Count work on the rows of the owner, unless it is over before it began.

        The owner is not noted as being at work: what the grantee does is its own work.
        """
        with suppress(PermissionDeniedError):
            self._at_work = self._share.model()._owner
            self._at_work.enter()

    def leave(self) -> None:
        """Count it as ended."""
        if self._at_work is not None:
            self._at_work.leave()
            self._at_work = None

    def tenant_at_work(self, code: str) -> Home | None:
        """Return the record of the tenant that works with the view."""
        found: Home | None = self._registry.tenant_at_work(code)
        return found


class Inherited(NamedTuple):
    """Rules that a view takes over, in the place of those that follow from its definition."""

    rules: tuple[Rule, ...]
    removals: tuple[Removal, ...] = (Removal(),)

    def with_own(self, _: tuple[Rule, ...]) -> tuple[Rule, ...]:
        """Return the rules of the owner's model."""
        return self.rules


class OwnBehaviour(Behaviour):
    """What a grantee adds to its view: it cannot take anything away that is the owner's.

    Args:
        view: The view, referred to weakly.
    """

    __slots__ = ("_view",)

    def __init__(self, view: ViewApi) -> None:
        super().__init__()
        self._view = weakref.ref(view)

    def remove_rules(self, removal: Removal) -> None:
        """Remove own rules.

        Raises:
            PermissionDeniedError: The owner has rules that fit, which always hold.
        """
        view = self._view()
        behind = None if view is None else view._base
        if view is not None and behind is not None and any(map(removal.fits, behind.rules())):
            raise view.denied("remove_validation", "the owner's rules always hold")
        self.rules = tuple(rule for rule in self.rules if not removal.fits(rule))

    def with_own(self, others: tuple[Rule, ...]) -> tuple[Rule, ...]:
        """Return *others*, which are the owner's, and the own ones; nothing of it is kept."""
        return add_rules(others, *self.rules)


class Behind:
    """What a view takes over from the owner's model: its rules and observers, run as the owner."""

    __slots__ = ("_view",)

    _base: Final = None

    def __init__(self, view: ViewApi) -> None:
        self._view = view

    @property
    def _blueprint(self) -> Blueprint:
        """Return what the view stands on: what follows from that alone does not count."""
        return self._view._blueprint

    @property
    def _behaviour(self) -> Inherited | None:
        """Return the rules of the owner's model; None where its definition says them all."""
        found = self.rules()
        if found == self._view._blueprint.rules and not any(map(_has_function, found)):
            return None
        share = self._view._share
        return Inherited(tuple(_on_behalf(self._view, share.owner, rule) for rule in found))

    def rules(self) -> tuple[Rule, ...]:
        """Return the rules of the owner's model that are about what is shared."""
        share = self._view._share
        found, shared = rules_of(share.model()), share.narrowed
        if shared is None:
            return found
        return tuple(rule for rule in found if rule.field.split(".")[0] in shared)

    def _find(self, kind: str, name: str) -> Any:
        """Return the accessor that the owner's model has for a property, run as the owner."""
        view, share = self._view, self._view._share
        found = share.model()._find(kind, name) if kind in {GETTERS, SETTERS} else None
        return None if found is None else done_on_behalf(view, share.owner, found)

    def observers_of(self, operation: str) -> tuple[Observe, ...]:
        """Return the owner's observers of *operation*."""
        view, share = self._view, self._view._share
        found: tuple[Observe, ...] = share.model().observers_of(operation)
        return tuple(
            wrapped(each, lambda function: done_on_behalf(view, share.owner, function))
            for each in found
        )


class ViewApi(ModelApi):
    """What is different about a view of a grantee; all else it has in common with other models.

    It belongs to the grantee, works only while that is the current tenant, and stands in no
    namespace.  The owner's default scope, rules and observers hold and run on the owner's behalf;
    observers that the grantee adds to its view run after them.
    """

    __slots__ = ()

    _share: Share
    _code: str
    _registry: Any

    def __init__(self, share: Share, registry: Any, code: str) -> None:
        blueprint = share.blueprint
        view: Any = self  # a mixin has no slots of its own
        view._name = share.grant.model_name
        view._blueprint = blueprint
        view._nested = nested_of(registry, blueprint.definition.shape)
        view._since = 0.0
        view._source = view._behaviour = view._info = None
        view._status = ALIVE
        view._share, view._code, view._registry = share, code, registry

    @property
    def _owner(self) -> SharedHome:  # type: ignore[override]  # never written: it is no slot here
        return SharedHome(self._share, self._registry, self._code)

    @property
    def _base(self) -> Behind | None:
        return Behind(self) if self._share.holds() else None

    @_base.setter
    def _base(self, base: None) -> None:
        """Let go of what is behind a view: it never had it."""

    @property
    def base(self) -> Any:
        """Return None: whose model it is a view of is not for grantees to use."""
        return None

    @property
    def grant(self) -> Any:
        """Return the grant that the view stands on."""
        return self._share.grant

    @property
    def info(self) -> ModelInfo:
        """Return what operations know of the model."""
        if self._share.narrowed is None:
            return self._share.info
        return super().info

    @property
    def is_disposed(self) -> bool:
        """Tell whether the view is of no use any more."""
        return self._status != ALIVE or not self._share.holds()

    def check_alive(self, operation: str = "used") -> None:
        """Raise unless the view may do *operation* now, for the current tenant.

        Raises:
            ModelDisposedError: The grantee was cleaned up.
            PermissionDeniedError: The grant is over, or does not go that far.
            TenantContextError: The current tenant is another than the grantee.
        """
        share = self._share
        if self._status != ALIVE:
            raise ModelDisposedError(
                f"{operation}: the tenant {self._code} was cleaned up, and its view of "
                f"{self._name} with it.",
                model=self._name,
                tenant=self._code,
            )
        if not share.holds():
            raise share.refusal(operation)
        if operation not in READING:
            self._check_write(operation)
        if self._registry.current_tenant() != self._code and not is_acting(self):
            raise TenantContextError(
                f"{operation}: {self._name} is shared with the tenant {self._code}, which is not "
                "the current one.",
                model=self._name,
                tenant=self._registry.current_tenant(),
            )

    def _check_write(self, operation: str) -> None:
        share = self._share
        if operation in OWNING:
            raise self.denied(operation, "it belongs to another tenant")
        if not share.may_write:
            raise self.denied(operation, "it is shared for reading")
        if share.narrowed is not None and operation not in CHANGING:
            raise self.denied(operation, "only some properties of it are shared")

    def denied(self, operation: str, why: str) -> PermissionDeniedError:
        """Return the error for what the grant does not allow."""
        return PermissionDeniedError(
            f"{operation}: {self._name} of the tenant {self._share.owner}: {why}.",
            model=self._name,
            tenant=self._code,
        )

    # where its data is ------------------------------------------------------------------------

    @property
    def data_source(self) -> Any:
        """Return the owner's data source within the grant, whatever tenant is current."""
        return self.get_data_source()

    @data_source.setter
    def data_source(self, source: Any) -> NoReturn:
        raise self.denied("data_source", "where its rows are is the owner's business")

    def get_data_source(self) -> Any:
        """Return the owner's data source within the grant."""
        self.check_alive()
        return SharedSource(self, self._share.source(self))

    def default_scope(self, target: Any = None, inst: Any = None) -> Any:
        """Return the owner's default scope; None where only some properties are shared.

        Its condition holds all the same: it is put on every call at the store.
        """
        if self._share.narrowed is not None:
            return None
        scoped = getattr(self._share.model(), "default_scope", None)
        if scoped is None:
            return None
        with on_behalf(self, self._share.owner):
            return scoped(target, inst)

    # validation -------------------------------------------------------------------------------

    def _own_behaviour(self) -> Behaviour:
        if self._behaviour is not None:
            return self._behaviour
        view: Any = self  # a mixin has no slots of its own
        made = view._behaviour = OwnBehaviour(self)
        return made

    def _names(self) -> Names:
        found = self._share.blueprint.names
        return found if self._behaviour is None else found | names_of(self._behaviour)

    def _behind(self) -> tuple[Any, AbstractContextManager[None]]:
        """Return the owner's model, and what a block is run in on behalf of the owner."""
        return self._share.model(), on_behalf(self, self._share.owner)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Raise: the models that the owner's settings name are not shared."""
            raise AttributeError(f"The view {self._name} has no attribute {name!r}.")

    def __repr__(self) -> str:
        return f"[View of {self._share.owner}'s {self._name}]"


class RuntimeView(ViewApi, RuntimeModel):
    """A view in a registry whose models have no methods on a store."""

    __slots__ = ("_code", "_registry", "_share")


def _has_function(rule: Rule) -> bool:
    """Tell whether *rule* calls what the owner gave."""
    return not is_about_new_records(rule) and any(
        callable(each) for each in (rule.function, rule.if_, rule.unless)
    )


def _on_behalf(view: ViewApi, code: str, rule: Rule) -> Rule:
    """Return *rule* with its functions run on behalf of the tenant *code*."""
    if not _has_function(rule):
        return rule
    found: dict[str, Callable[..., Any]] = {
        name: done_on_behalf(view, code, function)
        for name in ("function", "if_", "unless")
        if callable(function := getattr(rule, name))
    }
    return replace(rule, **found)  # type: ignore[arg-type]  # by name
