"""Foreign keys are of the type of what they point to."""

from juggler.definition.foreign import foreign_key
from juggler.definition.property import Property
from juggler.types.number import NUMBER
from juggler.types.scalar import STRING

KEY = Property(
    "code",
    STRING,
    id=1,
    generated=True,
    unique=True,
    options={
        "description": "the key",
        "mysql": {"data_type": "CHAR", "dataLength": 20, "column": "CODE"},
        "sqlite": {"column": "c"},
        "data_type": "text",
    },
)


# MOD-40
def test_a_new_foreign_key_has_the_type_of_the_key_and_of_its_column() -> None:
    """Type and column type are taken over; what is about the key itself is not."""
    made = foreign_key("order_code", KEY)
    assert (made.name, made.type, made.id, made.generated, made.unique) == (
        "order_code", STRING, 0, False, False,
    )  # fmt: skip
    assert made.options == {"data_type": "text", "mysql": {"data_type": "CHAR", "dataLength": 20}}


# MOD-40
def test_a_property_that_is_there_has_its_type_reset_alone() -> None:
    """Everything else that was said of it stays; one of the right type is left as it is."""
    given = Property("order_code", NUMBER, required=True, index=True, options={"mysql": {"x": 1}})
    made = foreign_key("order_code", KEY, given)
    assert (made.type, made.required, made.index) == (STRING, True, True)
    assert made.options == {"mysql": {"x": 1}}
    assert foreign_key("order_code", KEY, made) is made
