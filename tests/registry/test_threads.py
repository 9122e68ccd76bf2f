"""Several threads at once: every definition is whole, every invariant holds."""

import gc
import random
import threading
from collections.abc import Callable
from typing import Any

import pytest

from juggler.context import tenant
from juggler.errors import (
    ConnectorDetachedError,
    DefinitionError,
    ModelDisposedError,
    NotFoundError,
    PermissionDeniedError,
    TenantContextError,
)
from juggler.registry.registry import ModelRegistry
from tests.registry.helpers import Application, Store, check, shapes_in_use
from tests.registry.threads import in_threads, until

PLACE = {"lat": float, "lng": float}
EXPECTED = (
    ModelDisposedError,
    ConnectorDetachedError,
    DefinitionError,
    NotFoundError,
    PermissionDeniedError,
    TenantContextError,
)


def test_one_name_from_many_threads(registry: ModelRegistry, store: Store) -> None:
    """When many define one name, the last one whole is there and all others are released."""
    # REG-74
    made: list[Any] = []

    def define(at: int) -> None:
        made.extend(
            store.define("A", {"where": PLACE, f"x{(at + turn) % 3}": int}) for turn in range(50)
        )

    assert in_threads(define) == []
    alive = [model for model in made if not model.is_disposed]
    assert alive == [store.models["A"]]
    assert len(made) == 300
    assert registry.get_stats().registered_total == 301
    check(registry)


def test_a_name_that_is_replaced_is_always_there(registry: ModelRegistry, store: Store) -> None:
    """Who reads while a name is defined anew gets the old model or the new one, never none."""
    # REG-09, REG-74
    store.define("A", {"x": int})
    with tenant("acme"):
        registry.define("A", {"x": int})
    stop = threading.Event()

    def work(at: int) -> None:
        if at < 2:
            for turn in range(200):
                store.define("A", {"x": int, "where": PLACE} if turn % 2 else {"x": int})
                registry.define("A", {"x": int}, tenant="acme")
            stop.set()
            return
        for _ in until(stop):
            assert store.models["A"].model_name == "A"
            with tenant("acme"):
                found = registry.find_model_by_name("A")
            assert found is not None
            assert found.owner == "acme"

    assert in_threads(work, threads=4) == []
    check(registry)


def test_everything_at_once(registry: ModelRegistry) -> None:
    """Definitions, moves, look-ups, clean-ups and dropped owners, all at once."""
    # REG-74, REG-75
    stores = [Store(registry, "one"), Store(registry, "two")]
    parsed = registry.parse("P", {"where": PLACE})

    def define(code: str, chance: random.Random) -> None:
        with tenant(code):
            model = registry.define(
                chance.choice("ABC"), {"where": PLACE, f"x{chance.randrange(5)}": int}
            )
            model(where={"lat": 1})
            registry.find_model_by_structure(PLACE)
            registry.define("P", parsed)
            registry.extend("G", {f"y{chance.randrange(3)}": int})

    def move(code: str, chance: random.Random) -> None:
        model = chance.choice(stores).define(chance.choice("ABC"), {"where": PLACE})
        chance.choice(stores).attach(model)
        registry.register_model(model, owner=registry.tenant(code))

    def look(code: str, chance: random.Random) -> None:
        registry.get_stats()
        registry.get_tenant_registry_info()
        for record in registry.get_all_models():
            assert record.name == record.model.model_name
        with tenant(code):
            found = registry.find_model_by_name(chance.choice("ABC"))
            assert found is None or found.owner == code

    def clean(code: str, chance: random.Random) -> None:
        assert registry.cleanup_tenant(code, force=True).error is None
        chance.choice(stores).models.clear()

    def come_and_go(code: str, chance: random.Random) -> None:
        passing = Store(registry, "passing")
        registry.register_model_for_app(Application(), passing.define("A", {"where": PLACE}))
        passing.define("B", {"where": PLACE})

    steps = [define, define, define, move, look, clean, come_and_go]

    def work(at: int) -> None:
        chance = random.Random(at)
        for _ in range(120):
            try:
                chance.choice(steps)(f"t{chance.randrange(3)}", chance)
            except EXPECTED:
                continue

    registry.define("G", {"x": int})
    assert in_threads(work) == []
    check(registry)
    assert shapes_in_use(registry) <= registry.shapes.fingerprints()
    for code in ("t0", "t1", "t2"):
        registry.cleanup_tenant(code)
    for store in stores:
        store.close()
    gc.collect()  # sources that passed by
    assert [each.name for each in registry.get_all_models()] == ["G"]
    check(registry)


def test_tenants_of_threads_are_apart(registry: ModelRegistry) -> None:
    """Each thread works for its own tenant and never sees another's models."""

    # REG-34, REG-74
    def work(at: int) -> None:
        code = f"t{at}"
        for turn in range(60):
            with tenant(code):
                own = registry.define("A", {"where": PLACE, f"x{turn % 4}": int})
                assert registry.find_model_by_name("A") is own
                inner = registry.find_model_by_structure(PLACE)
                assert inner is own.nested["where"]
                assert inner.owner == code
            assert registry.find_model_by_name("A") is None

    assert in_threads(work) == []
    check(registry)


def test_one_tenant_from_many_threads(registry: ModelRegistry) -> None:
    """However many ask for a new tenant first, there is one."""
    # REG-38, REG-74
    seen: list[Any] = []

    def work(at: int) -> None:
        seen.extend(registry.tenant(f"t{turn}") for turn in range(100))

    assert in_threads(work) == []
    assert len({id(each) for each in seen}) == 100 == len(registry.tenants())


@pytest.mark.parametrize("reader", ["stats", "models", "names", "repr"])
def test_reading_while_others_write(registry: ModelRegistry, store: Store, reader: str) -> None:
    """Reports never fail because somebody defines meanwhile."""
    # REG-74
    reads: dict[str, Callable[[], Any]] = {
        "stats": registry.get_stats,
        "models": registry.get_all_models,
        "names": lambda: (store.models.get_model_names(), dir(store.models), store.models.copy()),
        "repr": lambda: (repr(store.models), list(store.models._named())),
    }
    stop = threading.Event()

    def work(at: int) -> None:
        if at == 0:
            for turn in range(400):
                store.define(f"M{turn % 50}", {"x": int})
                if turn % 50 == 49:
                    store.models.clear()
            stop.set()
            return
        for _ in until(stop):
            reads[reader]()

    assert in_threads(work, threads=3) == []
    check(registry)


def test_listing_what_others_change(registry: ModelRegistry) -> None:
    """What lists a whole table never fails because others add to it meanwhile."""
    # REG-74
    reads: list[Callable[[], Any]] = [
        registry.shapes.fingerprints,
        registry.shapes.in_use,
        registry.health,
        registry._room.bundles.bundles,
        lambda: registry._placement.departed.remnants("t0", set(), ()),
    ]
    stop = threading.Event()

    def write(at: int) -> None:
        for turn in range(300):
            code = f"t{turn % 5}"
            registry.declare(code, registry.bundle({f"M{turn % 7}": {f"a{at}{turn}": int}}))
            kept = registry.define("N", {f"b{at}{turn}": int}, tenant=code)
            if turn % 3 == 0:
                registry.cleanup_tenant(code, force=True)
            del kept

    def work(at: int) -> None:
        if at >= 2:
            for _ in until(stop):
                reads[at - 2]()
            return
        try:
            write(at)
        finally:
            stop.set()

    failures = in_threads(work, threads=2 + len(reads))
    assert [each for each in failures if not isinstance(each, EXPECTED)] == []
    check(registry)
