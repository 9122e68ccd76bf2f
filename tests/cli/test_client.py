"""A request is printed as a curl line and sent over HTTP, the same both ways."""

import json
import socket
import subprocess
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from juggler.cli.client import Call, ServiceError
from tests.cli.service import Asked, answering
from tests.patience import PATIENCE
from tests.services import Services

HARMLESS = {"host", "user-agent", "accept", "accept-encoding", "connection", "content-length"}

CALLS = [
    Call("/api/Cities"),
    Call("/api/Cities/1", "DELETE", headers={"X-Tenant": "nordwind"}),
    Call("/api/Cities", query={"filter": {"where": {"name": "L'Aquila & $HOME `x` %20"}}}),
    Call("/x", query={"a": "1", "b": ["ü"]}, headers={"Authorization": "Bearer a.b"}),
    Call("/x", "POST", body={"name": "Žďár 'n' \"q\" \\"}),
    Call("/x", "PATCH", body=[1, None, {"a": True}]),
]


def core(asked: Asked) -> tuple[Any, ...]:
    """Return what matters of a request."""
    parts = urlsplit(asked.path)
    headers = {key: value for key, value in asked.headers.items() if key not in HARMLESS}
    body = json.loads(asked.body) if asked.body else None
    return asked.method, parts.path, parse_qsl(parts.query), headers, body


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_the_printed_line_does_what_sending_does(services: Services, call: Call) -> None:
    """A shell that is given the curl line sends the very request that `send` sends."""
    services.program("curl")
    with answering(lambda _: (200, {"ok": True})) as (base, seen):
        assert call.send(base).body == {"ok": True}
        line = call.curl(base)
        done = subprocess.run(["sh", "-c", line], capture_output=True, check=True, timeout=PATIENCE)
    assert json.loads(done.stdout) == {"ok": True}
    assert core(seen[0]) == core(seen[1])


@settings(max_examples=25)
@given(value=st.text(max_size=20))
def test_any_value_arrives_as_it_was(value: str) -> None:
    """Whatever text stands in a query or a body, the service reads that text."""
    with answering(lambda _: (200, None)) as (base, seen):
        Call("/x", query={"q": value}).send(base)
        Call("/x", "POST", body={"q": value}).send(base)
    assert parse_qsl(urlsplit(seen[0].path).query, keep_blank_values=True) == [("q", value)]
    assert json.loads(seen[1].body) == {"q": value}


def test_a_path_of_the_service_is_kept() -> None:
    """A service below a path is asked there."""
    with answering(lambda _: (200, None)) as (base, seen):
        Call("/health").send(f"{base}/juggler/")
    assert seen[0].path == "/juggler/health"


@pytest.mark.parametrize(
    ("status", "body", "message", "code"),
    [
        (404, {"error": {"message": "No such tenant.", "code": "NOPE"}}, "No such tenant.", "NOPE"),
        (500, b"<html>", "The service answered 500.", "SERVICE"),
        (401, {"error": "x"}, "The service answered 401.", "SERVICE"),
        (400, {"error": {"message": None}}, "The service answered 400.", "SERVICE"),
    ],
)
def test_a_refusal_is_an_error_of_ours(status: int, body: Any, message: str, code: str) -> None:
    """`done` raises with message and code of the service, and its status."""
    with (
        answering(lambda _: (status, body)) as (base, _),
        pytest.raises(ServiceError) as caught,
    ):
        Call("/x").done(base)
    assert (str(caught.value), caught.value.code, caught.value.status_code) == (
        message,
        code,
        status,
    )


def test_text_that_is_no_json_is_handed_on() -> None:
    """An answer need not be JSON."""
    with answering(lambda _: (200, b"# HELP x\n")) as (base, _):
        assert Call("/metrics").done(base) == "# HELP x\n"


@pytest.mark.parametrize(
    "base", ["", "localhost:8000", "ftp://x", "http://", "http://[", "http://x:y"]
)
def test_what_is_no_address_is_told(base: str) -> None:
    """A base without scheme or host is refused before anything is sent."""
    with pytest.raises(ServiceError, match="no address of a service"):
        Call("/").send(base)


def test_a_service_that_is_not_there_is_told() -> None:
    """The error names the address and what to look at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        base = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ServiceError, match=base) as caught:
            Call("/").send(base)
    assert caught.value.code == "UNREACHABLE"


def test_what_is_no_http_is_told() -> None:
    """A port at which something else answers is no service."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        base = f"http://127.0.0.1:{server.getsockname()[1]}"
        call = Call("/")
        with pytest.raises(ServiceError) as caught:
            call.send(base, timeout=0.2)
    assert caught.value.code == "UNREACHABLE"
