"""What all tests share."""

import os
import sys
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.services import Services

# No deadlines: a slow machine is no bug.  On CI the examples are the same in every run, and a
# failure prints the line that brings it back.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.fixture(scope="session")
def services() -> Services:
    """Servers and programs: `services.port("redis", 6379)`, `services.program("chromium")`."""
    return Services.from_environment()


@pytest.fixture
def untraced() -> Iterator[None]:
    """No tracing for a while: Python fits no instruction to what it meets while it traces."""
    tracer = sys.gettrace()
    sys.settrace(None)
    yield
    sys.settrace(tracer)


@pytest.fixture(autouse=True)
def _nothing_is_traced_afterwards() -> Iterator[None]:
    """Whoever traces memory stops that: it slows all that follows, and others measure too."""
    yield
    if tracemalloc.is_tracing():
        tracemalloc.stop()
        pytest.fail("The test left memory traced.")
