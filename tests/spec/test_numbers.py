"""The lists of requirements, and how their numbers are read."""

from pathlib import Path

import pytest

from tests.spec.numbers import between, expanded, read_spec, read_specs


def test_ranges() -> None:
    """A range names all its numbers, in the width of the first."""
    assert expanded("REG-09 to REG-11") == ["REG-09", "REG-10", "REG-11"]
    assert expanded("DAO-098") == ["DAO-098"]
    assert between("REG-F9", "REG-F10") == ["REG-F9", "REG-F10"]


@pytest.mark.parametrize(
    "text", ["REG-02 to REG-01", "REG-01 to MOD-02", "REG-01 to REG-F2", "MOD-07 to MOD-07a"]
)
def test_no_ranges(text: str) -> None:
    """What goes down, or from one kind to another, is no range."""
    with pytest.raises(ValueError, match="is no range"):
        expanded(text)


def test_the_lists_are_whole() -> None:
    """Every part is listed, number by number without a gap."""
    counts = {spec.prefix: len(spec.titles) for spec in read_specs()}
    assert counts == {
        "REG": 80 + 29,
        "APP": 21,
        "DS": 268,
        "MOD": 125 + 5,
        "DAO": 333,
        "REL": 146,
        "TEN": 34,
    }
    registry = read_specs()[0]
    assert registry.complete
    expected = [*between("REG-01", "REG-80"), *between("REG-F1", "REG-F29")]
    assert list(registry.titles) == expected
    assert all(title for spec in read_specs() for title in spec.titles.values())


def test_a_number_stands_once(tmp_path: Path) -> None:
    """A number that is listed twice, or of another part, is an error."""
    for listed in ('"XX-01 to XX-03" = "a"\nXX-02 = "b"', 'YY-01 = "a"'):
        path = tmp_path / "part.toml"
        path.write_text(f'prefix = "XX"\n[requirements]\n{listed}\n', encoding="utf-8")
        with pytest.raises(ValueError, match="twice, or belongs elsewhere"):
            read_spec(path)
