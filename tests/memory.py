"""How many bytes something takes."""

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from typing import ParamSpec

P = ParamSpec("P")

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


def again(test: Callable[P, None]) -> Callable[P, None]:
    """Let a test that counts bytes look a second and a third time before it fails.

    The interpreter's tables of all names and of all classes grow at one moment by more than what is
    measured, and that may be any moment; they then have room for as much again.  A test that is
    decorated makes all that it measures itself: fixtures would be those of the first time.
    """

    @wraps(test)
    def looking(*args: P.args, **kwargs: P.kwargs) -> None:
        for _ in range(2):
            with suppress(AssertionError):
                return test(*args, **kwargs)
        return test(*args, **kwargs)

    return looking
