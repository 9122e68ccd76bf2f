"""What an operator may see of tenants and do to them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from juggler.app.admin.documents import check_indexes, check_settings
from juggler.app.admin.figures import Figures
from juggler.app.exposure import Exposure, path_of
from juggler.context import tenant as entered
from juggler.definition.document import model_document
from juggler.definition.model import http_path
from juggler.errors import DefinitionError, JugglerError
from juggler.registry.forward import HomelessError
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.records import CleanupResult
from juggler.registry.registry import ModelRegistry
from juggler.tenancy.directory import TenantDirectory
from juggler.tenancy.route import TenantRouter
from juggler.tenancy.tenant import Tenant

log = logging.getLogger("juggler.app")

_UNPROCESSABLE: Final = 422


class Tenants:
    """The tenants of one app, as its operator sees them.

    Models that are defined here belong to their tenant and live as long as the process: they are
    not stored anywhere yet, so define them again after a restart.

    Args:
        registry: Whose tenants they are.
        space: The app's namespace.
        exposure: Tells where models are served.
        directory: Who is a tenant; without one whoever has models is.
        router: Closes the data source of a tenant that leaves.

    Attributes:
        figures: Reads figures without waking anybody.
    """

    def __init__(
        self,
        registry: ModelRegistry,
        space: ModelRegistryProxy,
        exposure: Exposure,
        directory: TenantDirectory | None,
        router: Any,
    ) -> None:
        self._registry = registry
        self.figures = Figures(registry)
        self._space = space
        self._exposure = exposure
        self._directory = directory
        self._router = router

    async def list(self, after: str, limit: int) -> dict[str, Any]:
        """Return the tenants with codes after *after*, *limit* at most, with figures."""
        records: dict[str, Tenant | None] = {
            code: None for code in self._registry.tenant_codes() if code > after
        }
        if self._directory is not None:
            found = await self._directory.list(after=after, limit=limit)
            records.update({each.code: each for each in found})
        return self._page([self._shown(code, records[code]) for code in sorted(records)[:limit]])

    async def largest(self, sort: str, limit: int) -> dict[str, Any]:
        """Return the *limit* first of the tenants that the registry knows, by one of `SORTS`."""
        codes = [each.tenant_code for each in self.figures.largest(sort, limit)]
        return self._page([self._shown(code, None) for code in codes])

    def _page(self, tenants: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        stats = self._registry.get_stats(brief=True)
        pool = self._router.stats() if isinstance(self._router, TenantRouter) else None
        return {"tenants": tenants, "registry": stats, "sources": pool}

    async def get(self, code: str) -> dict[str, Any]:
        """Return one tenant with figures and models.

        Raises:
            JugglerError: There is none (404).
        """
        record = await self._known(code)
        known = self._registry.tenant(code, create=False)
        models = [] if known is None else list(known.models._named())
        return {**self._shown(code, record), "models": [_described(each) for each in models]}

    async def define(self, code: str, document: Any) -> dict[str, Any]:
        """Define a model of the tenant by LoopBack's model JSON; one of that name is replaced.

        Raises:
            JugglerError: There is no such tenant (404).
            DefinitionError: The document is not understood (422).
        """
        await self._known(code, unless_new=True)
        try:
            with entered(code, principal="admin"):
                model = self._define(code, document)
        except DefinitionError as error:
            error.status_code = _UNPROCESSABLE
            raise
        log.info("The operator defined %s of a tenant.", model.model_name)
        return _described(model)

    async def remove(self, code: str, name: str) -> dict[str, Any]:
        """Remove a model of the tenant; its rows stay.

        Raises:
            JugglerError: There is no such tenant or model (404).
        """
        known = self._registry.tenant(code, create=False)
        model = None if known is None else known.models.get(name)
        if model is None:
            raise _nothing(f"The tenant has no model {name!r} of its own.")
        self._registry.remove(model)
        log.info("The operator removed %s of a tenant.", name)
        return {"count": 1}

    async def evict(self, code: str) -> dict[str, bool]:
        """Let go of the built models of the tenant; its definitions stay, and nothing is disposed.

        Raises:
            JugglerError: There is no such tenant (404).
        """
        await self._known(code)
        evicted = self._registry.evict(code)
        log.info("The operator evicted a tenant: %s.", evicted)
        return {"evicted": evicted}

    async def cleanup(self, code: str, *, force: bool) -> CleanupResult:
        """Remove everything of the tenant from memory and close its data source; its rows stay.

        Raises:
            JugglerError: There is no such tenant (404), or it is in use (409).
        """
        await self._known(code)
        result = self._registry.cleanup_tenant(code, force=force, reason="admin")
        if result.error is not None:
            raise JugglerError(
                f"The tenant was not cleaned up: {result.error}.",
                code="TENANT_IN_USE",
                status_code=409,
            )
        if isinstance(self._router, TenantRouter):
            await self._router.close(code)
        log.info("The operator cleaned a tenant up: %s models.", result.models_removed)
        return result

    # inside ---------------------------------------------------------------------------------

    async def _known(self, code: str, *, unless_new: bool = False) -> Tenant | None:
        """Return the record of a tenant that there is.

        Raises:
            JugglerError: There is none; without a directory any code may be a new one.
        """
        record = None if self._directory is None else await self._directory.get(code)
        if record is not None or (unless_new and self._directory is None):
            return record
        if not self.figures.is_known(code):
            raise _nothing("There is no such tenant.")
        return record

    def _define(self, code: str, document: Any) -> Any:
        name, properties, settings = model_document(document)
        check_settings(name, settings)
        self._exposure.check(name, http_path(name, settings).strip("/"), code)
        base, known = self._base(name, settings), self._registry.tenant(code, create=False)
        space = None if known is None else known.models
        try:
            shape, complete, _ = self._registry.builder.parse(
                name, properties, settings, space, base=base
            )
        except HomelessError:
            return self._first(name, properties, settings, base)
        check_indexes(name, shape, complete)
        return self._registry.define(name, properties, settings, base=base)

    def _first(self, name: str, properties: Any, settings: dict[str, Any], base: Any) -> Any:
        """Return a model of a tenant that has none yet, which refers to one that is to come.

        Only an owner can hold what is to come, and nothing is replaced: so it is checked last.
        """
        model = self._registry.define(name, properties, settings, base=base)
        try:
            check_indexes(name, model.shape, model.settings)
        except DefinitionError:
            self._registry.remove(model)
            raise
        return model

    def _base(self, name: str, settings: dict[str, Any]) -> Any:
        """Return the model that is extended; a tenant may extend those of the app too."""
        wanted = settings.get("base")
        if not isinstance(wanted, str):
            return None
        shared = self._space.get(wanted) or self._registry.global_models.get(wanted)
        own = None if wanted == name else self._registry.look_up(wanted, self._space)
        found = own or shared
        if found is not None:
            del settings["base"]
        return found

    def _shown(self, code: str, record: Tenant | None) -> dict[str, Any]:
        stats, resident = self.figures.of(code)
        return {
            "code": code,
            "status": None if record is None else record.status,
            "title": None if record is None else record.title,
            "resident": resident,
            "stats": stats,
        }


def _described(model: Any) -> dict[str, Any]:
    properties: Mapping[str, Any] = model.properties
    return {
        "name": model.model_name,
        "path": path_of(model),
        "properties": {name: repr(item.type)[6:-1] for name, item in properties.items()},
    }


def _nothing(message: str) -> JugglerError:
    return JugglerError(message, code="NOT_FOUND", status_code=404)
