"""Definitions as documents: plain JSON data, in names alone."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from juggler.facade.default import ModelRegistry
from juggler.types.geo import GeoPoint

DAY = datetime(2020, 1, 1, tzinfo=UTC)


def shout(text: str = "hey") -> str:
    """Return a text that is no default of the package's own."""
    return text.upper()


def described(definition: dict[str, Any]) -> Any:
    """Return what a document says of a property that is defined so."""
    model = ModelRegistry().define("Thing", {"a": definition})
    document = model.to_definition()
    assert msgspec.json.decode(msgspec.json.encode(document)) == document
    return document["properties"]["a"]


@pytest.mark.parametrize(
    ("type_name", "options", "written"),
    [
        ("date", {"default": DAY}, {"default": "2020-01-01T00:00:00.000Z"}),
        ("date", {"min": date(2020, 1, 1)}, {"min": "2020-01-01"}),
        ("decimal", {"default": Decimal("1.10")}, {"default": "1.10"}),
        ("buffer", {"default": b"a"}, {"default": {"type": "Buffer", "data": [97]}}),
        ("geopoint", {"default": GeoPoint(1, 2)}, {"default": {"lat": 1, "lng": 2}}),
        ("string", {"pattern": re.compile("^a$")}, {"pattern": "^a$"}),
        ("string", {"default": shout}, {"default_fn": "shout"}),
        ("string", {"default": lambda: "x"}, {}),
        ("object", {"default": dict}, {"default": {}}),
    ],
)
def test_options_are_plain(
    type_name: str, options: dict[str, Any], written: dict[str, Any]
) -> None:
    """Options are written as JSON data that reads back as what they were."""
    # MOD-49
    assert described({"type": type_name, **options}) == {"type": type_name, **written}


@pytest.mark.parametrize("flags", [0, re.IGNORECASE, re.MULTILINE | re.DOTALL | re.VERBOSE])
@pytest.mark.parametrize("text", ["^a.b$", "(?i)^a.b$"])
def test_patterns_keep_their_flags(flags: int, text: str) -> None:
    """The text of a pattern compiles to an equal one, in items of lists too."""
    # MOD-49
    pattern = re.compile(text, flags)
    found = described({"type": [{"type": "string", "pattern": pattern}]})["type"][0]["pattern"]
    again = re.compile(found)
    assert again.flags == pattern.flags
    assert [bool(again.search(each)) for each in ("axb", "AXB", "c\naxb\nc")] == [
        bool(pattern.search(each)) for each in ("axb", "AXB", "c\naxb\nc")
    ]


def test_settings_name_models() -> None:
    """Models in settings are written by their names."""
    # MOD-49, MOD-52
    registry = ModelRegistry()
    other = registry.define("Other", {})
    model = registry.define("Thing", {}, {"models": {"A": other, "B": "Other"}})
    settings = model.to_definition()["settings"]
    assert settings == {"models": {"A": "Other", "B": "Other"}}
    assert registry.define("Again", {}, settings).A is other
