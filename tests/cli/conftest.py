"""What tests of the command line share."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _logging_is_as_before() -> Iterator[None]:
    """A command sets up logging for its whole process, which other tests share here."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    for each in root.handlers[:]:
        if each not in handlers:
            root.removeHandler(each)
