"""The application: models of an app and its tenants, served over ASGI."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator, Iterable, Mapping, MutableMapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from juggler.app import lifespan
from juggler.app.admin.endpoint import Admin
from juggler.app.admin.events import Feed
from juggler.app.admin.tenants import Tenants
from juggler.app.explorer.endpoint import Explorer
from juggler.app.exposure import Exposure
from juggler.app.lifespan import Receive, Send
from juggler.app.limits import Limits
from juggler.app.observe import counts_of
from juggler.app.openapi.endpoint import OpenApi
from juggler.app.rest.endpoint import Rest
from juggler.app.rest.errors import error_response, no_such_path
from juggler.app.rest.path import segments_of
from juggler.app.site import Site
from juggler.app.sources import DataSources, named_sources
from juggler.context import tenant
from juggler.datasource.datasource import DataSource
from juggler.errors import DefinitionError
from juggler.facade.default import registry as default_registry
from juggler.models.api import ModelApi
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.owners import APP
from juggler.registry.registry import ModelRegistry
from juggler.registry.routing import Router
from juggler.tenancy.directory import TenantDirectory
from juggler.tenancy.resolve import Identity, Resolve, identify, refused, schemes_of
from juggler.tenancy.route import TenantRouter

Scope = MutableMapping[str, Any]


class App:
    """Owns models and serves them, and those of each tenant, over ASGI 3.

    It runs alone under any ASGI server or mounted into another application; sources that are not
    open yet open with their first use.  Models live as long as the app does.  `running` opens and
    closes what it works with, once at a time; servers do that by themselves.

    Args:
        registry: Registry of all models; the default one unless given.
        data_sources: Name -> data source, or a collection of them, in order of opening.
        router: Tells where the rows of each tenant are; it becomes the registry's router.
        identity: Tells who asks.  Without one there are no tenants: all see the app's models.
        admin: Token of the operator; without one there is no admin API.
        limits: What a request may ask for at most.
        rest_api_root: Path of REST below the app.
        directory: Who is a tenant; that of *identity* unless given.

    Raises:
        DefinitionError: The registry has another router, or the admin token is empty.

    >>> from juggler.tenancy.resolve import HeaderTenant
    >>> registry = ModelRegistry()
    >>> app = App(registry, identity=HeaderTenant("X-Tenant"))
    >>> app.model(registry.define("Customer", {"name": str}))
    [Model Customer]
    """

    def __init__(
        self,
        registry: ModelRegistry | None = None,
        *,
        data_sources: Mapping[str, DataSource] | Iterable[DataSource] | None = None,
        router: Router | None = None,
        identity: Resolve | None = None,
        admin: str | None = None,
        limits: Limits | None = None,
        rest_api_root: str = "/api",
        directory: TenantDirectory | None = None,
    ) -> None:
        self.registry: ModelRegistry = registry or default_registry
        self.data_sources: DataSources = named_sources(data_sources)
        self.limits = limits or Limits()
        self.router = router
        self.directory = directory or getattr(identity, "directory", None)
        self._identity = identity
        self._root = tuple(part for part in rest_api_root.split("/") if part)
        self._models = self.registry.adopt(self, APP)
        self._exposure = Exposure(self.registry, self._models)
        self._feed = Feed(self.registry)
        self._counts = counts_of(self.registry, router)
        self._who = Who(identity)
        schemes = schemes_of(identity)
        root = "".join(f"/{part}" for part in self._root)
        described, page = OpenApi(self._exposure, root, schemes), Explorer(schemes)
        self._rest = Rest(self._exposure, self.limits)
        tenants = Tenants(self.registry, self._models, self._exposure, self.directory, router)
        self._admin = Admin(admin, tenants, self._feed, self.limits)
        operator = self._admin.is_operator
        self._site = Site(self._who, described, page, self.data_sources, self._counts, operator)
        if router is not None:
            self._route(router)

    # models ---------------------------------------------------------------------------------

    @property
    def models(self) -> ModelRegistryProxy:
        """Return the app's namespace: name -> model."""
        return self._models

    def model(
        self,
        model: Any,
        data_source: DataSource | str | None = None,
        *,
        public: bool = True,
        plural: str | None = None,
    ) -> Any:
        """Make *model* one of this app's and return it; it is served to every tenant.

        Args:
            model: A model, or the name of one of the data source, an app's source, or a global one.
            data_source: Where its rows are, also by name; what it has unless given.
            public: Whether REST shows it.
            plural: Its path there; its own plural unless given.

        Raises:
            DefinitionError: There is no such model or source, or its path is taken.
        """
        source = self._source(data_source)
        found = model if isinstance(model, ModelApi) else self._named(model, source)
        self._exposure.expose(found, public=public, plural=plural)
        if source is not None:
            source.attach(found)
        self.registry.register_model_for_app(self, found)
        return found

    def _source(self, given: DataSource | str | None) -> DataSource | None:
        if given is None or isinstance(given, DataSource):
            return given
        if given not in self.data_sources:
            raise DefinitionError(f"The app has no data source {given!r}.", value=given)
        return self.data_sources[given]

    def _named(self, name: Any, source: DataSource | None) -> Any:
        """Return the model called *name*."""
        sources = [source] if source is not None else [*self.data_sources.values()]
        spaces = [self._models, *(each.models for each in sources), self.registry.global_models]
        found = next((space[name] for space in spaces if name in space), None)
        if found is None:
            raise DefinitionError(f"There is no model {name!r}; define it first.", value=name)
        return found

    def _route(self, router: Router) -> None:
        """Make *router* that of the registry.

        Raises:
            DefinitionError: It has another one, whose models would go elsewhere.
        """
        if self.registry.router is router:
            return
        if self.registry.router is not None:
            raise DefinitionError("The registry has another router; give the app its own registry.")
        if isinstance(router, TenantRouter):
            router.serve(self.registry)
        else:
            self.registry.router = router

    # life -----------------------------------------------------------------------------------

    @asynccontextmanager
    async def running(self, _outer: Any = None) -> AsyncIterator[None]:
        """Open the data sources that are not lazy for the block; close all in reverse after it.

        An application that this one is mounted in may use it: ``FastAPI(lifespan=app.running)``.
        """
        self._site.stopping = False
        sources = list(self.data_sources.values())
        async with lifespan.opened(sources, tenants=self._close_tenants, streams=self._end_streams):
            yield

    def stop(self) -> None:
        """Begin to stop: streams end, and ``/health/ready`` says no.

        A server that waits for connections to end before it says that it stops calls this first.
        """
        self._site.stopping = True
        self._feed.close()

    async def _end_streams(self) -> None:
        self.stop()

    async def _close_tenants(self) -> None:
        if isinstance(self.router, TenantRouter):
            await self.router.close_all()

    # serving --------------------------------------------------------------------------------

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection of an ASGI server."""
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await lifespan.serve_lifespan(receive, send, self.running)
        else:
            await receive()
            await send({"type": "websocket.close"})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun, request_id, action = time.perf_counter(), secrets.token_hex(8), "error"
        try:
            action, response = await self._respond(scope, receive, request_id)
        except ConnectionAbortedError:
            return
        except Exception as error:  # noqa: BLE001  logged whole, and the client gets an answer
            response = error_response(error, request_id, self.limits.max_failures)
        if scope["method"] == "HEAD" and getattr(response, "body", b""):  # files leave theirs out
            response = Response(None, response.status_code, _without_length(response))
        await response(scope, receive, send)
        if self._counts is not None:
            seconds = time.perf_counter() - begun
            self._counts.observe(scope["method"], action, response.status_code, seconds)

    async def _respond(
        self, scope: Scope, receive: Receive, request_id: str
    ) -> tuple[str, Response]:
        """Return the name of what was done and its answer."""
        segments, root = segments_of(scope), self._root
        if segments is None:
            raise no_such_path(scope["path"])
        first = segments[0] if segments else ""
        if not root or segments[: len(root)] != root:
            if first in Site.NAMES:
                return "site", await self._site(segments, Request(scope, receive))
            if first == "admin":
                return "admin", await self._admin(segments[1:], Request(scope, receive))
            if root:
                raise no_such_path(scope["path"])
        identity = await self._who(scope)
        with entered(identity, request_id):
            code = self.registry.current_tenant()
            return await self._rest(segments[len(root) :], code, scope, receive)


class Who:
    """Tells who asks, or refuses to let them in."""

    def __init__(self, identity: Resolve | None) -> None:
        self._identity = identity

    async def __call__(self, scope: Mapping[str, Any]) -> Identity | None:
        """Return who asks; None where the app has no source of identity.

        Raises:
            JugglerError: 401: the request does not say, or who it says is not let in.
        """
        if self._identity is None:
            return None
        found = await identify(self._identity, scope)
        if found is None:
            raise refused()
        return found


def entered(identity: Identity | None, request_id: str) -> AbstractContextManager[object]:
    """Return the block in which the tenant of *identity* is current.

    Without an identity it is whatever tenant the application around this one has entered.
    """
    if identity is None:
        return nullcontext()
    return tenant(identity.tenant, principal=identity.principal, request_id=request_id)


def _without_length(response: Response) -> dict[str, str]:
    return {key: value for key, value in response.headers.items() if key != "content-length"}
