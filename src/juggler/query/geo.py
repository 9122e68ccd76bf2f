"""Near conditions in process: who is near, how near, and boxes that stores can search first."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from juggler.errors import InvalidValueError
from juggler.query.nodes import And, Condition, Near, Or, Where
from juggler.query.values import reach
from juggler.types.geo import GEO_POINT, GeoPoint, earth_radius, haversine

_SLACK: Final = 1e-9
"""Radians that a box is larger than it must be, against rounding."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of latitudes and longitudes, edges included."""

    south: float
    west: float
    north: float
    east: float


def near_conditions(where: Where) -> tuple[Condition, ...]:
    """Return the ``near`` conditions that sort the rows: all that are not negated."""
    if isinstance(where, Condition):
        return (where,) if where.operator == "near" else ()
    if isinstance(where, And | Or):
        return tuple(found for child in where.children for found in near_conditions(child))
    return ()


def location(value: Any) -> GeoPoint | None:
    """Return the point that a stored value is, or None."""
    if isinstance(value, GeoPoint):
        return value
    if not isinstance(value, Mapping):
        return None
    try:
        return GeoPoint(value)
    except InvalidValueError:
        return None


def near_test(near: Near) -> Callable[[Any], bool]:
    """Return a function that tells whether a value is a location within the bounds of *near*."""
    centre, radius = GEO_POINT.coerce(near.point), earth_radius(near.unit)
    least = -math.inf if near.min_distance is None else near.min_distance
    most = math.inf if near.max_distance is None else near.max_distance

    def is_near(value: Any) -> bool:
        place = location(value)
        return place is not None and least <= haversine(centre, place) * radius <= most

    return is_near


def smallest_distance(conditions: Iterable[Condition]) -> Callable[[Mapping[str, Any]], float]:
    """Return a function that gives a row's smallest distance to the points of *conditions*.

    It is in radians, so that different units compare; a row without any location is infinitely far.
    """
    centres = [(item.path, GEO_POINT.coerce(item.value.point)) for item in conditions]

    def distance(row: Mapping[str, Any]) -> float:
        found = math.inf
        for path, centre in centres:
            for value in reach(row, path):
                for item in value if isinstance(value, list) else (value,):
                    place = location(item)
                    if place is not None:
                        found = min(found, haversine(centre, place))
        return found

    return distance


def bounding_box(near: Near) -> tuple[Box, ...]:
    """Return boxes that hold every point within ``max_distance``; two where they cross 180 degrees.

    Points in a box may still be too far.  Without a bound the box is the whole globe.
    """
    centre, everywhere = GEO_POINT.coerce(near.point), Box(-90.0, -180.0, 90.0, 180.0)
    if near.max_distance is None:
        return (everywhere,)
    angle = near.max_distance / earth_radius(near.unit) + _SLACK
    if angle >= math.pi:
        return (everywhere,)
    reach_ = math.degrees(angle)
    south, north = max(-90.0, centre.lat - reach_), min(90.0, centre.lat + reach_)
    if south <= -90.0 or north >= 90.0:  # a pole is inside: every longitude is
        return (Box(south, -180.0, north, 180.0),)
    aside = math.degrees(math.asin(math.sin(angle) / math.cos(math.radians(centre.lat)))) + _SLACK
    return _around(south, north, centre.lng - aside, centre.lng + aside)


def _around(south: float, north: float, west: float, east: float) -> tuple[Box, ...]:
    """Return the boxes between two longitudes, which may lie beyond 180 degrees."""
    if west < -180.0:
        return Box(south, west + 360.0, north, 180.0), Box(south, -180.0, north, east)
    if east > 180.0:
        return Box(south, west, north, 180.0), Box(south, -180.0, north, east - 360.0)
    return (Box(south, west, north, east),)
