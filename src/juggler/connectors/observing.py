"""Observers: functions that are called when something happens to what is observed.

Models and connectors are observed in one way: a table of observers by the name of what happens,
whose entries are replaced and never changed, so a run that has begun is not touched by who comes or
goes meanwhile.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby
from typing import Any, Final, Generic, Self, TypedDict, TypeVar, Unpack

from juggler.errors import DefinitionError

log = logging.getLogger("juggler.hooks")

Observe = Callable[[Any], Awaitable[None] | None]
Observer = TypeVar("Observer", bound=Observe)
Check = Callable[[], None]

GUARDS: Final = frozenset({"access", "before save", "after validate", "persist", "before delete"})
"""What runs before the store is asked: an error there is a refusal and cannot be passed over."""


class Observation:
    """An observer that was registered with more than its function; immutable.

    Attributes:
        function: The observer itself.
        priority: Those with a higher one run first; 0 for one that says nothing.
        name: What it can be removed by; a second one of that name takes its place.
        batch: It is called once with the list of all contexts of a notification.
        logs: An error in it is logged, and the operation goes on.
    """

    __slots__ = ("batch", "function", "logs", "name", "priority")

    def __init__(
        self, function: Observe, priority: int, name: str | None, *, batch: bool, logs: bool
    ) -> None:
        self.function = function
        self.priority = priority
        self.name = name
        self.batch = batch
        self.logs = logs

    def __call__(self, context: Any) -> Awaitable[None] | None:
        """Call the observer."""
        return self.function([context] if self.batch else context)

    def with_function(self, function: Observe) -> Observation:
        """Return the same observation of another function."""
        return Observation(function, self.priority, self.name, batch=self.batch, logs=self.logs)


class Handle(Generic[Observer]):
    """One registration of an observer; leaving a ``with`` takes it back.

    Calling it calls the observer.

    Attributes:
        function: The observer.
        operation: What it observes.
    """

    __slots__ = ("_entry", "_table", "function", "operation")

    def __init__(
        self, table: ObserverTable, operation: str, function: Observer, entry: Observe
    ) -> None:
        self._table = table
        self._entry = entry
        self.operation = operation
        self.function = function

    def remove(self) -> None:
        """Take the registration back; no error if it is gone."""
        self._table.remove_observer(self.operation, self._entry)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the observer."""
        return self.function(*args, **kwargs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


class ObserveOptions(TypedDict, total=False):
    """What `ObserverTable.observe` takes beside the function."""

    priority: int
    name: str | None
    batch: bool
    on_error: str


Removed = Observe | Handle[Any] | str
"""What names an observer that is removed: its function, its handle or its name."""


class ObserverTable:
    """Observers by what they observe; belongs to one model, connector or transaction."""

    __slots__ = ("observers",)

    def __init__(self) -> None:
        self.observers: dict[str, tuple[Observe, ...]] = {}

    def observe(
        self,
        operation: str,
        observer: Observer,
        *,
        priority: int = 0,
        name: str | None = None,
        batch: bool = False,
        on_error: str = "raise",
    ) -> Handle[Observer]:
        """Add an observer after those of its priority, or in the place of one of its name.

        Raises:
            TypeError: *observer* cannot be called.
            DefinitionError: *on_error* is neither ``raise`` nor ``log``, or an error must not be
                passed over there.
        """
        if not callable(observer):
            raise TypeError(
                f"An observer of {operation!r} is a function of the context, not {observer!r}."
            )
        if on_error not in {"raise", "log"}:
            raise DefinitionError(f"on_error is 'raise' or 'log', not {on_error!r}.")
        if on_error == "log" and operation in GUARDS:
            raise DefinitionError(
                f"An error in an observer of {operation!r} stops the operation; on_error='log' is "
                "for what runs after the store was asked."
            )
        entry: Observe = observer
        if priority or name is not None or batch or on_error == "log":
            entry = Observation(observer, priority, name, batch=batch, logs=on_error == "log")
        self._insert(operation, entry)
        return Handle(self, operation, observer, entry)

    def _insert(self, operation: str, entry: Observe) -> None:
        kept = list(self.observers.get(operation, ()))
        name = _name_of(entry)
        if name is not None:
            kept = [each for each in kept if _name_of(each) != name]
        rank = _priority(entry)
        place = next((at for at, each in enumerate(kept) if _priority(each) < rank), len(kept))
        kept.insert(place, entry)
        self.observers[operation] = tuple(kept)

    def remove_observer(self, operation: str, observer: Removed) -> None:
        """Remove one registration of *observer*; no error if there is none."""
        wanted = observer._entry if isinstance(observer, Handle) else observer
        kept = list(self.observers.get(operation, ()))
        for at, entry in enumerate(kept):
            if _is_meant(entry, wanted):
                del kept[at]
                break
        self._keep(operation, tuple(kept))

    def clear_observers(self, operation: str) -> None:
        """Remove all observers of *operation*."""
        self._keep(operation, ())

    def observers_of(self, operation: str) -> tuple[Observe, ...]:
        """Return the observers of *operation* in the order in which they run."""
        return self.observers.get(operation, ())

    def _keep(self, operation: str, observers: tuple[Observe, ...]) -> None:
        """Store what is left; an empty entry is dropped, so that `observers` tells the truth."""
        if observers:
            self.observers[operation] = observers
        else:
            self.observers.pop(operation, None)


class Observable:
    """What can be observed; its table is made when the first observer comes."""

    _table: ObserverTable | None = None

    def observe(
        self, operation: str, observer: Observer, **options: Unpack[ObserveOptions]
    ) -> Handle[Observer]:
        """Run *observer* at each *operation*; see `ObserverTable.observe`."""
        if self._table is None:
            self._table = ObserverTable()
        return self._table.observe(operation, observer, **options)

    def remove_observer(self, operation: str, observer: Removed) -> None:
        """Remove one registration: of a function, of a handle, or by name; no error if none is."""
        if self._table is not None:
            self._table.remove_observer(operation, observer)

    def clear_observers(self, operation: str) -> None:
        """Remove all observers of *operation*."""
        if self._table is not None:
            self._table.clear_observers(operation)

    def observers_of(self, operation: str) -> tuple[Observe, ...]:
        """Return the observers of *operation* in the order in which they run."""
        return () if self._table is None else self._table.observers_of(operation)


def wrapped(observer: Observe, wrap: Callable[[Observe], Observe]) -> Observe:
    """Return *observer* with *wrap* around its function."""
    if isinstance(observer, Observation):
        return observer.with_function(wrap(observer.function))
    return wrap(observer)


# running --------------------------------------------------------------------------------------


async def run(
    observers: Sequence[Observe], context: Any, hook: str, check: Check | None = None
) -> None:
    """Call *observers* in order; the first error ends the run and is raised with a note.

    Args:
        observers: Sync and async functions of the context.
        context: What they are called with.
        hook: For the note.
        check: Called after each; it raises where the next one must not run.
    """
    for observer in observers:
        try:
            outcome = observer(context)
            if inspect.isawaitable(outcome):
                await outcome
        except Exception as error:  # noqa: BLE001  raised again, or logged where that was asked for
            _failed(observer, context, hook, error)
        if check is not None:
            check()


async def run_all(
    observers: Sequence[Observe], contexts: Sequence[Any], hook: str, check: Check | None = None
) -> None:
    """Call *observers* for several contexts: context by context, those of batches once with all."""
    for is_batch, group in groupby(observers, _is_batch):
        several = tuple(group)
        if not is_batch:
            for context in contexts:
                await run(several, context, hook, check)
            continue
        whole = tuple(_of_all(observer, contexts) for observer in several)
        await run(whole, contexts[0], hook, check)


def _of_all(observer: Any, contexts: Sequence[Any]) -> Observation:
    """Return an observer of batches as one that is called with all *contexts*, whatever it gets."""
    function, called = observer.function, shown(observer)
    logs = observer.logs
    return Observation(lambda _: function(list(contexts)), 0, called, batch=True, logs=logs)


async def around(
    observers_of: Callable[[str], Sequence[Observe]],
    operation: str,
    context: Any,
    work: Callable[..., Any],
) -> Any:
    """Run *work* between the observers of ``before`` and ``after`` *operation*; return its outcome.

    What *work* returns is the one item of ``context.results``, which the observers after it may
    replace; one item is returned as it is, several as a list, none as None.  An observer that calls
    ``context.end(...)`` before it skips the work and all that is left.  Where *work* fails, the
    error is at ``context.error`` for the observers of ``after <operation> error``, and raised.

    Args:
        observers_of: Gives the observers of a name.
        operation: What is done.
        context: What observers are called with.
        work: A function, sync or async, of the context or of nothing.
    """
    hook = f"before {operation}"
    for observer in observers_of(hook):
        await run((observer,), context, hook)
        if getattr(context, "ended", False):
            return _outcome(context.results)
    try:
        found = work(context) if _takes_context(work) else work()
        context.results = [await found if inspect.isawaitable(found) else found]
    except Exception as error:  # whatever it is, observers are told and it is raised again
        context.error = error
        hook = f"after {operation} error"
        await run(observers_of(hook), context, hook)
        raise
    hook = f"after {operation}"
    await run(observers_of(hook), context, hook)
    return _outcome(context.results)


def _outcome(results: Sequence[Any]) -> Any:
    if len(results) > 1:
        return list(results)
    return results[0] if results else None


def _takes_context(work: Callable[..., Any]) -> bool:
    """Tell whether *work* can be called with one argument."""
    try:
        inspect.signature(work).bind(None)
    except TypeError:
        return False
    except ValueError:  # some built-in functions do not tell
        return True
    return True


def _failed(observer: Observe, context: Any, hook: str, error: Exception) -> None:
    """Raise the error of an observer again with a note, or log it where that was asked for."""
    note = f"Raised by the observer {shown(observer)} of {hook!r}"
    operation, model = getattr(context, "operation", None), getattr(context, "model", None)
    if operation is not None and model is not None:
        note += f" while {operation} was at work on {model.model_name}"
    if isinstance(observer, Observation) and observer.logs:
        log.error("%s.", note, exc_info=error)
        return
    error.add_note(f"{note}.")
    raise error


def shown(observer: Observe) -> str:
    """Return what messages call *observer*."""
    if isinstance(observer, Observation):
        return observer.name or shown(observer.function)
    return str(getattr(observer, "__qualname__", None) or repr(observer))


def _name_of(observer: Observe) -> str | None:
    return observer.name if isinstance(observer, Observation) else None


def _priority(observer: Observe) -> int:
    return observer.priority if isinstance(observer, Observation) else 0


def _is_batch(observer: Observe) -> bool:
    return isinstance(observer, Observation) and observer.batch


def _is_meant(entry: Observe, wanted: Any) -> bool:
    """Tell whether *wanted* names the registration *entry*."""
    if entry is wanted or entry == wanted:
        return True
    return isinstance(entry, Observation) and wanted in (entry.function, entry.name)
