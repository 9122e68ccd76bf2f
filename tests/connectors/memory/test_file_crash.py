"""A process is killed while it writes: what it was told is kept, and the file is whole."""

import asyncio
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from juggler.connectors.memory.document import (
    Entry,
    read_file,
    write_entry,
    write_head,
    write_line,
)
from juggler.testing.connector_suite.models import model, query, where
from tests.connectors.memory.files import connector

ROW = model("Row", {"id": {"type": "number", "id": True}, "text": "string"})

CHILD = """
import asyncio, os, sys
from tests.connectors.memory.test_file_crash import connector, step
from pathlib import Path

async def work(path, number, size, small):
    made = connector(Path(path), small=small)
    await made.connect()
    while True:
        await step(made, number, size)
        number += 1
        os.write(1, b"%d\\n" % number)

path, number, size, small = sys.argv[1:]
asyncio.run(work(path, int(number), int(size), int(small)))
"""


async def step(made: Any, number: int, size: int) -> None:
    """Do the change of that *number*: rows come, change and go; some in one transaction."""
    text = f"{number} " * size
    if number % 4 < 2:
        await made.create(ROW, {"id": number, "text": text}, {})
    elif number % 4 == 2:
        await made.update(ROW, where(ROW, id=number - 1), {"text": text}, {})
    else:
        transaction = await made.begin("READ COMMITTED")
        await transaction.store.destroy_all(ROW, where(ROW, id=number - 3), {})
        await transaction.store.create(ROW, {"id": number, "text": text}, {})
        await transaction.commit()


def after(numbers: int, size: int) -> dict[int, str]:
    """Return the rows that are there after so many changes."""
    found: dict[int, str] = {}
    for number in range(numbers):
        text = f"{number} " * size
        if number % 4 == 2:
            found[number - 1] = text
            continue
        found[number] = text
        if number % 4 == 3:
            del found[number - 3]
    return found


async def rows_in(path: Path) -> dict[int, str]:
    """Return what a new process would find."""
    made = connector(path)
    await made.connect()
    return {row["id"]: row["text"] for row in await made.all(ROW, query(ROW), {})}


def acknowledged(path: Path, start: int, size: int, small: int, lines: int) -> int:
    """Run a child until it has told of so many changes, kill it, and return how many it told of."""
    arguments = [sys.executable, "-c", CHILD, str(path), str(start), str(size), str(small)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        last = [child.stdout.readline() for _ in range(lines)][-1]
        child.kill()
        last = (child.stdout.readlines() or [last])[-1]
    assert last.endswith(b"\n"), "the child ended by itself"
    return int(last)


@pytest.mark.parametrize(
    ("size", "small"), [(1, 1 << 30), (2_000, 1 << 30), (1, 0), (2_000, 0), (200, 65_536)]
)
def test_a_killed_process_loses_nothing_it_was_told(tmp_path: Path, size: int, small: int) -> None:
    """After SIGKILL at any moment the file holds all that was acknowledged, and one change at most.

    The next process goes on where it ended, so what one leaves behind harms no other.
    """
    path, done, dice = tmp_path / "rows.json", 0, random.Random(size + small)
    for _ in range(3):
        told = acknowledged(path, done, size, small, dice.randint(1, 60))
        found = asyncio.run(rows_in(path))
        done = told if found == after(told, size) else told + 1
        assert found == after(done, size)  # DAO-268


async def test_every_torn_line_is_left_out(tmp_path: Path) -> None:
    """Wherever the last write broke off, all before it is read, and the next write goes on."""
    path = tmp_path / "rows.json"
    made = connector(path, small=0)
    await made.connect()
    await made.create_all(ROW, [{"id": number, "text": "x" * 99} for number in range(9)], {})
    changes = path.with_name("rows.json.changes")
    await made.destroy_all(ROW, where(ROW, id=1), {})
    first = len(changes.read_bytes())
    await made.create(ROW, {"id": 77, "text": "y"}, {})
    content = changes.read_bytes()
    for length in range(len(content)):
        changes.write_bytes(content[:length])
        found = await rows_in(path)
        assert (1 in found, 77 in found) == (length < first, False)  # DAO-268
        other = connector(path, small=0)
        await other.connect()
        await other.update(ROW, where(ROW, id=2), {"text": f"{length}"}, {})
        assert await rows_in(path) == found | {2: f"{length}"}


async def test_damage_is_told_from_a_torn_line(tmp_path: Path) -> None:
    """A line that is wrong with others after it was not torn: rows would be lost without a word."""
    made = connector(tmp_path / "rows.json")
    await made.connect()
    await made.create(ROW, {"id": 1}, {})
    whole = (tmp_path / "rows.json").read_bytes()
    head = write_head(read_file(whole, b"").mark)
    entry = Entry("Row", ("id",), 2, is_new=False, gone=(), put=[("2", {"id": 2})])
    line = write_line([write_entry(entry)])
    assert len(list(read_file(whole, head + line).held["Row"].rows)) == 2
    assert len(list(read_file(whole, head + line.replace(b"Row", b"row")).held["Row"].rows)) == 1
    with pytest.raises(ValueError, match="damaged"):
        read_file(whole, head + line.replace(b"Row", b"row") + line)
    assert read_file(whole, write_head("another") + line).valid == 0
