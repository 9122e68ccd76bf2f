"""Work in several threads at a time."""

import faulthandler
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.patience import PATIENCE


@contextmanager
def eager_switching() -> Iterator[None]:
    """Let threads take turns a thousand times as often as usual."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def until(stop: threading.Event, at_most: int = 200) -> Iterator[int]:
    """Count the turns of a thread that goes on until *stop*, but not for ever.

    A thread that never rests takes the time of those that it waits for: on a busy machine
    they would come to their end after minutes.
    """
    for turn in range(at_most):
        if stop.is_set():
            return
        yield turn


def in_threads(work: Callable[[int], Any], threads: int = 6) -> list[BaseException]:
    """Run *work* in several threads that start together; return what they raised."""
    barrier, failures = threading.Barrier(threads), list[BaseException]()

    def guarded(at: int) -> None:
        barrier.wait()
        try:
            work(at)
        except BaseException as error:  # noqa: BLE001  whatever it is, the test must see it
            failures.append(error)

    workers = [threading.Thread(target=guarded, args=(at,), daemon=True) for at in range(threads)]
    with eager_switching():
        for each in workers:
            each.start()
        for each in workers:
            each.join(PATIENCE)
    if any(each.is_alive() for each in workers):
        faulthandler.dump_traceback(sys.__stderr__)
        raise AssertionError("Somebody waits for ever; where they stand is on stderr.")
    return failures
