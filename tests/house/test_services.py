"""A service that is missing never lets a test pass."""

import socket
import sys
from collections.abc import Iterator

import pytest

from tests.services import Services


@pytest.fixture
def closed() -> Iterator[int]:
    """A port at which nothing listens, and that nobody else can take meanwhile."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        yield int(server.getsockname()[1])


@pytest.mark.parametrize(
    ("required", "outcome"), [(False, pytest.skip.Exception), (True, pytest.fail.Exception)]
)
def test_what_is_missing_skips_or_fails(
    closed: int, *, required: bool, outcome: type[BaseException]
) -> None:
    """It skips with its name, or fails where services are required."""
    services = Services(required=required)
    with pytest.raises(outcome, match="redis"):
        services.port("redis", closed)
    with pytest.raises(outcome, match="no-such-program"):
        services.program("no-such-program")


def test_what_is_there_is_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that answers and a program on the path are handed back."""
    services = Services(required=True)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        assert services.port("own", address[1]) == address
    monkeypatch.setenv("PATH", sys.exec_prefix + "/bin")
    assert services.program("python")


@pytest.mark.parametrize(("value", "required"), [("1", True), ("", False), (None, False)])
def test_the_environment_says_whether_they_must_be_there(
    monkeypatch: pytest.MonkeyPatch, value: str | None, *, required: bool
) -> None:
    """Only `JUGGLER_REQUIRE_SERVICES=1` makes them required."""
    if value is None:
        monkeypatch.delenv("JUGGLER_REQUIRE_SERVICES", raising=False)
    else:
        monkeypatch.setenv("JUGGLER_REQUIRE_SERVICES", value)
    assert Services.from_environment().required is required
