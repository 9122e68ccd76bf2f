"""Paths: split before they are decoded, below wherever the app is mounted."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.app.rest.path import Target, parse, segments_of


def scope(path: str, raw: str | None = None, root: str = "") -> dict[str, Any]:
    """Return an ASGI scope as servers make it."""
    return {"path": path, "raw_path": (raw or quote(path)).encode(), "root_path": root}


@pytest.mark.parametrize(
    ("given_scope", "segments"),
    [
        (scope("/api/Cities"), ("api", "Cities")),
        (scope("/api/Cities/"), ("api", "Cities")),
        (scope("/api/Cities/a/b", "/api/Cities/a%2Fb"), ("api", "Cities", "a/b")),
        (scope("/api/Cities/Köln"), ("api", "Cities", "Köln")),
        (scope("/v1/api/Cities", root="/v1"), ("api", "Cities")),
        (scope("/v1", root="/v1"), ()),
        (scope("/v10/api", root="/v1"), ("v10", "api")),
        (scope("/api/Cities", root="/v1"), ("api", "Cities")),
        (scope("/a b/api/x", "/a%20b/api/x", root="/a b"), ("api", "x")),
        (scope("/"), ()),
        (scope("/api//x"), ("api", "", "x")),
        ({"path": "/api/x", "root_path": ""}, ("api", "x")),
        (scope("/api/\ufffd", "/api/%ff"), None),
    ],
)
def test_segments(given_scope: dict[str, Any], segments: tuple[str, ...] | None) -> None:
    """A slash inside an id stays inside; a slash at the end and the mount's path do not count."""
    assert segments_of(given_scope) == segments


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(TEXT, TEXT, st.booleans())
def test_any_id_comes_through(plural: str, id_: str, mounted: bool) -> None:
    """Whatever plural and id are, quoted they arrive as they were."""
    root = "/some/where" if mounted else ""
    raw = f"{root}/api/{quote(plural, safe='')}/{quote(id_, safe='')}"
    segments = segments_of(scope(f"{root}/api/{plural}/{id_}", raw, root))
    assert segments == ("api", plural, id_)


def test_targets() -> None:
    """One to three segments mean something; an empty one or a fourth does not."""
    assert parse(("Cities",)) == Target("Cities")
    assert parse(("Cities", "7")) == Target("Cities", "7")
    assert parse(("Cities", "7", "exists")) == Target("Cities", "7", "exists")
    assert parse(()) is parse(("", "7")) is parse(("a", "b", "c", "d")) is parse(("a", "")) is None
