"""Points on the globe: how they are made, refused and measured."""

import copy
import math
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.errors import InvalidValueError
from juggler.types.geo import GEO_POINT, GeoPoint, earth_radius

A = GeoPoint(40.77492964101182, -73.90950187151662)
B = GeoPoint(40.7753227, -73.909217)
DISTANCES = {
    "miles": 0.03097916611592679,
    "kilometers": 0.04985613511367009,
    "meters": 49.85613511367009,
    "feet": 163.56999709209347,
    "radians": 7.825491914348416e-06,
    "degrees": 0.0004483676593058972,
}


@pytest.mark.parametrize(
    "made",
    [
        GeoPoint(-34, 150.5),
        GeoPoint(lat=-34, lng=150.5),
        GeoPoint("-34", "150.5"),
        GeoPoint([-34, 150.5]),
        GeoPoint((-34, "150.5", "more")),
        GeoPoint({"lat": -34, "lng": 150.5, "name": "x"}),
        GeoPoint("-34,150.5"),
        GeoPoint(" -34 ,  150.5 "),
        GeoPoint("[-34, 150.5]"),
        GeoPoint('{"lat": "-34", "lng": 150.5}'),
        GeoPoint(GeoPoint(-34, 150.5)),
    ],
)
def test_every_form_makes_the_same_point(made: GeoPoint) -> None:
    """Numbers, lists, mappings, texts and JSON give equal points."""
    # MOD-21, MOD-23, DAO-165
    assert (made.lat, made.lng) == (-34, 150.5)
    assert (str(made), repr(made)) == ("-34,150.5", "GeoPoint(-34, 150.5)")
    assert made.to_json() == {"lat": -34, "lng": 150.5}
    assert made == GeoPoint(-34, 150.5)
    assert hash(made) == hash(GeoPoint(-34, 150.5))


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ([91, 0], "lat"), ([-90.1, 0], "lat"), ([0, 181], "lng"), ([0, -180.5], "lng"),
        ([150, -34], "lat"), ([1], "lng"), ([], "lat"), ({}, "lat"), ({"lat": 1}, "lng"),
        ({"lat": None, "lng": ""}, "lat"), ({"lat": 1, "lng": ""}, "lng"), (["x", 1], "lat"),
        ([True, 1], "lat"), ([math.nan, 1], "lat"), ([1, math.inf], "lng"), ("1,x", "lng"),
        ("", "lat,lng"), ("here", "lat,lng"), ("1,2,3", "lat,lng"), ("[1", "lat,lng"),
        (None, "lat and lng"), (7, "lat and lng"), (True, "lat and lng"), (b"1,2", "lat and lng"),
    ],
)  # fmt: skip
def test_what_is_no_point_is_refused(given: Any, named: str) -> None:
    """The error names the coordinate that is wrong and leaves the input alone."""
    # MOD-22, MOD-13
    before = copy.deepcopy(given)
    with pytest.raises(InvalidValueError, match=named) as caught:
        GEO_POINT.coerce(given)
    assert (caught.value.status_code, caught.value.code) == (400, "INVALID_VALUE")
    assert repr(given) == repr(before)
    assert GEO_POINT.load(given) is given


def test_a_number_too_long_to_write_is_refused() -> None:
    """The message does without the digits of a number that Python would not write."""
    with pytest.raises(InvalidValueError, match="<int> is no point"):
        GeoPoint(10**5000)


def test_bounds_are_allowed() -> None:
    """The poles and the date line are places."""
    # MOD-22
    assert str(GeoPoint(90, -180)) == "90,-180"
    assert str(GeoPoint(-90, 180)) == "-90,180"


def test_points_cannot_change() -> None:
    """A point is fixed; copies of it are the point itself."""
    with pytest.raises(AttributeError, match="cannot be changed"):
        A.lat = 1
    with pytest.raises(AttributeError, match="cannot be changed"):
        del A.lng
    with pytest.raises(AttributeError, match="cannot be changed"):
        A.name = "x"
    assert copy.copy(A) is A
    assert copy.deepcopy([A])[0] is A
    assert pickle.loads(pickle.dumps(A)) == A
    assert (A.lat, A.lng) != A


@pytest.mark.parametrize("unit", DISTANCES)
def test_distances(unit: str) -> None:
    """The check values hold in every unit, asked for in each way."""
    # MOD-23, DAO-161, DAO-166
    expected = pytest.approx(DISTANCES[unit], rel=1e-12)
    assert GeoPoint.distance_between(A, B, unit) == expected
    assert A.distance_to(B, unit=unit) == expected
    assert A.distance_to(str(B), {"type": unit}) == expected
    assert GeoPoint.distance_between([A.lat, A.lng], B.to_json(), unit=unit) == expected


def test_miles_are_the_default() -> None:
    """Without a unit distances are in miles."""
    # DAO-161
    assert A.distance_to(B) == A.distance_to(B, {}) == A.distance_to(B, "miles")


@pytest.mark.parametrize("unit", ["parsecs", "", None, ["miles"], "Miles"])
def test_unknown_units_are_refused(unit: Any) -> None:
    """An unknown unit is an error that lists the known ones."""
    with pytest.raises(InvalidValueError, match="kilometers"):
        A.distance_to(B, unit)


def test_conditions_take_points_in_any_form() -> None:
    """An operand that is a point becomes one; another stays and so equals none."""
    # DAO-152
    assert GEO_POINT.condition({"lat": A.lat, "lng": A.lng}) == A
    assert GEO_POINT.condition("nowhere") == "nowhere"


points = st.builds(
    GeoPoint, st.floats(-90, 90, allow_nan=False), st.floats(-180, 180, allow_nan=False)
)


@given(points, points)
def test_distance_is_a_distance(a: GeoPoint, b: GeoPoint) -> None:
    """It is the same both ways, nothing to oneself, and at most half round the globe."""
    there = a.distance_to(b, "radians")
    assert there == pytest.approx(b.distance_to(a, "radians"), abs=1e-12)
    assert 0 <= there <= math.pi
    assert a.distance_to(a) == 0
    assert a.distance_to(b, "meters") == pytest.approx(there * earth_radius("meters"))


@given(points)
def test_points_survive_their_text(point: GeoPoint) -> None:
    """Text, JSON and lists of a point give the point again."""
    assert GeoPoint(str(point)) == point
    assert GeoPoint(point.to_json()) == point
    assert GEO_POINT.load(GEO_POINT.dump(point)) == point
