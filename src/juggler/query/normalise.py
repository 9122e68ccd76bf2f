"""Bring a parsed filter to a shape: operands coerced, names checked, fields resolved.

This is the last step before a connector, whatever parsed, merged or edited the filter before.
Normalising what is normalised changes nothing.
"""

from __future__ import annotations

from juggler.definition.shape import EmbeddedType, Shape
from juggler.errors import InvalidQueryError
from juggler.query.coercion import Place, coerce_condition
from juggler.query.limits import DEFAULT_LIMITS, Limits, too_deep
from juggler.query.nodes import Condition, Filter, Not, OrderBy, Where
from juggler.types.base import ValueType
from juggler.types.structured import AnyType, ListType

Path = tuple[str, ...]


def normalise(
    filter: Filter,
    shape: Shape | None,
    *,
    limits: Limits = DEFAULT_LIMITS,
    known_only: bool = False,
) -> Filter:
    """Return *filter* as a connector gets it.

    Args:
        filter: What `juggler.query.parse` made, or an earlier result.
        shape: Structure to coerce to; None for rows of which nothing is declared.
        limits: Bounds; here those of ``limit`` and of regular expressions count.
        known_only: Whether names that the shape does not know are refused, as stores with
            columns need it.

    Raises:
        InvalidQueryError: An operand does not fit, or a property is unknown.
    """
    names = _Names(shape, limits, known_only=known_only)
    return Filter(
        _Coercion(names, limits).where(filter.where),
        _order(filter.order, names),
        _limit(filter.limit, limits),
        filter.offset,
        _fields(filter, names),
        filter.include,
        filter.extras,
        from_start=filter.from_start,
    )


def normalise_where(
    where: Where,
    shape: Shape | None,
    *,
    limits: Limits = DEFAULT_LIMITS,
    known_only: bool = False,
    at: str = "where",
) -> Where:
    """Return *where* as a connector gets it; see `normalise`."""
    return _Coercion(_Names(shape, limits, known_only=known_only), limits, at).where(where)


class _Names:
    """What the shape says about a name."""

    def __init__(self, shape: Shape | None, limits: Limits, *, known_only: bool) -> None:
        self.shape = shape
        self.limits = limits
        self.known_only = known_only

    def place(self, path: Path, at: str) -> Place:
        """Return what *path* leads to; raise if it is unknown, not stored or too long."""
        if len(path) > self.limits.max_depth:
            raise too_deep(self.limits, at)
        if self.shape is not None and path[0] in self.shape.unstored:
            raise _unstored(path[0], at)
        place = Place(self.shape, path)
        if self.known_only and not place.is_known:
            raise _unknown(".".join(path), at)
        return place


class _ElementNames(_Names):
    """What is known of the elements of a list.

    Args:
        item: Their type, None where nothing is declared.
        shape: What is in them, None where nothing is declared.
        known_only: Whether other names are refused.
    """

    def __init__(
        self, item: ValueType | None, shape: Shape | None, limits: Limits, *, known_only: bool
    ) -> None:
        super().__init__(shape, limits, known_only=known_only)
        self.item = item

    def place(self, path: Path, at: str) -> Place:
        """Return what *path* leads to; an empty one leads to the element itself."""
        if not path:
            return Place(None, path, self.item)
        if self.item is not None and self.item.is_scalar and not isinstance(self.item, AnyType):
            raise _unknown(".".join(path), at)
        return super().place(path, at)


def _element_names(place: Place, at: str, names: _Names) -> _Names:
    """Return what is known of the elements of the list at *place*, one of *names*."""
    item = kind = place.kind
    if isinstance(kind, ListType):
        item = kind.item
    elif kind is not None and not isinstance(kind, AnyType):
        raise InvalidQueryError(
            f"{at}: elem_match looks into lists; this is one {kind.name}.", path=at
        )
    shape = item.shape if isinstance(item, EmbeddedType) else None
    return _ElementNames(item, shape, names.limits, known_only=names.known_only)


class _Coercion:
    """One pass over a where."""

    def __init__(self, names: _Names, limits: Limits, at: str = "where") -> None:
        self.names = names
        self.limits = limits
        self.at = at

    def where(self, where: Where) -> Where:
        """Return *where* coerced and without needless brackets."""
        if isinstance(where, Condition):
            return self.condition(where)
        if isinstance(where, Not):
            return Not(self.where(where.child))
        kind = type(where)
        children: list[Where] = []
        for child in map(self.where, where.children):
            children += child.children if isinstance(child, kind) else (child,)
        return children[0] if len(children) == 1 else kind(tuple(children))

    def condition(self, condition: Condition) -> Condition:
        """Return one condition coerced."""
        at = f"{self.at}.{condition.name}" if condition.path else self.at
        place = self.names.place(condition.path, at)
        if condition.operator == "elem_match":
            names = _element_names(place, at, self.names)
            inner = _Coercion(names, self.limits, f"{at}.elem_match").where(condition.value)
            return Condition(condition.path, condition.operator, inner)
        return coerce_condition(condition, place, self.limits, at)


def _order(order: tuple[OrderBy, ...], names: _Names) -> tuple[OrderBy, ...]:
    for term in order:
        names.place(term.path, "order")
    return order


def _limit(limit: int | None, limits: Limits) -> int | None:
    asked = limits.default_limit if limit is None else limit
    if limits.max_limit is None:
        return asked
    known = [number for number in (asked, limits.max_limit) if number is not None]
    return min(known, default=None)


def _fields(filter: Filter, names: _Names) -> tuple[str, ...] | None:
    """Return the properties to load; None for all."""
    if filter.fields is not None:
        return _known(filter.fields, names)
    return _others(filter.exclude, names.shape) if filter.exclude and names.shape else None


def _others(exclude: tuple[str, ...], shape: Shape) -> tuple[str, ...]:
    """Return the properties of *shape* that a store keeps and that are not in *exclude*."""
    out = {*exclude, *shape.unstored}
    left = tuple(name for name in shape.names if name not in out)
    if not left:
        raise InvalidQueryError("fields leaves out every property; ask for one.", path="fields")
    return left


def _known(fields: tuple[str, ...], names: _Names) -> tuple[str, ...]:
    """Return those of *fields* that rows can have."""
    shape = names.shape
    if shape is None:
        return fields
    for name in shape.unstored.intersection(fields):
        raise _unstored(name, "fields")
    if not (names.known_only or shape.strict):
        return fields
    found = tuple(filter(shape.__contains__, fields))
    if not found:
        raise _unknown(", ".join(fields), "fields")
    return found


def _unstored(name: str, at: str) -> InvalidQueryError:
    return _unknown(name, at, " that a store keeps")


def _unknown(name: str, at: str, which: str = "") -> InvalidQueryError:
    return InvalidQueryError(
        f"{at}: the model has no property {name!r}{which}.",
        code="UNKNOWN_PROPERTY",
        path=at,
        property=name,
        value=name,
    )
