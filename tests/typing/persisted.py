"""What checkers see of persisted models: this file is checked by mypy, never run."""

from typing import Any, assert_type

from juggler.facade.model import Model, PersistedRuntimeModel, Record
from juggler.models.declared import prop
from juggler.persistence.reads.iterate import Stream
from juggler.persistence.reads.page import Page


class Order(Model):
    """A declared model."""

    id: int = prop(id=True, generated=True, init=False)
    total: float
    paid: bool = False


async def declared() -> None:
    """The methods of a declared model give its own instances."""
    order = Order(total=3)
    assert_type(order, Order)
    assert_type(order.total, float)
    assert_type(await Order.find(where={"total": {"gt": 1}}), list[Order])
    assert_type(await Order.find({"limit": 1}), list[Order])
    assert_type(await Order.all(), list[Order])
    assert_type(await Order.find_one(), Order | None)
    assert_type(await Order.find_by_id(1), Order | None)
    assert_type(await Order.find_by_ids([1, 2]), list[Order])
    assert_type(await Order.count({"paid": True}), int)
    assert_type(await Order.exists(1), bool)
    assert_type(Order.iterate(batch_size=9), Stream[Order])
    async for each in Order.iterate():
        assert_type(each, Order)
    assert_type(await Order.find_page(), Page[Order])
    assert_type((await Order.find_page()).items, tuple[Order, ...])
    assert_type(await Order.aggregate(sum="total"), list[dict[str, Any]])
    assert_type(Order.unscoped(), type[Order])
    assert_type(order.get_distance("place"), float | None)
    assert_type(await Order.create(total=3), Order)
    assert_type(await Order.create({"total": 3}), Order)
    assert_type(await Order.create(order), Order)
    assert_type(await Order.create([{"total": 3}, order]), list[Order])
    assert_type(await Order.create_all([{"total": 3}]), list[Order])
    assert_type(await Order.update_or_create({"id": 1, "total": 3}), Order)
    assert_type(await Order.upsert({"id": 1}), Order)
    assert_type(await Order.upsert_with_where({"id": 1}, {"total": 3}), Order)
    assert_type(await Order.find_or_create({"where": {"total": 3}}, order), tuple[Order, bool])
    assert_type(await Order.replace_by_id(1, {"total": 3}), Order)
    assert_type(await Order.replace_or_create({"id": 1}), Order)
    assert_type(await Order.update_all({"paid": False}, {"paid": True}), dict[str, int])
    assert_type(await Order.destroy_all({"paid": False}), dict[str, int])
    assert_type(await Order.delete_by_id(1), dict[str, int])


async def instances(order: Order) -> None:
    """The methods of an instance give that instance."""
    assert_type(await order.save(), Order)
    assert_type(await order.update_attributes({"total": 4}), Order)
    assert_type(await order.patch_attributes({"total": 4}), Order)
    assert_type(await order.update_attribute("total", 4), Order)
    assert_type(await order.replace_attributes({"total": 4}), Order)
    assert_type(await order.reload(), Order | None)
    assert_type(await order.destroy(), dict[str, int])
    assert_type(await order.is_valid(), bool)
    assert isinstance(order, Record)


async def at_run_time(ticket: PersistedRuntimeModel) -> None:
    """A model made at run time is typed alike; of its instances nothing is known."""
    assert_type(await ticket.find(), list[Any])
    assert_type(await ticket.create(title="Hi"), Any)
    assert_type(await ticket.count(), int)
