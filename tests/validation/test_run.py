"""Running rules: order, conditions, custom functions, concurrency, exceptions."""

import asyncio
import gc
import inspect
import weakref
from typing import Any

import pytest

from juggler.validation.report import Report
from juggler.validation.rules import Rule, by_function, custom, declare
from juggler.validation.run import run, run_sync
from tests.patience import PATIENCE
from tests.validation.subjects import Person, Values

Err = Any


class Gate:
    """Lets async rules wait for one another and tells how many are inside."""

    def __init__(self, expected: int) -> None:
        self.barrier = asyncio.Barrier(expected)
        self.cancelled = 0

    async def __call__(self, instance: Person, err: Err, options: Any) -> None:
        """Go on when all have come."""
        try:
            await self.barrier.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


def fails(name: str, text: str = "", **options: Any) -> Rule:
    """Return a custom rule that always fails."""
    return custom(name, lambda _, err: err(), message=text or "fails", **options)


async def test_all_rules_run_in_order() -> None:
    """Rules add up, and the messages of a field stand in the order of declaration."""
    # MOD-102
    rules = [
        *declare("format", "x", with_="^b"),
        *declare("length", "x", max=1),
        *declare("presence", "y"),
        fails("x", "last"),
    ]
    report = await run(rules, Values({"x": "abc"}))
    assert report.messages == {"x": ["is invalid", "too long", "last"], "y": ["can't be blank"]}
    assert report.codes == {"x": ["format", "length.max", "custom"], "y": ["presence"]}


async def test_no_rules_is_valid() -> None:
    """Without rules everything is valid."""
    assert not await run((), Values())


async def test_dotted_names_read_the_path() -> None:
    """A rule may stand on a value inside mappings, lists and instances."""
    # MOD-102
    inner = Person({"city": "Rome"})
    subject = Values({"at": {"zip": ""}, "all": [{"n": 1}, inner], "who": inner, "n": 5})
    paths = ["at.zip", "all.0.n", "all.1.city", "who.city", "all.2.n", "all.n", "n.x", "no.where"]
    report = await run(declare("presence", *paths), subject)
    assert list(report) == ["at.zip", "all.2.n", "all.n", "n.x", "no.where"]


# conditions ----------------------------------------------------------------------------------

ADULT, CHILD = {"age": 20, "name": "Ada"}, {"age": 7, "name": ""}


def adult(instance: Person) -> bool:
    """Ask the instance."""
    return instance.is_adult()


async def adult_later(instance: Person) -> bool:
    """Ask the instance after a wait."""
    return instance.is_adult()


CONDITIONS: list[tuple[dict[str, Any], bool, bool]] = [
    ({}, True, True),
    ({"if_": adult}, True, False),
    ({"unless": adult}, False, True),
    ({"if_": "is_adult"}, True, False),
    ({"unless": "is_adult"}, False, True),
    ({"if_": "name"}, True, False),
    ({"unless": "name"}, False, True),
    ({"if_": "unknown"}, True, True),
    ({"unless": "unknown"}, False, False),
    ({"if_": "age", "unless": "name"}, False, True),
    ({"if_": "name", "unless": "unknown"}, False, False),
    ({"if_": adult_later}, True, False),
    ({"unless": adult_later}, False, True),
    ({"if_": "is_vip"}, True, False),
    ({"if_": "is_vip", "unless": adult_later}, False, False),
    ({"if_": adult, "unless": "is_vip"}, False, False),
]


@pytest.mark.parametrize(("options", "for_adult", "for_child"), CONDITIONS)
async def test_conditions(options: dict[str, Any], for_adult: bool, for_child: bool) -> None:
    """`if_` and `unless` are functions, methods or properties, sync or async; both must allow."""
    # MOD-105
    for values, expected in ((ADULT, for_adult), (CHILD, for_child)):
        for rule in (*declare("presence", "x", **options), fails("x", **options)):
            assert bool(await run([rule], Values(values))) is expected


async def test_a_second_condition_is_not_asked_in_vain() -> None:
    """When the first condition forbids the rule, the second is not asked."""
    asked: list[Any] = []
    rule = fails("x", if_=lambda _: False, unless=asked.append)
    assert not await run([rule], Values())
    assert asked == []


# custom rules --------------------------------------------------------------------------------


async def test_err() -> None:
    """`err()` adds the text, `err(kind)` that of the kind, `err(False)` fails without a text."""
    # MOD-107
    texts = {"min": "too small", "custom": "odd"}

    def find(instance: Person, err: Err) -> None:
        err()
        err("min")
        err("other")

    report = await run([custom("global", find, message=texts)], Values())
    assert report.messages == {"global": ["odd", "too small", "is invalid"]}
    assert report.codes == {"global": ["custom", "custom.min", "custom.other"]}
    silent = await run([custom("x", lambda _, err: err(False))], Values())
    assert silent
    assert silent.messages == {}


async def test_functions_get_instance_and_options() -> None:
    """A rule is called with the instance and, if it has room, the options of the operation."""
    # MOD-107
    seen: list[Any] = []
    subject, options = Values({"x": 1}), {"transaction": 5}

    async def third(instance: Person, err: Err, options: Any) -> None:
        seen.append(options)

    def rest(*arguments: Any) -> None:
        seen.append(arguments[2])

    rules = [
        custom("x", lambda instance, _, options: seen.append((instance, options))),
        custom("x", lambda instance, _: seen.append(instance)),
        custom("x", rest),
        custom("x", third),
    ]
    await run(rules, subject, options)
    assert seen == [(subject.instance, options), subject.instance, options, options]


async def test_rules_may_add_to_any_field() -> None:
    """`instance.errors.add` reaches the report of the run, for any field and code."""
    # MOD-107
    subject = Values()

    async def look(instance: Person, err: Err) -> None:
        instance.errors.add("later", "was late")

    rules = [
        custom("x", lambda instance, _: instance.errors.add("other", "is odd", "odd")),
        custom("x", look),
    ]
    report = await run(rules, subject, report=subject.instance.errors)
    assert report is subject.instance.errors
    assert report.codes == {"other": ["odd"], "later": ["invalid"]}


# waiting -------------------------------------------------------------------------------------


async def test_async_rules_run_together() -> None:
    """Async rules of one validation wait side by side."""
    # MOD-108
    gate = Gate(3)
    async with asyncio.timeout(PATIENCE):
        assert not await run([custom("x", gate)] * 3, Values())


async def test_messages_keep_the_order_of_the_rules() -> None:
    """However late an async rule answers, its message stands where it was declared."""
    # MOD-108
    last = asyncio.Event()

    async def slow(instance: Person, err: Err) -> None:
        await last.wait()
        err()

    async def fast(instance: Person, err: Err) -> None:
        err()
        last.set()

    rules = [
        custom("x", slow, message="first"),
        fails("x", "second"),
        custom("x", fast, message="third"),
        fails("x", "fourth"),
    ]
    report = Report()
    report.add("x", "before all")
    await run(rules, Values(), report=report)
    assert report["x"] == ["before all", "first", "second", "third", "fourth"]


def test_sync_rules_need_no_loop() -> None:
    """Rules that are all sync run to their end in the first step of the coroutine."""
    # MOD-108
    with pytest.raises(StopIteration) as ended:
        run([fails("x")], Values()).send(None)
    assert ended.value.value.messages == {"x": ["fails"]}


async def test_functions_that_return_awaitables_are_awaited() -> None:
    """A plain function may hand back a coroutine or a task."""
    # MOD-108

    async def find(err: Err) -> None:
        err()

    rules = [
        custom("x", lambda _, err: find(err)),
        custom("y", lambda _, err: asyncio.ensure_future(find(err))),
    ]
    assert list(await run(rules, Values())) == ["x", "y"]


# exceptions ----------------------------------------------------------------------------------


def broken(*_: Any) -> None:
    """Fail in a way that no validation expects."""
    raise LookupError("broken")


async def broken_later(*_: Any) -> None:
    """Fail like that after a wait."""
    raise LookupError("broken")


@pytest.mark.parametrize(
    "rule",
    [
        custom("x", broken),
        custom("x", broken_later),
        custom("x", lambda _instance, _err: None, if_=broken),
        custom("x", lambda _instance, _err: None, unless=broken_later),
        by_function("uniqueness", "x", broken_later),
    ],
)
async def test_exceptions_end_the_run(rule: Rule) -> None:
    """An exception in a rule or condition is raised; it never counts as valid or invalid."""
    # MOD-117 (Do better, security)
    gate = Gate(2)
    for rules in ([rule], [custom("y", gate), rule]):
        with pytest.raises(LookupError, match="broken"):
            await run(rules, Values())


async def test_an_exception_cancels_the_others() -> None:
    """Async rules that still wait are ended before the exception is raised."""
    gate = Gate(2)
    with pytest.raises(LookupError):
        await run([custom("x", gate), custom("x", broken_later)], Values())
    assert gate.cancelled == 1
    assert len(asyncio.all_tasks()) == 1


async def test_cancelling_a_run_cancels_its_rules() -> None:
    """A run that is cancelled leaves no rule behind."""
    gate = Gate(3)
    task = asyncio.ensure_future(run([custom("x", gate)] * 2, Values()))
    while gate.barrier.n_waiting < 2:  # noqa: ASYNC110  a barrier has no event to wait for
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gate.cancelled == 2


class Made:
    """Hands out coroutines and tasks, and tells whether all of them have ended."""

    def __init__(self) -> None:
        self.all: list[Any] = []

    def coroutine(self, *_: Any) -> Any:
        """Return a coroutine that fails."""
        self.all.append(broken_later())
        return self.all[-1]

    def task(self, *_: Any) -> Any:
        """Return a task that waits for good."""
        self.all.append(asyncio.ensure_future(asyncio.Event().wait()))
        return self.all[-1]

    def states(self) -> set[str]:
        """Return how far each of them is."""
        return {
            inspect.getcoroutinestate(each)
            if inspect.iscoroutine(each)
            else "CORO_CLOSED"
            if each.cancelling()
            else "CORO_RUNNING"
            for each in self.all
        }


async def test_rules_that_never_began_are_dropped() -> None:
    """Cancelling a run before its rules begin leaves nothing unawaited."""
    made = Made()
    rules = [custom("x", made.coroutine), custom("x", made.task), fails("x", if_=made.coroutine)]
    task = asyncio.ensure_future(run(rules, Values()))
    asyncio.get_running_loop().call_soon(task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(made.all) == 3
    assert made.states() == {"CORO_CLOSED"}


async def test_a_rule_that_fails_first_drops_the_others() -> None:
    """An exception before anything is awaited leaves nothing unawaited either."""
    made = Made()
    rules = [custom("x", made.coroutine), custom("x", made.task), fails("x", unless=made.coroutine)]
    with pytest.raises(LookupError):
        await run([*rules, custom("x", broken)], Values())
    assert len(made.all) == 3
    assert made.states() == {"CORO_CLOSED"}


def test_a_run_leaves_no_cycles() -> None:
    """What was validated is freed by reference count, whichever way its rules went."""
    rules = [
        fails("x", if_=lambda _: False),
        *declare("presence", "x", unless="is_adult"),
        custom("x", lambda _instance, _err: None, if_="is_adult"),
    ]
    gc.disable()
    try:
        subject = Values(ADULT)
        watch = weakref.ref(subject.instance)
        run_sync(rules, subject)
        del subject
        assert watch() is None
    finally:
        gc.enable()


# without waiting -----------------------------------------------------------------------------


def test_run_sync() -> None:
    """Sync rules run without a loop, and report as they would with one."""
    # MOD-110
    report = run_sync([fails("x"), *declare("presence", "y")], Values())
    assert report.codes == {"x": ["custom"], "y": ["presence"]}


@pytest.mark.parametrize(
    "rule",
    [
        custom("x", broken_later),
        fails("x", if_=adult_later),
        fails("x", if_="is_vip"),
        custom("x", lambda _instance, _err: broken_later()),
        custom("x", broken_later, if_=lambda _: False),
    ],
)
def test_run_sync_refuses_to_wait(rule: Rule) -> None:
    """An async rule is an error, also one that its condition would skip."""
    # MOD-110
    with pytest.raises(RuntimeError, match="await is_valid"):
        run_sync([rule], Values(ADULT))
