"""Project folders for tests."""

import json
from pathlib import Path
from typing import Any

CITY = {"name": "City", "properties": {"name": {"type": "string", "required": True}}}
PLAIN: dict[str, Any] = {"datasources.json": {"db": {"connector": "memory"}}}


def write(folder: Path, files: dict[str, Any]) -> Path:
    """Write *files* into *folder*, what is no text as JSON, and return it."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content))
    return folder
