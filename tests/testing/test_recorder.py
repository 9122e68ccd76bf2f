"""The recorder keeps what it was asked; the gate holds it at a race."""

import asyncio

import pytest

from juggler.errors import StoreError
from juggler.query.nodes import Filter
from juggler.testing.connector_suite.models import model
from juggler.testing.gate import Gate
from juggler.testing.recorder import Recorder

NOTE = model("Note", {"id": {"type": "number", "id": True, "generated": True}, "text": "string"})


async def test_calls_are_kept_and_done() -> None:
    """Each call is there with its model, arguments and options, and memory did it."""
    recorder, options = Recorder(), {"tenant": "acme"}
    recorder.define(NOTE)
    await recorder.connect()
    assert await recorder.create(NOTE, {"text": "a"}, options) == 1
    assert await recorder.all(NOTE, Filter(), {}) == [{"id": 1, "text": "a"}]
    assert recorder.methods == ["define", "connect", "create", "all"]
    create = recorder.about("Note")[1]
    assert (create.arguments["data"], create.options) == ({"text": "a"}, options)
    assert create.options is options


async def test_calls_can_fail() -> None:
    """A method can be told to raise; nothing is done then."""
    recorder = Recorder(fail={"create": StoreError("no")})
    with pytest.raises(StoreError, match="no"):
        await recorder.create(NOTE, {}, {})
    assert await recorder.all(NOTE, Filter(), {}) == []


async def test_capabilities_can_be_hidden() -> None:
    """What the inner connector can do is declared, unless the test says otherwise."""
    assert "upsert" in Recorder().capabilities
    assert Recorder(capabilities=frozenset()).capabilities == frozenset()


async def test_a_gate_holds_calls() -> None:
    """Calls come to the gate and wait there until it opens; other methods pass."""
    gate = Gate()
    recorder = Recorder(hold=gate, at={"create"})
    await recorder.connect()
    async with asyncio.TaskGroup() as tasks:
        made = [tasks.create_task(recorder.create(NOTE, {}, {})) for _ in range(3)]
        await gate.wait_for(3)
        assert (gate.arrived, gate.held) == (3, 3)
        assert not any(task.done() for task in made)
        assert await recorder.all(NOTE, Filter(), {}) == []
        gate.open()
    assert sorted(task.result() for task in made) == [1, 2, 3]
    assert gate.held == 0


async def test_a_gate_can_be_closed_again() -> None:
    """Whoever comes after a close waits for the next open."""
    gate = Gate()
    gate.open()
    await gate.hold()
    gate.close()
    task = asyncio.create_task(gate.hold())
    await gate.wait_for(2)
    assert not task.done()
    gate.open()
    await task


async def test_a_gate_nobody_comes_to() -> None:
    """Waiting in vain ends with how many came."""
    with pytest.raises(TimeoutError, match="0 of 1"):
        await Gate(timeout=0.01).wait_for(1)


async def test_a_cancelled_call_leaves_the_gate() -> None:
    """A call that is cancelled while it is held does not count as held any more."""
    gate = Gate()
    task = asyncio.create_task(gate.hold())
    await gate.wait_for(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gate.held == 0
