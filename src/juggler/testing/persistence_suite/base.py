"""What the cases share: models on the source under test, and its flags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import pytest_asyncio

from juggler.testing.flags import OnSource

FLAGS: Final[Mapping[str, Any]] = MappingProxyType(
    dict.fromkeys(
        """
        nested_property adhoc_sort ilike nilike support_pagination support_or_operator support_inq
        null_data_value_exists ignore_undefined_condition_value geo_point supports_arrays
        support_force_id support_strict_delete refuse_duplicate_insert report_deleted_count
        delete_with_other_than_id update_with_other_than_id update_without_id
        atomic_upsert_with_where replace_or_create_reports_new_instance
        """.split(),
        True,
    )
)
"""All flags: what a store can do; each is on unless said otherwise."""

PROPERTIES: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "id": {"type": "number", "id": True},
        "name": "string",
        "age": "number",
        "vip": "boolean",
        "tags": ["string"],
        "home": {"city": "string"},
        "place": "geopoint",
        "code": {"type": "string", "index": True},
    }
)
PEOPLE: Final[tuple[Mapping[str, Any], ...]] = (
    {"id": 1, "name": "Ada", "age": 36, "vip": True, "tags": ["a", "b"], "home": {"city": "Rome"}},
    {"id": 2, "name": "Bob", "age": 20, "vip": False, "tags": ["b"], "home": {"city": "Oslo"}},
    {"id": 3, "name": "ann", "age": 50, "vip": False, "tags": [], "home": {"city": "Oslo"}},
    {"id": 4, "name": None, "age": 20},
)


class Suite(OnSource):
    """Base of all groups of cases."""

    flags: Mapping[str, Any] = FLAGS

    @pytest_asyncio.fixture
    async def person(self, source: Any) -> Any:
        """Give a case a model without records, whose ids are chosen by whoever creates them."""
        return await model(source)

    @pytest_asyncio.fixture
    async def people(self, person: Any) -> Any:
        """Give a case a model with a few records."""
        for each in PEOPLE:
            await person.create(each)
        return person

    def count(self, number: int) -> dict[str, int]:
        """Return what a deletion says, if the store counts."""
        return {"count": number if self.flags["report_deleted_count"] else 0}


async def model(source: Any, name: str = "Person", **settings: Any) -> Any:
    """Return a model, empty, and with its table where the store has tables."""
    found = source.define(name, dict(PROPERTIES), settings)
    await source.automigrate(name)
    return found


def ids(found: Iterable[Any]) -> list[int]:
    """Return the ids of instances."""
    return [each.id for each in found]
