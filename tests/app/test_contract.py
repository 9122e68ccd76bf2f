"""What the description promises is what the service answers."""

from __future__ import annotations

import asyncio
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.app.service import served, service
from tests.app.test_openapi import EVERY_TYPE
from tests.patience import PATIENCE

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
TENANT = {"X-Tenant": "acme"}


def hold_to_it(address: str) -> set[str]:
    """Do each described operation some times, check the answers, and return what was done."""
    schema = schemathesis.openapi.from_url(
        f"{address}/openapi.json", headers=TENANT, timeout=PATIENCE
    )
    done = set()
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(max_examples=8, suppress_health_check=list(HealthCheck), database=None)
        def check(case: Any) -> None:
            case.call_and_validate(checks=CHECKS, headers=TENANT, timeout=PATIENCE)

        check()
        done.add(f"{operation.method.upper()} {operation.path}")
    return done


# APP-13
async def test_answers_keep_to_the_description() -> None:
    """No described operation answers what is not described, nor with a fault of ours."""
    async with service("sqlite") as here, served(here.app, lifespan="off") as address:
        here.app.model(here.registry.define("Every", EVERY_TYPE))
        done = await asyncio.to_thread(hold_to_it, address)
    assert len(done) == 32
    assert {"GET /Cities", "PATCH /Everies/{id}", "POST /Cities/update"} <= done
