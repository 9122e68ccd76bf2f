"""Points on the globe and the distance between them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NoReturn

from juggler.errors import InvalidValueError
from juggler.types.coerced import CoercedType, shown
from juggler.types.number import NUMBER
from juggler.types.plain import plain
from juggler.types.structured import parse_json

EARTH_RADIUS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "miles": 3958.75,
        "kilometers": 6370.99056,
        "meters": 6370990.56,
        "feet": 20902200.0,
        "radians": 1.0,
        "degrees": 57.29577951308,
    }
)
"""Radius of the earth in each unit that distances can be asked in."""

_LIMITS: Final = {"lat": 90.0, "lng": 180.0}


class GeoPoint:
    """A place given by latitude and longitude; immutable, hashable, equal by value.

    It is made from two numbers, a mapping with ``lat`` and ``lng``, a list ``[lat, lng]``, text
    ``"lat,lng"``, JSON text of either form, or another point.  Numeric text is read.

    Raises:
        InvalidValueError: A coordinate is missing, no number or out of range; the message names it.

    >>> str(GeoPoint([52.52, "13.4"]))
    '52.52,13.4'
    """

    __slots__ = ("lat", "lng")

    lat: float
    lng: float

    def __init__(self, lat: Any = None, lng: Any = None) -> None:
        if lng is None:
            lat, lng = _parts(lat)
        object.__setattr__(self, "lat", _coordinate("lat", lat))
        object.__setattr__(self, "lng", _coordinate("lng", lng))

    @staticmethod
    def distance_between(a: Any, b: Any, unit: str | Mapping[str, str] = "miles") -> float:
        """Return the great-circle distance between *a* and *b*, which are made points if needed.

        *unit* is ``miles``, ``kilometers``, ``meters``, ``feet``, ``radians`` or ``degrees``, also
        as ``{"type": unit}``.

        Raises:
            InvalidValueError: The unit is unknown, or a point is none.
        """
        radius = earth_radius(unit)
        a = a if isinstance(a, GeoPoint) else GeoPoint(a)
        b = b if isinstance(b, GeoPoint) else GeoPoint(b)
        return haversine(a, b) * radius

    def distance_to(self, other: Any, unit: str | Mapping[str, str] = "miles") -> float:
        """Return the distance to *other*; see `distance_between`."""
        return GeoPoint.distance_between(self, other, unit)

    def to_json(self) -> dict[str, float]:
        """Return ``{"lat": ..., "lng": ...}``; whole numbers have no fraction."""
        return {"lat": _short(self.lat), "lng": _short(self.lng)}

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"A point cannot be changed: {name} is fixed.")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"A point cannot be changed: {name} is fixed.")

    def __copy__(self) -> GeoPoint:
        return self

    def __deepcopy__(self, memo: Any) -> GeoPoint:
        return self

    def __reduce__(self) -> tuple[type[GeoPoint], tuple[float, float]]:
        return GeoPoint, (self.lat, self.lng)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, GeoPoint):
            return NotImplemented
        return self.lat == other.lat and self.lng == other.lng

    def __hash__(self) -> int:
        return hash((self.lat, self.lng))

    def __str__(self) -> str:
        return f"{_short(self.lat)},{_short(self.lng)}"

    def __repr__(self) -> str:
        return f"GeoPoint({_short(self.lat)}, {_short(self.lng)})"


class GeoPointType(CoercedType):
    """A `GeoPoint`."""

    name = "geopoint"
    bad_code = "type.geopoint"
    bad_message = "is not a geo point"

    def coerce(self, value: Any) -> Any:
        """Return *value* as a point.

        Raises:
            InvalidValueError: It is none; the message names the coordinate.
        """
        return value if isinstance(value, GeoPoint) else GeoPoint(value)

    def load(self, stored: Any) -> Any:
        """Return *stored* as a point, or unchanged where it is none."""
        try:
            return self.coerce(stored)
        except InvalidValueError:
            return stored

    def dump(self, value: Any) -> Any:
        """Return *value* as ``{"lat": ..., "lng": ...}``."""
        return value.to_json() if type(value) is GeoPoint else plain(value)

    def condition(self, operand: Any) -> Any:
        """Return *operand* as a point where it is one, else unchanged: no point equals it."""
        return self.load(operand)


GEO_POINT: Final = GeoPointType()


def haversine(a: GeoPoint, b: GeoPoint) -> float:
    """Return the angle between two points seen from the centre of the earth, in radians."""
    lat_a, lng_a = math.radians(a.lat), math.radians(a.lng)
    lat_b, lng_b = math.radians(b.lat), math.radians(b.lng)
    across = math.sin((lng_b - lng_a) / 2) ** 2 * math.cos(lat_a) * math.cos(lat_b)
    half = math.sqrt(math.sin((lat_b - lat_a) / 2) ** 2 + across)
    return 2 * math.asin(min(1.0, half))  # rounding may put opposite points past 1


def earth_radius(unit: str | Mapping[str, str]) -> float:
    """Return the radius of the earth in *unit*.

    Raises:
        InvalidValueError: The unit is unknown.
    """
    name: Any = unit.get("type", "miles") if isinstance(unit, Mapping) else unit
    radius = EARTH_RADIUS.get(name) if isinstance(name, str) else None
    if radius is None:
        known = ", ".join(EARTH_RADIUS)
        raise InvalidValueError(f"Unknown unit {shown(name)}; known are {known}.", value=name)
    return radius


def _parts(value: Any) -> tuple[Any, Any]:
    """Return the two coordinates in *value*, None for one that is not there."""
    if isinstance(value, GeoPoint):
        return value.lat, value.lng
    value = parse_json(value)
    if isinstance(value, str):
        value = value.split(",")
        if len(value) != 2:
            raise InvalidValueError("A point as text must be 'lat,lng'.", value=",".join(value))
    if isinstance(value, Mapping):
        return value.get("lat"), value.get("lng")
    if isinstance(value, (list, tuple)):
        pair = [*value[:2], None, None]
        return pair[0], pair[1]
    raise InvalidValueError(f"{shown(value)} is no point: lat and lng are needed.", value=value)


def _coordinate(name: str, value: Any) -> float:
    """Return *value* as the coordinate *name*."""
    number = None if value is None or isinstance(value, bool) else NUMBER.coerce(value)
    if not isinstance(number, (int, float)):
        raise InvalidValueError(f"{name} must be a number, not {shown(value)}.", value=value)
    limit = _LIMITS[name]
    if not -limit <= number <= limit:
        message = f"{name} must be between -{limit:g} and {limit:g}, not {shown(value)}."
        raise InvalidValueError(message, value=value)
    return float(number)


def _short(number: float) -> float:
    return int(number) if number.is_integer() else number
