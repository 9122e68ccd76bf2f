"""How many bytes something takes."""

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Threads of the test runner hear of the next tests at any moment; what they take is not counted.
OTHERS = [tracemalloc.Filter(False, f"*/{name}/*") for name in ("execnet", "xdist", "coverage")]


@contextmanager
def traced() -> Iterator[Callable[[], int]]:
    """Trace allocations in the block; the function that is given tells the bytes since."""
    gc.collect()
    tracemalloc.start()

    def grown() -> int:
        gc.collect()
        return sum(each.size for each in tracemalloc.take_snapshot().filter_traces(OTHERS).traces)

    try:
        yield grown
    finally:
        tracemalloc.stop()
