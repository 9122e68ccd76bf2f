"""A source that is used in one event loop after the other."""

import asyncio
from typing import Any

from juggler.testing.gate import Gate
from tests.datasource.stores import Store, make_source, store_of


class Bound(Store):
    """A store that works in the event loop alone that it was opened in."""

    def __init__(self, settings: Any, host: Any) -> None:
        super().__init__(settings, host)
        self.loop: Any = None

    async def connect(self) -> None:
        """Open."""
        await super().connect()
        self.loop = asyncio.get_running_loop()

    async def count(self, info: Any, where: Any, options: Any) -> int:
        """Fail in another loop."""
        assert self.loop is asyncio.get_running_loop()
        return await super().count(info, where, options)


class Free(Store):
    """A store that works in any event loop."""

    loop_bound = False


def test_one_loop_after_the_other_with_blocks() -> None:
    """A source of a module works in the `async with` of each `asyncio.run`."""
    source = make_source(Bound)
    model = source.define("Thing", {})

    async def main() -> int:
        async with source:
            found: list[int] = await asyncio.gather(*(model.count() for _ in range(20)))
            return sum(found)

    assert [asyncio.run(main()) for _ in range(3)] == [0, 0, 0]


def test_one_loop_after_the_other_without_blocks() -> None:
    """What a closed loop left open is opened anew, however many ask first."""
    source = make_source(Bound, auto_update=True)
    model = source.define("Thing", {})

    async def main() -> None:
        await asyncio.gather(*(model.count() for _ in range(16)))

    asyncio.run(main())
    store_of(source).errors["disconnect"] = [RuntimeError("Event loop is closed")]
    asyncio.run(main())
    asked = [each for each in store_of(source).asked if not each.startswith("count")]
    assert asked == ["connect", "autoupdate Thing", "disconnect", "connect"]


def test_what_is_bound_to_no_loop_stays_open() -> None:
    """A connector that works in every loop is not opened again."""
    source = make_source(Free)
    model = source.define("Thing", {})
    for _ in range(2):
        asyncio.run(model.count())
    assert store_of(source).asked == ["connect", "count Thing", "count Thing"]


def test_a_loop_that_died_while_it_connected() -> None:
    """An attempt that ended with its loop holds up nobody."""
    source, gate = make_source(Bound), Gate()
    store_of(source).gates["connect"] = gate

    async def begin() -> None:
        asking = asyncio.create_task(source.connect())
        await gate.wait_for(1)
        assert not asking.done()

    asyncio.run(begin())  # which cancels what still runs
    del store_of(source).gates["connect"]
    asyncio.run(source.connect())
    assert source.connected


def test_loops_that_take_turns() -> None:
    """A loop that is not closed keeps what it opened; another one works with that meanwhile."""
    source = make_source()
    model = source.define("Thing", {})
    first, second = asyncio.new_event_loop(), asyncio.new_event_loop()
    try:
        for loop in (first, second, first):
            loop.run_until_complete(model.count())
    finally:
        first.close()
        second.close()
    assert store_of(source).asked == ["connect"] + ["count Thing"] * 3
