"""Rows of one form: to everybody a list of dicts, to some connectors less work."""

import pytest

from juggler.connectors.contract import Records

ROWS = Records(("a", "b"), [(1, "x"), (2, "y"), (3, "z")])


def test_they_are_rows() -> None:
    """Each is a dict of its own, one by one, in a loop or in part."""
    assert list(ROWS) == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}, {"a": 3, "b": "z"}]
    assert len(ROWS) == 3
    assert ROWS[1] == {"a": 2, "b": "y"}
    assert ROWS[1] is not ROWS[1]
    part = ROWS[1:]
    assert (part.names, list(part)) == (("a", "b"), [ROWS[1], ROWS[2]])
    with pytest.raises(IndexError):
        _ = ROWS[3]
