"""As juggler, but the known structure is given as a parsed definition."""

from __future__ import annotations

from benchmarks import samples
from benchmarks.registry.candidates import with_juggler


class Models(with_juggler.Models):
    """Defines from a definition that was read once."""

    def __init__(self) -> None:
        super().__init__()
        self.known = self.registry.parse("Sample", samples.RAW)
