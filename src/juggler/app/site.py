"""What the app serves beside REST: its description, its explorer, its health, its figures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from juggler.app import health
from juggler.app.explorer.endpoint import Explorer
from juggler.app.observe import Counts
from juggler.app.openapi.endpoint import OpenApi
from juggler.app.rest.errors import missing_extra, no_such_path, wrong_verb
from juggler.app.sources import DataSources
from juggler.tenancy.resolve import Identity

Who = Callable[[Mapping[str, Any]], Awaitable[Identity | None]]

_VERBS: Final = ("GET", "HEAD")
_METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class Site:
    """Answers what is not about records; belongs to one app.

    Args:
        who: Tells who asks, or refuses to let them in.
        openapi: Makes descriptions.
        explorer: Serves the explorer.
        sources: Data sources of the app.
        counts: Keeps figures, where the package for it is there.
        is_operator: Tells who may see figures of single tenants.
    """

    NAMES = frozenset({"openapi.json", "explorer", "health", "metrics"})

    def __init__(
        self,
        who: Who,
        openapi: OpenApi,
        explorer: Explorer,
        sources: DataSources,
        counts: Counts | None,
        is_operator: Callable[[Mapping[str, Any]], bool],
    ) -> None:
        self._who = who
        self._openapi = openapi
        self._explorer = explorer
        self._sources = sources
        self._counts = counts
        self._is_operator = is_operator
        self.stopping = False

    async def __call__(self, segments: Sequence[str], request: Request) -> Response:
        """Return the answer to a request for one of `NAMES`.

        Raises:
            JugglerError: There is nothing (404), the verb is wrong (405), the asker is not let in
                (401), or a package is missing (501).
        """
        path = request.scope["path"]
        name, rest = segments[0], "/".join(segments[1:])
        if name != "explorer" and rest and (name, rest) not in _HEALTH:
            raise no_such_path(path)
        if request.method not in _VERBS:
            raise wrong_verb(request.method, list(_VERBS))
        if name == "openapi.json":
            identity = await self._who(request.scope)
            return self._openapi(request, identity.tenant if identity else None)
        if name == "explorer":
            return self._explorer(rest, path, request.url.query)
        if name == "metrics":
            if self._counts is None:
                raise missing_extra("/metrics", "metrics")
            text = self._counts.text(tenants=self._is_operator(request.scope))
            return Response(text, media_type=_METRICS_TYPE)
        if rest == "live":
            return health.live()
        return await health.ready(self._sources.values(), stopping=self.stopping)


_HEALTH: Final = frozenset({("health", "live"), ("health", "ready")})
