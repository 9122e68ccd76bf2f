"""The router: each tenant its own source, opened once, few at a time, closed when it may be."""

import asyncio
import gc
import threading
import weakref
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from juggler.context import tenant
from juggler.datasource.datasource import DataSource
from juggler.errors import (
    ConnectorDetachedError,
    InvalidTenantError,
    PoolExhaustedError,
    RoutingError,
    TenantRequiredError,
)
from juggler.tenancy.route import TenantRouter
from juggler.testing.gate import Gate
from tests.patience import PATIENCE
from tests.tenancy.fleet import Fleet, Watched

MakeRouter = Callable[..., TenantRouter]


@pytest.fixture
async def fleet() -> Fleet:
    """Data sources that say what happens to them."""
    return Fleet()


@pytest.fixture
async def make(fleet: Fleet) -> AsyncIterator[MakeRouter]:
    """Make a router over the fleet that serves its registry; it is closed in the end."""
    routers: list[TenantRouter] = []

    def made(**options: Any) -> TenantRouter:
        router = TenantRouter(fleet, **{"acquire_timeout": PATIENCE, **options})
        router.serve(fleet.registry)
        routers.append(router)
        return router

    yield made
    for router in routers:
        await router.close_all()
    assert fleet.open == set()


@pytest.fixture
def model(fleet: Fleet) -> Any:
    """A model whose rows are kept per tenant."""
    return fleet.registry.define("City", {"name": str})


async def names(model: Any, code: str) -> list[str]:
    """Return the names of a tenant's rows."""
    with tenant(code):
        return [each.name for each in await model.find(order="name")]


async def test_each_tenant_has_its_own_source(make: MakeRouter, fleet: Fleet, model: Any) -> None:
    """What one tenant stores no other sees."""
    make()
    for code in ("acme", "globex"):
        with tenant(code):
            await model.create(name=f"{code}ville")
    assert await names(model, "acme") == ["acmeville"]
    assert await names(model, "globex") == ["globexville"]
    assert await names(model, "initech") == []


async def until(happened: Callable[[], bool]) -> None:
    """Let other tasks run until something has happened; they wait for nothing but each other."""
    for _ in range(1_000):
        if happened():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never happened")


# TEN-11
def test_a_source_is_given_at_once() -> None:
    """Routing needs no event loop, opens nothing, and gives a tenant the same source again."""
    fleet = Fleet()
    router = TenantRouter(fleet)
    source = router.route("acme", None)
    assert isinstance(source, DataSource)
    assert not source.connected
    assert router.route("acme") is source
    assert router.route("globex") is not source
    assert fleet.connects == []
    assert router.stats().open == 0


# TEN-13
async def test_a_source_is_opened_once(make: MakeRouter, fleet: Fleet, model: Any) -> None:
    """However many operations come first, the source is opened once and its table made once."""
    router, fleet.opening = make(max_open=1), Gate()
    tasks = [asyncio.create_task(names(model, "acme")) for _ in range(100)]
    await fleet.opening.wait_for(1)
    fleet.opening.open()
    assert await asyncio.gather(*tasks) == [[]] * 100
    assert fleet.connects == ["acme"]
    store = fleet.made["acme"].connector
    assert isinstance(store, Watched)
    assert store.updates == ["City"]
    assert router.stats().opened == 1


# TEN-14
async def test_the_least_recently_used_goes_first(
    make: MakeRouter, fleet: Fleet, model: Any
) -> None:
    """At most `max_open` are open; who needs a seat gets that of the one used longest ago."""
    router = make(max_open=2)
    for code in ("a", "b", "a", "c"):
        await names(model, code)
    assert fleet.open == {"a", "c"}
    await names(model, "b")
    assert fleet.open == {"b", "c"}
    assert fleet.most == 2
    assert router.stats().closed == 2


# TEN-14
async def test_a_source_in_use_is_never_closed(make: MakeRouter, fleet: Fleet, model: Any) -> None:
    """While all are in use others wait, in vain if it takes long; nothing is closed for them."""
    router = make(max_open=1, acquire_timeout=0.02)
    gate = fleet.reading["a"] = Gate()
    reading = asyncio.create_task(names(model, "a"))
    await gate.wait_for(1)
    assert router.stats().in_use == 1
    with pytest.raises(PoolExhaustedError, match="max_open") as caught:
        await names(model, "b")
    assert (caught.value.code, caught.value.status_code) == ("POOL_EXHAUSTED", 503)
    assert fleet.open == {"a"}
    gate.open()
    assert await reading == []
    router._pool._acquire_timeout = PATIENCE  # closing the one for the other may take longer
    assert await names(model, "b") == []
    assert router.stats().waiting == 0


# TEN-14
async def test_who_waits_gets_the_first_seat_that_is_free(
    make: MakeRouter, fleet: Fleet, model: Any
) -> None:
    """The end of an operation lets the next tenant in, in order of arrival."""
    router = make(max_open=1)
    gate = fleet.reading["a"] = Gate()
    reading = asyncio.create_task(names(model, "a"))
    await gate.wait_for(1)
    waiting = [asyncio.create_task(names(model, code)) for code in ("b", "c", "b")]
    await until(lambda: router.stats().waiting == 2)
    gate.open()
    await asyncio.gather(reading, *waiting)
    assert fleet.connects[:3] == ["a", "b", "c"]
    assert fleet.most == 1


async def test_a_slow_tenant_delays_nobody(make: MakeRouter, fleet: Fleet, model: Any) -> None:
    """While one tenant's source is opening, others open and work."""
    make(max_open=5)
    fleet.opening = gate = Gate()
    slow = asyncio.create_task(names(model, "slow"))
    await gate.wait_for(1)
    fleet.opening = None
    assert await names(model, "quick") == []
    assert not slow.done()
    gate.open()
    await slow


# TEN-13
async def test_a_failure_is_shared_and_then_forgotten(
    make: MakeRouter, fleet: Fleet, model: Any
) -> None:
    """A source that cannot be opened fails those who waited; the next try opens it again."""
    router, gate = make(max_open=1), Gate()
    fleet.opening, fleet.broken = gate, {"a"}
    tasks = [asyncio.create_task(names(model, "a")) for _ in range(5)]
    await gate.wait_for(1)
    gate.open()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(each) for each in results] == [OSError] * 5
    assert fleet.connects == ["a"]
    assert await names(model, "b") == []
    fleet.broken = set()
    assert await names(model, "a") == []
    assert router.stats().open == 1


async def test_a_source_that_is_held_is_the_same_again(
    make: MakeRouter, fleet: Fleet, model: Any
) -> None:
    """A source whose seat was given away is only disconnected: who holds it may go on with it."""
    router = make(max_open=1)
    await names(model, "a")
    held = router.route("a")
    await names(model, "b")
    assert fleet.open == {"b"}
    assert router.route("a") is held
    await held.ping()
    assert fleet.open == {"a"}


# TEN-14, DS-60
async def test_idle_sources_are_closed(make: MakeRouter, fleet: Fleet, model: Any) -> None:
    """A source that nobody uses for `idle_close` seconds is closed, one in use is not."""
    make(idle_close=0.005)
    gate = fleet.reading["busy"] = Gate()
    reading = asyncio.create_task(names(model, "busy"))
    await gate.wait_for(1)
    await names(model, "idle")
    await asyncio.wait_for(fleet.closed.wait(), PATIENCE)
    assert fleet.open == {"busy"}
    fleet.closed.clear()
    gate.open()
    await reading
    await asyncio.wait_for(fleet.closed.wait(), PATIENCE)
    assert fleet.open == set()


# --- tenants that leave ----------------------------------------------------------------------


async def test_a_cleaned_tenant_is_closed(make: MakeRouter, fleet: Fleet, model: Any) -> None:
    """Cleaning a tenant up closes its source for good; the rows stay where they are."""
    router = make()
    with tenant("acme"):
        own = fleet.registry.define("Own", {"name": str})
        await own.create(name="x")
    held = router.route("acme")
    fleet.registry.cleanup_tenant("acme")
    await router.close("acme")
    assert fleet.open == set()
    assert held.connector is None
    with pytest.raises(ConnectorDetachedError):
        await held.ping()
    assert await names(model, "acme") == []
    assert router.route("acme") is not held


async def test_a_tenant_may_be_cleaned_up_from_another_thread(
    make: MakeRouter, fleet: Fleet, model: Any
) -> None:
    """The source is closed in its own event loop, whoever cleans the tenant up."""
    make()
    with tenant("acme"):
        fleet.registry.define("Own", {"name": str})
    await names(model, "acme")
    thread = threading.Thread(target=fleet.registry.cleanup_tenant, args=("acme",))
    thread.start()
    await asyncio.wait_for(fleet.closed.wait(), PATIENCE)
    thread.join()
    assert fleet.open == set()


async def test_closing_waits_for_what_is_at_work(
    make: MakeRouter, fleet: Fleet, model: Any
) -> None:
    """Operations end before their source is closed; new ones get a new source meanwhile."""
    router = make(max_open=1)
    gate = fleet.reading["acme"] = Gate()
    reading = asyncio.create_task(names(model, "acme"))
    await gate.wait_for(1)
    closing = asyncio.create_task(router.close("acme"))
    later = asyncio.create_task(names(model, "acme"))
    await until(lambda: len(fleet.routed) > 1)
    assert not closing.done()
    assert fleet.open == {"acme"}
    gate.open()
    assert await reading == await later == []
    await closing
    assert fleet.most == 1


async def test_closing_all_waits_no_longer_than_it_may(
    make: MakeRouter, fleet: Fleet, model: Any
) -> None:
    """What is still at work after the grace is cut off; the router can be used again."""
    router = make(max_open=2)
    gate = fleet.reading["acme"] = Gate()
    reading = asyncio.create_task(names(model, "acme"))
    await gate.wait_for(1)
    await names(model, "globex")
    await router.close_all(grace=0.01)
    assert fleet.open == set()
    assert router.stats().open == 0
    reading.cancel()
    await asyncio.wait([reading])
    fleet.reading.clear()
    assert await names(model, "acme") == []


async def test_sources_that_nobody_uses_are_let_go(
    make: MakeRouter, fleet: Fleet, model: Any
) -> None:
    """A thousand tenants leave no more data sources behind than may be open."""
    router = make(max_open=3)
    fleet.made = _Forgetful()
    sources: weakref.WeakSet[DataSource] = weakref.WeakSet()
    for number in range(1_000):
        await names(model, f"t{number}")
        sources.add(router.route(f"t{number}"))
    gc.collect()
    assert len(sources) <= 4


class _Forgetful(dict[str, DataSource]):
    """A fleet's memory that keeps nothing."""

    def __setitem__(self, key: str, value: DataSource) -> None:
        """Forget at once."""


# --- failures --------------------------------------------------------------------------------


# TEN-15
@pytest.mark.parametrize("answer", [None, "source", object()])
async def test_routing_to_nothing_fails(answer: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """If no data source comes back, the operation fails and nothing else is used in its place."""
    fleet = Fleet()
    monkeypatch.setattr(fleet, "create_data_source", lambda _: answer)
    TenantRouter(fleet).serve(fleet.registry)
    model = fleet.registry.define("City", {"name": str})
    with pytest.raises(RoutingError, match="no data source"):
        await names(model, "acme")


# TEN-15, REG-71
async def test_a_failing_resolver_fails_the_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the resolver raises is the error of the operation."""

    def fail(tenant: str) -> DataSource:
        raise LookupError(tenant)

    fleet = Fleet()
    monkeypatch.setattr(fleet, "create_data_source", fail)
    TenantRouter(fleet).serve(fleet.registry)
    with pytest.raises(LookupError, match="acme"):
        await names(fleet.registry.define("City", {"name": str}), "acme")


async def test_one_source_cannot_be_two_tenants(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A resolver that gives two tenants one source is found out before a row is mixed up."""
    shared = fleet.create_data_source("shared")
    monkeypatch.setattr(fleet, "create_data_source", lambda _: shared)
    router = TenantRouter(fleet)
    router.route("acme")
    with pytest.raises(RoutingError, match="another tenant"):
        router.route("globex")


async def test_no_tenant_is_no_source(make: MakeRouter, fleet: Fleet, model: Any) -> None:
    """Without a tenant nothing is read, opened or made."""
    make()
    with pytest.raises(TenantRequiredError):
        await model.find()
    assert fleet.made == {}


@pytest.mark.parametrize("number", [0, -1])
def test_some_source_may_be_open(number: int) -> None:
    """A router that may open nothing is a mistake."""
    with pytest.raises(ValueError, match="max_open"):
        TenantRouter(Fleet(), max_open=number)


async def test_serving_ends(fleet: Fleet) -> None:
    """What `serve` returns takes the router out of the registry, unless another took its place."""
    first, second = TenantRouter(fleet), TenantRouter(fleet)
    end_first = first.serve(fleet.registry)
    end_second = second.serve(fleet.registry)
    end_first()
    assert fleet.registry.router is second
    end_second()
    assert fleet.registry.router is None


def test_a_code_that_is_none_has_no_source(tmp_path: Any) -> None:
    """What cannot be a tenant's code is refused before a name is made of it."""
    router = TenantRouter(tmp_path / "{tenant}.db")
    for code in ("", "global", "x" * 129):
        with pytest.raises(InvalidTenantError):
            router.route(code)


# --- anything at once ------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(
        st.sampled_from("abcd"),
        st.sampled_from(["find", "find", "find", "close", "cancel", "fail"]),
        st.integers(0, 3),
    ),
    max_size=40,
)


@given(STEPS, st.integers(1, 3))
@settings(max_examples=60)
def test_seats_are_never_lost(steps: list[tuple[str, str, int]], max_open: int) -> None:
    """Whatever is opened, closed, cancelled and fails at once: no seat is lost, none too many."""

    async def run() -> None:
        fleet = Fleet()
        router = TenantRouter(fleet, max_open=max_open, acquire_timeout=PATIENCE)
        router.serve(fleet.registry)
        model = fleet.registry.define("City", {"name": str})
        tasks: list[asyncio.Task[Any]] = []
        for code, step, pause in steps:
            if step == "cancel" and tasks:
                tasks[-1].cancel()
            elif step == "close":
                tasks.append(asyncio.create_task(router.close(code)))
            else:
                fleet.broken = {code} if step == "fail" else set()
                tasks.append(asyncio.create_task(names(model, code)))
            for _ in range(pause):
                await asyncio.sleep(0)
        results = await asyncio.gather(*tasks, return_exceptions=True)
        bad = [each for each in results if isinstance(each, AssertionError | PoolExhaustedError)]
        assert not bad, bad
        assert fleet.most <= max_open
        assert router.stats().open <= max_open
        fleet.broken = set()
        for code in "abcd":
            assert await names(model, code) == []
        await router.close_all()
        assert fleet.open == set()
        assert (router.stats().open, router.stats().waiting) == (0, 0)

    asyncio.run(run())
