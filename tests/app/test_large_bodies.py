"""Bodies with very much in them: refused above a limit, and answered shortly below it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from juggler.app.limits import Limits
from juggler.errors import DefinitionError
from tests.app.service import service

LINE = {"sku": {"type": "string", "required": True}, "count": "number"}
ORDER = {"name": "string", "lines": [LINE], "marks": ["number"]}


@asynccontextmanager
async def orders(**limits: int) -> AsyncIterator[httpx.AsyncClient]:
    """Run a service with the model Order and yield a client of it."""
    async with service("memory", limits=Limits(**limits)) as here, here.acme as client:
        here.app.model(here.registry.define("Order", ORDER, {"strict": True}))
        yield client


async def refused(client: httpx.AsyncClient, body: Any, status: int = 422) -> dict[str, Any]:
    """Send a *body*, which is refused, and return what the answer says."""
    answer = await client.post("/api/Orders", json=body)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()["error"]
    return found


# APP-12
@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("max_objects", {"lines": [{}] * 8}),
        ("max_objects", {"marks": [[]] * 8}),
        ("max_objects", [{}] * 10),
        ("max_objects", {"a": {"b": {"c": {"d": [[[[[[]]]]]]}}}}),
        ("max_values", {"marks": [1] * 29}),
        ("max_values", {f"key{at}": 1 for at in range(30)}),
    ],
)
async def test_a_body_has_bounded_content(name: str, body: Any) -> None:
    """Too many objects and lists, or too many values, are refused before anything is made."""
    async with orders(max_objects=9, max_values=30) as client:
        found = await refused(client, body, 413)
        assert found["code"] == "LIMIT_EXCEEDED"
        assert found["details"] == {"limit": name, "maximum": 9 if name == "max_objects" else 30}
        assert (await client.get("/api/Orders/count")).json() == {"count": 0}


# APP-12
async def test_a_body_up_to_the_limits_is_taken() -> None:
    """What has just as much in it as is allowed is stored."""
    async with orders(max_objects=9, max_values=30) as client:
        lines = {"lines": [{"sku": "a", "count": 1}] * 7}
        assert (await client.post("/api/Orders", json=lines)).status_code == 200
        marks = {"marks": [1] * 28}
        assert (await client.post("/api/Orders", json=marks)).status_code == 200


# APP-10, MOD-112
async def test_an_answer_lists_so_many_failures() -> None:
    """However much is wrong, a hundred failures are listed, with the number of all."""
    async with orders() as client:
        found = await refused(client, {"lines": [{}] * 5_000})
        assert list(found["details"]["codes"]) == [f"lines.{at}.sku" for at in range(100)]
        assert found["details"]["messages"].keys() == found["details"]["codes"].keys()
        assert found["details"]["total"] == 5_000
        assert found["message"].endswith("; and 4900 more.")
        few = await refused(client, {"lines": [{}] * 100})
        assert len(few["details"]["codes"]) == 100
        assert "total" not in few["details"]
    async with orders(max_failures=3) as client:
        found = await refused(client, {"lines": [{"sku": "a", "count": "x"}] * 9, "other": 1})
        assert found["details"]["codes"] == {
            "other": ["unknown-property"],
            "lines.0.count": ["type.number"],
            "lines.1.count": ["type.number"],
        }
        assert found["details"]["total"] == 10


# APP-10, DAO-046
async def test_the_records_of_a_list_share_the_room() -> None:
    """Records are told of while there is room for their failures; all are counted."""
    async with orders(max_failures=5) as client:
        bad: Any = {"lines": [{}] * 3}
        found = await refused(client, [bad, {"name": "good"}, *[bad] * 7])
        details = found["details"]
        assert [each["index"] for each in details["errors"]] == [0, 2]
        assert [len(each["details"]["codes"]) for each in details["errors"]] == [3, 2]
        assert details["errors"][1]["details"]["total"] == 3
        assert details["total"] == 8
        assert [each["index"] for each in details["stored"]] == [1]
        few = await refused(client, [{"lines": [{}]}] * 5)
        assert [each["index"] for each in few["details"]["errors"]] == [0, 1, 2, 3, 4]
        assert "total" not in few["details"]


# APP-10
async def test_faults_that_are_not_listed_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    """What nobody expected is in the log, also where the answer has no room for it."""

    def fail(context: Any) -> None:
        if context.instance.name == "broken":
            raise LookupError("the cause")

    limits = Limits(max_failures=1)
    async with service("memory", limits=limits) as here, here.acme as client:
        model = here.app.model(here.registry.define("Order", ORDER, {"strict": True}))
        model.observe("before save", fail)
        found = await refused(client, [{"lines": [{}]}, {"name": "broken"}])
        assert [each["index"] for each in found["details"]["errors"]] == [0]
        assert found["details"]["total"] == 2
        assert "the cause" in caplog.text


# APP-10
async def test_read_only_values_of_many_items_are_told_once() -> None:
    """What clients may not set is named, not each item that has it."""
    line = {"sku": "string", "price": {"type": "number", "read_only": True}}
    settings = {"read_only_in_body": "refuse"}
    async with service("memory") as here, here.acme as client:
        here.app.model(here.registry.define("Order", {"lines": [line]}, settings))
        found = await refused(client, {"lines": [{"price": 1}] * 1_000})
        assert found["details"]["codes"] == {"lines.price": ["read-only"]}


# APP-12
@pytest.mark.parametrize("name", ["max_objects", "max_values", "max_failures"])
def test_these_limits_are_numbers(name: str) -> None:
    """A limit that is none is found out at once."""
    for value in (0, None, "5"):
        with pytest.raises(DefinitionError, match=name):
            Limits(**{name: value})  # type: ignore[arg-type]
