"""What runs the examples finds them all, runs them as written, and can fail."""

import textwrap
from pathlib import Path

import pytest

from tests.docs.examples import (
    Block,
    Example,
    docstring_examples,
    markdown_blocks,
    run_docstring,
    run_markdown,
)


def page(text: str) -> list[Block]:
    """Return the blocks of an indented page in which ''' stands for the fence."""
    return markdown_blocks(textwrap.dedent(text).replace("'''", "```"))


def run(text: str) -> None:
    """Run an indented page."""
    run_markdown(Path("page.md"), page(text))


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty package that can be imported."""
    monkeypatch.syspath_prepend(str(tmp_path))
    folder = tmp_path / f"package_{tmp_path.name}"
    folder.mkdir()
    (folder / "__init__.py").touch()
    return folder


def example(package: Path, docstring: str) -> Example:
    """Write a module whose one function has *docstring* and return its example."""
    body = textwrap.indent(textwrap.dedent(docstring), "    ")
    code = f"import asyncio\n\nasync def half(n):\n    '''Halve.\n{body}'''\n    return n / 2\n"
    (package / "sums.py").write_text(code, encoding="utf-8")
    (found,) = docstring_examples(package)
    return found


def test_python_blocks_are_found() -> None:
    """Only `python` blocks are taken, also indented ones, with the line they begin at."""
    blocks = page("""
        '''python
        a = 1
        '''
        '''bash
        make demo
        '''
        1. In a list:

           '''python title="x"
           if a:
               b = 2
           '''
        """)
    assert blocks == [
        Block(3, "a = 1\n", run=True),
        Block(11, "if a:\n    b = 2\n", run=True),
    ]


def test_blocks_share_one_program() -> None:
    """Names, the event loop and the context go on from block to block."""
    run("""
        '''python
        import asyncio, contextvars
        word = contextvars.ContextVar("word")
        word.set("kept")
        loop = asyncio.get_running_loop() if False else None
        async def ask(): return asyncio.get_running_loop()
        first = await ask()
        '''
        '''python
        assert await ask() is first
        assert word.get() == "kept"
        async with asyncio.timeout(600):
            await asyncio.sleep(0)
        '''
        """)


def test_annotations_are_found_by_name() -> None:
    """A class in a block can have its annotations read, as in a module."""
    run("""
        '''python
        from __future__ import annotations
        from typing import get_type_hints
        class Own: ...
        class Order:
            own: Own
        assert get_type_hints(Order) == {"own": Own}
        '''
        """)


def test_failures_name_the_line_of_the_page() -> None:
    """A block that fails fails the page, at the line it stands on."""
    with pytest.raises(ZeroDivisionError) as caught:
        run("""
            Text.

            '''python
            a = 1

            a / 0
            '''
            """)
    last = caught.traceback[-1]
    assert (str(last.path).endswith("page.md"), last.lineno + 1) == (True, 7)


def test_blocks_marked_no_run_are_compiled_only() -> None:
    """They may not be wrong, but nothing of them happens."""
    run("""
        <!-- no-run: needs a server -->
        '''python
        1 / 0
        '''
        """)
    with pytest.raises(SyntaxError):
        run("""
            <!-- no-run: needs a server -->

            '''python
            1 /
            '''
            """)


@pytest.mark.parametrize("mark", ["<!-- no-run -->", "<!-- no-run: -->"])
def test_no_run_needs_a_reason(mark: str) -> None:
    """A block is never left out without a word."""
    with pytest.raises(ValueError, match="say why"):
        page(f"{mark}\n'''python\n1 / 0\n'''\n")


def test_the_mark_counts_for_the_next_block_only() -> None:
    """The block after runs again."""
    blocks = page("<!-- no-run: x -->\n'''python\na\n'''\n'''python\nb\n'''\n")
    assert [block.run for block in blocks] == [False, True]


def test_open_blocks_are_an_error() -> None:
    """The rest of a page is never swallowed."""
    with pytest.raises(ValueError, match="never closed"):
        page("'''python\na = 1\n")


def test_docstrings_run_with_await(package: Path) -> None:
    """Steps share names, see the module, and may await."""
    run_docstring(
        example(
            package,
            """
            >>> third = await half(0.5)
            >>> third
            0.25
            >>> for n in (2, 4):
            ...     print(await half(n))
            1.0
            2.0
            >>> asyncio.__name__
            '...io'
            >>> await half("x")
            Traceback (most recent call last):
            TypeError: unsupported ...
            >>> 1 / 0  # doctest: +SKIP
            """,
        )
    )


@pytest.mark.parametrize(
    ("docstring", "error"),
    [
        (">>> await half(2)\n2.0\n", AssertionError),
        (">>> await half(2)\n", AssertionError),
        (">>> 1 / 0\n", ZeroDivisionError),
        (">>> 1\nTraceback (most recent call last):\nZeroDivisionError: ...\n", AssertionError),
        (">>> int('x')\nTraceback (most recent call last):\nTypeError: ...\n", AssertionError),
    ],
)
def test_docstrings_that_are_wrong_fail(
    package: Path, docstring: str, error: type[Exception]
) -> None:
    """Other output, no output, an error out of the blue, no error, another error."""
    with pytest.raises(error):
        run_docstring(example(package, "\n" + docstring))


def test_errors_need_no_module(package: Path) -> None:
    """An error is written by the name of its class, whatever module it is from."""
    run_docstring(
        example(
            package,
            """
            >>> import decimal; decimal.Decimal("x")
            Traceback (most recent call last):
            InvalidOperation: [...]
            """,
        )
    )


def test_examples_are_found_everywhere(package: Path) -> None:
    """In modules, classes, methods and nested functions."""
    (package / "a.py").write_text(
        '''"""A.\n\n>>> 1\n1\n"""\nclass B:\n    """B.\n\n    >>> 1\n    1\n    """\n'''
        '''    def c(self):\n        """C.\n\n        >>> 1\n        1\n        """\n''',
        encoding="utf-8",
    )
    names = [found.name.removeprefix(package.name) for found in docstring_examples(package)]
    assert names == [".a", ".a.B", ".a.B.c"]
