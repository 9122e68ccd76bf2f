"""The memory of the process: read from the system, else from psutil, else a typed error."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from juggler.errors import OperationNotSupportedError
from juggler.registry.strategies import memory


# REG-58
def test_the_system_tells() -> None:
    """What the process takes is some megabytes, and less than there is."""
    assert 2**20 < memory.resident_bytes() < memory.available_bytes()


# REG-58
def test_a_container_sets_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lowest limit of a container counts; one without a number, or a larger one, does not."""
    files = [tmp_path / name for name in ("a", "b", "c")]
    for path, text in zip(files, ("max\n", "1000000\n", str(2**62)), strict=True):
        path.write_text(text)
    monkeypatch.setattr(memory, "_LIMITS", (*files, tmp_path / "missing"))
    assert memory.available_bytes() == 1_000_000
    monkeypatch.setattr(memory, "_LIMITS", (files[0], files[2]))
    assert memory.available_bytes() == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


# REG-58
def test_elsewhere_psutil_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system does not tell, psutil does; without it the error says what to install."""
    monkeypatch.setattr(memory, "_STATM", tmp_path / "missing")
    monkeypatch.setattr(memory, "_LIMITS", ())
    monkeypatch.delattr(os, "sysconf")
    process = SimpleNamespace(memory_info=lambda: SimpleNamespace(rss=5))
    fake = SimpleNamespace(Process=lambda: process, virtual_memory=lambda: SimpleNamespace(total=9))
    monkeypatch.setitem(sys.modules, "psutil", fake)
    assert (memory.resident_bytes(), memory.available_bytes()) == (5, 9)
    monkeypatch.setitem(sys.modules, "psutil", None)
    for read in (memory.resident_bytes, memory.available_bytes):
        with pytest.raises(OperationNotSupportedError, match="install psutil"):
            read()
