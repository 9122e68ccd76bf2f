"""Parts of queries that several tests need, and the error for one that is refused."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest

from juggler.errors import InvalidQueryError
from juggler.query.limits import Limits
from juggler.query.nodes import Condition
from juggler.query.parse import parse_filter

PATTERN: Final = re.compile("J")


def eq(name: str, value: Any) -> Condition:
    """Return an equality."""
    return Condition(tuple(name.split(".")), "eq", value)


def refused(given: Any, limits: Limits | None = None) -> InvalidQueryError:
    """Return the error for a filter that must be refused."""
    with pytest.raises(InvalidQueryError) as caught:
        parse_filter(given, limits or Limits())
    assert caught.value.status_code == 400
    return caught.value
