"""Getters of a model: what is read and shown, never what is stored."""

from typing import Any

import pytest

from juggler import UNSET, DataSource
from juggler.errors import ModelDisposedError, ValidationError
from juggler.facade.default import ModelRegistry


@pytest.fixture
def masked(source: DataSource) -> Any:
    """A model that shows the end of a number alone."""
    model = source.define("Card", {"number": "string", "note": "string"})

    @model.getter("number")
    def mask(card: Any) -> Any:
        found = card.raw("number")
        return None if found is UNSET else f"...{found[-2:]}"

    return model


# MOD-73, MOD-76
async def test_getters_are_what_is_seen(masked: Any, source: DataSource) -> None:
    """Reads and every output go through them; storage, `raw` and comparisons do not."""
    card = masked(number="4242", note="n")
    assert card.number == card["number"] == card.get("number") == "...42"
    assert card.raw("number") == "4242"
    assert card.to_object() == card.to_dict() == {"number": "...42", "note": "n"}
    assert card.to_json() == {"number": "...42", "note": "n"}
    assert repr(card) == "Card(number='...42', note='n')"
    assert card != masked(number="1142", note="n")
    assert masked().to_json() == {}
    assert masked().number is None
    async with source:
        made = await masked.create(card)
        assert (await masked.find_one(where={"number": "4242"})).raw("number") == "4242"
        await (await masked.find_one()).save()
        await made.reload()
        assert made.raw("number") == "4242"
    outer = source.define("Purse", {"card": "Card", "cards": ["Card"]})
    purse = outer(card={"number": "4242"}, cards=[{"number": "4343"}])
    assert purse.to_json() == {"card": {"number": "...42"}, "cards": [{"number": "...43"}]}
    async with source:
        await purse.save()
        found = await outer.find_one()
        assert (found.card.raw("number"), found.cards[0].raw("number")) == ("4242", "4343")


# MOD-73
async def test_rules_see_what_getters_show(masked: Any, source: DataSource) -> None:
    """Rules and messages have what is shown; uniqueness is a matter of what is stored."""
    masked.validates_format_of("number", with_="^[.]")
    masked.validates_uniqueness_of("number")
    masked.validates_length_of("number", max=4)
    async with source:
        with pytest.raises(ValidationError) as caught:
            await masked.create(number="4242")
        assert "4242" not in str(caught.value)
        assert "...42" in str(caught.value)
        masked.remove_validation("number", "length")
        await masked.create([{"number": "4242"}, {"number": "1142"}])
        with pytest.raises(ValidationError, match="not unique"):
            await masked.create(number="4242")


def test_a_getter_that_is_gone_shows_nothing(masked: Any, registry: ModelRegistry) -> None:
    """When the model goes its functions go: what they covered is not laid open."""
    card = masked(number="4242", note="n")
    registry.remove(masked)
    with pytest.raises(ModelDisposedError):
        card.number  # noqa: B018  reading is what is tried
    assert repr(card) == "Card(note='n')"
    assert card.raw("number") == "4242"
