"""A whole project folder as one frozen value; nothing is opened and nothing is run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from juggler.cli.project.documents import ModelConfig
from juggler.cli.project.files import as_text, error_in, kind, read_object, substitute
from juggler.cli.project.models import read_models
from juggler.cli.project.sources import SourceConfig, read_sources
from juggler.cli.project.tenants import TenantConfig, read_tenant_configs
from juggler.definition.names import snake

CONFIG: Final = "config.json"
HOOKS: Final = "hooks.py"
_CONFIG_KEYS: Final = ("rest_api_root", "host", "port")


@dataclass(frozen=True, slots=True)
class Project:
    """What the files of a folder say.

    Attributes:
        folder: Where they are.
        sources: Data sources, of which one may be per tenant.
        models: Models, each after those it refers to.
        tenants: Tenants with their own models.
        hooks: The file with ``def boot(app)``, if there is one.
        rest_api_root: Where REST begins.
        host: Where to listen unless the command line says otherwise.
        port: As host.
        ignored: Keys without meaning here, as ``file: key``.
    """

    folder: Path
    sources: tuple[SourceConfig, ...]
    models: tuple[ModelConfig, ...] = ()
    tenants: tuple[TenantConfig, ...] = ()
    hooks: Path | None = None
    rest_api_root: str = "/api"
    host: str | None = None
    port: int | None = None
    ignored: tuple[str, ...] = ()

    @property
    def routed(self) -> SourceConfig | None:
        """Return the data source that each tenant has its own of, or None."""
        return next((each for each in self.sources if each.per_tenant), None)


def read_project(
    folder: str | os.PathLike[str], environment: Mapping[str, str] | None = None
) -> Project:
    """Return the project in *folder*.

    Args:
        folder: Has ``datasources.json``, ``models/*.json`` and, where wanted, ``tenants.json``,
            ``model-config.json``, ``config.json`` and ``hooks.py``.
        environment: What ``${NAME}`` stands for; the process's environment unless given.

    Raises:
        ProjectError: A file is missing or cannot be used; it names the file and the key.
    """
    path = Path(folder)
    if not path.is_dir():
        raise error_in(path, "", "is no folder.")
    variables = os.environ if environment is None else environment
    ignored: list[str] = []
    sources = read_sources(path, variables, ignored)
    models = read_models(path, [each.name for each in sources], ignored)
    tenants = read_tenant_configs(path, ignored)
    settings = _read_config(path / CONFIG, variables, ignored)
    hooks = path / HOOKS
    return Project(
        path,
        sources,
        models,
        tenants,
        hooks if hooks.exists() else None,
        ignored=tuple(ignored),
        **settings,
    )


def _read_config(file: Path, environment: Mapping[str, str], ignored: list[str]) -> dict[str, Any]:
    """Return what ``config.json`` says that means something here."""
    if not file.exists():
        return {}
    given = substitute(read_object(file), environment, file, "")
    ignored += [f"{file.name}: {key}" for key in given if snake(key) not in _CONFIG_KEYS]
    found: dict[str, Any] = {}
    for key, value in given.items():
        name = snake(key)
        if name == "port":
            found[name] = _port(file, key, value)
        elif name in _CONFIG_KEYS:
            found[name] = as_text(file, key, value)
    return found


def _port(file: Path, key: str, value: Any) -> int:
    """Return a port, which may be text where it came from the environment."""
    text = str(value)
    is_number = isinstance(value, int | str) and text.isascii() and text.isdigit()
    if is_number and int(text) < 65_536:
        return int(text)
    raise error_in(file, key, f"a port from 0 to 65535 belongs here, not {kind(value)}.", value)
