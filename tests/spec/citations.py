"""Which tests cite which requirements: comments that begin with a number, such as ``# REG-43``.

A comment right above a test or class (or its decorators) belongs to it; one inside to the innermost
that it is in; any other to its module.  ``# REG-43, REG-55`` cites two, ``# REG-01 to REG-04`` is
four, and ``# REG-09, fault 3`` a requirement and REG-F3.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.spec.numbers import ONE, expanded

_BEGINS = re.compile(rf"#\s*{ONE}\b")
_NAMED = re.compile(rf"\b{ONE}(?: to {ONE})?\b")
_FAULTS = re.compile(r"\bfaults? (?P<list>\d+(?:(?:, | and | to )\d+)*)")
_SPAN = re.compile(r"(?P<first>\d+)(?: to (?P<last>\d+))?")

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Citation:
    """A requirement that a test cites.

    Attributes:
        number: The requirement's number.
        test: Where: file, and names joined by ``::`` where it is not the whole file.
        line: Line of the comment.
    """

    number: str
    test: str
    line: int


def numbers_in(comment: str) -> list[str]:
    """Return the numbers that a *comment* cites; none if it does not begin with one.

    >>> numbers_in("# REG-01 to REG-03, fault 7")
    ['REG-01', 'REG-02', 'REG-03', 'REG-F7']
    >>> numbers_in("# as REG-01 says")
    []
    """
    if _BEGINS.match(comment) is None:
        return []
    found = [number for each in _NAMED.findall(comment) for number in expanded(each)]
    for faults in _FAULTS.finditer(comment):
        for span in _SPAN.finditer(faults["list"]):
            first, last = int(span["first"]), int(span["last"] or span["first"])
            found += [f"REG-F{number}" for number in range(first, last + 1)]
    return found


def citations_of(text: str, name: str) -> Iterator[Citation]:
    """Yield what the source *text* of the file *name* cites, in the order of its lines."""
    lines = text.splitlines()
    places = list(_places(ast.parse(text), ""))
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        for number in numbers_in(token.string):
            line = token.start[0]
            inside = _innermost(places, _below(lines, line))
            yield Citation(number, f"{name}::{inside}" if inside else name, line)


def read_citations(folder: Path, root: Path) -> list[Citation]:
    """Return what the tests below *folder* cite; files are named as seen from *root*."""
    found: list[Citation] = []
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(root).as_posix()
        found += citations_of(path.read_text(encoding="utf-8"), name)
    return found


def _places(node: ast.AST, outer: str) -> Iterator[tuple[int, int, str]]:
    """Yield first line, decorators included, last line and name of every test and class."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, Definition):
            continue
        name = f"{outer}::{child.name}" if outer else child.name
        first = min(each.lineno for each in (child, *child.decorator_list))
        if isinstance(child, ast.ClassDef):
            yield first, child.end_lineno or first, name
            yield from _places(child, name)
        elif child.name.startswith("test"):
            yield first, child.end_lineno or first, name


def _below(lines: list[str], line: int) -> int:
    """Return the line that a comment on *line* is about: the one below a block of comments."""
    if not lines[line - 1].lstrip().startswith("#"):
        return line
    while line < len(lines) and lines[line - 1].lstrip().startswith("#"):
        line += 1
    return line


def _innermost(places: list[tuple[int, int, str]], line: int) -> str:
    """Return the name of the innermost place that *line* is in, nothing for the module."""
    within = [each for each in places if each[0] <= line <= each[1]]
    return max(within)[2] if within else ""
