"""Measuring in a process of its own, so that nothing measured before is in the way."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Runner:
    """Starts a fresh interpreter for each measurement.

    Args:
        compiled: Folder for the modules that the processes compile: once for all of them, and
            whatever the environment says of compiled files.
    """

    def __init__(self, compiled: str) -> None:
        self._started: list[subprocess.Popen[str]] = []
        unwanted = ("PYTHONDONTWRITEBYTECODE", "COVERAGE_", "COV_CORE_")
        kept = {key: item for key, item in os.environ.items() if not key.startswith(unwanted)}
        self._environment = {
            **kept,
            "PYTHONPYCACHEPREFIX": compiled,
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), kept.get("PYTHONPATH")])),
            "PYTHONHASHSEED": "0",
        }

    def start(self, task: str, **given: Any) -> subprocess.Popen[str]:
        """Begin ``module.function`` of this folder with the values *given*."""
        started = subprocess.Popen(  # noqa: S603  our own interpreter and our own module
            [sys.executable, "-m", "benchmarks.registry.process", task, json.dumps(given)],
            stdout=subprocess.PIPE,
            text=True,
            env=self._environment,
        )
        self._started.append(started)
        return started

    def result(self, started: subprocess.Popen[str]) -> Any:
        """Return what a started task answers.

        Raises:
            RuntimeError: It failed; its own error stands above.
        """
        answer, _ = started.communicate()
        self._started.remove(started)
        if started.returncode:
            raise RuntimeError(f"A measurement failed: {started.args!r}")
        return json.loads(answer.splitlines()[-1])

    def close(self) -> None:
        """End what is still running."""
        for each in self._started:
            each.kill()
            each.communicate()
        self._started.clear()

    def run(self, task: str, **given: Any) -> Any:
        """Return what ``module.function`` of this folder answers to the values *given*."""
        return self.result(self.start(task, **given))


@contextmanager
def runner() -> Iterator[Runner]:
    """Yield what runs measurements; what they compiled, and what still runs, ends with it."""
    with tempfile.TemporaryDirectory() as folder:
        run = Runner(folder)
        try:
            yield run
        finally:
            run.close()


def main() -> None:
    """Run one task and print what it answers, as JSON."""
    task, given = sys.argv[1:]
    module, _, function = task.rpartition(".")
    work = getattr(importlib.import_module(f"benchmarks.registry.{module}"), function)
    print(json.dumps(work(**json.loads(given))))


if __name__ == "__main__":
    main()
