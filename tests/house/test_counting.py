"""Bytes are counted again where a count was wrong, but not for ever."""

import pytest

from tests.memory import again


@pytest.mark.parametrize(("right", "looks"), [(1, 1), (2, 2), (3, 3), (4, 3)])
def test_a_count_is_taken_three_times(right: int, looks: int) -> None:
    """What is right at once is not looked at again; what is wrong three times is wrong."""
    seen: list[str] = []

    @again
    def count(of: str) -> None:
        seen.append(of)
        assert len(seen) >= right

    if right > looks:
        with pytest.raises(AssertionError):
            count("bytes")
    else:
        count("bytes")
    assert seen == ["bytes"] * looks
