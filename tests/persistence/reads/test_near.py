"""Places: distances that are told, and stores that know no places."""

from typing import Any

import pytest

from juggler import DataSource, GeoPoint, ModelRegistry
from juggler.errors import InvalidQueryError
from tests.persistence.shelf import NONE, make_source, shelf_of

SPOTS = {
    "a": "59.91,10.75",
    "b": "60.39,5.32",
    "c": "59.95,10.80",
    "d": None,
}
PROPERTIES = {
    "id": {"type": int, "id": True},
    "name": str,
    "at": "geopoint",
    "home": {"spot": "geopoint"},
    "hot": bool,
}
OSLO = "59.91,10.75"
NEAR = {"near": OSLO, "maxDistance": 50, "unit": "kilometers"}
ALLOWED = {"allow_in_process_geo": True}


async def placed(url: str = "memory") -> Any:
    """Return a model of four records, three of which have a place."""
    if url == "shelf":
        source = make_source(capabilities=NONE)
    else:
        source = DataSource(url, registry=ModelRegistry())
    model = source.define("Spot", PROPERTIES, {"strict": True})
    await source.connect()
    await source.autoupdate()
    for place, (name, at) in enumerate(SPOTS.items(), 1):
        home = None if at is None else {"spot": GeoPoint(at)}
        await model.create(
            id=place, name=name, at=None if at is None else GeoPoint(at), home=home, hot=name == "d"
        )
    return model


@pytest.fixture(params=["memory", "sqlite://", "shelf"])
async def spot(request: Any) -> Any:
    """Give the model on each store; on the one that knows no places it is allowed to look here."""
    model = await placed(request.param)
    if request.param == "shelf":
        model.data_source.settings["allow_in_process_geo"] = True
    yield model
    await model.data_source.close()


async def names(model: Any, where: Any, **clauses: Any) -> list[str]:
    """Return the names of the records that match."""
    return [each.name for each in await model.find(where=where, **clauses)]


async def test_near_is_a_condition_like_others(spot: Any) -> None:
    """It takes part in `and`, `or` and `not`; rows come nearest first, then as ordered."""
    # DAO-187, DAO-330
    assert await names(spot, {"at": NEAR}) == ["a", "c"]
    assert await names(spot, {"at": NEAR, "name": {"neq": "a"}}) == ["c"]
    assert await names(spot, {"or": [{"at": NEAR}, {"hot": True}]}) == ["a", "c", "d"]
    assert await names(spot, {"not": {"at": NEAR}}, order="name") == ["b", "d"]
    assert await names(spot, {"home.spot": NEAR}) == ["a", "c"]
    assert await names(spot, {"at": {"near": OSLO}}, limit=1, skip=1) == ["c"]
    found = await spot.find(where={"at": NEAR}, fields=["name"])
    assert [each.to_dict() for each in found] == [{"name": "a"}, {"name": "c"}]


async def test_counting_by_distance(spot: Any) -> None:
    """`count`, pages and streams take `near`, too."""
    # DAO-187
    assert await spot.count({"at": NEAR}) == 2
    assert await spot.count({"or": [{"at": NEAR}, {"hot": True}]}) == 3
    assert [each.name async for each in spot.iterate(where={"at": NEAR}, batch_size=1)] == [
        "a",
        "c",
    ]
    page = await spot.find_page(where={"at": NEAR}, limit=1, total=True)
    assert ([each.name for each in page.items], page.total) == (["a"], 2)
    page = await spot.find_page(where={"at": NEAR}, limit=1, cursor=page.next_cursor)
    assert [each.name for each in page.items] == ["c"]
    options = {"allow_in_process_aggregate": True}
    assert await spot.aggregate(max="name", where={"at": NEAR}, options=options) == [
        {"max_name": "c"}
    ]


@pytest.mark.parametrize("url", ["memory", "sqlite://"])
async def test_writing_by_distance(url: str) -> None:
    """Bulk writes touch what is near, and nothing else."""
    # DAO-187
    model = await placed(url)
    assert await model.update_all({"at": NEAR}, {"hot": True}) == {"count": 2}
    assert await names(model, {"hot": True}, order="id") == ["a", "c", "d"]
    assert await model.destroy_all({"at": NEAR, "name": "c"}) == {"count": 1}
    assert await names(model, {}, order="id") == ["a", "b", "d"]
    await model.data_source.close()


async def test_a_store_without_places_is_not_read_whole() -> None:
    """Without leave to look at all rows `near` is an error, and it never decides on a write."""
    # DAO-163, DAO-187
    model = await placed("shelf")
    shelf = shelf_of(model.data_source)
    shelf.asked.clear()
    for call in (
        model.find(where={"at": NEAR}),
        model.count({"at": NEAR}),
        model.update_all({"at": NEAR}, {"hot": True}, ALLOWED),
        model.destroy_all({"or": [{"at": NEAR}, {"id": 1}]}, ALLOWED),
    ):
        with pytest.raises(InvalidQueryError) as caught:
            await call
        assert (caught.value.code, caught.value.status_code) == ("OPERATOR_NOT_SUPPORTED", 400)
    assert shelf.asked == []


async def test_what_is_looked_at_here_is_seen_as_ever() -> None:
    """`access` runs once and may replace the query, `loaded` per result; silence is silence."""
    # DAO-163
    model = await placed("shelf")
    seen: list[str] = []
    model.observe("access", lambda _: seen.append("access"))
    model.observe("loaded", lambda context: seen.append(context.data["name"]))
    query = {"where": {"at": NEAR, "name": {"neq": "c"}}, "order": "name"}
    assert [each.name for each in await model.find(query, options=ALLOWED)] == ["a"]
    assert seen == ["access", "a"]
    assert len(await model.find(query, options={**ALLOWED, "notify": False})) == 1
    assert seen == ["access", "a"]
    wider = {"at": {"near": OSLO, "maxDistance": 10_000}}
    model.observe("access", lambda context: context.query.update(where=wider))
    assert [each.name for each in await model.find(query, options=ALLOWED)] == ["a", "c", "b"]


async def test_other_conditions_are_the_store_s() -> None:
    """Where rows are looked at here, the store still leaves out what it can tell by itself."""
    # DAO-163
    model = await placed("shelf")
    shelf = shelf_of(model.data_source)
    for where, asked in (
        ({"at": NEAR, "name": "a"}, {"name": "a"}),
        ({"or": [{"at": NEAR}, {"name": "a"}]}, {}),
        (
            {"or": [{"at": NEAR, "hot": True}, {"name": "a"}]},
            {"or": [{"hot": True}, {"name": "a"}]},
        ),
        ({"not": {"at": NEAR}, "name": "a"}, {"name": "a"}),
    ):
        shelf.seen.clear()
        await model.find(where=where, options=ALLOWED)
        ((_, query),) = shelf.seen
        expected = (await _parsed(model, asked)).where
        assert (query.where, query.limit, query.order) == (expected, None, ())


async def _parsed(model: Any, where: Any) -> Any:
    """Return a query as the store gets it."""
    shelf = shelf_of(model.data_source)
    shelf.seen.clear()
    await model.find(where=where)
    return shelf.seen.pop()[1]


async def test_how_far_a_record_is(spot: Any) -> None:
    """With `with_distance` records tell how far they are, in the unit of the condition."""
    # DAO-187
    options = {"with_distance": True}
    first, second = await spot.find(where={"at": NEAR}, options=options)
    assert first.get_distance("at") == 0
    expected = GeoPoint(OSLO).distance_to(second.at, unit="kilometers")
    assert second.get_distance("at") == second.get_distance() == pytest.approx(expected)
    assert "distance" not in second.to_json()
    (found,) = await spot.find(where={"at": NEAR}, fields=["name"], options=options, limit=1)
    assert (found.to_dict(), found.get_distance()) == ({"name": "a"}, 0)
    *_, last = await spot.find(where={"or": [{"at": NEAR}, {"hot": True}]}, options=options)
    assert (last.name, last.get_distance("at")) == ("d", None)
    (one,) = await spot.find(where={"home.spot": NEAR, "name": "c"}, options=options)
    assert one.get_distance("home.spot") == pytest.approx(expected)
    assert (await spot.find_one(where={"at": NEAR})).get_distance("at") is None
    assert (await spot.find_one(options=options)).get_distance() is None
    page = await spot.find_page(where={"at": NEAR}, limit=1, options=options)
    assert page.items[0].get_distance() == 0
    stream = spot.iterate(where={"at": NEAR}, options=options)
    assert [each.get_distance() async for each in stream] == [0, pytest.approx(expected)]
    assert spot(name="x").get_distance() is None
