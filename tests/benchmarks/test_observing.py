"""What watches for growth sees it."""

import asyncio
import linecache
import threading
from pathlib import Path
from typing import Any

import pytest

from benchmarks.registry.observing import (
    SLACK,
    Slotted,
    grown,
    is_slot_read,
    next_version_tag,
    read_time,
    snapshot,
    spends_one,
)
from juggler import ModelRegistry


class Plain:
    """An object with a dict."""

    def __init__(self) -> None:
        self.mark = self.field3 = 7


class Lean:
    """An object with a slot."""

    __slots__ = ("field3",)

    def __init__(self) -> None:
        self.field3 = 7


def test_a_type_that_grows_is_named() -> None:
    """A few objects more are none; more than a few are told with their type."""
    registry = ModelRegistry()
    first = snapshot(registry)
    kept = [Plain() for _ in range(SLACK + 200)]
    late = snapshot(registry)
    assert grown(first, first) == {}
    assert grown(first, late)[f"{__name__}.Plain"] == len(kept)


async def test_what_is_left_behind_is_counted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each figure goes up by what is left behind."""
    registry = ModelRegistry()
    first = snapshot(registry)["figures"]
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    registry.on("*", print)
    monkeypatch.setitem(linecache.cache, "nowhere", (0, None, [], "nowhere"))
    task = asyncio.create_task(asyncio.sleep(3600))
    model = registry.define("Thing", {"a": str})
    kept: list[Any] = [model(a="x"), type("Thing", (), {})]
    with (tmp_path / "file").open("w"):
        late = snapshot(registry)["figures"]
    end.set()
    thread.join()
    task.cancel()
    assert all(late[figure] > first[figure] for figure in first), kept


def test_version_tags_are_counted() -> None:
    """Each class that is looked at takes a tag, and each change of one takes another."""
    if not spends_one():
        pytest.skip("This Python does not show the version tags of classes.")

    class Changing:
        value = 0

    Changing().value  # noqa: B018  the look-up takes a tag
    before = next_version_tag()
    for number in range(5):
        Changing.value = number
        Changing().value  # noqa: B018  as above
    after = next_version_tag()
    assert before is not None
    assert after is not None
    assert after - before - 1 == 5


@pytest.mark.usefixtures("untraced")
def test_a_slot_is_told_from_a_dict() -> None:
    """Only the read of a slot is the instruction for slots."""
    assert is_slot_read(Lean())
    assert not is_slot_read(Plain())


def test_reads_are_measured_in_reads_of_a_slot() -> None:
    """A ratio comes back, whatever the machine's speed."""
    assert read_time(Slotted(), "mark", rounds=3) > 0
