"""What checkers see of key-value models: this file is checked by mypy, never run."""

from typing import Any, assert_type

from juggler.facade.keyvalue import KeyValueModel, KeyValueRuntimeModel


class Session(KeyValueModel, default_ttl=60_000):
    """A declared key-value model."""

    user: str = ""


async def declared() -> None:
    """A declared model has its methods, and its instances their properties."""
    assert_type(Session(user="ada").user, str)
    assert_type(await Session.get("key"), Any)
    assert_type(await Session.get_many(["key"]), dict[str, Any])
    assert_type(await Session.set("key", {"user": "ada"}, ttl=5), bool)
    assert_type(await Session.set("key", 1, 5_000, only_if="absent"), bool)
    assert_type(await Session.increment("key"), float)
    assert_type(await Session.ttl("key"), int | None)
    assert_type(await Session.keys({"match": "a*"}), list[str])
    assert_type([key async for key in Session.iterate_keys()], list[str])
    await Session.find()  # type: ignore[attr-defined]


async def at_run_time(session: KeyValueRuntimeModel) -> None:
    """A model made at run time is typed alike."""
    assert_type(await session.get("key"), Any)
    assert_type(await session.set("key", 1, ttl=None), bool)
    assert_type(await session.keys(match="a*"), list[str])
