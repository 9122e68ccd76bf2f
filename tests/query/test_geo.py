"""Near conditions in process, and the boxes that stores search first."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.query.geo import Box, bounding_box, location, near_conditions, near_test
from juggler.query.nodes import And, Condition, Near, Not, Or
from juggler.types.geo import EARTH_RADIUS, GeoPoint

POINTS = st.builds(GeoPoint, st.floats(-90, 90), st.floats(-180, 180))
ORIGIN = GeoPoint(0, 0)


def holds(boxes: tuple[Box, ...], point: GeoPoint) -> bool:
    """Tell whether *point* is in one of *boxes*."""
    return any(
        box.south <= point.lat <= box.north and box.west <= point.lng <= box.east for box in boxes
    )


@given(POINTS, POINTS, st.floats(1e-6, 13_000), st.sampled_from(sorted(EARTH_RADIUS)))
def test_boxes_hold_all_that_is_near(
    centre: GeoPoint, point: GeoPoint, miles: float, unit: str
) -> None:
    """Whatever passes the exact test lies in a box, at the poles and beyond 180 degrees too."""
    # DAO-161, DAO-187
    near = Near(centre, miles / EARTH_RADIUS["miles"] * EARTH_RADIUS[unit], None, unit)
    boxes = bounding_box(near)
    assert all(-180 <= box.west <= box.east <= 180 for box in boxes)
    if near_test(near)(point):
        assert holds(boxes, point)


@given(POINTS, st.floats(0, 2 * math.pi), st.floats(1e-4, 1), st.floats(1, 6000))
def test_boxes_hold_points_at_the_very_edge(
    centre: GeoPoint, bearing: float, part: float, miles: float
) -> None:
    """A point that is built to lie within the distance lies in a box."""
    angle = miles / EARTH_RADIUS["miles"]
    lat = math.radians(centre.lat)
    reached = math.asin(
        math.sin(lat) * math.cos(angle * part)
        + math.cos(lat) * math.sin(angle * part) * math.cos(bearing)
    )
    aside = math.atan2(
        math.sin(bearing) * math.sin(angle * part) * math.cos(lat),
        math.cos(angle * part) - math.sin(lat) * math.sin(reached),
    )
    lng = (centre.lng + math.degrees(aside) + 540) % 360 - 180
    point = GeoPoint(math.degrees(reached), lng)
    near = Near(centre, miles)
    if near_test(near)(point):
        assert holds(bounding_box(near), point)


def test_a_box_is_no_larger_than_it_must_be() -> None:
    """A small distance gives a small box, none gives the globe."""
    (box,) = bounding_box(Near(ORIGIN, 1.0, None, "degrees"))
    assert (box.south, box.west, box.north, box.east) == pytest.approx((-1, -1, 1, 1))
    east, west = bounding_box(Near(GeoPoint(0, 179.5), 1.0, None, "degrees"))
    assert (east.west, east.east, west.west, west.east) == pytest.approx((178.5, 180, -180, -179.5))
    globe = Box(-90, -180, 90, 180)
    assert bounding_box(Near(ORIGIN)) == (globe,)
    assert bounding_box(Near(ORIGIN, 99_999)) == (globe,)
    (cap,) = bounding_box(Near(GeoPoint(89.9, 50), 1.0, None, "degrees"))
    assert (cap.west, cap.north, cap.east) == (-180, 90, 180)


def test_bounds_are_inclusive() -> None:
    """A point exactly at a bound is in."""
    # DAO-160
    place = GeoPoint(0, 1)
    away = GeoPoint.distance_between(ORIGIN, place, "meters")
    assert near_test(Near(ORIGIN, away, away, "meters"))(place)
    assert not near_test(Near(ORIGIN, away * 0.999, None, "meters"))(place)
    assert not near_test(Near(ORIGIN, None, away * 1.001, "meters"))(place)


def test_locations() -> None:
    """A point and a mapping with good coordinates are locations, nothing else is."""
    assert location(ORIGIN) is ORIGIN
    assert location({"lat": 1, "lng": 2}) == GeoPoint(1, 2)
    for value in ("1,2", [1, 2], {"lat": 1}, {"lat": 91, "lng": 0}, 5, None):
        assert location(value) is None


def test_near_conditions_that_sort() -> None:
    """All near conditions sort the rows, at any depth, but not those that are negated."""
    # DAO-162, DAO-164
    one, two, three = (Condition((name,), "near", Near(ORIGIN)) for name in "abc")
    other = Condition(("d",), "eq", 1)
    where = And((Or((other, And((one, other)))), two, Not(three)))
    assert near_conditions(where) == (one, two)
    assert near_conditions(other) == ()
