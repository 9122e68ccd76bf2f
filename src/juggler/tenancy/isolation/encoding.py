"""Physical names of tenants: safe in a path, a URL and an identifier, different for every code."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from juggler.errors import RoutingError

MAX_NAME: Final = 160
"""Characters of a name; leaves a file name room for its endings."""

_SAFE: Final = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789_-")
_DIGEST: Final = 20
_HASHED: Final = "=h"
_ESCAPE: Final = re.compile(r"=([0-9a-f]{2})")
_DEVICE: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])\Z")


def encode(code: str, limit: int = MAX_NAME) -> str:
    """Return the physical name of the tenant *code*.

    Lower-case letters, digits, ``_`` and ``-`` stand for themselves, every other byte of the UTF-8
    form is ``=`` and two hex digits, so that names differ even where upper and lower case do not.
    A name that would be longer than *limit* is its readable beginning, ``=h`` and a hash instead.

    >>> encode("acme"), encode("Acme"), encode("../x")
    ('acme', '=41cme', '=2e=2e=2fx')
    """
    plain = "".join(chr(byte) if byte in _SAFE else f"={byte:02x}" for byte in code.encode())
    if plain.startswith("-") or _DEVICE.match(plain):  # an option, or a device of Windows
        plain = f"={ord(plain[0]):02x}{plain[1:]}"
    if len(plain) <= limit:
        return plain
    digest = hashlib.sha256(code.encode()).hexdigest()[: 2 * _DIGEST]
    room = limit - len(_HASHED) - len(digest)
    readable = re.match("[a-z0-9_]*", plain)
    return f"{readable[0][:room] if readable else ''}{_HASHED}{digest}"


def decode(name: str) -> str:
    """Return the tenant code that *name* was made from.

    Raises:
        RoutingError: *name* is no name that `encode` makes, or one that was shortened.
    """
    if _HASHED in name:
        raise RoutingError(
            f"{name!r} is the shortened name of a long code, which only the directory knows.",
            value=name,
        )
    try:
        raw = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), name)
        code = raw.encode("latin-1").decode()
    except UnicodeError:
        code = ""
    if not code or encode(code, len(name)) != name:
        raise RoutingError(f"{name!r} is not the physical name of a tenant.", value=name)
    return code
