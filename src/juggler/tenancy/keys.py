"""API keys: made once, shown once, stored as a digest."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from juggler.errors import DefinitionError
from juggler.tenancy.tenant import ApiKey

_MARK: Final = "jug"
_LONGEST: Final = 200
_LEAST_PEPPER: Final = 16
_NO_KEY: Final = ApiKey("", "0" * 64)


class KeyRing:
    """Makes API keys and recognises them.

    A key is ``jug_<prefix>_<secret>``: the prefix finds its record, the secret is 256 random bits.
    Stored is an HMAC-SHA256 of the whole key under the server's own pepper.  A slow hash (scrypt)
    would guard secrets that people choose; 256 random bits cannot be guessed however fast the
    hash, and every request has to compute it.  The pepper is not in the directory, so whoever
    reads or even writes the directory's file can neither test keys nor add one.

    Args:
        pepper: The server's secret, 16 bytes at least; another one makes every key void.

    Raises:
        DefinitionError: The pepper is too short.

    >>> ring = KeyRing("a secret of the server")
    >>> token, record = ring.issue()
    >>> ring.accepts(token, record), ring.accepts(token + "x", record)
    (True, False)
    """

    def __init__(self, pepper: str | bytes) -> None:
        self._pepper = pepper.encode() if isinstance(pepper, str) else bytes(pepper)
        if len(self._pepper) < _LEAST_PEPPER:
            raise DefinitionError(f"A pepper has {_LEAST_PEPPER} bytes at least.")

    def issue(self) -> tuple[str, ApiKey]:
        """Return a new key, to be shown once, and what is stored of it."""
        prefix = secrets.token_hex(6)
        token = f"{_MARK}_{prefix}_{secrets.token_urlsafe(32)}"
        return token, ApiKey(prefix, self.digest(token))

    def digest(self, token: str) -> str:
        """Return what is stored of *token*."""
        return hmac.new(self._pepper, token.encode(), hashlib.sha256).hexdigest()

    def accepts(self, token: str, key: ApiKey | None) -> bool:
        """Tell whether *token* is *key*, in the same time for any answer; None is no key."""
        known = _NO_KEY if key is None else key
        same = hmac.compare_digest(self.digest(token).encode(), known.digest.encode())
        return same and key is not None


def prefix_of(token: str) -> str | None:
    """Return the prefix of an API key, or None for a text that cannot be one."""
    mark, _, rest = token.partition("_")
    prefix, _, secret = rest.partition("_")
    whole = len(token) <= _LONGEST and token.isascii()
    return prefix if whole and mark == _MARK and prefix and secret else None
