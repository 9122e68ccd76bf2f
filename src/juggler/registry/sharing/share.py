"""A grant at work: whether it holds, whose model is behind it, and the views there are."""

from __future__ import annotations

import weakref
from typing import Any, Final
from weakref import WeakKeyDictionary, WeakValueDictionary

from juggler.connectors.contract import ModelInfo
from juggler.errors import PermissionDeniedError
from juggler.models.api import ALIVE
from juggler.models.blueprint import Blueprint
from juggler.registry.sharing.acting import on_behalf
from juggler.registry.sharing.grant import WRITE, Grant
from juggler.registry.sharing.narrowing import blueprint_of, is_defined, nested_of

HOLDS: Final = ""


class Share:
    """What the registry keeps of one grant, as long as it holds; views point here.

    The owner's model is referred to weakly, so that its tenant may be evicted: who needs the model
    then wakes the tenant.

    Args:
        grant: What was given.
        model: The owner's model.
        blueprint: What views stand on.
        registry: Where the owner lives.
        deadline: When it ends, on the registry's clock; None for never.

    Attributes:
        codes: The grantees that are left; None where all tenants are.
        ended: Why it does not hold any more; empty while it does.
        info: What the connector is told of the owner's model.
        narrowed: The only properties that may be seen; None for all.
        views: Code of a grantee -> its view, as long as somebody has it.
        held: Grantee's part of the registry -> its view: kept as long as that is there.
    """

    __slots__ = (
        "__weakref__",
        "_model",
        "_registry",
        "blueprint",
        "codes",
        "deadline",
        "ended",
        "grant",
        "held",
        "info",
        "key",
        "narrowed",
        "views",
    )

    def __init__(
        self, grant: Grant, model: Any, blueprint: Blueprint, registry: Any, deadline: float | None
    ) -> None:
        self.grant = grant
        self.blueprint = blueprint
        self.codes = None if grant.with_ == "*" else set(grant.with_)
        self.deadline = deadline
        self.ended = HOLDS
        self.info: ModelInfo = model.info
        self.key: str = model.definition.key
        self.narrowed = None if grant.fields is None else frozenset(grant.fields)
        self.views: WeakValueDictionary[str, Any] = WeakValueDictionary()
        self.held: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()
        self._model = weakref.ref(model)
        self._registry = registry

    @property
    def owner(self) -> str:
        """Return the code of the tenant whose rows they are."""
        return self.grant.owner_tenant

    @property
    def may_write(self) -> bool:
        """Tell whether grantees may change rows."""
        return self.grant.access == WRITE

    def holds(self) -> bool:
        """Tell whether the grant still holds; costs next to nothing."""
        if self.ended:
            return False
        if self.deadline is not None and self._registry.clock() >= self.deadline:
            return False
        model = self._model()
        return model is None or not model.is_disposed

    def covers(self, code: str) -> bool:
        """Tell whether the tenant *code* is a grantee still."""
        return self.grant.covers(code) and (self.codes is None or code in self.codes)

    def is_of(self, model: Any) -> bool:
        """Tell whether *model*, of this name and owner, is the one behind this.

        One that was let go while its tenant was cold comes back as another object.
        """
        found = self._model()
        return found is None or found is model

    def refusal(self, operation: str) -> PermissionDeniedError:
        """Return the error for who uses a grant that does not hold."""
        grant = self.grant
        why = self.ended or "it is over"
        return PermissionDeniedError(
            f"{operation}: {grant.model_name} is not shared by {grant.owner_tenant} any more "
            f"({why}); ask for a new grant.",
            model=grant.model_name,
            tenant=grant.owner_tenant,
        )

    def model(self) -> Any:
        """Return the owner's model; a tenant at rest is woken.

        Raises:
            PermissionDeniedError: It is not there any more, or is another one.
        """
        found = self._model()
        if found is None:
            tenant = self._registry._tenant(self.owner)
            found = None if tenant is None else tenant.models.get(self.grant.model_name)
            if found is None or found.definition.key != self.key:
                self._registry._locked(self._registry._shares.end, self, "the model is gone")
                raise self.refusal("look up")
            self._model = weakref.ref(found)
        if found._status != ALIVE or found.is_disposed:
            raise self.refusal("look up")
        return found

    def follow(self, model: Any) -> bool:
        """Stand on the structure that *model* has now; tell whether all that is shared is there."""
        fields, registry = self.grant.fields, self._registry
        if not all(name in model.shape for name in fields or ()):
            return False
        blueprint = blueprint_of(registry, model, fields)
        if not is_defined(blueprint.definition.shape):
            return False
        self.blueprint, self.info, self.key = blueprint, model.info, model.definition.key
        for view in list(self.views.values()):
            view._stand_on(blueprint)
            view._nested = nested_of(registry, blueprint.definition.shape)
        return True

    def source(self, view: Any) -> Any:
        """Return the data source of the owner's rows, asked on the owner's behalf."""
        model = self.model()
        with on_behalf(view, self.owner):
            return model.data_source
