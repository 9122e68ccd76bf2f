"""Settings written as a URL."""

from __future__ import annotations

from typing import Any

import pytest

from juggler.errors import DefinitionError
from juggler.helpers import parse_settings

PARTS = ("connector", "host", "port", "user", "password", "database")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mysql://db", ("mysql", "db", None, None, None, None)),  # DAO-307, MOD-125
        ("mysql://db:3306/crm", ("mysql", "db", 3306, None, None, "crm")),
        ("mongodb://ann:pw@db/crm/more", ("mongodb", "db", None, "ann", "pw", "crm")),
        ("mongodb://ann:a:b@db", ("mongodb", "db", None, "ann", "a:b", None)),
        ("x://a%40b:p%2Fw%25@db/c%20d", ("x", "db", None, "a@b", "p/w%", "c d")),
        ("postgresql+asyncpg://db/crm", ("postgresql", "db", None, None, None, "crm")),
    ],
)
def test_parts_of_a_url(url: str, expected: tuple[Any, ...]) -> None:
    """Connector, address, login and database are there, decoded; what is missing is None."""
    # DAO-308
    found = parse_settings(url)
    assert tuple(found[name] for name in PARTS) == expected
    assert found["hostname"] == found["host"]
    assert found["username"] == found["user"]
    assert found["url"] == url


def test_parameters_become_settings() -> None:
    """Parameters are text; brackets make nested settings."""
    # DAO-307
    found = parse_settings("m://h/d?a=1&x[a]=1&x[b][c]=2&list[]=p&list[]=q&empty=&[odd]=1")
    rest = {name: value for name, value in found.items() if name not in {*PARTS, "url"}}
    assert rest == {
        "hostname": "h",
        "username": None,
        "a": "1",
        "x": {"a": "1", "b": {"c": "2"}},
        "list": {"0": "p", "1": "q"},
        "empty": "",
    }
    assert parse_settings("m://h?a=1&a[b]=2")["a"] == {"b": "2"}
    assert parse_settings("m://h?port=99")["port"] == "99"
    assert parse_settings("m://h:1?port=99")["port"] == 1


def test_parameters_replace_no_part() -> None:
    """Nobody gets another host, login or database in by a parameter, however it is spelled."""
    # DAO-308
    url = (
        "m://ann:pw@h/d?connector=x&host=x&userName=x&user=x&password=x&database=x&url=x&host[a]=x"
    )
    found = parse_settings(url)
    assert "x" not in {found[name] for name in PARTS}
    assert found.keys() == {*PARTS, "hostname", "username", "url"}


def test_what_is_no_url() -> None:
    """An empty text is no settings; what is no URL, and a port that is none, are refused."""
    # DAO-307, DAO-308
    assert parse_settings("") == {}
    with pytest.raises(DefinitionError):
        parse_settings(None)  # type: ignore[arg-type]  # what a program may do
    for text in ("crm", "ann:topsecret@host", "memory:"):
        with pytest.raises(DefinitionError, match="connector://host/database") as caught:
            parse_settings(text)
        assert text not in str(caught.value)
    with pytest.raises(DefinitionError) as caught:
        parse_settings("m://ann:topsecret@h:port/d")
    assert "topsecret" not in str(caught.value)
