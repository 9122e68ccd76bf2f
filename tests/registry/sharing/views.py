"""A view of acme's Ticket, and every way to write through it."""

from collections.abc import Callable
from typing import Any

from juggler.context import tenant
from juggler.facade.default import ModelRegistry


def given(registry: ModelRegistry, **how: Any) -> Any:
    """Share acme's Ticket with globex and return globex's view."""
    registry.share("Ticket", "acme", ["globex"], **how)
    with tenant("globex"):
        return registry.find_model_by_name("Ticket")


WRITES: dict[str, Callable[[Any, Any], Any]] = {
    "create": lambda view, _one: view.create(title="new"),
    "create a list": lambda view, _one: view.create([{"title": "new"}]),
    "create_all": lambda view, _one: view.create_all([{"title": "new"}]),
    "update_or_create": lambda view, _one: view.update_or_create({"id": 1, "title": "new"}),
    "upsert": lambda view, _one: view.upsert({"id": 1, "title": "new"}),
    "upsert_with_where": lambda view, _one: view.upsert_with_where({"id": 1}, {"title": "new"}),
    "bulk_upsert": lambda view, _one: view.bulk_upsert([{"id": 1, "title": "new"}]),
    "bulk_update": lambda view, _one: view.bulk_update([{"id": 1, "title": "new"}]),
    "find_or_create": lambda view, _one: view.find_or_create(
        {"where": {"title": "new"}}, {"title": "new"}
    ),
    "replace_by_id": lambda view, _one: view.replace_by_id(1, {"title": "new"}),
    "replace_or_create": lambda view, _one: view.replace_or_create({"id": 1, "title": "new"}),
    "update_all": lambda view, _one: view.update_all({}, {"title": "new"}),
    "destroy_all": lambda view, _one: view.destroy_all(all=True),
    "destroy_by_id": lambda view, _one: view.destroy_by_id(1),
    "save": lambda _view, one: one.save(),
    "save a new one": lambda view, _one: view(title="new").save(),
    "update_attribute": lambda _view, one: one.update_attribute("title", "new"),
    "update_attributes": lambda _view, one: one.update_attributes({"title": "new"}),
    "replace_attributes": lambda _view, one: one.replace_attributes({"title": "new"}),
    "destroy": lambda _view, one: one.destroy(),
}
