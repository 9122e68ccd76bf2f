"""Answers with the OpenAPI document of whoever asks."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from juggler.app.exposure import Exposure
from juggler.app.openapi.document import NUMBERS, document
from juggler.app.rest.reply import JSON, encode
from juggler.errors import InvalidQueryError

KEPT: Final = 64
"""Documents that are kept; tenants that see the same models share one."""


class OpenApi:
    """Makes documents and keeps the ones used last; belongs to one app.

    What is kept is text, found by the fingerprint of what a tenant sees, so it keeps no model
    alive and is never another tenant's.

    Args:
        exposure: Tells what a tenant sees.
        rest_root: Path of REST below the app.
        schemes: Name -> security scheme.
    """

    def __init__(
        self, exposure: Exposure, rest_root: str, schemes: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self._exposure = exposure
        self._rest_root = rest_root
        self._schemes = schemes
        self._kept: OrderedDict[tuple[str, str, str], tuple[bytes, str]] = OrderedDict()

    def __call__(self, request: Request, tenant: str | None) -> Response:
        """Return the document of what *tenant* sees.

        ``?version=3.0`` asks for the older form.  A client that has it already gets 304.
        """
        body, tag = self.text(request, tenant)
        headers = {"etag": tag, "cache-control": "private, no-cache", "vary": self._vary()}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type=JSON)

    def text(self, request: Request, tenant: str | None) -> tuple[bytes, str]:
        """Return the document and its entity tag."""
        asked = request.query_params.get("version", "3.1")
        version = next((each for each in NUMBERS if each == asked), None)
        if version is None:
            raise InvalidQueryError(
                f"version is one of {', '.join(NUMBERS)}, not {asked!r}.", path="version"
            )
        server = request.scope.get("root_path", "") + self._rest_root
        digest = self._exposure.digest(tenant)
        key = (digest, version, server)
        found = self._kept.get(key)
        if found is None:
            view = self._exposure.view(tenant)
            body = encode(
                document(view, version=version, server=server, digest=digest, schemes=self._schemes)
            )
            found = self._kept[key] = body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return found

    def _vary(self) -> str:
        """Return the headers that another document depends on."""
        named = (each.get("name") for each in self._schemes.values())
        return ", ".join(["Authorization", *(name for name in named if name)])
