"""What an instance writes is read again as an equal instance, for every type."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from juggler import DataSource, ModelRegistry
from juggler.models.instances.loading import load_foreign
from tests.types.test_round_trip import VALUES

REGISTRY = ModelRegistry()
PLAIN = {"id_injection": False}
EVERY = REGISTRY.define("Every", {f"p_{name}": name for name in VALUES}, PLAIN)
LISTS = REGISTRY.define("Lists", {f"p_{name}": [name] for name in VALUES}, PLAIN)
NESTED = REGISTRY.define("Nested", {"one": "Every", "many": ["Every"]}, PLAIN)
RECORDS = st.fixed_dictionaries(
    {}, optional={f"p_{name}": values | st.none() for name, values in VALUES.items()}
)


# issue: load(dump(x)) == x for every type
@settings(max_examples=40)
@given(RECORDS)
def test_scalars(data: dict[str, Any]) -> None:
    """Every type alone."""
    made = EVERY(data)
    assert load_foreign(EVERY, made.to_json()) == made


# issue: load(dump(x)) == x for every type
@settings(max_examples=40)
@given(
    st.fixed_dictionaries(
        {}, optional={f"p_{name}": st.lists(values | st.none()) for name, values in VALUES.items()}
    )
)
def test_lists(data: dict[str, Any]) -> None:
    """Every type in a list."""
    made = LISTS(data)
    assert load_foreign(LISTS, made.to_json()) == made


# MOD-10
@settings(max_examples=40)
@given(RECORDS, st.lists(RECORDS, max_size=2))
def test_embedded(one: dict[str, Any], many: list[dict[str, Any]]) -> None:
    """Instances in instances, rows as a store of objects keeps them."""
    made = NESTED(one=one, many=many)
    assert NESTED.load(made.to_dict()) == made
    assert load_foreign(NESTED, made.to_json()) == made


# MOD-10
def test_foreign_rows_with_instances() -> None:
    """A store that is not exact may have JSON data, or its text, for what is embedded too."""
    day = REGISTRY.define("Foreign", {"at": "date", "n": "number"}, PLAIN)
    model = REGISTRY.define("Holder", {"one": day, "grid": [[day]], "odd": day}, PLAIN)
    row = {"at": "2020-01-01", "n": "5", "more": 1}
    made = load_foreign(model, {"one": row, "grid": [[row, None]], "odd": 7})
    assert (made.one.at.year, made.one.n, made.one["more"]) == (2020, 5, 1)
    assert made.grid[0][0] == made.one
    assert (made.grid[0][1], made.odd) == (None, 7)
    assert load_foreign(model, {"one": '{"n": "5"}'}).one.n == 5
    assert not made.one.is_new_record()
    assert made.changed() == []


# What users ask for, 9
@pytest.mark.parametrize("url", ["memory", "sqlite://"])
async def test_exact_numbers(url: str) -> None:
    """Decimals keep each digit, and whole numbers beyond 2**53 each unit."""
    source = DataSource(url, registry=ModelRegistry())
    model = source.define("Thing", {"d": "decimal", "n": "integer"})
    async with source:
        await source.autoupdate()
        made = await model.create(d="12345678901234567890.10", n="9007199254740993")
        found = await model.find_by_id(made.id)
    assert (found.d, found.n) == (Decimal("12345678901234567890.10"), 9007199254740993)
    assert found.to_json()["d"] == "12345678901234567890.10"


# What users ask for, 10
def test_dates_without_time_zones() -> None:
    """A date that is to stay a day is a `date_string`: no zone ever moves it."""
    model = REGISTRY.define("Day", {"day": "date_string"}, PLAIN)
    assert model(day="2020-01-31").to_json() == {"day": "2020-01-31"}


# What users ask for, 18
def test_one_definition_on_two_sources() -> None:
    """Attaching to one source does not change what the other gets."""
    one = DataSource("memory", registry=ModelRegistry())
    two = DataSource("sqlite://", registry=one.registry)
    properties = {"a": {"type": str, "index": True}, "b": ["number"]}
    first = one.define("Thing", properties, strict=False)
    second = two.define("Thing", properties, strict="filter")
    assert properties == {"a": {"type": str, "index": True}, "b": ["number"]}
    assert (first.shape.strict, second.shape.strict) == (False, "filter")
