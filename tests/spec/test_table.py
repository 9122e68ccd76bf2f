"""The table of requirements and their tests."""

import io

from rich.console import Console

from tests.spec.citations import Citation
from tests.spec.numbers import Spec
from tests.spec.table import Coverage, cover, read_departures, report, shortened

WHOLE = Spec("whole", "XX", True, {"XX-01": "one", "XX-02": "two", "XX-03": "three"})
PARTLY = Spec("partly", "YY", False, {"YY-01": "first", "YY-02": "second"})


def covered(*cited: str, departures: str = "") -> Coverage:
    """Return the coverage when a test cites each of *cited*."""
    citations = [Citation(number, f"tests/test_{number}.py::test_it", 7) for number in cited]
    return cover([WHOLE, PARTLY], citations, read_departures(departures))


def printed(coverage: Coverage) -> tuple[str, int]:
    """Return what is printed when nobody sits at a terminal, and the exit code."""
    out = io.StringIO()
    code = report(coverage, Console(file=out, width=120))
    return out.getvalue(), code


def test_all_is_proved() -> None:
    """Each requirement is shown with its test; parts that need not be complete never fail."""
    text, code = printed(covered("XX-01", "XX-02", "XX-03"))
    assert code == 0
    assert "test_XX-02.py::test_it" in text
    assert "\x1b" not in text, "no colours where nobody looks"
    assert "partly without a test: YY-01 to YY-02" in text
    assert "whole without" not in text


def test_a_requirement_without_a_test() -> None:
    """What is open in a part that must be complete is listed and fails."""
    text, code = printed(covered("XX-01", "YY-02"))
    assert code == 1
    assert "whole without a test: XX-02 to XX-03" in text
    assert "partly without a test: YY-01\n" in text
    assert covered("XX-01").missing() == ["XX-02", "XX-03"]


def test_departures() -> None:
    """A departure with its reason stands for a test; one without a reason is an error."""
    page = "# Departures\n\n- **XX-02 to XX-03**: not wanted\n"
    text, code = printed(covered("XX-01", departures=page))
    assert code == 0
    assert "departure: not wanted" in text
    bare = covered("XX-01", "XX-02", departures="- **XX-03**:\n")
    assert bare.errors == ["departures: XX-03 has no reason"]
    assert bare.missing() == ["XX-03"]


def test_unknown_numbers() -> None:
    """A number that there is not is an error, in a test and among the departures."""
    wrong = covered("XX-01", "XX-02", "XX-03", "XX-04", "YY-1", departures="- **ZZ-01**: gone\n")
    assert wrong.errors == [
        "tests/test_XX-04.py:7: there is no XX-04",
        "tests/test_YY-1.py:7: there is no YY-1",
        "departures: there is no ZZ-01",
    ]
    text, code = printed(wrong)
    assert code == 1
    assert "error: tests/test_XX-04.py:7: there is no XX-04" in text


def test_a_test_counts_once() -> None:
    """A test that cites a number twice is shown once; many are shown in part."""
    assert covered("XX-01", "XX-01").tests["XX-01"] == ["tests/test_XX-01.py::test_it"]
    many = [Citation("XX-01", f"tests/t.py::test_{number}", 1) for number in range(6)]
    text, _ = printed(cover([WHOLE], many, {}))
    assert "and 2 more" in text
    assert "test_4" not in text


def test_ranges_are_shortened() -> None:
    """Numbers in a row are shown as a range."""
    assert shortened(["XX-01", "XX-02", "XX-03", "XX-07", "XX-F1", "XX-F2"]) == (
        "XX-01 to XX-03, XX-07, XX-F1 to XX-F2"
    )
    assert shortened(["MOD-07", "MOD-07a", "MOD-08"]) == "MOD-07, MOD-07a, MOD-08"
