"""From a project to an app: data sources, models, tenants, hooks; nothing is opened yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from juggler.app.asgi import App
from juggler.cli.project.documents import ModelConfig
from juggler.cli.project.files import error_in
from juggler.cli.project.hooks import run_hooks
from juggler.cli.project.reading import Project
from juggler.cli.project.sources import FILE, SourceConfig
from juggler.cli.project.tenants import FILE as TENANTS
from juggler.context import tenant
from juggler.datasource.datasource import DataSource
from juggler.definition.document import model_document
from juggler.errors import ConnectorNotFoundError, DefinitionError, JugglerError
from juggler.facade.default import ModelRegistry
from juggler.facade.default import registry as default_registry
from juggler.registry.builder import PLAIN
from juggler.tenancy.files import FileDirectory
from juggler.tenancy.isolation.database import DatabasePerTenant
from juggler.tenancy.keys import KeyRing
from juggler.tenancy.resolve import ApiKeys, HeaderTenant, Resolve, first_of
from juggler.tenancy.route import TenantRouter

_ADDRESS: Final = frozenset({"url", "file", "connector", "adapter", "name", "max_open"})


@dataclass(frozen=True, slots=True)
class Access:
    """Who is let in.

    Attributes:
        admin_token: Opens the admin API; None turns it off.
        pepper: The server's secret that API keys need; None turns keys off.
        dev: Believe the header ``X-Tenant``.
    """

    admin_token: str | None = None
    pepper: str | None = None
    dev: bool = False


def build_app(project: Project, access: Access, registry: ModelRegistry | None = None) -> App:
    """Return the app of *project*; its sources open when it runs or when they are first used.

    Args:
        project: What to serve.
        access: Who is let in.
        registry: Of the app's models; the default one unless given.

    Raises:
        ProjectError: Something in a file cannot be used; it names the file and the key.
        DefinitionError: Nobody could enter, or a secret is too short.
    """
    known = registry if registry is not None else default_registry
    sources = {
        each.name: _source(project, each, known) for each in project.sources if not each.per_tenant
    }
    directory = FileDirectory(project.folder / TENANTS) if project.tenants else None
    app = App(
        known,
        data_sources=sources,
        router=_router(project, known),
        identity=_identity(project, access, directory),
        admin=access.admin_token or None,
        rest_api_root=project.rest_api_root,
        directory=directory,
    )
    _add_models(app, project)
    if project.hooks is not None:
        run_hooks(project.hooks, app)
    return app


def isolation_of(project: Project, registry: ModelRegistry | None = None) -> DatabasePerTenant:
    """Return what gives each tenant of *project* a database of its own.

    Raises:
        ProjectError: No data source is per tenant, or its address cannot be used.
    """
    config, file = project.routed, project.folder / FILE
    if config is None:
        raise error_in(file, "", "has no data source per tenant.")
    key = "url" if "url" in config.settings else "file"
    address: str = config.settings[key]
    connector = config.settings.get("connector", config.settings.get("adapter"))
    scheme = address.partition("://")[0].partition("+")[0] if key == "url" else "sqlite"
    if connector not in {None, scheme}:
        told = f"{connector!r} has no {key} with a tenant in it; it is one of {scheme}."
        raise error_in(file, f"{config.name}.connector", told, connector)
    rest = {name: item for name, item in config.settings.items() if name not in _ADDRESS}
    try:
        return DatabasePerTenant(address, registry=registry, **rest)
    except JugglerError as error:
        raise error_in(file, f"{config.name}.{key}", str(error), address) from error


def _router(project: Project, registry: ModelRegistry) -> TenantRouter | None:
    """Return the router of a project that has a data source per tenant."""
    config = project.routed
    if config is None:
        return None
    isolation = isolation_of(project, registry)
    most: Mapping[str, Any] = {
        key: item for key, item in config.settings.items() if key == "max_open"
    }
    try:
        isolation.traits  # noqa: B018  made now, so that a bad setting is told before serving
        return TenantRouter(isolation, **most)
    except (JugglerError, TypeError, ValueError) as error:
        raise error_in(project.folder / FILE, config.name, str(error)) from error


def _source(project: Project, config: SourceConfig, registry: ModelRegistry) -> DataSource:
    """Return a data source of the project."""
    try:
        return DataSource(config.name, dict(config.settings), registry=registry)
    except ConnectorNotFoundError as error:
        key = f"{config.name}.{'connector' if 'connector' in config.settings else 'url'}"
        raise error_in(project.folder / FILE, key, str(error), error.value) from error
    except (JugglerError, TypeError, ValueError) as error:
        raise error_in(project.folder / FILE, config.name, str(error)) from error


def _identity(project: Project, access: Access, directory: FileDirectory | None) -> Resolve | None:
    """Return how the tenant of a request is told; None for a project without tenants."""
    if directory is None:
        if project.routed is not None:
            told = f"is needed, for the data source {project.routed.name} is per tenant."
            raise error_in(project.folder / TENANTS, "", told)
        return None
    sources: list[Resolve] = []
    if access.pepper:
        sources.append(ApiKeys(directory, KeyRing(access.pepper)))
    if access.dev:
        sources.append(HeaderTenant(directory=directory))
    if not sources:
        raise DefinitionError(
            "No tenant could enter: set JUGGLER_PEPPER, the secret that their API keys were made "
            "with, or give --dev to believe the header X-Tenant."
        )
    return first_of(*sources)


def _add_models(app: App, project: Project) -> None:
    """Define all models of the project, those of tenants last."""
    for config in project.models:
        _add_model(app, config)
    for each in project.tenants:
        with tenant(each.record.code):
            for config in each.models:
                _add_own_model(app, config)


def _add_model(app: App, config: ModelConfig) -> None:
    """Define a model of the project in the app."""
    source = app.data_sources.get(config.data_source or "")
    routed = config.data_source is not None and source is None
    traits = app.router.traits if routed and app.router is not None else PLAIN
    try:
        name, properties, settings = model_document(config.document)
        model = app.registry.builder.make(
            name,
            properties,
            settings,
            app.models,
            source=source,
            traits=traits if source is None else source.traits,
        )
        app.model(model, source, public=config.public)
    except DefinitionError as error:
        raise _in_document(config, error) from error


def _add_own_model(app: App, config: ModelConfig) -> None:
    """Define a model of the current tenant; its base may be the app's model of the same name."""
    try:
        name, properties, settings = model_document(config.document)
        wanted = settings.get("base")
        shared = app.models.get(wanted) if isinstance(wanted, str) else None
        own = app.registry.current_space().get(wanted) if isinstance(wanted, str) else None
        base = shared if wanted == name else own or shared
        if base is not None:
            del settings["base"]
        app.registry.define(name, properties, settings, base=base)
    except DefinitionError as error:
        raise _in_document(config, error) from error


def _in_document(config: ModelConfig, error: DefinitionError) -> JugglerError:
    """Return *error* as one of the file that the model stands in."""
    key = f"properties.{error.property}" if error.property else ""
    return error_in(config.file, key, str(error), error.value)
