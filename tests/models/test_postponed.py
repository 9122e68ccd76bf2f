"""Declared models where annotations are text."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from juggler.facade.model import Model
from juggler.models.declared import prop

if TYPE_CHECKING:
    from collections import OrderedDict


class Line(Model):
    """Declared before it is used."""

    text: str


class Sheet(Model):
    """All annotations are text here."""

    cache: ClassVar[OrderedDict[str, int] | None] = None
    id: int = prop(id=True, generated=True)
    title: str | None = None
    lines: list[Line] = prop(default_factory=list)


def test_text_is_evaluated_where_it_stands() -> None:
    """Names of the module are found; class variables are not even looked at."""
    assert list(Sheet.properties) == ["id", "title", "lines"]
    sheet = Sheet(lines=[{"text": "a"}])  # type: ignore[list-item]
    assert isinstance(sheet.lines[0], Line)
    assert Sheet.cache is None


def test_names_of_a_function_are_found() -> None:
    """A class in a function may name what the function defines."""

    class Inner(Model):
        a: int

    class Outer(Model):
        inner: Inner | None = None

    outer = Outer(inner={"a": "5"})  # type: ignore[arg-type]
    assert outer.inner == Inner(a=5)
