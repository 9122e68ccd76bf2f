"""What all tests share."""

import os
import sys
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from juggler.app import health
from juggler.datasource import datasource
from tests.patience import PATIENCE
from tests.services import Services

# No deadlines, neither for examples nor for making them: a slow machine is no bug.  On CI the
# examples are the same in every run, and a failure prints the line that brings it back.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("default"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.fixture(scope="session")
def services() -> Services:
    """Servers and programs: `services.port("redis", 6379)`, `services.program("chromium")`."""
    return Services.from_environment()


@pytest.fixture(autouse=True, scope="session")
def _connecting_may_take_long() -> Iterator[None]:
    """A machine that is busy opens a database in more than the five seconds that are usual."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasource, "DEFAULT_TIMEOUT", PATIENCE * 1_000)
        patch.setattr(health, "PATIENCE", PATIENCE)
        yield


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
