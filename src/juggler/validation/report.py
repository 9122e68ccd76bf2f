"""What a validation found, and the error that says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from juggler.errors import ValidationError
from juggler.validation.subject import Subject
from juggler.validation.words import Words


class Report(Mapping[str, list[str]]):
    """Field -> messages, in the order of the rules; false when nothing is wrong.

    Fields stand apart from the methods, so a field may have any name: ``report["codes"]`` are the
    messages of a field, ``report.codes`` the codes of all.  One validation writes it, on one task
    or on several of one loop.

    Attributes:
        locale: Language of the messages; None for that of the registry.
    """

    __slots__ = ("_entries", "_has_failed", "_place", "locale")

    def __init__(self, locale: str | None = None) -> None:
        self.locale = locale
        self._entries: dict[str, dict[tuple[str, str], int]] = {}
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
        self._has_failed = False
        self._place = -1

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
        return bool(self._entries) or self._has_failed

    def __repr__(self) -> str:
        return f"<Report {self.messages if self else 'valid'}>"

    def _put(self, place: int, field: str, message: str, code: str) -> None:
        """Add a failure that the rule at *place* found."""
        self._entries.setdefault(field, {}).setdefault((message, code), place)

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


def validation_error(report: Report, subject: Subject) -> ValidationError:
    """Return the error that tells what *report* found; it shows what the subject lets be shown."""
    name, words = subject.model_name, Words(subject, report.locale)
    return ValidationError(
        words.of_failure(report.messages),
        instance=subject.instance,
        model=name or None,
        details={"context": name, "codes": report.codes, "messages": report.messages},
    )
