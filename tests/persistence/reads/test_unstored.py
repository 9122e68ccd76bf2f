"""Computed and virtual properties: they cannot be asked for, and a record read in part has none."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from juggler import UNSET, DataSource, ModelRegistry
from juggler.errors import InvalidQueryError
from tests.persistence.reads.stores import URLS


@pytest.fixture(params=URLS)
async def post(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    """A model with one record, whose computed property needs another one to be there."""
    source = DataSource(request.param, registry=ModelRegistry())
    model = source.define(
        "Post",
        {
            "title": {"type": str, "required": True},
            "views": "integer",
            "loud": {"type": str, "computed": lambda post: post.title.upper()},
            "note": {"type": str, "virtual": True},
        },
    )
    async with source:
        await source.autoupdate()
        await model.create(title="a", views=1)
        yield model


# MOD "What users ask for", 8; DS-162
@pytest.mark.parametrize("name", ["loud", "note"])
@pytest.mark.parametrize("operator", ["eq", "neq", "exists"])
async def test_no_condition_is_about_what_is_not_stored(
    post: Any, name: str, operator: str
) -> None:
    """On no store such a condition holds for all or for nothing: it is refused, writes too."""
    where = {name: {operator: True}}
    for call in (post.find(where=where), post.find(where={name: "A"}), post.destroy_all(where)):
        with pytest.raises(InvalidQueryError, match="that a store keeps") as caught:
            await call
        assert (caught.value.code, caught.value.path) == ("UNKNOWN_PROPERTY", f"where.{name}")
    assert await post.count() == 1


# MOD "What users ask for", 8; DS-167, DS-168
@pytest.mark.parametrize("clause", [{"order": "loud"}, {"fields": ["id", "loud"]}])
async def test_neither_order_nor_fields_have_it(post: Any, clause: dict[str, Any]) -> None:
    """Both name the clause."""
    (name,) = clause
    with pytest.raises(InvalidQueryError, match="that a store keeps") as caught:
        await post.find(clause)
    assert (caught.value.code, caught.value.path) == ("UNKNOWN_PROPERTY", name)


# DAO-097, DAO-145
@pytest.mark.parametrize("fields", [["id", "views"], {"title": False}])
async def test_a_record_that_was_read_in_part_computes_nothing(post: Any, fields: Any) -> None:
    """What the value is made of may be missing; the whole record has it again."""
    found = await post.find_one(fields=fields)
    assert (found.loud, found.raw("loud")) == (None, UNSET)
    assert found.to_json() == {"id": 1, "views": 1}
    assert found.to_json_bytes() == b'{"id":1,"views":1}'
    found.views = 2
    await found.save()
    await found.reload()
    assert (found.loud, found.to_json()["loud"], found.views) == ("A", "A", 2)


# DAO-121
async def test_setters_do_not_ask_for_computed_values(post: Any) -> None:
    """What is tried out before many records are changed lacks what the value is made of."""
    post.setter["views"] = lambda record, value: record.set_raw("views", value * 10)
    await post.update_all({}, {"views": 7})
    assert (await post.find_one()).views == 70
