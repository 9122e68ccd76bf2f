"""As juggler, but each model of a known structure is the only one of its tenant."""

from __future__ import annotations

from benchmarks.registry.candidates import with_juggler


class Models(with_juggler.Models):
    """Defines one model for each tenant."""

    each = 1
