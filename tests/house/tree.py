"""Read a package's source as trees, without importing it, for the tests of the house."""

import ast
import io
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "juggler"

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef
QUIET_TOKENS = {
    tokenize.COMMENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
    tokenize.INDENT,
    tokenize.NEWLINE,
    tokenize.NL,
}


@dataclass(frozen=True)
class Source:
    """One file of the package: where it is, what it is called, what it says."""

    name: str
    path: Path
    text: str

    @property
    def is_package(self) -> bool:
        """Tell whether this is an `__init__.py`."""
        return self.path.name == "__init__.py"

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text, str(self.path))

    @cached_property
    def code(self) -> frozenset[int]:
        """The numbers of the lines that hold code: no docstring, no comment, not blank."""
        lines: set[int] = set()
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type not in QUIET_TOKENS:
                lines.update(range(token.start[0], token.end[0] + 1))
        for node in ast.walk(self.tree):
            if (
                isinstance(node, ast.Module | Definition)
                and ast.get_docstring(node, clean=False) is not None
            ):
                lines -= lines_of(node.body[0])
        return frozenset(lines)


@dataclass(frozen=True)
class Found:
    """A function or class, with the dotted name it is spoken of by."""

    name: str
    node: Definition
    source: Source
    public: bool

    def code_lines(self) -> int:
        """Count the lines of code; those of functions nested in a function are their own."""
        lines = lines_of(self.node) & self.source.code
        if not isinstance(self.node, ast.ClassDef):
            for inner in ast.walk(self.node):
                if inner is not self.node and isinstance(inner, Function):
                    lines -= lines_of(inner)
        return len(lines)


def lines_of(node: ast.stmt) -> set[int]:
    """Return the numbers of the lines from the first to the last of *node*."""
    return set(range(node.lineno, (node.end_lineno or node.lineno) + 1))


def read_package(package: Path) -> dict[str, Source]:
    """Return every source file below *package* by its dotted module name."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = [package.name, *path.relative_to(package).with_suffix("").parts]
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = Source(name, path, path.read_text(encoding="utf-8"))
    return found


def definitions(source: Source) -> Iterator[Found]:
    """Yield every function and class of *source*, nested ones too."""

    def inside(node: ast.AST, prefix: str, *, public: bool) -> Iterator[Found]:
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, Definition):
                yield from inside(child, prefix, public=public)
                continue
            name, seen = f"{prefix}{child.name}", public and not child.name.startswith("_")
            yield Found(name, child, source, seen)
            within_class = isinstance(child, ast.ClassDef)
            yield from inside(child, f"{name}.", public=seen and within_class)

    yield from inside(source.tree, f"{source.name}:", public=True)


def imports(source: Source, known: Mapping[str, Source]) -> set[str]:
    """Return the modules in *known* that *source* imports: at load, in functions, for types.

    What a statement names counts, not the parent packages that Python loads on the way.
    """
    found: set[str] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = import_base(node, source)
            names = {f"{base}.{alias.name}" for alias in node.names}
            found |= names if names <= known.keys() else names | {base}
        elif isinstance(node, ast.Call):
            found |= imported_by_name(node)
    return (found & known.keys()) - {source.name}


def import_base(node: ast.ImportFrom, source: Source) -> str:
    """Return the absolute name of what stands between `from` and `import`."""
    if not node.level:
        return node.module or ""
    parts = source.name.split(".")
    parts = parts[: len(parts) - node.level + source.is_package]
    return ".".join([*parts, node.module] if node.module else parts)


def imported_by_name(call: ast.Call) -> set[str]:
    """Return the module of `import_module("a.b")`, or nothing where it is no such call."""
    called = ast.unparse(call.func).rpartition(".")[2]
    first = call.args[0] if call.args else None
    if called in {"import_module", "__import__"} and isinstance(first, ast.Constant):
        return {str(first.value)}
    return set()


def cycles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the groups of names that reach one another, each sorted."""
    reach = {name: reachable(graph, name) for name in graph}
    groups = {
        frozenset(other for other in reach[name] if name in reach[other])
        for name in graph
        if name in reach[name]
    }
    return sorted(sorted(group) for group in groups)


def reachable(graph: Mapping[str, set[str]], start: str) -> set[str]:
    """Return the names that can be reached from *start* in one step or more."""
    seen: set[str] = set()
    queue = list(graph[start])
    while queue:
        name = queue.pop()
        if name not in seen:
            seen.add(name)
            queue += graph[name]
    return seen
