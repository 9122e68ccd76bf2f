"""What can be done with ``tenants.json`` while no service runs."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from juggler.cli.project.files import error_in
from juggler.cli.project.tenants import FILE, read_tenant_configs
from juggler.tenancy.files import FileDirectory
from juggler.tenancy.keys import KeyRing
from juggler.tenancy.tenant import Tenant


def records_of(folder: Path) -> list[dict[str, Any]]:
    """Return what ``tenants.json`` in *folder* says of each tenant, prefixes of keys only.

    Raises:
        ProjectError: There is no such file, or it cannot be used.
    """
    if not (folder / FILE).exists():
        raise error_in(folder / FILE, "", "is not there.")
    return [
        {
            "tenant": each.record.code,
            "status": each.record.status,
            "title": each.record.title,
            "keys": [key.prefix for key in each.record.keys],
            "models": [model.name for model in each.models],
        }
        for each in read_tenant_configs(folder, [])
    ]


def issue_key(folder: Path, code: str, pepper: str) -> str:
    """Return a new API key of the tenant *code*, whose digest is now in ``tenants.json``.

    Raises:
        ProjectError: The folder is none.
        DefinitionError: The pepper is too short, or the file is not understood.
        InvalidTenantError: *code* cannot be a tenant's code.
    """
    if not folder.is_dir():
        raise error_in(folder, "", "is no folder.")
    token, key = KeyRing(pepper).issue()

    async def put() -> None:
        directory = FileDirectory(folder / FILE)
        record = await directory.get(code) or Tenant(code)
        changed = replace(record, keys=(*record.keys, key))
        await directory.put(changed, expected_version=record.version)

    asyncio.run(put())
    return token
