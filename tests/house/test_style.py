"""The numbers the house holds: sizes, ways through a function, docstrings, annotations."""

import ast
import math
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.house.tree import PACKAGE, Definition, Found, Function, Source, definitions, read_package

# Figure -> the most that any one may have, and the most at the 95th percentile.
MOST = {
    "lines of a file": (400, 350),
    "code lines of a function": (50, 25),
    "ways through a function": (12, 6),
    "code lines of a class": (250, 150),
}
DOCUMENTED = {"functions": 0.95, "classes": 1.0, "modules": 1.0}
WHOLESALE_PER_1000_LINES = 1

WAYS = (ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.match_case)
NESTED = (Definition, ast.Lambda)


def figures(sources: Iterable[Source], figure: str) -> Iterator[tuple[int, str]]:
    """Yield the value of *figure* and the name of what has it, for all that can have it."""
    for source in sources:
        if figure == "lines of a file":
            yield len(source.text.splitlines()), source.name
            continue
        for found in definitions(source):
            is_class = isinstance(found.node, ast.ClassDef)
            if is_class == (figure == "code lines of a class") and not is_overload(found.node):
                value = ways(found.node) if figure.startswith("ways") else found.code_lines()
                yield value, found.name


def ways(node: ast.AST) -> int:
    """Return the number of ways through a function, without the functions nested in it."""
    total, queue = 1, list(ast.iter_child_nodes(node))
    while queue:
        item = queue.pop()
        if isinstance(item, NESTED):
            continue
        total += isinstance(item, WAYS)
        if isinstance(item, ast.BoolOp):
            total += len(item.values) - 1
        elif isinstance(item, ast.comprehension):
            total += len(item.ifs)
        queue += ast.iter_child_nodes(item)
    return total


def marks(node: Definition) -> set[str]:
    """Return the last names of the decorators of *node*."""
    marked = node.decorator_list
    calls = [each.func if isinstance(each, ast.Call) else each for each in marked]
    return {ast.unparse(call).rpartition(".")[2] for call in calls}


def is_overload(node: Definition) -> bool:
    """Tell whether *node* is one of several signatures of a function."""
    return "overload" in marks(node)


def is_annotated(node: Function) -> bool:
    """Tell whether every parameter but `self` and the result have a type."""
    given = node.args
    named = [*given.posonlyargs, *given.args]
    named = named[1:] if named and named[0].arg in {"self", "cls", "mcs"} else named
    named += [*given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    result = node.returns is not None or node.name == "__init__"
    return result and all(each.annotation is not None for each in named)


def is_bodiless(node: Definition) -> bool:
    """Tell whether the body of *node* is `...` and nothing else."""
    return len(node.body) == 1 and ast.unparse(node.body[0]) == "..."


def is_told_elsewhere(found: Found) -> bool:
    """Tell whether *found* needs no docstring: private, a setter, an overload, a bare signature."""
    if isinstance(found.node, ast.ClassDef):
        return not found.public
    told = {"overload", "setter", "deleter"} & marks(found.node)
    return not found.public or bool(told) or is_bodiless(found.node)


def undocumented(sources: Iterable[Source], kind: str) -> tuple[list[str], int]:
    """Return the names of *kind* without a docstring, and how many should have one."""
    nodes: list[tuple[str, ast.Module | Definition]]
    if kind == "modules":
        nodes = [(source.name, source.tree) for source in sources if source.code]
    else:
        nodes = [
            (found.name, found.node)
            for source in sources
            for found in definitions(source)
            if isinstance(found.node, ast.ClassDef) == (kind == "classes")
            and not is_told_elsewhere(found)
        ]
    return [name for name, node in nodes if ast.get_docstring(node) is None], len(nodes)


def wholesale(source: Source) -> list[str]:
    """Return where *source* catches every exception there is."""
    handlers = [node for node in ast.walk(source.tree) if isinstance(node, ast.ExceptHandler)]
    everything = {"Exception", "BaseException", ""}
    return [
        f"{source.name}:{handler.lineno}"
        for handler in handlers
        if (ast.unparse(handler.type) if handler.type else "") in everything
    ]


def percentile(values: list[int], share: float) -> int:
    """Return the smallest value that *share* of *values* do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)] if values else 0


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    """The whole package."""
    return list(read_package(PACKAGE).values())


@pytest.mark.parametrize("figure", MOST)
def test_nothing_outgrows_its_measure(sources: list[Source], figure: str) -> None:
    """No file, function or class is over its measure."""
    most, _ = MOST[figure]
    over = [f"{name}: {value}" for value, name in figures(sources, figure) if value > most]
    assert not over, "\n".join(over)


@pytest.mark.parametrize("figure", MOST)
def test_nearly_all_stay_small(sources: list[Source], figure: str) -> None:
    """95 of 100 files, functions and classes stay well below the measure."""
    found = sorted(figures(sources, figure), reverse=True)
    at_95 = percentile([value for value, _ in found], 0.95)
    over = [f"{name}: {value}" for value, name in found if value > MOST[figure][1]]
    assert at_95 <= MOST[figure][1], "\n".join(over)


@pytest.mark.parametrize("kind", DOCUMENTED)
def test_what_is_public_is_documented(sources: list[Source], kind: str) -> None:
    """Public modules and classes all have docstrings, and nearly all public functions."""
    bare, of = undocumented(sources, kind)
    assert len(bare) <= (1 - DOCUMENTED[kind]) * of, "\n".join(bare)


def test_every_function_is_annotated(sources: list[Source]) -> None:
    """Every parameter and every result has a type, in nested functions too."""
    bare = [
        found.name
        for source in sources
        for found in definitions(source)
        if not isinstance(found.node, ast.ClassDef) and not is_annotated(found.node)
    ]
    assert not bare, "\n".join(bare)


def test_exceptions_are_seldom_caught_wholesale(sources: list[Source]) -> None:
    """`except Exception` is rare."""
    places = [place for source in sources for place in wholesale(source)]
    lines = sum(len(source.text.splitlines()) for source in sources)
    assert len(places) <= math.ceil(lines / 1000) * WHOLESALE_PER_1000_LINES, "\n".join(places)


# --- the measures themselves, on sources that are made up ----------------------------------

SAMPLE = '''"""A sample."""

import typing


class Open:
    """Public."""

    @property
    def told(self) -> int:
        return 1

    @told.setter
    def told(self, value: int) -> None:
        """Nobody asks for this one."""

    def _quiet(self, value):
        # a comment

        def nested(other: int) -> int:
            return other if other and value else 0

        return [nested(each) for each in value if each]


class Bare: ...


@typing.overload
def f(a: int) -> int: ...


def f(a: int, *rest, **named: int) -> int:
    """Documented.

    At length.
    """
    try:
        while a:
            a -= 1
    except Exception:
        pass
    except:
        pass
    except (ValueError, TypeError):
        pass
    return a
'''


@pytest.fixture
def sample() -> list[Source]:
    """A made-up module, nothing of which runs."""
    return [Source("house.sample", Path("sample.py"), SAMPLE)]


def test_lines_of_code_are_counted(sample: list[Source]) -> None:
    """Docstrings, comments, blank lines and nested functions do not count."""
    found = {name: value for value, name in figures(sample, "code lines of a function")}
    assert found["house.sample:Open._quiet"] == 2
    assert found["house.sample:Open._quiet.nested"] == 2
    assert found["house.sample:f"] == 11
    assert dict(map(reversed, figures(sample, "code lines of a class"))) == {  # type: ignore[arg-type]
        "house.sample:Open": 10,
        "house.sample:Bare": 1,
    }
    assert list(figures(sample, "lines of a file")) == [(len(SAMPLE.splitlines()), "house.sample")]


def test_ways_are_counted(sample: list[Source]) -> None:
    """Branches, loops, handlers, `and`, `or` and conditions count; nested functions do not."""
    found = {name: value for value, name in figures(sample, "ways through a function")}
    assert found["house.sample:Open._quiet"] == 2
    assert found["house.sample:Open._quiet.nested"] == 3
    assert found["house.sample:f"] == 5


def test_missing_docstrings_are_found(sample: list[Source]) -> None:
    """Private names, setters, overloads and bare signatures need none."""
    assert undocumented(sample, "functions") == (["house.sample:Open.told"], 2)
    assert undocumented(sample, "classes") == (["house.sample:Bare"], 2)
    assert undocumented(sample, "modules") == ([], 1)


def test_missing_annotations_are_found(sample: list[Source]) -> None:
    """One parameter without a type is enough, be it `*rest`."""
    functions = [f for f in definitions(sample[0]) if not isinstance(f.node, ast.ClassDef)]
    bare = [f.name for f in functions if not is_annotated(f.node)]  # type: ignore[arg-type]
    assert sorted(bare) == ["house.sample:Open._quiet", "house.sample:f"]


def test_wholesale_handlers_are_found(sample: list[Source]) -> None:
    """`except Exception` and a bare `except` count, a tuple of named errors does not."""
    assert len(wholesale(sample[0])) == 2


def test_percentile_is_the_nearest_rank() -> None:
    """Of 1 to 100 the 95th percentile is 95; of nothing it is 0."""
    assert percentile(list(range(1, 101)), 0.95) == 95
    assert percentile([], 0.95) == 0
