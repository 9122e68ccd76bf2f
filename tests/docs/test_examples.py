"""Every example of README.md, docs/ and the docstrings runs and does what it says."""

from pathlib import Path

import pytest

from tests.docs.examples import (
    Example,
    docstring_examples,
    markdown_blocks,
    run_docstring,
    run_markdown,
)
from tests.house.tree import PACKAGE, ROOT

EXAMPLES = list(docstring_examples(PACKAGE))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks of a page run from top to bottom, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    run_markdown(page, markdown_blocks(page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_docstring_runs(example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The examples of a docstring print what stands below them."""
    monkeypatch.chdir(tmp_path)
    run_docstring(example)
