"""Records as people see them."""

from __future__ import annotations

from typing import Any

import pytest
from rich.pretty import pretty_repr

from juggler import DataSource, Model, prop


class Tag(Model):
    """A declared model."""

    name: str
    secret: str | None = prop(default=None, hidden=True)
    more: list[str] = []


@pytest.fixture(name="note")
def _note() -> Any:
    return DataSource("memory").define("Note", {"text": str, "pin": str}, hidden=["pin"])


def test_rich_prints_values_by_name(note: Any) -> None:
    """What rich prints leaves hidden values out and names the model."""
    assert pretty_repr(Tag(name="a", secret="s", more=["x"])) == "Tag(name='a', more=['x'])"
    assert pretty_repr(note(text="Hi", pin="1")) == "Record('Note', text='Hi')"


def test_a_record_is_a_table_in_notebooks(note: Any) -> None:
    """One record has a row for each value; text is escaped, hidden values are left out."""
    found = note(text="<b>", pin="1")._repr_html_()
    assert found == "<table><caption>Note</caption><tr><th>text</th><td>&lt;b&gt;</td></tr></table>"


async def test_found_records_are_a_table_in_notebooks(note: Any) -> None:
    """A list of found records has a row for each; cells are empty where a value is missing."""
    async with note.data_source:
        await note.create_all([{"text": "a"}, {"pin": "x"}])
        found = await note.find(fields=["text"])
    assert [each.to_json() for each in found] == [{"text": "a"}, {}]
    assert "<tbody><tr><td>a</td></tr><tr><td></td></tr></tbody>" in found._repr_html_()


async def test_long_lists_and_texts_are_cut(note: Any) -> None:
    """A table shows some rows and says how many more there are, and cuts long text."""
    async with note.data_source:
        await note.create_all([{"text": "x" * 100} for _ in range(70)])
        page = (await note.find())._repr_html_()
    assert page.count("x…") == 60
    assert "and 10 more" in page
    assert "x" * 80 not in page
