"""Dates from text and back: which texts are dates, and the one way they are written."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

import msgspec

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_DAY: Final = timedelta(days=1)

_LONGEST: Final = 100  # characters; the long form of JavaScript with a long zone name has 70

_DAY_LENGTH: Final = len("2020-01-01")
_MOMENT_LENGTH: Final = len("2020-01-01T00:00:00Z")
_MILLISECONDS_LENGTH: Final = len("2020-01-01T00:00:00.000")
_USUAL_LENGTH: Final = _MILLISECONDS_LENGTH + 1
_ISO: Final = re.compile(
    r"(\d{4})-(\d{2})(?:-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(.*))?)?",
    re.ASCII,
)
_YEAR: Final = re.compile(r"\d{4}", re.ASCII)
_AMERICAN: Final = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?(.*))?", re.ASCII
)
_ZONE: Final = re.compile(
    r" ?(?:[Zz]|(?:(?:UTC|GMT) ?)?(?:([+-])(\d{1,2})(?::?(\d{2}))?)?)", re.ASCII
)

# A long form names its month and has a year of four digits and a day; other words are few.  Only
# then is the text guessed at, because guessing makes a date of nearly everything.
# These forms are rare, so their patterns are compiled when the first one is read.
_LONE_YEAR: Final = r"(?a)(?<![\d:+-])\d{4}(?![\d:])"
_LONE_DAY: Final = r"(?a)(?<![\d:+-])\d{1,2}(?![\d:])"
_MONTHS: Final = frozenset(
    "jan feb mar apr may jun june jul july aug sep sept oct nov dec january february march april"
    " august september october november december".split()
)
_OTHER_WORDS: Final = frozenset(
    "mon tue tues wed thu thur thurs fri sat sun monday tuesday wednesday thursday friday saturday"
    " sunday am pm t z utc gmt est edt cst cdt mst mdt pst pdt".split()
)
_ZONE_COMMENT: Final = r"\([^()]*\)"  # JavaScript adds the name of the zone
_ZONE_PREFIX: Final = r"(?i)(?:GMT|UTC)\s*(?=[+-]\d)"
_ZONE_NAMES: Final = {
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip


def iso_text(value: datetime) -> str:
    """Return *value* as ISO 8601 in UTC with milliseconds and ``Z``; naive means UTC."""
    try:
        moment = as_utc(value)
    except OverflowError:  # a moment at the ends of time that has no year in UTC
        return value.isoformat(timespec="milliseconds")
    if type(moment) is not datetime:
        return moment.isoformat(timespec="milliseconds")[:-6] + "Z"
    text: str = msgspec.to_builtins(moment)  # many times as fast, with six digits or none
    if len(text) == _MOMENT_LENGTH:
        return f"{text[:-1]}.000Z"
    return f"{text[:_MILLISECONDS_LENGTH]}Z"


def as_utc(value: datetime) -> datetime:
    """Return *value* in UTC: itself if it is, naive ones as they stand.

    Raises:
        OverflowError: The moment lies outside the years 1 to 9999.
    """
    if value.tzinfo is UTC:
        return value
    if value.utcoffset() is None:
        return value.replace(tzinfo=UTC)
    return value.astimezone(UTC)


def milliseconds(value: datetime) -> int:
    """Return *value* as whole milliseconds since the epoch."""
    moment = value if value.utcoffset() is not None else value.replace(tzinfo=UTC)
    return (moment - EPOCH) // timedelta(milliseconds=1)


def midnight(day: date) -> datetime:
    """Return the start of *day* in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def now() -> datetime:
    """Return the current time in UTC, cut to the milliseconds that its JSON form has."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def parse_date(text: str) -> datetime | None:
    """Return the moment that *text* names, in UTC, or None where it names none.

    Understood are ``YYYY``, ``YYYY-MM``, ``YYYY-MM-DD``, ISO date-times, ``M/D/YYYY`` and the long
    forms of RFC 2822 and JavaScript.  Without a zone UTC is meant.
    """
    try:
        if len(text) == _USUAL_LENGTH and text[4:17:3] == "--T::" and text[-1] == "Z":
            return datetime.fromisoformat(text)
        return _parse(text.strip())
    except (ValueError, OverflowError):  # day 31 of June, hour 25, before the year 1
        return None


def _parse(text: str) -> datetime | None:
    if len(text) > _LONGEST:
        return None
    if text[4:8:3] == "--":  # the usual forms, read fast
        if len(text) == _DAY_LENGTH:
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        if len(text) >= _MOMENT_LENGTH and text[10:17:3] == "T::" and text[-1] == "Z":
            return datetime.fromisoformat(text)
    return _parse_digits(text) or _parse_long(text)


def _parse_digits(text: str) -> datetime | None:
    """Return the moment of a text whose month is a number."""
    if found := _ISO.fullmatch(text):
        year, month, day, hour, minute, second, fraction, zone = found.groups()
        moment = _moment(year, month, day or "1", hour, minute, second)
        return _in_zone(moment.replace(microsecond=int(f"{fraction or '0':0<6}"[:6])), zone)
    if _YEAR.fullmatch(text):
        return _moment(text, "1", "1")
    if found := _AMERICAN.fullmatch(text):
        month, day, year, hour, minute, second, zone = found.groups()
        return _in_zone(_moment(year, month, day, hour, minute, second), zone)
    return None


def _moment(year: str, month: str, day: str, *time: str | None) -> datetime:
    hour, minute, second = (int(part or 0) for part in (*time, *"000"[len(time) :]))
    return datetime(int(year), int(month), int(day), hour, minute, second, tzinfo=UTC)


def _in_zone(moment: datetime, zone: str | None) -> datetime | None:
    """Return the moment when clocks in *zone* show what *moment* shows in UTC."""
    if not zone:
        return moment
    found = _ZONE.fullmatch(zone)
    if found is None:
        return None
    sign, hours, minutes = found.groups(default="0")
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    if offset >= _DAY or int(minutes) > 59:
        return None
    return moment + offset if sign == "-" else moment - offset


def _parse_long(text: str) -> datetime | None:
    text = re.sub(_ZONE_COMMENT, " ", text)
    words = re.findall(r"[^\W\d_]+", text.lower())
    others = [word for word in words if word not in _MONTHS]
    if len(words) - len(others) != 1 or not _OTHER_WORDS.issuperset(others):
        return None
    if not (re.search(_LONE_YEAR, text) and re.search(_LONE_DAY, text)):
        return None
    from dateutil.parser import parse  # noqa: PLC0415  slow to import, and long forms are rare

    text = re.sub(_ZONE_PREFIX, "", text)
    zones = {name: timezone(timedelta(hours=hours)) for name, hours in _ZONE_NAMES.items()}
    default = datetime(1, 1, 1)  # noqa: DTZ001  gives midnight; the zone comes with the text
    return as_utc(parse(text, default=default, tzinfos=zones))
