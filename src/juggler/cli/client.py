"""Requests as values: printed as a curl line, sent over HTTP, and the very same both ways."""

from __future__ import annotations

import contextlib
import http.client
import json
import shlex
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from juggler.errors import JugglerError

TIMEOUT: Final = 30.0


class ServiceError(JugglerError):
    """Raised when a service cannot be asked, or answers that it will not."""

    code = "SERVICE"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        status: HTTP status.
        body: The JSON, or the text where it was none.
        seconds: From sending the request to the last byte.
    """

    status: int
    body: Any
    seconds: float

    def problem(self) -> ServiceError:
        """Return the error that the answer tells of, code and message as the service gave them."""
        told = self.body.get("error") if isinstance(self.body, dict) else None
        told = told if isinstance(told, dict) else {}
        message = told.get("message") or f"The service answered {self.status}."
        return ServiceError(str(message), code=told.get("code"), status_code=self.status)


@dataclass(frozen=True, slots=True)
class Call:
    """One request.

    Attributes:
        path: Below the address of the service; begins with a slash and is escaped already.
        method: The verb.
        query: Parameters; values that are no text are sent as JSON.
        headers: Further headers.
        body: Sent as JSON; None for none.
    """

    path: str
    method: str = "GET"
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    def curl(self, base: str) -> str:
        """Return the line for a shell that does the same as `send`."""
        words = ["curl", "-s"]
        if self.query:
            words.append("-G")  # the parameters below go into the address, escaped by curl
        if self.method != ("GET" if self.body is None else "POST"):
            words += ["-X", self.method]
        words.append(base.rstrip("/") + self.path)
        for name, value in self.headers.items():
            words += ["-H", f"{name}: {value}"]
        for name, value in self._parameters().items():
            words += ["--data-urlencode", f"{name}={value}"]
        if self.body is not None:
            words += ["-H", "Content-Type: application/json", "-d", _json(self.body)]
        return shlex.join(words)

    def send(self, base: str, timeout: float = TIMEOUT) -> Answer:
        """Send the request to the service at *base* and return its answer, whatever the status.

        Raises:
            ServiceError: Nothing answers there, not in time, or not in HTTP.
        """
        connection, path = open_connection(base, timeout)
        headers = {"Accept": "application/json", **self.headers}
        payload = None if self.body is None else _json(self.body).encode()
        if payload is not None:
            headers["Content-Type"] = "application/json"
        query = f"?{urlencode(self._parameters(), quote_via=quote)}" if self.query else ""
        begun = time.perf_counter()
        try:
            with contextlib.closing(connection):
                connection.request(self.method, path + self.path + query, payload, headers)
                response = connection.getresponse()
                raw = response.read()
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ServiceError(
                f"No answer from {base} ({str(error) or type(error).__name__}); is it running?",
                code="UNREACHABLE",
            ) from error
        return Answer(response.status, _read(raw), time.perf_counter() - begun)

    def done(self, base: str) -> Any:
        """Send the request and return the body of the answer.

        Raises:
            ServiceError: Nothing answers, or the status says that it was not done.
        """
        answer = self.send(base)
        if answer.status >= 400:
            raise answer.problem()
        return answer.body

    def _parameters(self) -> dict[str, str]:
        return {
            name: value if isinstance(value, str) else _json(value)
            for name, value in self.query.items()
        }


def open_connection(base: str, timeout: float) -> tuple[http.client.HTTPConnection, str]:
    """Return a connection, not made yet, to the service at *base*, and its path there."""
    try:
        parts = urlsplit(base)
        kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
        kind = kinds.get(parts.scheme)
        if kind is not None and parts.hostname:
            connection = kind(parts.hostname, parts.port, timeout=timeout)
            return connection, parts.path.rstrip("/")
    except ValueError:  # a port that is no number, a bracket that is never closed
        pass
    raise ServiceError(f"{base!r} is no address of a service: http://host:port is.")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _read(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode(errors="replace")
