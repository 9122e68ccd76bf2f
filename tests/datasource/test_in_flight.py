"""Operations at work on a source, and who is told when the last of them ends."""

import asyncio
from typing import Any

import pytest

from juggler.testing.gate import Gate
from tests.datasource.stores import make_source, store_of


class Bound:
    """Lets every source open, and notes how many operations there are when it is told of none."""

    def __init__(self) -> None:
        self.idle_at: list[int] = []

    async def admit(self, source: Any) -> None:
        """Let it open."""

    def idle(self, source: Any) -> None:
        """Note it."""
        self.idle_at.append(source.in_flight)


@pytest.mark.parametrize("calls", [1, 3])
async def test_the_last_operation_tells(calls: int) -> None:
    """However many are at work at a time, the end of the last is told, and of no other."""
    source, gate = make_source(), Gate()
    model = source.define("Thing", {})
    await source.connect()
    source.admission = bound = Bound()
    store_of(source).gates["count"] = gate
    tasks = [asyncio.ensure_future(model.count()) for _ in range(calls)]
    await gate.wait_for(calls)
    assert (source.in_flight, bound.idle_at) == (calls, [])
    gate.open()
    await asyncio.gather(*tasks)
    assert (source.in_flight, bound.idle_at) == (0, [0])


async def test_a_command_is_an_operation() -> None:
    """What is asked of the source itself is counted and told as the calls of its models are."""
    source = make_source()
    await source.connect()
    source.admission = bound = Bound()
    await source.ping()
    assert bound.idle_at[-1:] == [0]
    assert source.in_flight == 0
