"""Find and run the examples of the documentation: Markdown blocks and docstrings.

In Markdown every block that begins with ```` ```python ```` is run.  The blocks of one file are one
program: they share names, run in order, may `await`, and work in an empty folder.  A block below
`<!-- no-run: why -->` is compiled and no more.

In docstrings every `>>>` example is run, and what it prints is compared as `doctest` does it.
It sees the names of its module and may `await`.  `...` in what is expected stands for any text, and
an error may be written without the module of its class.  `# doctest: +SKIP` leaves one out.
"""

import ast
import asyncio
import contextlib
import contextvars
import doctest
import importlib
import inspect
import io
import re
import sys
import textwrap
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, ModuleType
from typing import Self

FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>`{3,}|~{3,})(?P<language>\w*)[^`]*$")
NO_RUN = re.compile(r"<!--\s*no-run(?P<why>.*?)-->$")
FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
OPTIONS = doctest.ELLIPSIS

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Block:
    """One block of code in a Markdown file, with the number of its first line."""

    line: int
    code: str
    run: bool


@dataclass(frozen=True)
class Example:
    """The `>>>` examples of one docstring."""

    module: str
    name: str
    path: Path
    line: int
    steps: tuple[doctest.Example, ...]


def markdown_blocks(text: str) -> list[Block]:
    """Return the Python blocks of a Markdown *text*; ValueError for one that is badly marked."""
    found: list[Block] = []
    lines = iter(enumerate(text.splitlines(), 1))
    above = ""
    for number, line in lines:
        fence = FENCE.match(line)
        if fence:
            code = []
            for _, inner in lines:
                if inner.strip() == fence["ticks"]:
                    break
                code.append(inner)
            else:
                raise ValueError(f"line {number}: the block is never closed")
            if fence["language"] == "python":
                source = textwrap.dedent("\n".join(code)) + "\n"
                found.append(Block(number + 1, source, run=is_run(above, number)))
        if line.strip():
            above = line.strip()
    return found


def is_run(above: str, number: int) -> bool:
    """Tell whether the line *above* a block lets it run; ValueError where it gives no reason."""
    mark = NO_RUN.match(above)
    if mark and not mark["why"].lstrip(":").strip():
        raise ValueError(f"line {number}: say why: <!-- no-run: reason -->")
    return mark is None


def docstring_examples(package: Path) -> Iterator[Example]:
    """Yield the examples of every docstring below *package*, which is not imported for it."""
    parser = doctest.DocTestParser()
    for path in sorted(package.rglob("*.py")):
        parts = [package.name, *path.relative_to(package).with_suffix("").parts]
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        for name, node in documented(ast.parse(path.read_text(encoding="utf-8")), module):
            text = ast.get_docstring(node) or ""
            steps = tuple(parser.get_examples(text, name)) if ">>>" in text else ()
            if steps:
                yield Example(module, name, path, node.body[0].lineno, steps)


def documented(tree: ast.AST, name: str) -> Iterator[tuple[str, ast.Module | Definition]]:
    """Yield whatever in *tree*, which is called *name*, may have a docstring."""
    if isinstance(tree, ast.Module | Definition):
        yield name, tree
    for child in ast.iter_child_nodes(tree):
        inner = f"{name}.{child.name}" if isinstance(child, Definition) else name
        yield from documented(child, inner)


@dataclass
class Program:
    """Runs pieces of one program, with `await` anywhere.  Lives for one `with` block.

    All pieces share one module, one event loop and one context, as the cells of a notebook do.
    """

    module: ModuleType
    _loop: asyncio.Runner = field(default_factory=asyncio.Runner)
    _context: contextvars.Context = field(default_factory=contextvars.copy_context)

    def __enter__(self) -> Self:
        """Make the module known, so that annotations in it are found by name."""
        sys.modules[self.module.__name__] = self.module
        return self

    def __exit__(self, *_: object) -> None:
        """End the loop and forget the module."""
        self._loop.close()
        del sys.modules[self.module.__name__]

    def run(self, code: CodeType) -> None:
        """Run *code*, and wait for it where it awaits."""
        result = self._context.run(eval, code, self.module.__dict__)
        if code.co_flags & inspect.CO_COROUTINE:
            self._loop.run(result, context=self._context)


def run_markdown(path: Path, blocks: list[Block]) -> None:
    """Run the *blocks* of a Markdown file in order; line numbers in errors are the file's."""
    with Program(ModuleType(f"example_{path.stem.replace('-', '_')}")) as program:
        for block in blocks:
            source = "\n" * (block.line - 1) + block.code
            code = compile(source, str(path), "exec", FLAGS, dont_inherit=True)
            if block.run:
                program.run(code)


def run_docstring(example: Example) -> None:
    """Run the steps of a docstring; AssertionError where one prints something else."""
    name = "example_" + example.name.replace(".", "_")
    module = ModuleType(name)
    public = importlib.import_module("juggler")
    module.__dict__.update({each: getattr(public, each) for each in public.__all__})
    module.__dict__.update(vars(importlib.import_module(example.module)), __name__=name)
    with Program(module) as program:
        for step in example.steps:
            if not step.options.get(doctest.SKIP):
                check(step, *outcome(program, step, example), example)


def outcome(program: Program, step: doctest.Example, example: Example) -> tuple[str, str | None]:
    """Return what a step prints and the error it ends in; an unexpected error is raised."""
    where = f"{example.path}:{example.line + step.lineno}"
    code = compile(step.source, where, "single", FLAGS, dont_inherit=True)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), plain_display():
        try:
            program.run(code)
        except Exception as error:  # whatever it is, it is compared with what is expected
            if step.exc_msg is None:
                raise
            return printed.getvalue(), traceback.format_exception_only(error)[-1]
    return printed.getvalue(), None


@contextlib.contextmanager
def plain_display() -> Iterator[None]:
    """Print the value of an expression as the prompt does, but do not keep it in `_`."""

    def display(value: object) -> None:
        if value is not None:
            sys.stdout.write(f"{value!r}\n")

    before, sys.displayhook = sys.displayhook, display
    try:
        yield
    finally:
        sys.displayhook = before


def check(step: doctest.Example, printed: str, error: str | None, example: Example) -> None:
    """Compare what a step printed, and the error it ended in, with what is written below it."""
    flags = OPTIONS
    for option, on in step.options.items():
        flags = flags | option if on else flags & ~option
    if step.exc_msg is None:
        want, got = step.want, printed
    else:
        want, got = bare(step.exc_msg), bare(error or "no error\n")
    if not doctest.OutputChecker().check_output(want, got, flags):
        raise AssertionError(
            f"{example.path}:{example.line + step.lineno}: {step.source}"
            f"expected:\n{textwrap.indent(want, '    ')}got:\n{textwrap.indent(got, '    ')}"
        )


def bare(message: str) -> str:
    """Return an error's last line without the module of its class."""
    kind, colon, rest = message.partition(":")
    return kind.rpartition(".")[2] + colon + rest
