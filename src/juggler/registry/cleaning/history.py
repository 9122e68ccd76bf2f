"""What was cleaned up lately: a bounded record for whoever asks later, and a line in the log."""

from __future__ import annotations

import logging
import time
from dataclasses import replace

from juggler.registry.core import Core
from juggler.registry.records import CleanupResult

log = logging.getLogger("juggler.registry")


class History(Core):
    """The part of a registry that remembers its clean-ups."""

    def cleanup_history(self) -> list[CleanupResult]:
        """Return the last 1,000 clean-ups, those that were refused too, the oldest first.

        They are without the names of the models, which would outweigh the models that are gone.
        Calls with an invalid code, or for a tenant that nobody knew, are not among them.
        """
        return list(self._history)

    def _audited(self, result: CleanupResult) -> CleanupResult:
        """Return *result* with its time, once it is in the history; under the registry's lock.

        The line in the log is written when the lock is free.
        """
        result = replace(result, at=time.time())
        self._history.append(replace(result, cleaned_models=()))
        if log.isEnabledFor(logging.INFO):
            self._news.items.append(lambda: _write(result))
        return result


def _write(result: CleanupResult) -> None:
    """Log *result* as one structured record; ``tenant`` and the figures are its attributes."""
    done = "was cleaned up" if result.error is None else f"was not cleaned up: {result.error}"
    log.info(
        "The tenant %s %s.",
        result.tenant,
        done,
        extra={
            "event": "tenant_cleanup",
            "tenant": result.tenant,
            "models_removed": result.models_removed,
            "mappings_removed": result.mappings_removed,
            "duration_ms": result.duration,
            "bytes_released": result.bytes_released,
            "reason": result.reason,
            "error": result.error,
        },
    )
