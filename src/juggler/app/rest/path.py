"""Paths: from what a client asked for to a plural, an id and a method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote


@dataclass(frozen=True, slots=True)
class Target:
    """What a path below the REST root means.

    Attributes:
        plural: The model's part.
        id: The record, or a method of the collection; None for the collection itself.
        method: A method of the record; None for the record itself.
    """

    plural: str
    id: str | None = None
    method: str | None = None


def segments_of(scope: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the decoded segments of the path that was asked for, below where the app is mounted.

    Segments are split before they are decoded, so an id may hold a slash (``%2F``).  A slash at the
    end makes no difference.  None stands for a path that is no text.
    """
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    below = len(root) if root and (path == root or path.startswith(f"{root}/")) else 0
    raw: bytes | None = scope.get("raw_path")
    if raw is None:
        parts = path[below:].split("/")
    else:
        try:
            parts = raw.partition(b"?")[0].decode().split("/")[path.count("/", 0, below) :]
            if b"%" in raw:
                parts = [unquote(part, errors="strict") for part in parts]
        except UnicodeDecodeError:
            return None
    segments = parts[1:]
    if segments and not segments[-1]:
        segments.pop()
    return tuple(segments)


def parse(segments: Sequence[str]) -> Target | None:
    """Return what decoded *segments* below the REST root mean; None for what cannot be."""
    return Target(*segments) if 1 <= len(segments) <= 3 and all(segments) else None
