"""Figures as text, and budgets beside them."""

import sys
from pathlib import Path

import pytest

from benchmarks import __main__ as program
from benchmarks.registry.report import SECTIONS
from benchmarks.registry.tables import Bar, budget_cells, number, table, titled


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234.5, "1,234"), (12.345, "12.3"), (1.2345, "1.23"), (0.01234, "0.012"), (7, "7"), (0, "0")],
)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    """A figure shows the digits that count."""
    assert number(value) == text


def test_a_budget_says_whether_it_is_met() -> None:
    """One budget that is missed makes the line's verdict."""
    assert budget_cells([]) == ["", "", ""]
    assert budget_cells([Bar("5 ms", 4.0, 5.0)]) == ["≤ 5 ms", "4", "met"]
    both = [Bar("5 ms", 4.0, 5.0), Bar("1.2x", 1.21, 1.2)]
    assert budget_cells(both) == ["≤ 5 ms; ≤ 1.2x", "4; 1.21", "NOT MET"]


def test_a_table_is_markdown() -> None:
    """Text stands on the left, figures on the right."""
    assert table(["what", "us"], [["define", "1.5"]]) == (
        "| what | us |\n| --- | ---: |\n| define | 1.5 |"
    )
    assert titled("A", "b", "c") == "### A\n\nb\n\nc"


@pytest.mark.parametrize("mark", [*program.PARTS, *SECTIONS])
def test_every_table_has_its_place(mark: str) -> None:
    """The page of the benchmarks has marks for all that can be written into it."""
    text = (Path(program.__file__).parent / "README.md").read_text()
    assert text.count(f"<!-- {mark} -->") == text.count(f"<!-- end of {mark} -->") == 1


def test_writing_replaces_what_stands_between_the_marks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is around the marks stays; without marks it is an error."""
    monkeypatch.setattr(program, "__file__", str(tmp_path / "__main__.py"))
    page = tmp_path / "README.md"
    page.write_text("before\n<!-- growth -->\nold\n<!-- end of growth -->\nafter\n")
    program.write("growth", "new")
    assert page.read_text() == "before\n<!-- growth -->\nnew\n<!-- end of growth -->\nafter\n"
    with pytest.raises(ValueError, match="no place for density"):
        program.write("density", "new")


def test_the_command_refuses_what_it_does_not_know(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unknown part, and the whole report of what has none, are errors."""
    for given, told in ((["nothing"], "unknown part"), (["sqlite", "--full"], "--full goes with")):
        monkeypatch.setattr(sys, "argv", ["benchmarks", *given])
        with pytest.raises(SystemExit):
            program.main()
        assert told in capsys.readouterr().err
