"""``tenants.json``: records of tenants as JSON, readable and writable by people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from juggler.errors import DefinitionError
from juggler.tenancy.tenant import ApiKey, Tenant

_FIELDS = frozenset({"status", "title", "keys", "version"})


def read_tenants(raw: bytes, where: str) -> list[Tenant]:
    """Return the tenants of a JSON document.

    It is an object from code to record, ``{"acme": {"status": "active", "keys": [...]}}``, or a
    list of codes.

    Raises:
        DefinitionError: It is something else; the message names *where* and what.
        InvalidTenantError: A code cannot be a tenant's code.
    """
    try:
        document = msgspec.json.decode(raw)
    except (ValueError, RecursionError) as error:
        raise DefinitionError(f"{where} is not JSON: {error}.", path=where) from error
    if isinstance(document, list):
        document = {code: {} for code in _codes(document, where)}
    if not isinstance(document, dict):
        raise DefinitionError(f"{where} is an object from tenant to record.", path=where)
    return [_tenant(code, record, where) for code, record in document.items()]


def write_tenants(tenants: Iterable[Tenant]) -> bytes:
    """Return the JSON document of *tenants*, in order of code."""
    document = {
        each.code: {
            "status": each.status,
            "title": each.title,
            "version": each.version,
            "keys": [{"prefix": key.prefix, "digest": key.digest} for key in each.keys],
        }
        for each in sorted(tenants, key=lambda each: each.code)
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def _codes(items: list[Any], where: str) -> list[str]:
    for item in items:
        if not isinstance(item, str):
            raise DefinitionError(f"{where}: {item!r} is no tenant code.", path=where, value=item)
    return items


def _tenant(code: str, record: Any, where: str) -> Tenant:
    at = f"{where}, {code}"
    if not isinstance(record, dict):
        raise DefinitionError(f"{at}: a record is an object, not {record!r}.", path=code)
    unknown = sorted(record.keys() - _FIELDS)
    if unknown:
        raise DefinitionError(f"{at}: {unknown[0]!r} is no field of a record.", path=code)
    version, title, keys = (record.get(name, nil) for name, nil in _REST)
    if not isinstance(version, int) or not isinstance(title, str) or not isinstance(keys, list):
        raise DefinitionError(
            f"{at}: version is a number, title a text, keys a list.", path=code, value=record
        )
    status = record.get("status", "active")
    return Tenant(code, status, title, tuple(_key(key, at) for key in keys), version)


_REST: tuple[tuple[str, Any], ...] = (("version", 0), ("title", ""), ("keys", []))


def _key(raw: Any, at: str) -> ApiKey:
    if (
        isinstance(raw, Mapping)
        and raw.keys() == {"prefix", "digest"}
        and all(isinstance(part, str) and part for part in raw.values())
    ):
        return ApiKey(raw["prefix"], raw["digest"])
    raise DefinitionError(f"{at}: a key is an object with prefix and digest.", path=at)
