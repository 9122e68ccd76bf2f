"""The current tenant."""

import asyncio
import contextvars
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.context import (
    MAX_TENANT_LENGTH,
    TenantContext,
    _lives,
    check_tenant_code,
    current_tenant,
    end_life,
    is_former,
    require_tenant,
    tenant,
    tenant_context,
)
from juggler.errors import InvalidTenantError, TenantContextError, TenantRequiredError


def test_there_is_no_tenant_at_first() -> None:
    """Nobody is the current tenant until one is entered, and needing one is an error."""
    assert current_tenant() is None  # REG-34
    assert tenant_context() is None
    with pytest.raises(TenantRequiredError) as caught:
        require_tenant()
    assert (caught.value.code, caught.value.status_code) == ("TENANT_REQUIRED", 400)


def test_a_block_has_its_tenant() -> None:
    """Inside the block the tenant is current; blocks nest and restore the former."""  # REG-34
    with tenant("acme", principal="ada", request_id="r1") as context:
        assert current_tenant() == require_tenant() == "acme"
        assert context == tenant_context() == TenantContext("acme", "ada", "r1")
        with tenant("bolt"):
            assert current_tenant() == "bolt"
            assert tenant_context() == TenantContext("bolt")
        assert current_tenant() == "acme"
    assert current_tenant() is None


def test_an_error_restores_the_former_tenant() -> None:
    """However a block ends, the tenant of before is current again."""  # REG-34
    with tenant("acme"):
        with pytest.raises(LookupError), tenant("bolt"):
            raise LookupError
        assert current_tenant() == "acme"


def test_the_context_is_frozen() -> None:
    """What tasks share cannot be changed."""
    with tenant("acme") as context, pytest.raises(AttributeError):
        context.code = "bolt"  # type: ignore[misc]


async def test_async_with_does_the_same() -> None:
    """`async with` enters and leaves as `with` does."""  # REG-34
    async with tenant("acme") as context:
        assert current_tenant() == context.code == "acme"
    assert current_tenant() is None


async def test_tasks_inherit_and_siblings_see_nothing() -> None:
    """A task has the tenant of where it was started, and keeps it."""  # REG-34
    entered, go = asyncio.Event(), asyncio.Event()

    async def inside(code: str) -> str | None:
        with tenant(code):
            entered.set()
            await go.wait()
            return current_tenant()

    async def look() -> str | None:
        return current_tenant()

    with tenant("acme"):
        child = asyncio.create_task(look())
    sibling = asyncio.create_task(inside("bolt"))
    await entered.wait()
    assert current_tenant() is None
    assert await asyncio.create_task(look()) is None
    go.set()
    assert await sibling == "bolt"
    assert await child == "acme"


async def test_many_tasks_may_enter_one_object() -> None:
    """A `tenant` that is kept may be entered by tasks at the same time, in any order."""
    acme = tenant("acme")
    first, second = asyncio.Event(), asyncio.Event()

    async def enter(mine: asyncio.Event, other: asyncio.Event) -> list[str | None]:
        with acme:
            mine.set()
            await other.wait()
            with acme:
                seen = [current_tenant()]
            await asyncio.sleep(0)
            seen.append(current_tenant())
        return [*seen, current_tenant()]

    found = await asyncio.gather(enter(first, second), enter(second, first))
    assert list(found) == [["acme", "acme", None]] * 2


def test_threads_start_without_tenant() -> None:
    """A thread of one's own has no tenant; one that is given the context has."""
    with tenant("acme"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(current_tenant).result() is None
        assert pool.submit(contextvars.copy_context().run, current_tenant).result() == "acme"


async def test_to_thread_takes_the_tenant_along() -> None:
    """`asyncio.to_thread` runs for the tenant of the caller."""
    with tenant("acme"):
        assert await asyncio.to_thread(current_tenant) == "acme"


def test_leaving_in_another_context_is_an_error() -> None:
    """A block that is left elsewhere than it was entered crosses nothing and says so."""
    block = tenant("acme")
    with tenant("bolt"):
        contextvars.copy_context().run(block.__enter__)
        with pytest.raises(TenantContextError) as caught:
            block.__exit__(None, None, None)
        assert caught.value.tenant == "acme"
        assert current_tenant() == "bolt"
    with pytest.raises(TenantContextError):
        block.__exit__(None, None, None)


def test_threads_do_not_mix() -> None:
    """Threads that enter different tenants at the same time each see their own."""
    start = threading.Barrier(8)

    def work(number: int) -> bool:
        start.wait()
        for _ in range(200):
            with tenant(f"t{number}"):
                if current_tenant() != f"t{number}":
                    return False
        return current_tenant() is None

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


# decorator ------------------------------------------------------------------------------------


def test_functions_are_decorated() -> None:
    """A decorated function runs for its tenant, also when it calls itself."""  # REG-34

    @tenant("acme")
    def work(depth: int) -> list[str | None]:
        """Say who is current."""
        return [current_tenant(), *(work(depth - 1) if depth else [])]

    with tenant("bolt"):
        assert work(2) == ["acme"] * 3
        assert current_tenant() == "bolt"
    assert (work.__name__, work.__doc__) == ("work", "Say who is current.")


async def look_later() -> str | None:
    """Return who is current after a while."""
    await asyncio.sleep(0)
    return current_tenant()


class Looks:
    """Something with an async `__call__`."""

    async def __call__(self) -> str | None:
        """Return who is current after a while."""
        return await look_later()


def look_soon() -> Awaitable[str | None]:
    """Return what gives who is current; no coroutine function itself."""
    return look_later()


@pytest.mark.parametrize("function", [look_later, Looks(), partial(look_later), look_soon])
async def test_async_functions_are_decorated(function: Callable[[], Awaitable[Any]]) -> None:
    """Whatever gives a coroutine, its whole run is for the tenant."""  # REG-34
    wrapped = tenant("acme")(function)
    found = await asyncio.gather(wrapped(), wrapped(), look_later())
    assert list(found) == ["acme", "acme", None]


def test_generators_are_refused() -> None:
    """A generator cannot keep a tenant between two items, so it may not try."""

    def items() -> Iterator[int]:
        yield 1

    async def async_items() -> AsyncIterator[int]:
        yield 1

    for function in (items, async_items):
        with pytest.raises(TypeError, match="is a generator"):
            tenant("acme")(function)


# codes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        *["", " ", " a", "a ", "a\n", "\x00", "a\x7fb", "a\u200bb", "\ud800", "global", "trap"],
        *["x" * (MAX_TENANT_LENGTH + 1), 1, True, None, b"a", object(), ["a"], 1.0],
    ],
)
def test_what_cannot_be_a_code(code: Any) -> None:
    """Anything but plain text of some length is refused, and reserved words are."""
    with pytest.raises(InvalidTenantError) as caught:  # REG-35, REG-36
        tenant(code)
    assert caught.value.value is code
    assert (caught.value.code, caught.value.status_code) == ("INVALID_TENANT", 400)
    assert current_tenant() is None


@pytest.mark.parametrize("code", ["a", "x" * MAX_TENANT_LENGTH, "a b", "größe", "名", "Global"])
def test_what_can_be_a_code(code: str) -> None:
    """Printable text of 1 to 128 characters is a code, letter by letter."""  # REG-35
    with tenant(code):
        assert current_tenant() == code


@given(st.text())
def test_any_text_is_a_code_or_refused(text: str) -> None:
    """Every text is either a code as it stands or a typed error."""
    try:
        code = check_tenant_code(text)
    except InvalidTenantError:
        code = ""
    assert code in {"", text}
    assert bool(code) == (text.strip() == text != "" and text.isprintable() and len(text) < 129)


# lives ------------------------------------------------------------------------------------------


class Place:
    """Somewhere that tenants live."""


def test_a_life_ends_for_open_blocks() -> None:
    """Blocks that were entered before the end are former ones there, and nowhere else."""  # REG-55
    here, there = Place(), Place()
    assert not is_former("acme", here)
    with tenant("acme"):
        contextvars.copy_context().run(end_life, "acme", here)
        assert is_former("acme", here)
        assert not is_former("acme", there)
        assert not is_former("bolt", here)
        with tenant("bolt"):
            assert is_former("acme", here), "whatever was entered inside"
            with tenant("acme"):
                assert not is_former("acme", here), "entered anew"
    assert not is_former("acme", here)
    with tenant("acme"):
        assert not is_former("acme", here)


def test_who_ends_a_life_goes_on() -> None:
    """All blocks of the task that ended it are in the next life, and left as usual."""  # REG-55
    here = Place()
    with tenant("acme"):
        with tenant("bolt"), tenant("acme"):
            end_life("acme", here)
            assert not is_former("acme", here)
            assert current_tenant() == "acme"
        assert not is_former("acme", here)
        before = contextvars.copy_context()
        end_life("acme", here)
        assert before.run(is_former, "acme", here)
    assert current_tenant() is None


def test_copies_keep_a_life() -> None:
    """A context that outlives its block still knows that the life ended."""  # REG-55
    here = Place()
    with tenant("acme"):
        kept = contextvars.copy_context()
    for number in range(5_000):
        with tenant(f"t{number}"):
            pass
    end_life("acme", here)
    assert kept.run(is_former, "acme", here)


def test_lives_go_with_their_blocks() -> None:
    """However many tenants come and go, few lives are kept; an end keeps none."""  # REG-80
    here = Place()
    for number in range(10_000):
        with tenant(f"t{number}"):
            pass
    assert len(_lives) <= 2_048
    for number in range(10_000):
        end_life(f"t{number}", here)
    assert not [code for code in _lives if code.startswith("t")]


def test_threads_share_lives() -> None:
    """Blocks of one tenant that many threads enter at a time all end together."""  # REG-74
    here, start, end = Place(), threading.Barrier(9), threading.Barrier(9)

    def work(_: int) -> bool:
        for number in range(300):
            with tenant(f"t{number}"):
                pass
        start.wait()
        with tenant("acme"):
            end.wait()
            end.wait()
            return is_former("acme", here)

    with ThreadPoolExecutor(8) as pool:
        found = pool.map(work, range(8))
        start.wait()
        end.wait()
        end_life("acme", here)
        end.wait()
        assert all(found)
