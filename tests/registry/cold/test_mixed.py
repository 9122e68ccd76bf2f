"""Models of a bundle that have others of it mixed in."""

from typing import Any

import pytest

from juggler.context import tenant
from juggler.errors import DefinitionError
from juggler.registry.registry import ModelRegistry
from tests.registry.helpers import check

DESK: dict[str, Any] = {
    "Urgent": ({}, {"base": "Ticket", "mixins": ["Rated"]}),
    "Ticket": ({"title": str}, {"mixins": {"Stamped": True}}),
    "Stamped": {"at": "date", "by": {"name": str}},
    "Rated": ({"stars": {"type": int, "max": 5}}, {"mixins": ["Stamped"]}),
}


def mixing(**mixins: str) -> dict[str, Any]:
    """Return definitions of models that each mix in another one."""
    return {name: ({}, {"mixins": [other]}) for name, other in mixins.items()}


@pytest.mark.parametrize("first", [False, True])
def test_a_sibling_is_mixed_in(registry: ModelRegistry, first: bool) -> None:
    """In any order, at any depth, through bases too; rested and built again it is the same."""
    # REG-76
    bundle = registry.bundle(DESK if first else dict(reversed(DESK.items())))
    assert bundle["Ticket"].shape.names == ("id", "title", "at", "by")
    assert set(bundle["Urgent"].shape.names) == {"id", "title", "at", "by", "stars"}
    registry.declare("acme", bundle)
    for _ in range(2):
        with tenant("acme"):
            urgent: Any = registry.find_model_by_name("Urgent")
        made = urgent(title="a", by={"name": "Ann"}, stars=6)
        assert (made.by.name, made.stars) == ("Ann", 6)
        del urgent, made
        assert registry.evict("acme")
    check(registry)


def test_the_sibling_comes_before_others_of_its_name(registry: ModelRegistry) -> None:
    """A name means the model of the bundle, for a model of that name itself another one."""
    # REG-76
    registry.define("Stamped", {"old": str})
    bundle = registry.bundle({**DESK, "Stamped": ({"new": str}, {"mixins": ["Stamped"]})})
    assert bundle["Stamped"].shape.names == ("id", "new", "old")
    assert bundle["Ticket"].shape.names == ("id", "title", "new", "old")


@pytest.mark.parametrize("wrong", [mixing(A="B", B="A"), mixing(A="A"), mixing(A="Nothing")])
def test_what_cannot_be_mixed_in(registry: ModelRegistry, wrong: dict[str, Any]) -> None:
    """A circle, and a name that nothing has, is refused; nothing is kept."""
    # REG-76
    with pytest.raises(DefinitionError, match="A"):
        registry.bundle(wrong)
    assert not registry.tenant_codes()
