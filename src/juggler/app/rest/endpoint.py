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
from juggler.app.rest.handlers import Call, handler_of
from juggler.app.rest.path import parse
from juggler.app.rest.reply import json_response
from juggler.concurrency import unless

SOON: Final = 0.05
"""Seconds after which somebody looks whether the client is still there."""
_READS: Final = frozenset({"GET", "HEAD"})


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
        verb: str = scope["method"]
        handler = handler_of(target, verb, scope["path"])
        call = Call(model, target.id or "", scope, receive, self.limits)
        if verb in _READS:
            content = await unless(lambda: _left(receive), handler(call), after=SOON)
        else:
            content = await handler(call)
        return handler.__name__, json_response(content)


async def _left(receive: Receive) -> None:
    """Return when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
