"""Clean-ups are remembered: in the registry, and in the log."""

import logging
import time
from typing import Any

import pytest

from juggler.registry.records import HISTORY
from juggler.registry.registry import ModelRegistry


def test_clean_ups_are_remembered(registry: ModelRegistry) -> None:
    """Each clean-up is there, in order, with its time; so is one that was refused."""
    # REG-62
    before = time.time()
    for code in ("acme", "bolt"):
        registry.define("A", tenant=code)
        registry.cleanup_tenant(code, reason=f"{code} left")
    registry.define("A", tenant="core")
    with registry.tenant("core").lease():
        registry.cleanup_tenant("core")
    stop = registry.on("tenant_cleaning", lambda _: False)
    registry.cleanup_tenant("core")
    stop()
    first, second, third, fourth = registry.cleanup_history()
    assert (first.tenant, first.models_removed, first.reason) == ("acme", 1, "acme left")
    assert (second.tenant, third.error) == ("bolt", "in use")
    assert (fourth.error or "").startswith("vetoed")
    times = [each.at or 0.0 for each in registry.cleanup_history()]
    assert before <= times[0] <= times[1] <= times[2] <= time.time()


def test_what_is_no_clean_up(registry: ModelRegistry) -> None:
    """Codes that are invalid or unknown leave no trace, so that nobody can push others out."""
    # REG-62
    for code in ("nobody", "global", "", None):
        registry.cleanup_tenant(code)
    assert registry.cleanup_history() == []


def test_the_history_is_bounded(registry: ModelRegistry) -> None:
    """The last thousand are kept, and of no more than their figures."""
    # REG-62, REG-48
    for at in range(HISTORY + 5):
        registry.define("A", tenant=f"t{at}")
        result = registry.cleanup_tenant(f"t{at}")
    assert result.cleaned_models == ("A",)
    history = registry.cleanup_history()
    assert (len(history), history[0].tenant, history[-1].tenant) == (1_000, "t5", "t1004")
    assert {each.cleaned_models for each in history} == {()}
    registry.clear()
    assert registry.cleanup_history() == []


def test_each_is_logged(registry: ModelRegistry, caplog: pytest.LogCaptureFixture) -> None:
    """A clean-up is one structured line at INFO, written when the registry is free."""
    # REG-62
    registry.define("A", tenant="acme")
    with caplog.at_level(logging.INFO, "juggler.registry"):
        result = registry.cleanup_tenant("acme", reason="left")
    (line,) = caplog.records
    found: dict[str, Any] = vars(line)
    assert (line.levelname, line.name) == ("INFO", "juggler.registry")
    assert line.getMessage() == "The tenant acme was cleaned up."
    assert [found[key] for key in ("event", "tenant", "models_removed", "reason", "error")] == [
        "tenant_cleanup", "acme", 1, "left", None,
    ]  # fmt: skip
    assert (found["duration_ms"], found["bytes_released"]) == (
        result.duration, result.bytes_released,
    )  # fmt: skip


def test_a_refusal_is_logged(registry: ModelRegistry, caplog: pytest.LogCaptureFixture) -> None:
    """What was refused says why."""
    # REG-62
    registry.define("A", tenant="acme")
    with caplog.at_level(logging.INFO, "juggler.registry"), registry.tenant("acme").lease():
        registry.cleanup_tenant("acme")
    assert caplog.messages == ["The tenant acme was not cleaned up: in use."]
