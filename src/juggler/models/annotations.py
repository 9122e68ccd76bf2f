"""Annotated class bodies -> definitions of properties."""

from __future__ import annotations

import builtins
import typing
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, overload

from msgspec import UNSET

from juggler.definition.annotated import accepts_none, understood
from juggler.errors import DefinitionError

_VALUE_FORMAT: Final = 1  # of `annotationlib`, which Python has from 3.14 on
_CLASS_VARIABLES: Final = ("ClassVar", "typing.ClassVar", "t.ClassVar")


class PropertySpec:
    """What `prop` returns: the options of one declared property."""

    __slots__ = ("options",)

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options


@overload
def prop(
    *, generated: Literal[True], id: bool | int = ..., init: Literal[False] = ..., **options: Any
) -> Any: ...


@overload
def prop(
    *, computed: Callable[[Any], Any] | str, init: Literal[False] = ..., **options: Any
) -> Any: ...


@overload
def prop(
    *,
    default: Any = ...,
    default_fn: str | Callable[[], Any] | None = ...,
    default_factory: str | Callable[[], Any] | None = ...,
    id: bool | int = ...,
    required: bool | Mapping[str, Any] | None = ...,
    init: bool = ...,
    **options: Any,
) -> Any: ...


def prop(
    *,
    default: Any = UNSET,
    default_fn: str | Callable[[], Any] | None = None,
    default_factory: str | Callable[[], Any] | None = None,
    id: bool | int = False,
    generated: bool = False,
    required: bool | Mapping[str, Any] | None = None,
    init: bool = True,  # noqa: ARG001  read by type checkers alone
    **options: Any,
) -> Any:
    """Return the options of a property in a declared model.

    Args:
        default: Value of a missing property.
        default_fn: Function, or name of one, that makes the default.
        default_factory: The same, under the name that type checkers know: with it they let the
            constructor go without a value.
        id: The property is (a part of) the primary key.
        generated: The store makes the value; checkers want none in the constructor.
        required: A value must be given; derived from the annotation where it is None.
        init: For checkers: whether the constructor takes the property.
        options: Any other option of a property (``index``, ``unique``, ``length``, ``hidden``,
            ``computed`` ...).

    >>> class Order(Model):
    ...     id: int = prop(id=True, generated=True)
    ...     total: float
    >>> Order(total=3).total
    3
    """
    given: dict[str, Any] = dict(options)
    given |= {name: item for name, item in (("id", id), ("generated", generated)) if item}
    if default is not UNSET:
        given["default"] = default
    if default_fn is not None or default_factory is not None:
        given["default_fn"] = default_factory if default_fn is None else default_fn
    if required is not None:
        given["required"] = required
    return PropertySpec(given)


def own_properties(namespace: Mapping[str, Any], scope: Mapping[str, Any]) -> dict[str, Any]:
    """Return property name -> definition for the annotations of a class body.

    Names that begin with an underscore and class variables are no properties.

    Raises:
        DefinitionError: An annotation is no type, or one is missing.
    """
    annotated = _annotations(namespace)
    found = {}
    for name, annotation in annotated.items():
        if name.startswith("_") or _is_class_variable(annotation):
            continue
        kind = _evaluated(annotation, name, scope)
        if not _is_class_variable(kind):
            found[name] = _definition(name, kind, namespace.get(name, UNSET), scope)
    _check_specs(namespace, found)
    return found


def _check_specs(namespace: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    """Refuse what `prop` returned for a name that is no property."""
    for name, given in namespace.items():
        if isinstance(given, PropertySpec) and name not in found:
            raise DefinitionError(
                f"{name!r} has options of a property and no annotation; write "
                f"`{name}: str = prop(...)`, with a name that does not begin with an underscore.",
                property=name,
            )


def _annotations(namespace: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the annotations of a class body; from Python 3.14 on a function makes them."""
    found: Mapping[str, Any] | None = namespace.get("__annotations__")
    if found is not None:
        return found
    make = namespace.get("__annotate_func__") or namespace.get("__annotate__")
    return make(_VALUE_FORMAT) if make is not None else {}


def _is_class_variable(kind: Any) -> bool:
    """Tell whether an annotation, maybe text, is ``ClassVar``."""
    if isinstance(kind, str):
        return kind.partition("[")[0].strip() in _CLASS_VARIABLES
    return kind is typing.ClassVar or typing.get_origin(kind) is typing.ClassVar


class _Names(dict[str, Any]):
    """What names in an annotation mean; one that means nothing yet is a reference to a model."""

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name):
            return getattr(builtins, name)
        return typing.ForwardRef(name)


def _evaluated(annotation: Any, name: str, scope: Mapping[str, Any]) -> Any:
    """Return the type that an annotation, maybe text, stands for.

    A name that is not defined yet stands for the model that will bear it.
    """
    if not isinstance(annotation, str):
        return annotation
    try:
        return eval(annotation, {}, _Names(scope))  # noqa: S307  the module's own annotation
    except (SyntaxError, TypeError, AttributeError) as error:
        raise DefinitionError(
            f"The annotation of {name!r}, {annotation!r}, is no type: {error}.", property=name
        ) from error


def _definition(name: str, kind: Any, given: Any, scope: Mapping[str, Any]) -> dict[str, Any]:
    """Return the long form of one annotated property.

    What stands in ``Annotated`` gives options; those of `prop` win over them.
    """
    expression, options = understood(kind, lambda text: _referred(text, name, scope))
    options = {"type": expression, **options}
    if isinstance(given, PropertySpec):
        options.update(given.options)
    elif given is not UNSET and given is not None:
        options["default"] = given
    options.setdefault("required", _is_required(kind, given, options))
    return options


def _referred(text: str, name: str, scope: Mapping[str, Any]) -> Any:
    """Return what a reference in text stands for, its own name where nothing bears it yet."""
    found = _evaluated(text, name, scope)
    return found.__forward_arg__ if isinstance(found, typing.ForwardRef) else found


def _is_required(kind: Any, given: Any, options: Mapping[str, Any]) -> bool:
    """Tell whether an annotated property must be given: nothing else can make its value."""
    made = options.keys() & {"default", "default_fn", "computed"} or options.get("generated")
    return not made and given is not None and not accepts_none(kind)
