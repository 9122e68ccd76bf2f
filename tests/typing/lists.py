"""What checkers see of typed lists: this file is checked by mypy, never run."""

from __future__ import annotations

from typing import Any, assert_type

from juggler import List, Model


class Line(Model):
    """A model that another embeds."""

    sku: str


class Order(Model):
    """A model with lists."""

    lines: List[Line]
    tags: list[str] = []


def reads(order: Order) -> None:
    """Items and what is pushed have the type of the list; parts of it are plain lists."""
    assert_type(order.lines[0], Line)
    assert_type(order.lines.push({"sku": "a"}), Line)
    assert_type(order.lines.pop(), Line)
    assert_type(order.lines[1:], list[Line])
    assert_type(order.lines.to_array(), list[Line])
    assert_type(order.lines.parent, Any)
    assert_type(order.tags, list[str])


def makes() -> None:
    """A list of its own has the type that it is annotated with."""
    sizes: List[int] = List(["1", 2], "integer")
    assert_type(sizes.push("3"), int)
    assert_type(sizes.to_json(), list[Any])
