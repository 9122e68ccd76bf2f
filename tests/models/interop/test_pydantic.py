"""Models as types of pydantic and FastAPI."""

from typing import Annotated, Any

import httpx
import pytest
from fastapi import Body, FastAPI
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter
from pydantic import ValidationError as Refused

from juggler import DataSource, Model, prop


class Node(Model):
    """A declared model that embeds itself."""

    name: str = prop(length=5)
    kids: list["Node"] = []
    up: "Node | None" = None


@pytest.fixture(name="note")
def _note() -> Any:
    source = DataSource("notes", connector="memory")
    source.define("Place", {"street": {"type": str, "required": True}}, id_injection=False)
    return source.define(
        "Note",
        {
            "text": {"type": str, "required": True, "length": 5},
            "size": "number",
            "secret": str,
            "place": "Place",
            "past": ["Place"],
            "extra": {"x": "number"},
        },
        hidden=["secret"],
    )


def test_data_becomes_an_instance(note: Any) -> None:
    """Pydantic makes instances of the model, coerced as its constructor does."""
    made = TypeAdapter(list[note]).validate_json(b'[{"text": "Hi", "size": "3"}]')
    assert [note(text="Hi", size=3)] == made
    assert made[0].model is note


def test_an_instance_stays_the_same(note: Any) -> None:
    """An instance passes as it is."""
    given_one = note(text="Hi")
    assert TypeAdapter(note).validate_python(given_one) is given_one


@pytest.mark.parametrize("data", [5, "x", None, [1]])
def test_what_is_no_mapping_is_refused(note: Any, data: Any) -> None:
    """Anything but an instance or a mapping is refused."""
    with pytest.raises(Refused, match="Note is made of a mapping"):
        TypeAdapter(note).validate_python(data)


def test_each_failure_is_told_at_its_path(note: Any) -> None:
    """What the rules refuse stands at the paths of the properties, embedded ones too."""
    data = {"text": "too long", "place": {"street": ""}, "past": [{}], "extra": {"x": "q"}}
    with pytest.raises(Refused) as caught:
        TypeAdapter(list[note]).validate_python([data])
    assert [(error["loc"], error["type"]) for error in caught.value.errors()] == [
        ((0, "text"), "length_max"),
        ((0, "place", "street"), "presence"),
        ((0, "past", 0, "street"), "presence"),
        ((0, "extra", "x"), "type_number"),
    ]


def test_values_of_hidden_properties_are_not_shown(note: Any) -> None:
    """An error shows the value that was given, but none of a hidden property."""
    note.validates_length_of("secret", max=3)
    with pytest.raises(Refused) as caught:
        TypeAdapter(note).validate_python({"text": "Hi", "secret": "password"})
    assert [error["input"] for error in caught.value.errors()] == [None]
    assert "password" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "loc", "shown"),
    [
        ({"place": {"street": "", "pin": "p"}}, ("place", "street"), ""),
        ({"place": {"street": "a", "pin": "p"}}, ("place", "pin"), None),
        ({"place": [{"street": "a", "pin": "p"}]}, ("place",), None),
        ({"place": "p"}, ("place",), "p"),
        ({"past": [{"street": "a"}, {"pin": "p"}]}, ("past", 1, "street"), None),
        ({"past": [{"street": "a", "pin": "p"}]}, ("past", 0, "pin"), None),
        ({"past": [{"street": "a"}, 5]}, ("past", 1), 5),
        ({"past": {"street": "a", "pin": "p"}}, ("past",), None),
        ({"a.b": "p"}, ("a.b",), "p"),
    ],
)
def test_what_an_error_shows(data: Any, loc: Any, shown: Any) -> None:
    """It is the very value that is wrong, and nothing with a hidden one in it."""
    source = DataSource("notes", connector="memory")
    places = {"street": {"type": str, "required": True}, "pin": {"type": str, "hidden": True}}
    place = source.define("Place", places, id_injection=False)
    place.validates_absence_of("pin", if_="street")
    note = source.define("Note", {"place": "Place", "past": ["Place"]})
    with pytest.raises(Refused) as caught:
        TypeAdapter(note).validate_python(data)
    errors = [(error["loc"], error["input"]) for error in caught.value.errors()]
    assert (loc, shown) in errors
    assert shown == "p" or "'p'" not in str(caught.value)


def test_a_value_refused_at_once_is_told_too(note: Any) -> None:
    """What the constructor raises becomes an error of pydantic."""
    with pytest.raises(Refused, match="array"):
        TypeAdapter(note).validate_python({"text": "Hi", "past": 7})


def test_rules_that_wait_are_left_to_the_store(note: Any) -> None:
    """Async rules and uniqueness are checked when the record is stored, not before."""

    async def never(instance: Any, err: Any) -> None:
        err()

    note.validate_async("text", never)
    note.validates_uniqueness_of("text")
    assert TypeAdapter(note).validate_python({"text": "Hi"}).text == "Hi"


def test_output_is_that_of_the_model(note: Any) -> None:
    """JSON is `to_json`, Python output a dict; hidden properties are in neither."""
    adapter = TypeAdapter(note)
    record = note(text="Hi", secret="s", past=[{"street": "a"}])
    assert record.to_json() == TypeAdapter(Any).validate_json(adapter.dump_json(record))
    assert adapter.dump_python(record) == {"text": "Hi", "past": [{"street": "a"}]}


def test_a_model_is_a_field_of_pydantics_models(note: Any) -> None:
    """A pydantic model may hold records."""
    kind = note

    class Page(BaseModel):
        first: kind

    assert Page(first={"text": "Hi"}).model_dump_json() == '{"first":{"text":"Hi"}}'


def test_the_schema_refers_to_named_models(note: Any) -> None:
    """Named models stand under ``$defs`` once; hidden properties are no part of what is written."""
    read = TypeAdapter(note).json_schema()
    written = TypeAdapter(note).json_schema(mode="serialization")
    assert {"Place", "Note"} == {*read["$defs"], read["title"]}
    assert "secret" in read["properties"]
    assert "secret" not in written["properties"]


def test_a_model_may_contain_itself() -> None:
    """The schema of a recursive model ends."""
    found = TypeAdapter(dict[str, Node]).json_schema()
    assert {"items": found["$defs"]["Node"]["properties"]["kids"]["items"]} == {
        "items": {"$ref": "#/$defs/Node"}
    }
    made = TypeAdapter(Node).validate_python({"name": "a", "kids": [{"name": "b"}]})
    assert [kid.name for kid in made.kids] == ["b"]


_SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats()
_JSON = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)
_NAMES = st.sampled_from(["name", "kids", "up", "id", "save", "__class__", "other"])


@given(_JSON | st.dictionaries(_NAMES, _JSON))
def test_any_data_is_taken_or_refused(data: Any) -> None:
    """Whatever JSON comes in, the outcome is an instance or pydantic's own error."""
    try:
        made = TypeAdapter(Node).validate_python(data)
    except Refused:
        return
    assert isinstance(made, Node)


async def test_fastapi_reads_and_writes_records(note: Any) -> None:
    """A model is body of a request, type of a response, and described."""
    app = FastAPI()

    @app.post("/notes")
    async def make(given_one: Annotated[note, Body()]) -> note:
        return given_one

    @app.get("/nodes")
    async def nodes() -> list[Node]:
        return [Node(name="a")]

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        made = await client.post("/notes", json={"text": "Hi", "size": "3", "secret": "s"})
        wrong = await client.post("/notes", json={"text": "much too long"})
        listed = await client.get("/nodes")
        described = (await client.get("/openapi.json")).json()["components"]["schemas"]
    assert (made.status_code, made.json()) == (200, {"text": "Hi", "size": 3})
    assert (wrong.status_code, wrong.json()["detail"][0]["loc"]) == (422, ["body", "text"])
    assert listed.json() == [{"name": "a", "kids": []}]
    assert {"Node", "Place", "Note-Input", "Note-Output"} <= described.keys()
