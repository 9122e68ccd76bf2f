"""What the tests of the benchmarks share."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture
def frozen() -> Iterator[None]:
    """Full collections pass over what is there before the test, so that they are quick."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
