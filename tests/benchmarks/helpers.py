"""Running measurements where the test runs."""

import importlib
import json
from typing import Any

from benchmarks.registry.process import Runner


class Inline(Runner):
    """Answers at once, in this process: figures mean nothing, tables can be made."""

    def __init__(self) -> None:
        super().__init__("")
        self.tasks: list[str] = []

    def run(self, task: str, **given: Any) -> Any:
        """Return what the function answers, as JSON would carry it."""
        self.tasks.append(task)
        module, _, function = task.rpartition(".")
        work = getattr(importlib.import_module(f"benchmarks.registry.{module}"), function)
        return json.loads(json.dumps(work(**json.loads(json.dumps(given)))))

    def start(self, task: str, **given: Any) -> Any:
        """Do it all now."""
        return self.run(task, **given)

    def result(self, started: Any) -> Any:
        """Return what was answered."""
        return started
