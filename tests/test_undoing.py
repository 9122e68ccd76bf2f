"""Taking back what cannot be finished."""

import asyncio

import pytest

from juggler.undoing import OnFailure


def test_what_is_finished_stays() -> None:
    """A block that ends well, or that is left by `return`, takes nothing back."""
    undone: list[str] = []

    def leave() -> str:
        with OnFailure(lambda: undone.append("left")):
            return "done"

    with OnFailure(lambda: undone.append("ended")):
        assert leave() == "done"
    assert undone == []


@pytest.mark.parametrize("error", [LookupError, KeyboardInterrupt, asyncio.CancelledError])
def test_whatever_ends_a_block_is_raised(error: type[BaseException]) -> None:
    """An exception of any class has the work taken back once, and goes on."""
    undone: list[str] = []
    with pytest.raises(error), OnFailure(lambda: undone.append("undone")):
        raise error
    assert undone == ["undone"]


async def test_a_task_that_is_cancelled() -> None:
    """What a task waits for within the block is taken back when the task is cancelled."""
    undone: list[str] = []

    async def work() -> None:
        with OnFailure(lambda: undone.append("undone")):
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert undone == ["undone"]


def test_the_first_error_stays_known() -> None:
    """Where taking back fails as well, its error shows what came before."""
    with pytest.raises(ZeroDivisionError) as caught, OnFailure(lambda: 1 / 0):
        raise LookupError("first")
    assert isinstance(caught.value.__context__, LookupError)
