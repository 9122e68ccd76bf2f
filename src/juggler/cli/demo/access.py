"""What opens the demo: an API key for each tenant and an admin token, new at every start."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from juggler.cli.project.tenants import FILE
from juggler.tenancy.document import read_tenants, write_tenants
from juggler.tenancy.files import replace_file
from juggler.tenancy.keys import KeyRing


@dataclass(frozen=True, slots=True)
class DemoAccess:
    """Secrets of one run of the demo.

    Attributes:
        pepper: The server's secret for keys.
        keys: Tenant -> its API key.
        admin_token: The operator's.
    """

    pepper: str
    keys: Mapping[str, str]
    admin_token: str


def issue_access(folder: Path, admin_token: str | None = None) -> DemoAccess:
    """Return new keys for the tenants in *folder*, whose digests are now in ``tenants.json``."""
    file = folder / FILE
    pepper = secrets.token_hex(32)
    ring = KeyRing(pepper)
    records, keys = [], {}
    for record in read_tenants(file.read_bytes(), str(file)):
        keys[record.code], stored = ring.issue()
        records.append(replace(record, keys=(stored,)))
    replace_file(file, write_tenants(records))
    return DemoAccess(pepper, keys, admin_token or secrets.token_urlsafe(16))
