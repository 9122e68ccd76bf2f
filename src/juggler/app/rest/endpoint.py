"""The one handler of REST: path -> model of the tenant -> method -> answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from juggler.app.exposure import Exposure
from juggler.app.limits import Limits
from juggler.app.rest.body import Receive
from juggler.app.rest.errors import no_such_path
from juggler.app.rest.filters import read_query
from juggler.app.rest.handlers import Call
from juggler.app.rest.path import parse
from juggler.app.rest.reply import json_response
from juggler.app.rest.routes import Route, route_of
from juggler.concurrency import unless
from juggler.errors import InvalidQueryError

SOON: Final = 0.05
"""Seconds after which somebody looks whether the client is still there."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Answers REST requests; one object for an app, without state of its own."""

    exposure: Exposure
    limits: Limits

    async def __call__(
        self,
        segments: Sequence[str],
        tenant: str | None,
        scope: Mapping[str, Any],
        receive: Receive,
    ) -> tuple[str, Response]:
        """Return the name of what was done and its answer.

        A read is cancelled when its client goes away; a write runs to its end, so that the store
        and the hooks after it agree.

        Raises:
            JugglerError: What a client did wrong, or what the store could not do.
            ConnectionAbortedError: The client went away; nobody waits for an answer.
        """
        target = parse(segments)
        model = None if target is None else self.exposure.find(target.plural, tenant)
        if target is None or model is None:
            raise no_such_path(scope["path"])
        route = route_of(target, scope["method"], scope["path"])
        asked = _asked(route, scope, self.limits)
        call = Call(model, target.id or "", asked, scope, receive, self.limits)
        if route.is_read:
            content = await unless(lambda: _left(receive), route.handler(call), after=SOON)
        else:
            content = await route.handler(call)
        return route.handler.__name__, json_response(content)


def _asked(route: Route, scope: Mapping[str, Any], limits: Limits) -> dict[str, Any] | None:
    """Return the object in the query parameter of *route*; no other parameter is taken.

    Raises:
        JugglerError: It is not understood, or over a limit; or it is missing where it is needed,
            as nothing must be changed because somebody forgot to say which records are meant.
    """
    found = read_query(scope.get("query_string", b""), route.query, limits)
    if found is None and route.needs_query:
        raise InvalidQueryError(
            "The parameter where is needed; where={} says that all records are meant.",
            code="WHERE_REQUIRED",
            path="where",
        )
    return found


async def _left(receive: Receive) -> None:
    """Return when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
