"""Whether the service is there, and whether it can work."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from starlette.responses import Response

from juggler.app.rest.reply import json_response
from juggler.datasource.datasource import DataSource
from juggler.errors import JugglerError

PATIENCE = 2.0


def live() -> Response:
    """Answer that the process is there."""
    return json_response({"status": "ok"})


async def ready(sources: Iterable[DataSource], *, stopping: bool) -> Response:
    """Answer whether all data sources that are not lazy answer too; says no more to strangers."""
    eager = [source for source in sources if not source.settings.get("lazy_connect")]
    if stopping or not all(await asyncio.gather(*map(_answers, eager))):
        return json_response({"status": "unavailable"}, 503)
    return json_response({"status": "ok"})


async def _answers(source: DataSource) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            await source.ping()
    except (JugglerError, TimeoutError):
        return False
    return True
