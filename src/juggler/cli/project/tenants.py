"""``tenants.json`` and ``tenants/<name>/*.json``: who is let in, and models of their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from juggler.cli.project.documents import ModelConfig, in_order, once, read_document
from juggler.cli.project.files import error_in
from juggler.errors import JugglerError
from juggler.tenancy.document import read_tenants
from juggler.tenancy.isolation.encoding import encode
from juggler.tenancy.tenant import Tenant

FILE: Final = "tenants.json"
FOLDER: Final = "tenants"


@dataclass(frozen=True, slots=True)
class TenantConfig:
    """One tenant of a project and the models that are its own."""

    record: Tenant
    models: tuple[ModelConfig, ...] = ()


def read_tenant_configs(folder: Path, ignored: list[str]) -> tuple[TenantConfig, ...]:
    """Return the tenants of the project in *folder*; none where it has no ``tenants.json``.

    The models of a tenant's own are in ``tenants/<name>/``; the name is that of its database, for
    codes of small letters, digits, ``_`` and ``-`` the code itself.

    Raises:
        ProjectError: A file cannot be used, or a folder is no tenant's.
    """
    records = _records(folder / FILE)
    homes = {folder / FOLDER / encode(each.code): each for each in records}
    for found in sorted((folder / FOLDER).glob("*/")):
        if found not in homes:
            raise error_in(found, "", f"is the folder of no tenant in {FILE}.", found.name)
    return tuple(
        TenantConfig(record, _own_models(home, folder, ignored)) for home, record in homes.items()
    )


def _records(file: Path) -> list[Tenant]:
    try:
        return read_tenants(file.read_bytes(), str(file))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise error_in(file, "", f"cannot be read: {error.strerror}.") from error
    except JugglerError as error:
        told = str(error).removeprefix(str(file)).lstrip(":, ")
        raise error_in(file, "", told, error.value) from error


def _own_models(home: Path, folder: Path, ignored: list[str]) -> tuple[ModelConfig, ...]:
    found: dict[str, ModelConfig] = {}
    for file in sorted(home.glob("*.json")):
        model = read_document(file, folder, ignored)
        if model.data_source is not None:
            raise error_in(file, "dataSource", "a tenant's own model is where its rows are.")
        once(found, model)
    return in_order(found)
