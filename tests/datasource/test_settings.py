"""What a data source is told: forms of its arguments, URLs, and what is never shown."""

import logging
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.connectors.memory.connector import MemoryConnector
from juggler.datasource.datasource import DataSource
from juggler.datasource.settings import flag, masked_url, number, parse_url, settings_of, shown
from juggler.errors import ConnectorNotFoundError, DefinitionError
from tests.datasource.stores import Store

URL = "memory://localhost/mydb?x=1"


def made(*arguments: Any, **more: Any) -> tuple[str, Any, Any]:
    """Return name, class of the connector and settings of a data source."""
    source = DataSource(*arguments, **more)
    return source.name, type(source.connector), source.settings


def factory(settings: Any, host: Any) -> Store:
    """Return a connector."""
    return Store(settings, host)


READY = Store({}, None)


# forms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "more", "name", "connector"),
    [
        (("memory",), {}, "memory", MemoryConnector),
        (("crm", {"connector": "memory"}), {}, "crm", MemoryConnector),
        (({"connector": "memory"},), {}, "memory", MemoryConnector),
        (({"connector": "memory", "name": "crm"},), {}, "crm", MemoryConnector),
        ((None, {"connector": "memory"}), {}, "memory", MemoryConnector),
        (("crm", {"adapter": "memory"}), {}, "crm", MemoryConnector),
        ((Store, {"a": 1}), {}, "store", Store),
        ((Store,), {}, "store", Store),
        ((READY,), {}, "store", Store),
        (("crm", Store), {}, "crm", Store),
        (("crm", READY), {}, "crm", Store),
        (("crm", factory), {}, "crm", Store),
        ((URL,), {}, "memory", MemoryConnector),
        (("crm", URL), {}, "crm", MemoryConnector),
        ((None, URL), {}, "memory", MemoryConnector),
        (("crm",), {"connector": "memory"}, "crm", MemoryConnector),
        (("crm",), {"connector": Store}, "crm", Store),
        (("crm",), {"url": URL}, "crm", MemoryConnector),
        (("memory",), {"name": "crm"}, "crm", MemoryConnector),
        ((), {"name": "crm", "connector": "memory"}, "crm", MemoryConnector),
        (({"connector": "memory"},), {"connector": Store}, "store", Store),
        (("crm", {"connector": "memory", "name": 5}), {}, "crm", MemoryConnector),
        (({"connector": "memory", "name": 5},), {}, "memory", MemoryConnector),
    ],
)
def test_every_form_of_arguments(
    arguments: Any, more: dict[str, Any], name: str, connector: type
) -> None:
    """Name, settings, URL and connector come in many forms."""  # DS-01, DS-04, DS-05, DS-06
    assert made(*arguments, **more)[:2] == (name, connector)


def test_keywords_win_over_the_mapping() -> None:
    """A setting that is given twice is that of the keyword."""  # DS-01
    settings = made("crm", {"connector": "memory", "a": 1, "b": 2}, a=3)[2]
    assert (settings["a"], settings["b"]) == (3, 2)


def test_the_connector_that_is_passed_wins() -> None:
    """An object that is passed directly beats the settings."""  # DS-04
    assert made({"connector": "memory"}, Store)[1] is Store


def test_settings_are_a_copy() -> None:
    """What is changed on either side is not seen on the other."""  # DS-03
    mine = {"connector": "memory", "a": 1}
    source: Any = DataSource("crm", mine)
    source.settings["a"] = 2
    mine["b"] = 3
    assert (mine["a"], "b" in source.settings) == (1, False)


def test_known_settings_may_be_camel_case() -> None:
    """LoopBack's spelling is read; two spellings that disagree are an error."""  # DS alias rule
    settings = made(
        "crm", {"connector": "memory", "lazyConnect": True, "autoUpdate": 1, "ownThing": 5}
    )[2]
    assert settings == {
        "connector": "memory",
        "lazy_connect": True,
        "auto_update": 1,
        "ownThing": 5,
    }
    with pytest.raises(DefinitionError, match="two spellings"):
        DataSource("crm", {"connector": "memory", "lazyConnect": True}, lazy_connect=False)


def test_two_names_warn(caplog: pytest.LogCaptureFixture) -> None:
    """The argument wins over the setting, and a warning names both."""  # DS-05
    with caplog.at_level(logging.WARNING):
        assert made("crm", {"connector": "memory", "name": "erp"})[0] == "crm"
    assert "crm" in caplog.text
    assert "erp" in caplog.text


@pytest.mark.parametrize("arguments", [(), (None,), ({},), (None, {}), ("",), ({"a": 1},)])
def test_a_source_needs_a_connector(arguments: Any) -> None:
    """Without any hint of a connector the error says how to give one."""
    with pytest.raises(DefinitionError, match="needs a connector"):
        DataSource(*arguments)


@pytest.mark.parametrize("arguments", [("nothing-such",), ("crm", "nothing-such"), ("no://where",)])
def test_unknown_connectors(arguments: Any) -> None:
    """A connector that nobody has is an error at once."""  # DS-12
    with pytest.raises(ConnectorNotFoundError):
        DataSource(*arguments)


def test_debug_follows_logging(caplog: pytest.LogCaptureFixture) -> None:
    """`debug` is on when it is set, or when debug logging is."""  # DS-07
    assert "debug" not in made("memory")[2]
    assert made("memory", debug="true")[2]["debug"] is True
    with caplog.at_level(logging.DEBUG, "juggler.datasource"):
        assert made("memory")[2]["debug"] is True


@pytest.mark.parametrize(
    "setting", ["max_offline_requests", "connection_timeout", "maxOfflineRequests"]
)
@pytest.mark.parametrize("value", ["many", -1, True, [], "nan", "inf"])
def test_numbers_must_be_numbers(setting: str, value: Any) -> None:
    """A setting that must be a number is checked at once."""  # DS-12, DS-28
    with pytest.raises(DefinitionError, match="must be a number"):
        DataSource("memory", **{setting: value})


def test_settings_of_a_url_are_text() -> None:
    """Numbers and switches are understood as text too."""  # DS-06
    source = DataSource("memory://x?maxOfflineRequests=3&connection_timeout=50&auto_update=false")
    assert source.get_max_offline_requests() == 3
    assert source._auto_update is False
    assert number(source.settings, "connection_timeout", 1) == 50
    assert DataSource("memory").get_max_offline_requests() == 16
    on = {"a": "true", "b": "1", "c": True, "d": "yes"}
    off = {"a": "false", "b": "0", "c": False, "d": "", "e": None, "f": "No"}
    assert all(flag(on, name) for name in on)
    assert not any(flag(off, name) for name in [*off, "missing"])


# URLs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("memory://localhost/mydb?x=1", {"host": "localhost", "database": "mydb", "x": "1"}),
        ("a://h:5432", {"host": "h", "port": 5432}),
        ("a://ada@h", {"user": "ada", "username": "ada", "host": "h"}),
        ("a://ada:s%40c%2Fret%3A%25@h/d", {"user": "ada", "password": "s@c/ret:%"}),
        ("a://ada:one:two@h", {"password": "one:two"}),
        ("a://ada:o@e@h", {"password": "o@e", "host": "h"}),
        ("a://gr%C3%B6%C3%9Fe@h/d%20b", {"user": "größe", "database": "d b"}),
        ("a://[::1]:7/d", {"host": "::1", "port": 7}),
        ("a://h/one/two", {"database": "one"}),
        ("a:///file.db", {"database": "file.db"}),
        ("a:////var/file.db", {"database": "/var/file.db"}),
        ("a+b://h", {"connector": "a"}),
        ("mongodb+srv://h/d", {"connector": "mongodb", "host": "h"}),
        ("mongodb://u:p@h1:1,h2:2/d", {"host": "h1:1,h2:2", "user": "u", "database": "d"}),
        ("A://H", {"connector": "a", "host": "h"}),
    ],
)
def test_urls_are_taken_apart(url: str, expected: dict[str, Any]) -> None:
    """Address and login come out decoded, the URL itself stays."""  # DS-06, DS-10
    found = parse_url(url)
    assert {name: found.get(name) for name in expected} == expected
    assert found["url"] == url
    if "host" in expected:
        assert found["hostname"] == expected["host"]


@pytest.mark.parametrize(
    "name",
    [
        *["connector", "host", "hostname", "user", "username", "password", "database", "url"],
        *["Host", "userName", "HOST"],
    ],
)
def test_parameters_cannot_replace_the_address(name: str) -> None:
    """A query parameter is a setting, but never the address or the login."""  # DS-10
    found = parse_url(f"memory://ada:secret@h/d?{name}=evil&more=1")
    assert "evil" not in found.values()
    assert found["more"] == "1"


@pytest.mark.parametrize("url", ["a://h:port", "a://u:secret@h:99999"])
def test_a_bad_port_is_a_clear_error(url: str) -> None:
    """The error names the URL, without its password."""
    with pytest.raises(DefinitionError, match="port") as caught:
        parse_url(url)
    assert "secret" not in str(caught.value)


@given(
    user=st.text(min_size=1).filter(lambda text: text.isprintable()),
    password=st.text(min_size=1).filter(lambda text: text.isprintable()),
)
def test_any_login_survives(user: str, password: str) -> None:
    """A login that was encoded comes out as it went in."""  # DS-10
    found = parse_url(f"a://{quote(user, safe='')}:{quote(password, safe='')}@h/d")
    assert (found["user"], found["password"], found["host"]) == (user, password, "h")


# secrets --------------------------------------------------------------------------------------

SECRETS = {
    "password": "s3cret-1",
    "token": "s3cret-2",
    "key": "s3cret-3",
    "cert": b"s3cret-4",
    "client_secret": "s3cret-5",
    "clientSecret": "s3cret-6",
    "api_key": "s3cret-7",
    "accessToken": "s3cret-8",
    "url": "memory://ada:s3cret-9@h/d?token=s3cret-10&x=1",
    "other": "amqp://:s3cret-11@h",
    "ssl": {"key": "s3cret-12", "deep": {"password": "s3cret-13"}, "ca": "public"},
}


def test_secrets_are_never_shown() -> None:
    """Texts of a source have all settings, and *** for what is secret."""  # DS-11
    source = DataSource("crm", SECRETS)
    for text in (repr(source), str(source), str(shown(source.settings))):
        assert "s3cret" not in text
        assert "ada:***@h" in text
        assert "public" in text
    assert source.settings["password"] == "s3cret-1"


def test_a_url_without_secrets_stays() -> None:
    """Only what is secret is masked."""
    for url in ("memory://h/d?x=1", "a://ada@h", "sqlite:///crm.db", "a://h?empty="):
        assert masked_url(url) == url
    assert masked_url("a://u:p@h/d?password=x&y=2") == "a://u:***@h/d?password=***&y=2"


def test_name_of_what_has_none() -> None:
    """A source is always called something."""

    class Nameless(Store):
        name = ""

    assert DataSource(Nameless).name == "Nameless"
    assert settings_of("memory", None, {}).name == "memory"
