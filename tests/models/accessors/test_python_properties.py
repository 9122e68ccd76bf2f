"""Accessors of declared models: Python's own properties, and those that come later."""

from typing import Any

import pytest

from juggler import UNSET, Model, prop
from juggler.errors import DefinitionError


class Account(Model):
    """A declared model with properties of Python's own."""

    code: str = prop(id=True)
    owner: str
    pin: str | None = None

    @property
    def pin(self) -> Any:  # type: ignore[no-redef]  # noqa: F811  what is stored stands above
        """What is shown of the pin."""
        return None if self.raw("pin") in (None, UNSET) else "****"

    @pin.setter
    def pin(self, value: Any) -> None:
        self.set_raw("pin", value[::-1])

    @property
    def label(self) -> str:
        """Computed, of no stored property."""
        return f"{self.code}/{self.owner}"

    @label.setter
    def label(self, value: str) -> None:
        self.code, self.owner = value.split("/")


class Savings(Account):
    """A model with another way to read what it inherits."""

    rate: float = 1.0

    @property
    def owner(self) -> str:
        """The owner, louder."""
        return str(self.raw("owner")).upper()


# MOD-73
def test_python_properties_of_declared_models() -> None:
    """One that is called like a stored property is its accessor; others are computed."""
    mine: Any = Account(code="a", owner="Ann", pin="123")
    assert (mine.pin, mine.raw("pin"), mine.label) == ("****", "321", "a/Ann")
    assert mine.to_json() == {"code": "a", "owner": "Ann", "pin": "****"}
    mine.label = "b/Bea"
    assert (mine.code, mine.owner) == ("b", "Bea")
    with pytest.raises(DefinitionError, match="primary key"):
        type(Model)("Bad", (Account,), {"__module__": __name__, "code": property(repr)})
    theirs: Any = Savings(code="c", owner="Cid", pin="45")
    assert (theirs.owner, theirs.raw("owner"), theirs.pin) == ("CID", "Cid", "****")
    assert theirs.to_dict() == {"rate": 1.0, "code": "c", "owner": "CID", "pin": "****"}
    assert (mine.owner, isinstance(theirs, Account)) == ("Bea", True)
    assert Savings.setter["pin"] is Account.setter["pin"]


def test_accessors_of_declared_models_that_come_later() -> None:
    """They hold for the class, for what extends it, and for instances that were there."""

    class Base(Model):
        """A base."""

        name: str = ""
        size: int = 0

    class Child(Base):
        """A child."""

        more: str = ""

    former: Any = Base(name="a")
    Base.getter["name"] = lambda each: f"<{each.raw('name')}>"
    Base.setter["size"] = lambda each, value: each.set_raw("size", value * 2)
    made: Any = Child(name="b", size=2)
    assert (former.name, made.name, made.size) == ("<a>", "<b>", 4)
    assert Child.load({"name": "c", "size": 1, "more": ""}).size == 1
    assert made.to_dict() == {"more": "", "name": "<b>", "size": 4}
    del Base.getter["name"]
    assert (former.name, Child(name="d").name) == ("a", "d")
    Base.define_property("extra", "string")
    assert Base(size=3).size == 6
