"""Names of cases that are the same in every process."""

import re
from typing import Any


def name_of(value: Any) -> str:
    """Return what *value* shows of itself, without where in memory it lies."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))
