"""What a validation found, and the error that says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from juggler.errors import ValidationError
from juggler.validation.subject import Subject
from juggler.validation.words import Words

MAX_FAILURES: Final = "max_failures"
"""Option of an operation: how many failures are listed, as a number or an `Allowance`."""


class Allowance:
    """How many failures may be listed, shared by the validations of one request.

    Each validation may list one failure, however many were listed before it.  For one event loop.

    Args:
        failures: How many there may be.
    """

    __slots__ = ("_left",)

    def __init__(self, failures: int) -> None:
        self._left = failures

    @property
    def left(self) -> int:
        """Return how many failures the next validation may list."""
        return max(1, self._left)

    def used(self, failures: int) -> None:
        """Take away what was listed."""
        self._left -= failures


class Report(Mapping[str, list[str]]):
    """Field -> messages, in the order of the rules; false when nothing is wrong.

    No more failures are listed than there is room for; the others are counted, those of one field
    with one code once.

    Fields stand apart from the methods, so a field may have any name: ``report["codes"]`` are the
    messages of a field, ``report.codes`` the codes of all.  One validation writes it, on one task
    or on several of one loop.

    Args:
        locale: Language of the messages; None for that of the registry.
        room: How many failures are listed; ``ValidationError.max_failures`` unless given.

    Attributes:
        locale: Language of the messages; None for that of the registry.
        room: How many more failures can be listed.
    """

    __slots__ = ("_entries", "_has_failed", "_listed", "_place", "_unlisted", "locale", "room")

    def __init__(self, locale: str | None = None, room: int | None = None) -> None:
        self.locale = locale
        self.room = ValidationError.max_failures if room is None else room
        self._entries: dict[str, dict[tuple[str, str], int]] = {}
        self._listed = 0
        self._unlisted: set[tuple[str, str]] | None = None  # fields and codes
        self._has_failed = False
        self._place = -1  # of the rule that runs; what comes before all rules stands first

    def add(self, field: str, message: str, code: str = "invalid") -> None:
        """Add a failure of *field*, once however often it is found."""
        self._put(self._place, field, message, code)

    def fail(self) -> None:
        """Make the outcome invalid without saying why."""
        self._has_failed = True

    def clear(self) -> None:
        """Forget everything, before another run."""
        self._entries.clear()
        self.room += self._listed
        self._listed, self._unlisted = 0, None
        self._has_failed = False
        self._place = -1

    @property
    def total(self) -> int:
        """Return how many failures there are, listed or not."""
        return self._listed + self.unlisted

    @property
    def unlisted(self) -> int:
        """Return how many failures there are beside those that are listed."""
        return 0 if self._unlisted is None else len(self._unlisted)

    @property
    def messages(self) -> dict[str, list[str]]:
        """Return field -> texts."""
        return {field: _part(found, 0) for field, found in self._entries.items()}

    @property
    def codes(self) -> dict[str, list[str]]:
        """Return field -> codes, one for each text."""
        return {field: _part(found, 1) for field, found in self._entries.items()}

    def __getitem__(self, field: str) -> list[str]:
        return _part(self._entries[field], 0)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __bool__(self) -> bool:
        return bool(self._entries) or self._has_failed or self._unlisted is not None

    def __repr__(self) -> str:
        return f"<Report {self.messages if self else 'valid'}>"

    def _put(self, place: int, field: str, message: str, code: str) -> None:
        """Add a failure that the rule at *place* found."""
        known, failure = self._entries.get(field), (message, code)
        if known is not None and failure in known:
            return
        if self.room <= 0:
            self._count(field, code)
            return
        self.room -= 1
        self._listed += 1
        if known is None:
            self._entries[field] = {failure: place}
        else:
            known[failure] = place

    def _is_counted(self, field: str, code: str) -> bool:
        """Count a failure that is not going to be listed, whatever it says; tell whether it is."""
        if self.room > 0:
            return False
        self._count(field, code)
        return True

    def _count(self, field: str, code: str) -> None:
        """Count a failure that is not listed."""
        known = self._entries.get(field)
        if known is not None and any(code == listed for _, listed in known):
            return
        if self._unlisted is None:
            self._unlisted = set()
        self._unlisted.add((field, code))

    def _take_over(self, path: str, found: Report) -> None:
        """Add what was *found* on the value at a dotted *path*."""
        for field, failures in found._entries.items():
            for message, code in failures:
                self.add(f"{path}.{field}", message, code)
        for field, code in found._unlisted or ():
            self._count(f"{path}.{field}", code)
        if found._has_failed:
            self.fail()

    def _settle(self) -> None:
        """Bring what concurrent rules found into the order of the rules."""
        ordered = [
            (field, dict(sorted(found.items(), key=lambda entry: entry[1])))
            for field, found in self._entries.items()
        ]
        ordered.sort(key=lambda entry: next(iter(entry[1].values())))
        self._entries = dict(ordered)


def _part(found: Mapping[tuple[str, str], int], at: int) -> list[str]:
    """Return the texts (0) or the codes (1) of the failures of one field."""
    return [str(failure[at]) for failure in found]


def room_of(options: Mapping[str, Any]) -> int | None:
    """Return how many failures the options of an operation let be listed, None for as usual."""
    found = options.get(MAX_FAILURES) if options else None
    if isinstance(found, Allowance):
        return found.left
    return found if type(found) is int and found > 0 else None


def use_room(options: Mapping[str, Any], report: Report) -> None:
    """Take what *report* lists away from what the options of an operation let be listed."""
    found = options.get(MAX_FAILURES) if options else None
    if isinstance(found, Allowance):
        found.used(report.total - report.unlisted)


def validation_error(report: Report, subject: Subject) -> ValidationError:
    """Return the error that tells what *report* found; it shows what the subject lets be shown."""
    name, words = subject.model_name, Words(subject, report.locale)
    details: dict[str, Any] = {"context": name, "codes": report.codes, "messages": report.messages}
    if report.unlisted:
        details["total"] = report.total
    return ValidationError(
        words.of_failure(report.messages, report.unlisted),
        instance=subject.instance,
        model=name or None,
        details=details,
    )
