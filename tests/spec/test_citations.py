"""Which comment belongs to which test."""

import textwrap
from pathlib import Path

import pytest

from tests.spec.citations import citations_of, numbers_in, read_citations


def cited(source: str) -> list[tuple[str, str]]:
    """Return number and place of every citation in *source*, the file left out."""
    text = textwrap.dedent(source)
    return [(each.number, each.test.partition("::")[2]) for each in citations_of(text, "t.py")]


@pytest.mark.parametrize(
    ("comment", "numbers"),
    [
        ("# REG-43", ["REG-43"]),
        ("#REG-43, REG-55: why", ["REG-43", "REG-55"]),
        ("# REG-01 to REG-03", ["REG-01", "REG-02", "REG-03"]),
        ("# REG-F1 (REG-25)", ["REG-F1", "REG-25"]),
        ("# MOD-07a", ["MOD-07a"]),
        ("# REG-12, fault 4", ["REG-12", "REG-F4"]),
        ("# REG-45, faults 14, 15 and 17", ["REG-45", "REG-F14", "REG-F15", "REG-F17"]),
        ("# REG-12, faults 4 to 6", ["REG-12", "REG-F4", "REG-F5", "REG-F6"]),
        ("# as REG-43 says", []),
        ("# a default of 3", []),
    ],
)
def test_numbers_in_a_comment(comment: str, numbers: list[str]) -> None:
    """A comment cites what it names if it begins with a number."""
    assert numbers_in(comment) == numbers


def test_a_comment_above_a_test() -> None:
    """What stands right above a test or its decorators is the test's, in several lines too."""
    assert cited(
        """
        # REG-01
        # and more about it
        # REG-02
        @parametrized
        def test_it():
            pass

        # REG-03
        async def test_other():
            pass
        """
    ) == [("REG-01", "test_it"), ("REG-02", "test_it"), ("REG-03", "test_other")]


def test_a_comment_inside() -> None:
    """What stands inside a test, beside code or in its decorators, is the test's."""
    assert cited(
        """
        @parametrized(
            # REG-01
            [1, 2]
        )
        def test_it():
            '''A claim.'''  # REG-02
            # REG-03
            assert True
            def inner():
                # REG-04
                pass
        """
    ) == [(f"REG-0{number}", "test_it") for number in range(1, 5)]


def test_classes() -> None:
    """A comment above a class is all of its tests'; one above a test of it that test's alone."""
    assert cited(
        """
        # REG-01
        class TestAll:
            # REG-02
            def test_one(self):
                pass

            def helper(self):
                # REG-03
                pass
        """
    ) == [("REG-01", "TestAll"), ("REG-02", "TestAll::test_one"), ("REG-03", "TestAll")]


def test_modules() -> None:
    """A comment at no test, by a helper say, is the whole file's."""
    assert cited(
        """
        # REG-01
        ROWS = []

        # REG-02
        def helper():
            pass

        # REG-03

        def test_it():
            pass
        """
    ) == [("REG-01", ""), ("REG-02", ""), ("REG-03", "")]


def test_text_is_no_comment() -> None:
    """Numbers in texts and docstrings cite nothing."""
    assert (
        cited(
            '''
        def test_it():
            """Claims.

            # REG-01
            """
            assert "# REG-02"
        '''
        )
        == []
    )


def test_files(tmp_path: Path) -> None:
    """All files of a folder are read, at every depth, and named as seen from the root."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "test_a.py").write_text("# REG-01\n", encoding="utf-8")
    (tmp_path / "deep" / "test_b.py").write_text("def test():\n    pass  # REG-02\n")
    found = read_citations(tmp_path, tmp_path.parent)
    folder = tmp_path.name
    assert [(each.number, each.test, each.line) for each in found] == [
        ("REG-02", f"{folder}/deep/test_b.py::test", 2),
        ("REG-01", f"{folder}/test_a.py", 1),
    ]
