"""The models of a transaction: the source's own, with all that they do part of it."""

from typing import Any

import pytest

from juggler import DataSource, ModelRegistry
from juggler.errors import TransactionError
from juggler.facade.model import Model
from juggler.models.declared import prop


async def test_a_function_gets_the_bound_models(source: Any) -> None:
    """What it returns is returned, and what it did is committed."""
    # DAO-242, DAO-245

    async def work(models: Any) -> Any:
        order = await models.Order.create(total=1)
        order.total = 2
        await order.save()
        assert await models["Order"].count() == 1
        assert isinstance(order, source.models.Order)
        assert isinstance(order, models.Order)
        return order

    order = await source.transaction(work)
    assert (await source.models.Order.find_by_id(order.id)).total == 2
    assert await source.transaction(len) == len(source.models)


async def test_a_failing_function_is_rolled_back(source: Any) -> None:
    """Its error is raised, and nothing of it is left."""
    # DAO-242

    async def work(models: Any) -> None:
        await models.Order.create(total=1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await source.transaction(work)
    assert await source.models.Order.count() == 0


async def test_views_are_made_once_and_registered_nowhere(source: Any) -> None:
    """Each model has one view for each transaction, and the namespace stays as it was."""
    # DAO-242
    before = dict(source.models)
    async with source.begin_transaction() as tx:
        assert tx.models.Order is tx.models["Order"]
        assert set(tx.models) == set(before)
        assert tx.models.Order.shape is source.models.Order.shape
        assert "in <Transaction" in repr(tx.models.Order)
        with pytest.raises(KeyError):
            tx.models["None"]
        with pytest.raises(AttributeError, match="no model"):
            _ = tx.models.Nothing
    assert dict(source.models) == before
    assert await source.transaction(lambda models: models.Order) is not tx.models.Order


async def test_instances_belong_to_the_transaction(source: Any) -> None:
    """What a bound model gave is part of the transaction wherever it is used, and ends with it."""
    # DAO-242
    kept = await source.models.Order.create(total=1)
    tx = await source.begin_transaction()
    order = await tx.models.Order.find_by_id(kept.id)
    await order.update_attributes({"total": 2})
    await tx.models.Order(total=3).save()
    made = await tx.models.Order.create(source.models.Order(total=4))
    assert made.total == 4
    assert await tx.models.Order.count() == 3
    await tx.rollback()
    assert [each.total for each in await source.models.Order.find()] == [1]
    with pytest.raises(TransactionError, match="not active"):
        await order.save()
    with pytest.raises(TransactionError, match="not active"):
        await tx.models.Order.create(total=5)


async def test_options_win(memory: Any) -> None:
    """An operation of a bound model whose options name another transaction, or none, is there."""
    # DAO-242
    one, two = await memory.begin_transaction(), await memory.begin_transaction()
    await one.models.Order.create({"total": 1}, {"transaction": two})
    await one.models.Order.create({"total": 2}, {"transaction": None})
    assert await one.models.Order.count() == 0
    assert await two.models.Order.count() == 1
    await one.rollback()
    await two.commit()
    assert await memory.models.Order.count() == 2


async def test_what_a_declared_model_overrides_holds(memory: Any) -> None:
    """Scope, own methods and class methods of a model are those of its views."""

    class Note(Model, data_source=memory):
        id: int = prop(id=True, generated=True)
        text: str = ""

        @classmethod
        def default_scope(cls, target: Any = None, inst: Any = None) -> Any:  # noqa: ARG003
            return {"where": {"text": "mine"}}

        @classmethod
        async def add_two(cls) -> int:
            await cls.create(text="mine")
            await cls.create(text="mine")
            return await cls.count()

        def shout(self) -> str:
            return self.text.upper()

    tx = await memory.begin_transaction()
    view = tx.models["Note"]
    assert await view.add_two() == 2
    found = await view.find_one()
    assert isinstance(found, Note)
    assert found.shout() == "MINE"
    assert await Note.count() == 0
    await tx.commit()
    assert await Note.count() == 2


@pytest.mark.parametrize(("connector", "kept"), [("memory", 1), ("transient", 0)])
async def test_work_in_a_transaction_is_done_at_once(connector: str, kept: int) -> None:
    """Nothing waits for the commit: a call is answered, and only its effect is held back."""
    # DAO-244, DAO-291
    async with DataSource(connector, registry=ModelRegistry()) as source:
        orders = source.define("Order", {"code": str})
        for is_committed in (False, True):
            transaction = await source.begin_transaction()
            made = await transaction.models.Order.create(code="a")
            assert not made.is_new_record()
            assert await transaction.models.Order.count() == kept
            assert await orders.count() == 0
            await (transaction.commit() if is_committed else transaction.rollback())
        assert await orders.count() == kept
