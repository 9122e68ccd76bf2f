"""`juggler serve`: a folder becomes a service, and a signal ends it."""

import signal
import socket
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from juggler.cli.client import Call
from juggler.tenancy.keys import KeyRing
from tests.cli.folders import CITY, PLAIN, write
from tests.cli.processes import Child, run, running
from tests.patience import PATIENCE

PEPPER = "a pepper of sixteen bytes and more"
ADMIN = {"Authorization": "Bearer secret"}


def address(child: Child) -> str:
    """Return where a child that serves can be asked."""
    return child.wait_for("Serving").split(" at ")[1].removesuffix("/api")


def shop(folder: Path) -> tuple[Path, str]:
    """Write a project with two tenants and return its folder and the key of one of them."""
    token, key = KeyRing(PEPPER).issue()
    record = {"keys": [{"prefix": key.prefix, "digest": key.digest}]}
    files = {
        "datasources.json": {
            "own": {"connector": "sqlite", "url": "sqlite:///${DATA}/{tenant}.db"},
            "all": {"connector": "sqlite", "file": "all.db", "autoUpdate": True},
        },
        "models/city.json": {**CITY, "dataSource": "own", "mixins": {"TimeStamp": True}},
        "models/unit.json": {"name": "Unit", "dataSource": "all", "properties": {"name": "string"}},
        "models/base.json": {"name": "Base", "dataSource": "own", "public": False},
        "tenants.json": {"acme": record, "zeta": {}},
        "tenants/zeta/city.json": {"name": "City", "base": "City", "properties": {"x": "number"}},
        "hooks.py": (
            "def boot(app):\n"
            "    @app.models.Unit.observe('before save')\n"
            "    def shout(ctx):\n"
            "        ctx.instance.name = ctx.instance.name.upper()\n"
        ),
    }
    return write(folder, files), token


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_folder_is_served_until_a_signal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Tenants have their own rows and models, shared sources and hooks work; it ends with 0."""
    # APP-04
    folder, token = shop(tmp_path / "shop")
    (folder / "data").mkdir()
    for name, value in (("DATA", "data"), ("JUGGLER_PEPPER", PEPPER)):
        monkeypatch.setenv(name, value)
    acme, zeta = {"Authorization": f"Bearer {token}"}, {"X-Tenant": "zeta"}
    arguments = ("serve", "shop", "--port", "0", "--dev", "--admin-token", "secret")
    with running(*arguments, folder=tmp_path) as child:
        base = address(child)
        made = Call("/api/Cities", "POST", headers=zeta, body={"name": "Oslo", "x": 1}).done(base)
        assert made == {"id": 1, "name": "Oslo", "x": 1}
        assert Call("/api/Cities", headers=zeta).done(base) == [made]
        assert Call("/api/Cities", headers=acme).done(base) == []
        refused = Call("/api/Cities", "POST", headers=acme, body={"name": "Rom", "x": 1}).send(base)
        assert refused.status == 422
        unit = Call("/api/Units", "POST", headers=acme, body={"name": "km"}).done(base)
        assert unit["name"] == "KM"
        assert Call("/api/Units", headers=zeta).done(base) == [unit]
        assert Call("/api/Bases", headers=zeta).send(base).status == 404
        assert Call("/api/Units", headers={"X-Tenant": "nobody"}).send(base).status == 401
        tenants = Call("/admin/tenants", headers=ADMIN).done(base)["tenants"]
        assert [each["code"] for each in tenants] == ["acme", "zeta"]
        child.signal(number)
        assert child.ended() == 0
        assert child.said[-1] == "Ended."
        assert child.errors().splitlines() == [
            "warning: these keys have no meaning here: models/city.json: mixins",
            "warning: --dev: whoever reaches the service may be any tenant, by the header X-Tenant",
        ]
    assert sorted(each.name for each in folder.rglob("*.db*")) == ["acme.db", "all.db", "zeta.db"]


def test_a_project_without_tenants_is_open(tmp_path: Path) -> None:
    """It is served to everybody, which is told; the root of REST is the project's."""
    files = {**PLAIN, "models/city.json": CITY, "config.json": {"restApiRoot": "/v1", "port": 0}}
    with running("serve", str(write(tmp_path, files)), folder=tmp_path) as child:
        base = child.wait_for("Serving").split(" at ")[1].removesuffix("/v1")
        assert Call("/v1/Cities", "POST", body={"name": "Oslo"}).done(base)["id"] == 1
        assert Call("/admin/tenants", headers=ADMIN).send(base).status == 404
        child.signal(signal.SIGINT)
        assert child.ended() == 0
        assert "no tenants.json: whoever reaches" in child.errors()


def test_a_stream_does_not_keep_the_service_from_ending(tmp_path: Path) -> None:
    """Somebody who watches events is sent away when a signal comes."""
    folder = write(tmp_path, {**PLAIN, "models/city.json": CITY})
    arguments = ("serve", str(folder), "--port", "0", "--admin-token", "secret")
    with running(*arguments, folder=tmp_path) as child:
        host, _, port = address(child).removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=PATIENCE) as watcher:
            watcher.sendall(
                b"GET /admin/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret\r\n\r\n"
            )
            said = watcher.recv(4096)
            assert b" 200 " in said
            child.signal(signal.SIGINT)
            while more := watcher.recv(4096):
                said += more
            assert said.endswith(b"0\r\n\r\n")  # the stream came to its end, it was not cut off
        assert child.ended() == 0


@pytest.mark.parametrize(
    ("files", "arguments", "message"),
    [
        ({}, [], "datasources.json: cannot be read"),
        ({**PLAIN, "tenants.json": ["acme"]}, [], "set JUGGLER_PEPPER"),
        ({**PLAIN}, ["--host", "203.0.113.1"], "Cannot listen at 203.0.113.1:"),
        (
            {
                "datasources.json": {"db": {"connector": "sqlite", "file": "a.db"}},
                "a.db": "this is no database, however long it may be " * 100,
            },
            [],
            "",
        ),
    ],
    ids=["no project", "tenants that cannot enter", "a bad host", "a database that is none"],
)
def test_what_cannot_be_served_is_told_and_nothing_is_served(
    tmp_path: Path, files: dict[str, Any], arguments: list[str], message: str
) -> None:
    """One line and exit code 1; nothing is said to be served."""
    folder = write(tmp_path, files)
    status, out, err = run("serve", str(folder), "--port", "0", *arguments, folder=tmp_path)
    told = [line for line in err.splitlines() if not line.startswith("warning: ")]
    assert (status, out) == (1, "")
    assert len(told) == 1, err
    assert told[0].startswith("error: ")
    assert message in told[0]


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    """It names address and remedy."""
    folder = write(tmp_path, {**PLAIN, "models/city.json": CITY})
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        status, _, err = run("serve", str(folder), "--port", port, folder=tmp_path)
    assert status == 1
    assert f"Cannot listen at 127.0.0.1:{port}: " in err
    assert "--port" in err


def test_a_tables_own_columns_come_with_auto_update(tmp_path: Path) -> None:
    """A shared database gets its table at first use where the source says so."""
    files = {
        "datasources.json": {"db": {"connector": "sqlite", "file": "a.db", "autoUpdate": True}},
        "models/city.json": CITY,
    }
    with running("serve", str(write(tmp_path, files)), "--port", "0", folder=tmp_path) as child:
        base = address(child)
        Call("/api/Cities", "POST", body={"name": "Oslo"}).done(base)
        child.signal(signal.SIGINT)
        assert child.ended() == 0
    with sqlite3.connect(tmp_path / "a.db") as connection:
        assert connection.execute("select name from City").fetchall() == [("Oslo",)]
    connection.close()
