"""Grants given, used and ended by several threads at the same time."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from juggler.context import tenant
from juggler.errors import JugglerError
from juggler.facade.default import ModelRegistry
from tests.registry.helpers import check


@pytest.fixture(autouse=True)
def restless() -> Iterator[None]:
    """Let threads take turns as often as can be."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


OWNERS, GRANTEES = ("ash", "birch"), ("cedar", "elm")


def give(registry: ModelRegistry, owner: str) -> None:
    """Define a model anew and share it, now and then revoking that."""
    for number in range(150):
        with suppress(JugglerError):
            registry.define("Item", {"name": str}, tenant=owner)
            fields = None if number % 2 else ["name"]
            grant = registry.share("Item", owner, "*" if number % 3 else GRANTEES, fields=fields)
            if number % 5 == 0:
                registry.revoke(grant)


def find(registry: ModelRegistry, code: str) -> None:
    """Look a shared model up, and see what is granted."""
    for _ in range(400):
        with tenant(code), suppress(JugglerError):
            view = registry.find_model_by_name("Item")
            if view is not None:
                assert view.owner == code
                _ = view.properties, view.is_disposed
                view.check_alive("find")
            registry.grants()


def clean(registry: ModelRegistry, code: str) -> None:
    """Come and go."""
    for _ in range(60):
        registry.define("Own", {"a": str}, tenant=code)
        registry.cleanup_tenant(code)


# REG-73, REG-74
def test_sharing_from_threads(registry: ModelRegistry) -> None:
    """Whatever comes between, only typed errors are raised, and what is left agrees."""
    todo: list[tuple[Callable[[ModelRegistry, str], None], str]] = [
        *((give, code) for code in OWNERS),
        *((find, code) for code in GRANTEES * 2),
        (clean, OWNERS[0]),
        (clean, GRANTEES[0]),
    ]
    wrong: list[BaseException] = []
    start = threading.Barrier(len(todo))

    def run(work: Callable[[ModelRegistry, str], None], code: str) -> None:
        start.wait()
        try:
            work(registry, code)
        except BaseException as error:  # noqa: BLE001  whatever a thread raises is looked at below
            wrong.append(error)

    threads = [threading.Thread(target=run, args=each) for each in todo]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    check(registry)
    for grant in registry.grants():
        registry.revoke(grant)
    table = registry._shares
    kept: list[Any] = [table.by_name, table._behind, table._owned, table._granted, table._viewed]
    assert kept == [{}] * 5
    assert not table
    assert registry._placement.left is None
