"""The formats of text that a property may ask for."""

from typing import Any

import pytest

from juggler import DataSource, DefinitionError, ModelRegistry
from juggler.validation.formats import FORMATS
from juggler.validation.rules import declare

GOOD = {
    "date": ["2020-02-29"],
    "date-time": ["2020-02-29T01:02:03Z", "2020-02-29T01:02:03.123456789+02:00"],
    "email": ["a@b.co", "a.b+c@x-y.org", "ä@b.co"],
    "hostname": ["localhost", "a.b-c.de"],
    "ipv4": ["1.2.3.4"],
    "ipv6": ["::1", "2001:db8::7"],
    "time": ["01:02:03Z", "01:02:03.5-05:00"],
    "uri": ["https://x.y/z?q=1#f", "mailto:a@b"],
    "url": ["https://x.y"],
    "uuid": ["6bdeec62-4563-4454-b667-9b2414e9bb98"],
}
BAD = {
    "date": ["2015-02-30", "20200101", "2020-1-1"],
    "date-time": ["2020-01-01", "2020-01-01T25:00:00Z", "2020-01-01T10:00:00"],
    "email": ["a", "a@", "@b", "a b@c.d", "a@b@c", "a..b@c.d", "a@-b", "a" * 65 + "@b"],
    "hostname": ["-a", "a..b", "a_b", "a." * 200],
    "ipv4": ["1.2.3", "256.1.1.1"],
    "ipv6": ["1.2.3.4", "::g"],
    "time": ["25:00:00Z", "01:02"],
    "uri": ["x", "http:// x", "//x"],
    "url": ["x"],
    "uuid": ["x", "6bdeec6245634454b6679b2414e9bb98"],
}


def texts(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    """Return each format with each of its texts."""
    return [(name, text) for name, listed in table.items() for text in listed]


def test_the_tables_are_whole() -> None:
    """There are examples of every format."""
    assert GOOD.keys() == BAD.keys() == FORMATS.keys()


@pytest.mark.parametrize(("name", "text"), texts(GOOD))
def test_texts_in_a_format(name: str, text: str) -> None:
    """What is in the format passes."""
    assert FORMATS[name](text)


@pytest.mark.parametrize(("name", "text"), texts(BAD))
def test_texts_that_are_not(name: str, text: str) -> None:
    """What only looks so does not."""
    assert not FORMATS[name](text)


@pytest.mark.parametrize(
    ("definition", "given", "codes"),
    [
        ({"type": "string", "format": "email"}, "x", {"v": ["format"]}),
        ({"type": "text", "format": "email"}, "x", {"v": ["format"]}),
        ({"type": "string", "format": "email"}, "a@b.co", {}),
        ({"type": "string", "format": "email"}, None, {}),
        ({"type": "string", "format": "email"}, "", {}),
        ({"type": "string", "format": "of our own"}, "x", {}),
        ({"type": "string", "format": {"any": 1}}, "x", {}),
        ({"type": "number", "format": "email"}, 1, {}),
        ([{"type": "string", "format": "ipv4"}], ["1.2.3.4", "x"], {"v.1": ["format"]}),
    ],
)
async def test_a_property_asks_for_one(definition: Any, given: Any, codes: dict[str, Any]) -> None:
    """The option `format` of text is a rule; names that nobody knows are only kept."""
    # MOD-27
    thing = DataSource("memory", registry=ModelRegistry()).define("Thing", {"v": definition})(
        v=given
    )
    assert await thing.is_valid() is not bool(codes)
    assert thing.errors.codes == codes


def test_no_such_format() -> None:
    """A rule names a format that is known."""
    with pytest.raises(DefinitionError, match="date-time"):
        declare("text-format", "v", named="zork")
