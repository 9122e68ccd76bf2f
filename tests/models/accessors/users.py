"""Users with passwords, whose setter cannot be run twice unnoticed."""

from typing import Any

USER = {
    "name": "string",
    "password": {"type": "string", "default": "none"},
    "salt": "string",
    "age": "number",
}


class Calls(list[Any]):
    """What a setter was called with."""


def hashing(model: Any) -> Calls:
    """Give *model* a setter that cannot be run twice unnoticed."""
    calls = Calls()

    @model.setter("password")
    def hashed(user: Any, value: Any) -> None:
        calls.append(value)
        user.set_raw("password", None if value is None else f"<{value}>")
        user.set_raw("salt", "s")

    return calls
