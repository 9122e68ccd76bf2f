"""Dates: moments in UTC, and texts that are proven to be dates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import total_ordering
from operator import attrgetter
from typing import Any, Final

from juggler.errors import InvalidValueError
from juggler.messages.text import say
from juggler.types.base import BAD
from juggler.types.coerced import CoercedType, Converters, bad, convert, operand_refused
from juggler.types.dates import EPOCH, as_utc, iso_text, midnight, parse_date
from juggler.types.plain import plain


@total_ordering
class DateString:
    """A text that is a date, kept letter by letter; compared, ordered and hashed by its text.

    ``when`` is the text and can be assigned, ``date`` the moment it names.

    Raises:
        InvalidValueError: The value is not text ("Input must be a string"), or the text is no date
            of the calendar ("Invalid date").

    >>> DateString("2015-01-01").date.year
    2015
    """

    __slots__ = ("_date", "_when")

    _when: str
    _date: datetime

    def __init__(self, value: str | DateString) -> None:
        self.when = value.when if isinstance(value, DateString) else value

    @property
    def when(self) -> str:
        """The text as it was given."""
        return self._when

    @when.setter
    def when(self, text: str) -> None:
        if not isinstance(text, str):
            raise InvalidValueError("Input must be a string", value=text)
        moment = parse_date(text)
        if moment is None:
            raise InvalidValueError(say("value.date"), value=text)
        self._when, self._date = text, moment

    @property
    def date(self) -> datetime:
        """The moment that the text names, in UTC."""
        return self._date

    def to_json(self) -> str:
        """Return the bare text."""
        return self._when

    def __copy__(self) -> DateString:
        return DateString(self)

    def __deepcopy__(self, memo: Any) -> DateString:
        return DateString(self)

    def __reduce__(self) -> tuple[type[DateString], tuple[str]]:
        return DateString, (self._when,)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, DateString):
            return self._when == other._when
        return self._when == other if isinstance(other, str) else NotImplemented

    def __lt__(self, other: object) -> bool:
        if isinstance(other, DateString):
            return self._when < other._when
        return self._when < other if isinstance(other, str) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._when)

    def __str__(self) -> str:
        return self._when

    def __repr__(self) -> str:
        return f"DateString({self._when!r}, date={iso_text(self._date)})"


def parse_moment(text: str) -> Any:
    """Return the moment that *text* names, None for the empty text, or BAD."""
    return (parse_date(text) or BAD) if text else None


class DateType(CoercedType):
    """A moment in UTC, precise to the microsecond; its JSON has milliseconds."""

    name = "date"
    bad_code = "date"
    bad_message = "is not a valid date"
    operand_code = "INVALID_DATE"
    from_text = staticmethod(parse_moment)

    def coerce(self, value: Any) -> Any:
        """Return *value* as an aware datetime in UTC, None for the empty text, or BAD."""
        if isinstance(value, datetime):
            return value if value.tzinfo is UTC else _in_utc(value)
        return parse_moment(value) if isinstance(value, str) else convert(value, _TO_DATE)

    def dump(self, value: Any) -> Any:
        """Return *value* as ISO text in UTC with milliseconds."""
        return iso_text(value) if isinstance(value, datetime) else plain(value)


class DateStringType(CoercedType):
    """A date that keeps the text it was written in."""

    name = "datestring"
    bad_code = "type.datestring"
    bad_message = "is not a valid date"
    operand_code = "INVALID_DATE"
    is_scalar = False

    def coerce(self, value: Any) -> Any:
        """Return *value* as a `DateString`; ``{"when": text}`` is one too.

        Raises:
            InvalidValueError: It is no text, or no date.
        """
        if isinstance(value, DateString):
            return value
        if isinstance(value, Mapping) and value.keys() == {"when"}:
            value = value["when"]
        return DateString(value)

    def load(self, stored: Any) -> Any:
        """Return *stored* as a `DateString`, or unchanged where it is no date."""
        try:
            return self.coerce(stored)
        except InvalidValueError:
            return stored

    def condition(self, operand: Any) -> Any:
        """Return *operand* as a `DateString`; patterns pass.

        Raises:
            InvalidQueryError: It is no text, or no date.
        """
        if isinstance(operand, re.Pattern):
            return operand
        try:
            return self.coerce(operand)
        except InvalidValueError as error:
            raise operand_refused(self, operand) from error


DATE: Final = DateType()
DATE_STRING: Final = DateStringType()


def _in_utc(moment: datetime) -> Any:
    try:
        return as_utc(moment)
    except OverflowError:  # its year in UTC is outside 1 to 9999
        return BAD


def _from_milliseconds(value: float) -> Any:
    """Return the moment *value* milliseconds after the epoch, or BAD."""
    try:
        return EPOCH + timedelta(milliseconds=value)
    except (OverflowError, ValueError):  # outside the years 1 to 9999; NaN
        return BAD


_TO_DATE: Final[Converters] = (
    ((bool, Enum), bad),
    ((int, float), _from_milliseconds),
    ((date,), midnight),
    ((DateString,), attrgetter("date")),
)
