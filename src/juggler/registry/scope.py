"""Which models a definition may refer to, by name or as objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from juggler.definition.property import Property
from juggler.definition.shape import Shape
from juggler.errors import DefinitionError
from juggler.models.api import is_model
from juggler.models.blueprint import ShapeTable
from juggler.registry.forward import Forwards, HomelessError, is_undefined
from juggler.registry.inherit import ROOTS, unknown_base
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.owners import TENANT, Owner


class Scope:
    """What one definition may refer to: models of its own owner, of its data source, global ones.

    Another tenant's models are never among them, also not as objects.

    Args:
        spaces: Namespaces to look names up in, in order.
        home: Owner of the definition; None before it has one.
        forwards: Where models are found that are still to be defined; without, there are none.
        module: Module of the class that is declared.
        siblings: Finds what is read with it and may be mixed in; None for none.

    Attributes:
        used: The models that were referred to.
        asked: Whether anything depended on which models there are.
    """

    __slots__ = ("_forwards", "_home", "_module", "_siblings", "_spaces", "asked", "used")

    def __init__(
        self,
        spaces: tuple[ModelRegistryProxy, ...],
        home: Owner | None,
        forwards: Forwards | None = None,
        module: str | None = None,
        siblings: Callable[[str], Any] | None = None,
    ) -> None:
        self._siblings = siblings
        self._spaces = spaces
        self._home = home
        self._module = module
        self._forwards = forwards
        self.used: list[Any] = []
        self.asked = False

    def settled(self, siblings: Callable[[str], Any] | None = None) -> Scope:
        """Return the same models without those that are still to be defined."""
        return Scope(self._spaces, self._home, siblings=siblings)

    def find(self, expression: Any) -> Any:
        """Return the model that *expression*, a model or the name of one, means; None for none.

        Raises:
            DefinitionError: It belongs to another tenant.
            ModelDisposedError: It is gone.
        """
        self.asked = True
        found = self._named(expression) if isinstance(expression, str) else expression
        if not is_model(found):
            return None
        self.check(found)
        self.used.append(found)
        return found

    def mixin(self, name: str) -> Any:
        """Return the model called *name* that is mixed in, one that is read with it first."""
        found = None if self._siblings is None else self._siblings(name)
        return self.find(name) if found is None else found

    def check(self, model: Any) -> None:
        """Refuse a model that is gone or belongs to another tenant.

        Raises:
            DefinitionError: It belongs to another tenant.
            ModelDisposedError: It is gone.
        """
        if not is_undefined(model):
            model.check_alive("define")
        owner = model._owner
        if owner is not None and owner.kind == TENANT and owner is not self._home:
            raise DefinitionError(
                f"The model {model._name} belongs to a tenant; only that tenant's own models may "
                "refer to it.",
                model=model._name,
            )

    def base(self, name: str, base: Any) -> Any:
        """Return the base of the model *name* for a model or the name of one; None for the root.

        Raises:
            DefinitionError: There is no such model.
        """
        if base is None:
            return None
        found = self.find(base)
        if is_undefined(found) or (found is None and not is_root(base)):
            raise unknown_base(name, base)
        return found

    def forward(self, name: str) -> Any:
        """Return what stands for a model that is still to be defined; None where none can be.

        Raises:
            HomelessError: The definition has no owner yet that it could be defined for.
        """
        if self._forwards is None:
            return None
        homes = [home for home in (self._home, self._module) if home is not None]
        if not homes:
            raise HomelessError
        self.asked = True
        found = self._forwards.make(name, *homes)
        self.used.append(found)
        return found

    def _named(self, name: str) -> Any:
        """Return the model called *name* of the first namespace that has one."""
        for space in self._spaces:
            found = space.get(name)
            if found is not None:
                return found
        return None


def is_root(base: Any) -> bool:
    """Tell whether *base* stands for the root of all models: its name, or its class."""
    if isinstance(base, str):
        return base in ROOTS
    return isinstance(base, type) and base.__name__ in ROOTS and not hasattr(base, "_name")


class Resolver:
    """What the parser of one definition asks: models of its scope, and shapes.

    Args:
        scope: The models it may refer to.
        shapes: The registry's shapes.
        name: Name of the model that is defined, which means itself.
    """

    __slots__ = ("_name", "_scope", "_shapes")

    def __init__(self, scope: Scope, shapes: ShapeTable, name: str | None = None) -> None:
        self._scope = scope
        self._shapes = shapes
        self._name = name

    def model(self, expression: object) -> tuple[Shape, Any] | None:
        """Return shape and model for a model or the name of one."""
        found = None
        if isinstance(expression, str) and expression == self._name:
            found = self._scope.forward(expression)
        if found is None:
            found = self._scope.find(expression)
        return None if found is None else (found.shape, found)

    def forward(self, name: str) -> tuple[Shape, Any] | None:
        """Return what stands for the model *name* until it is defined, if the scope allows that."""
        found = self._scope.forward(name)
        return None if found is None else (found.shape, found)

    def intern(self, properties: list[Property], strict: bool | str) -> Shape:
        """Return the one shape of a structure."""
        return self._shapes.intern(properties, strict)
