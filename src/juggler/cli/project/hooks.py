"""``hooks.py``: Python that a project runs on its app before the first request."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from pathlib import Path
from typing import Any

from juggler.cli.project.files import error_in
from juggler.errors import JugglerError


def run_hooks(file: Path, app: Any) -> None:
    """Load *file* and call its ``boot(app)``.

    The module is known to Python as ``juggler_hooks``; it runs once for each app.

    Raises:
        ProjectError: It cannot be loaded, has no function ``boot``, or fails; the cause says how.
    """
    spec = importlib.util.spec_from_file_location("juggler_hooks", file)
    if spec is None or spec.loader is None:
        raise error_in(file, "", "is no Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and pickling look their module up
    try:
        spec.loader.exec_module(module)
        boot = getattr(module, "boot", None)
        if callable(boot):
            answer = boot(app)
    except JugglerError:
        raise
    except Exception as error:  # whatever somebody's code raises is told with its file
        raise error_in(file, "", f"fails: {type(error).__name__}: {error}") from error
    if not callable(boot):
        raise error_in(file, "boot", "is missing: def boot(app) belongs here.")
    if inspect.iscoroutine(answer):
        answer.close()
        raise error_in(file, "boot", "is async; a plain function belongs here.")
