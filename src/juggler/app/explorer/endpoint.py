"""The page, its files, and the document that it starts with."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from starlette.responses import FileResponse, RedirectResponse, Response

from juggler.app.openapi.document import document
from juggler.app.rest.errors import missing_extra, no_such_path
from juggler.app.rest.reply import json_response

PAGE: Final = Path(__file__).parent / "page"

FILES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "index.html": "text/html",
        "explorer.css": "text/css",
        "explorer.js": "text/javascript",
        "swagger-ui.css": "text/css",
        "swagger-ui-bundle.js": "text/javascript",
        "favicon-32x32.png": "image/png",
    }
)

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Everything comes from the service itself; nothing outside is ever asked."""

HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "content-security-policy": POLICY,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-cache",
    }
)


class Explorer:
    """Serves the explorer of one app; it is open to all and shows nothing before signing in.

    Args:
        schemes: Name -> security scheme.
    """

    def __init__(self, schemes: Mapping[str, Mapping[str, Any]]) -> None:
        self._schemes = schemes

    def __call__(self, name: str, path: str, query: str) -> Response:
        """Return the file called *name*; the page itself for no name.

        Raises:
            JugglerError: There is no such file (404), or swagger-ui is not installed (501).
        """
        if not name and not path.endswith("/"):  # the page's files are beside it
            beside = path.rpartition("/")[2] + "/"
            return RedirectResponse(f"{beside}?{query}" if query else beside, 307)
        if name == "start.json":
            start = document({}, version="3.0", server="", digest="-", schemes=self._schemes)
            return json_response(start)
        name = name or "index.html"
        kind = FILES.get(name)
        if kind is None:
            raise no_such_path(path)
        folder = PAGE if (PAGE / name).exists() else _swagger_ui()
        return FileResponse(folder / name, media_type=kind, headers=dict(HEADERS))


def _swagger_ui() -> Path:
    """Return the folder with swagger-ui's files."""
    if find_spec("swagger_ui_bundle") is None:
        raise missing_extra("The explorer", "app")
    from swagger_ui_bundle import swagger_ui_path  # noqa: PLC0415  reads files when it is imported

    return Path(swagger_ui_path)
