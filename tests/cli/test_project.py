"""A folder of LoopBack's files is read whole, and what is wrong in it is named."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.cli.project.files import ProjectError, read_json, substitute
from juggler.cli.project.reading import read_project
from juggler.errors import DefinitionError, JugglerError
from tests.cli.folders import CITY, PLAIN, write


def test_a_loopback_project_is_read(tmp_path: Path) -> None:
    """Data sources, models in both folders, config and hooks are found where LoopBack has them."""
    # APP-04
    files = {
        "datasources.json": {"db": {"name": "db", "connector": "memory", "localStorage": ""}},
        "model-config.json": {
            "_meta": {"sources": ["common/models"]},
            "City": {"dataSource": "db", "public": True},
            "Region": {"dataSource": "db", "public": False, "options": {"strict": True}},
        },
        "models/city.json": {**CITY, "idInjection": True, "acls": [{"permission": "DENY"}]},
        "common/models/region.json": {"name": "Region", "properties": {}, "relations": {}},
        "common/models/base.json": {"name": "Base", "options": {"validateUpsert": True}},
        "config.json": {"restApiRoot": "/v1", "host": "::1", "port": "3000", "remoting": {}},
        "hooks.py": "def boot(app):\n    pass\n",
    }
    project = read_project(write(tmp_path, files), {})
    assert [(each.name, each.data_source, each.public) for each in project.models] == [
        ("City", "db", True),
        ("Base", None, False),
        ("Region", "db", False),
    ]
    assert project.models[2].document["options"] == {"strict": True}
    assert (project.rest_api_root, project.host, project.port) == ("/v1", "::1", 3000)
    assert project.hooks == tmp_path / "hooks.py"
    assert sorted(project.ignored) == [
        "config.json: remoting",
        "datasources.json: db.localStorage",
        "model-config.json: _meta",
        "models/city.json: acls",
    ]


def test_without_model_config_a_model_names_its_source_or_takes_the_only_one(
    tmp_path: Path,
) -> None:
    """`dataSource` and `public` may stand in the model's own document."""
    files = {
        "datasources.json": {"one": {"connector": "memory"}},
        "models/a.json": {"name": "A"},
        "models/b.json": {"name": "B", "dataSource": "one", "public": False},
    }
    read = {each.name: each for each in read_project(write(tmp_path, files), {}).models}
    assert (read["A"].data_source, read["A"].public) == ("one", True)
    assert (read["B"].data_source, read["B"].public) == ("one", False)
    assert dict(read["B"].document) == {"name": "B"}


def test_the_environment_is_filled_in(tmp_path: Path) -> None:
    """`${X}` anywhere in a text is replaced, with what is given instead of the process's own."""
    # APP-04
    source = {"connector": "${KIND}", "url": "${KIND}:///${DIR}/a.db", "options": ["${DIR}"]}
    folder = write(tmp_path, {"datasources.json": {"db": source}})
    found = read_project(folder, {"KIND": "sqlite", "DIR": "x"}).sources[0].settings
    assert found["connector"] == "sqlite"
    assert found["url"] == f"sqlite:///{tmp_path.resolve()}/x/a.db"


def test_a_path_of_a_file_is_meant_from_the_folder(tmp_path: Path) -> None:
    """Where `juggler` is started from makes no difference; absolute paths and :memory: stay."""
    sources = {
        "a": {"connector": "sqlite", "file": "a.db"},
        "b": {"connector": "sqlite", "url": "sqlite:////data/b.db"},
        "c": {"connector": "sqlite", "file": ":memory:"},
        "d": {"url": "postgresql://db.example/crm"},
    }
    found = read_project(write(tmp_path, {"datasources.json": sources}), {}).sources
    assert [each.settings.get("file") or each.settings["url"] for each in found] == [
        str(tmp_path.resolve() / "a.db"),
        "sqlite:////data/b.db",
        ":memory:",
        "postgresql://db.example/crm",
    ]


def test_a_source_with_a_place_for_the_tenant_is_one_per_tenant(tmp_path: Path) -> None:
    """`{tenant}` in the address says so."""
    sources = {
        "own": {"connector": "sqlite", "url": "sqlite:///data/{tenant}.db"},
        "all": {"connector": "memory"},
    }
    project = read_project(write(tmp_path, {"datasources.json": sources}), {})
    assert project.routed is not None
    assert project.routed.name == "own"
    assert [each.per_tenant for each in project.sources] == [True, False]


def test_models_come_after_those_they_refer_to(tmp_path: Path) -> None:
    """A base and an embedded model come first, whatever the files are called."""
    files = {
        **PLAIN,
        "models/a.json": {"name": "A", "base": "C", "properties": {"x": {"type": ["B"]}}},
        "models/b.json": {"name": "B", "properties": {"deep": {"inner": {"type": "D"}}}},
        "models/c.json": {"name": "C", "properties": {"type": "string", "next": "C"}},
        "models/d.json": {"name": "D", "options": {"base": "C"}},
    }
    names = [each.name for each in read_project(write(tmp_path, files), {}).models]
    for later, earlier in [("A", "C"), ("A", "B"), ("B", "D"), ("D", "C")]:
        assert names.index(later) > names.index(earlier)


def test_tenants_may_have_models_of_their_own(tmp_path: Path) -> None:
    """They stand in a folder called as the tenant's database is."""
    files = {
        **PLAIN,
        "models/city.json": CITY,
        "tenants.json": {"acme": {"title": "Acme"}, "Zeta": {}},
        "tenants/acme/city.json": {"name": "City", "base": "City", "properties": {"x": "string"}},
        "tenants/=5aeta/ship.json": {"name": "Ship"},
    }
    found = read_project(write(tmp_path, files), {}).tenants
    assert {each.record.code: [model.name for model in each.models] for each in found} == {
        "acme": ["City"],
        "Zeta": ["Ship"],
    }


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("no data sources", {}, "datasources.json: cannot be read"),
    ("an empty file", {"datasources.json": {}}, "datasources.json: names no data source"),
    ("no JSON", {"datasources.json": "{,}"}, "datasources.json: is no JSON: .* line 1, column 2"),
    ("no UTF-8", {"datasources.json": b"\xff{}"}, r"datasources.json: is not UTF-8 \(byte 0\)"),
    ("a list", {"datasources.json": []}, "datasources.json: a JSON object belongs here, not a li"),
    ("a key twice", {"datasources.json": '{"db": 1, "db": 2}'}, "datasources.json: db: the key is"),
    ("NaN", {"datasources.json": '{"db": NaN}'}, "datasources.json: NaN is no JSON"),
    ("too deep", {"datasources.json": "[" * 100_000}, "datasources.json: is nested too deep"),
    ("an entry that is text", {"datasources.json": {"db": "memory"}}, "datasources.json: db: a JS"),
    ("no connector", {"datasources.json": {"db": {}}}, r"datasources.json: db.connector: "),
    (
        "a variable that is not set",
        {"datasources.json": {"db": {"connector": "memory", "x": [{"y": "a ${NOPE}"}]}}},
        r"datasources.json: db.x\[0\].y: the environment variable NOPE is not set",
    ),
    (
        "two spellings",
        {"datasources.json": {"db": {"connector": "memory", "lazyConnect": 1, "lazy_connect": 2}}},
        "datasources.json: db: .*two spellings",
    ),
    ("a number as url", {"datasources.json": {"db": {"url": 1}}}, "datasources.json: db.url: text"),
    (
        "two sources per tenant",
        {"datasources.json": {"a": {"url": "sqlite:///{tenant}"}, "b": {"url": "x://{tenant}"}}},
        "datasources.json: b: only one",
    ),
    ("a model that is a list", {**PLAIN, "models/a.json": []}, r"models/a.json: a JSON object"),
    ("a nameless model", {**PLAIN, "models/a.json": {}}, "models/a.json: name: text belongs here"),
    (
        "properties as list",
        {**PLAIN, "models/a.json": {"name": "A", "properties": []}},
        "models/a.json: properties: a JSON object",
    ),
    (
        "public as text",
        {**PLAIN, "models/a.json": {"name": "A", "public": "yes"}},
        "models/a.json: public: true or false",
    ),
    (
        "a model twice",
        {**PLAIN, "models/a.json": {"name": "A"}, "models/b.json": {"name": "A"}},
        "models/b.json: name: A is defined in .*models/a.json",
    ),
    (
        "a source that is not there",
        {**PLAIN, "models/a.json": {"name": "A", "dataSource": "crm"}},
        "models/a.json: dataSource: 'crm' is no data source; there are db",
    ),
    (
        "a source that is not there, in model-config.json",
        {**PLAIN, "models/a.json": {"name": "A"}, "model-config.json": {"A": {"dataSource": "x"}}},
        "model-config.json: A.dataSource: 'x' is no data source",
    ),
    (
        "options as a list, in model-config.json",
        {**PLAIN, "models/a.json": {"name": "A"}, "model-config.json": {"A": {"options": []}}},
        "model-config.json: A.options: a JSON object",
    ),
    (
        "public as text, in model-config.json",
        {**PLAIN, "models/a.json": {"name": "A"}, "model-config.json": {"A": {"public": "no"}}},
        "model-config.json: A.public: true or false",
    ),
    (
        "no source where there are two",
        {"datasources.json": {"a": {"url": "a://"}, "b": {"url": "b://"}}, "models/a.json": CITY},
        "models/a.json: dataSource: is missing; it is one of a, b",
    ),
    (
        "a circle",
        {
            **PLAIN,
            "models/a.json": {"name": "A", "base": "B"},
            "models/b.json": {"name": "B", "base": "A"},
        },
        "models refer in a circle: . -> . -> .",
    ),
    ("tenants that are text", {**PLAIN, "tenants.json": '"x"'}, "tenants.json: is an object"),
    ("tenants that are no JSON", {**PLAIN, "tenants.json": "{"}, "tenants.json: is not JSON"),
    (
        "a field of a tenant that is not known",
        {**PLAIN, "tenants.json": {"acme": {"stat": "active"}}},
        "tenants.json: acme: 'stat' is no field",
    ),
    ("a bad tenant code", {**PLAIN, "tenants.json": {"global": {}}}, "tenants.json: .*reserved"),
    (
        "a folder of no tenant",
        {**PLAIN, "tenants.json": {"acme": {}}, "tenants/acne/a.json": CITY},
        "tenants/acne: is the folder of no tenant",
    ),
    (
        "a tenant's model twice",
        {
            **PLAIN,
            "tenants.json": ["acme"],
            "tenants/acme/a.json": CITY,
            "tenants/acme/b.json": CITY,
        },
        "tenants/acme/b.json: name: City is defined in",
    ),
    (
        "a tenant's model with a source",
        {
            **PLAIN,
            "tenants.json": ["acme"],
            "tenants/acme/a.json": {**CITY, "dataSource": "db"},
        },
        "tenants/acme/a.json: dataSource: ",
    ),
    ("a bad port", {**PLAIN, "config.json": {"port": "x"}}, "config.json: port: a port from 0"),
    ("a port too high", {**PLAIN, "config.json": {"port": 65536}}, "config.json: port: a port"),
    ("true as port", {**PLAIN, "config.json": {"port": True}}, "config.json: port: a port from 0"),
    ("an empty root", {**PLAIN, "config.json": {"restApiRoot": ""}}, "config.json: restApiRoot: t"),
]


@pytest.mark.parametrize(("files", "message"), [case[1:] for case in BAD], ids=[c[0] for c in BAD])
def test_a_bad_file_is_named_with_the_key(
    tmp_path: Path, files: dict[str, Any], message: str
) -> None:
    """One typed error says file, key and problem; its `path` says file and key."""
    with pytest.raises(ProjectError, match=message) as caught:
        read_project(write(tmp_path, files), {})
    assert isinstance(caught.value, DefinitionError)
    assert caught.value.code == "PROJECT"
    assert caught.value.path is not None
    assert str(caught.value).startswith(f"{caught.value.path}: ")


@pytest.mark.parametrize("name", ["missing", "file.txt"])
def test_what_is_no_folder_is_no_project(tmp_path: Path, name: str) -> None:
    """A missing folder and a file in its place are told."""
    (tmp_path / "file.txt").write_text("x")
    with pytest.raises(ProjectError, match=f"{name}: is no folder"):
        read_project(tmp_path / name, {})


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    """More than 16 MiB are refused by the size alone."""
    with (tmp_path / "datasources.json").open("wb") as file:
        file.truncate(17 * 1024 * 1024)
    with pytest.raises(ProjectError, match="larger than 16 MiB"):
        read_project(tmp_path, {})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


def outcome(read: Callable[[], Any], named: str) -> bool:
    """Return True where *read* answers, or raises an error of ours that says *named*."""
    try:
        read()
    except JugglerError as error:
        return named in str(error)
    return True


@given(raw=st.binary(max_size=60))
def test_any_bytes_are_json_or_an_error_of_ours(
    raw: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No content of a file ends in anything else."""
    file = tmp_path_factory.mktemp("raw") / "a.json"
    file.write_bytes(raw)
    assert outcome(lambda: read_json(file), str(file))


@given(entry=JSON)
def test_any_json_is_a_project_or_an_error_of_ours(
    entry: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No JSON in the place of a file, or of an entry in one, ends in anything else."""
    db = {"connector": "memory"}
    files = [
        {"datasources.json": entry},
        {"datasources.json": {"db": entry}},
        {"datasources.json": {"db": {**db, "url": entry}}},
        {"models/a.json": entry},
        {"models/a.json": {"name": "A", "properties": {"x": entry}, "base": entry}},
        {"models/a.json": {"name": "A", "dataSource": entry, "options": entry}},
        {"model-config.json": {"City": entry}},
        {"model-config.json": {"City": {"dataSource": entry, "public": entry, "options": entry}}},
        {"tenants.json": entry},
        {"tenants.json": {"acme": entry}},
        {"config.json": {"port": entry, "host": entry}},
    ]
    for number, each in enumerate(files):
        folder = tmp_path_factory.mktemp(f"project{number}")
        write(folder, {**PLAIN, "models/b.json": CITY, **each})
        assert outcome(partial(read_project, folder, {}), str(folder))


@given(value=JSON)
def test_text_without_variables_stays(value: Any) -> None:
    """Substitution changes nothing else."""
    if "${" not in repr(value):
        assert substitute(value, {}, Path("x"), "") == value
