"""Ask a running service and keep what was asked, how long it took and what was wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from juggler.cli.client import Answer, Call
from juggler.errors import JugglerError


class CheckFailedError(JugglerError):
    """Raised when a service answers other than it should."""

    code = "CHECK_FAILED"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one check.

    Attributes:
        title: What was to be shown.
        asked: The first request, and how many followed it.
        milliseconds: All requests of the check together.
        problem: Why it failed; None when it did not.
    """

    title: str
    asked: str
    milliseconds: float
    problem: str | None = None


class Probe:
    """Asks the service at *base* for one check; lives as long as the check runs."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._first: Call | None = None
        self._count = 0
        self._seconds = 0.0

    def ask(self, call: Call, status: int = 200) -> Any:
        """Send *call* and return the body of the answer.

        Raises:
            CheckFailedError: The answer has another status.
        """
        answer = self.send(call)
        if answer.status != status:
            told = answer.problem()
            raise CheckFailedError(
                f"{call.method} {call.path} answered {answer.status}, not {status}: {told.message}"
            )
        return answer.body

    def send(self, call: Call) -> Answer:
        """Send *call* and return the answer, whatever it is."""
        answer = call.send(self._base)
        self._first = self._first or call
        self._count += 1
        self._seconds += answer.seconds
        return answer

    def outcome(self, title: str, problem: str | None) -> Outcome:
        """Return what came of the check that this probe asked for."""
        asked = "-"
        if self._first is not None:
            more = f" (+{self._count - 1})" if self._count > 1 else ""
            asked = f"{self._first.method} {self._first.path}{more}"
        return Outcome(title, asked, self._seconds * 1_000, problem)


def expect(found: Any, wanted: Any, what: str) -> None:
    """Raise unless *found* equals *wanted*.

    Raises:
        CheckFailedError: It does not; the message says *what* it is.
    """
    if found != wanted:
        raise CheckFailedError(f"{what}: {_short(found)}, not {_short(wanted)}")


def run_check(base: str, title: str, check: Callable[[Probe], None]) -> Outcome:
    """Run one check against the service at *base* and return its outcome, good or bad."""
    probe = Probe(base)
    try:
        check(probe)
    except JugglerError as error:
        return probe.outcome(title, error.message)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        return probe.outcome(title, f"The answer has another form than expected: {error!r}")
    return probe.outcome(title, None)


def run_checks(
    base: str,
    checks: Iterable[tuple[str, Callable[[Probe], None]]],
    done: Callable[[Outcome], None],
) -> bool:
    """Run *checks* one after the other, hand each outcome to *done*, and tell whether all held."""
    held = True
    for title, check in checks:
        outcome = run_check(base, title, check)
        held = held and outcome.problem is None
        done(outcome)
    return held


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
