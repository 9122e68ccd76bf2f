"""Plug-ins: loaded by name when asked for, from whatever is installed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from juggler.errors import PluginError
from juggler.registry.managing.plugins import SHIPPED, load_strategy
from juggler.registry.registry import ModelRegistry
from juggler.registry.strategies.adaptive import Adaptive
from juggler.registry.strategies.lru import LeastRecentlyUsed
from juggler.registry.strategies.view import RegistryView

CODE = """
LOADED = []
LOADED.append("imported")

class Nightly:
    def __init__(self, hour=3):
        self.hour = hour

    def __call__(self, view):
        return ["acme"]

def install(registry, **options):
    registry.on("tenant_created", LOADED.append)
    return ("installed", registry, options)

def fails(*given, **options):
    raise ZeroDivisionError("on purpose")

number = lambda: 3
"""
POINTS = """
[juggler.cleanup_strategies]
nightly = acme_plugins:Nightly
number = acme_plugins:number
broken = acme_plugins:fails
gone = acme_plugins:nothing
lru = acme_plugins:Nightly

[juggler.registry_plugins]
audit = acme_plugins:install
broken = acme_plugins:fails
missing = acme_not_there:install
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a distribution with plug-ins for one test."""
    (tmp_path / "acme_plugins.py").write_text(CODE)
    info = tmp_path / "acme_plugins-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-plugins\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(POINTS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "acme_plugins", raising=False)


# REG-61
@pytest.mark.usefixtures("installed")
def test_strategies_are_loaded_by_name() -> None:
    """A name that a distribution offers is loaded when it is asked for, and made with options."""
    assert "acme_plugins" not in sys.modules
    strategy = load_strategy("nightly", hour=4)
    assert vars(strategy) == {"hour": 4}
    assert list(strategy(RegistryView(()))) == ["acme"]


# REG-61, REG-58
@pytest.mark.usefixtures("installed")
def test_shipped_strategies_have_names() -> None:
    """Those that are shipped need no plug-in, and none takes their place."""
    assert load_strategy("lru", max_tenants=3) == LeastRecentlyUsed(3)
    assert isinstance(load_strategy("adaptive"), Adaptive)
    assert sorted(SHIPPED) == ["adaptive", "idle", "lru", "memory_budget", "predictive"]


# REG-61
@pytest.mark.usefixtures("installed")
def test_plugins_are_handed_the_registry(registry: ModelRegistry) -> None:
    """A plug-in of a registry does with it what it is there for."""
    assert registry.load_plugin("audit", level=2) == ("installed", registry, {"level": 2})
    registry.tenant("acme")
    loaded = sys.modules["acme_plugins"].LOADED
    assert loaded[0] == "imported"
    assert loaded[1].tenant == "acme"


# REG-61
@pytest.mark.usefixtures("installed")
def test_unknown_names_are_told_with_those_there_are(registry: ModelRegistry) -> None:
    """The error names the plug-ins that there are."""
    with pytest.raises(
        PluginError, match="adaptive, broken, gone, idle, lru, memory_budget, night"
    ):
        load_strategy("nope")
    with pytest.raises(PluginError, match=r"there are: audit, broken, missing\."):
        registry.load_plugin("nope")


# REG-61
def test_without_plugins_the_error_says_so(registry: ModelRegistry) -> None:
    """Where nothing is installed there are none."""
    with pytest.raises(PluginError, match="there are: none"):
        registry.load_plugin("audit")


# REG-61
@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("group", "name", "cause"),
    [
        ("strategy", "broken", ZeroDivisionError),
        ("strategy", "gone", AttributeError),
        ("strategy", "number", None),
        ("plugin", "broken", ZeroDivisionError),
        ("plugin", "missing", ModuleNotFoundError),
    ],
)
def test_plugins_that_fail_are_told_with_their_cause(
    registry: ModelRegistry, group: str, name: str, cause: type | None
) -> None:
    """Whatever goes wrong in a plug-in is the cause of one typed error that names it."""
    with pytest.raises(PluginError, match=name) as caught:
        load_strategy(name) if group == "strategy" else registry.load_plugin(name)
    assert caught.value.code == "PLUGIN"
    assert type(caught.value.__cause__) is (cause or type(None))
