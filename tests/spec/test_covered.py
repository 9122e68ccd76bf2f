"""Every requirement that must be met is proved by a test, or told of as a departure."""

from tests.spec.table import read_coverage


def test_every_requirement_has_a_test() -> None:
    """No requirement of the registry is without a test, and no test cites what there is not."""
    coverage = read_coverage()
    assert not coverage.errors
    assert not coverage.missing()
