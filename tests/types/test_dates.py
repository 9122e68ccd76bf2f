"""Which texts are dates, what they mean, how dates are written."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.errors import InvalidQueryError
from juggler.types.base import BAD
from juggler.types.dates import iso_text, now, parse_date
from juggler.types.structured import ListType
from juggler.types.temporal import DATE

TEXTS: dict[str, tuple[int, ...]] = {
    "2020": (2020, 1, 1),
    "2020-03": (2020, 3, 1),
    "2020-03-04": (2020, 3, 4),
    " 2020-03-04 ": (2020, 3, 4),
    "2020-03-04T05:06": (2020, 3, 4, 5, 6),
    "2020-03-04T05:06:07": (2020, 3, 4, 5, 6, 7),
    "2020-03-04 05:06:07": (2020, 3, 4, 5, 6, 7),
    "2020-03-04T05:06:07Z": (2020, 3, 4, 5, 6, 7),
    "2020-03-04t05:06:07z": (2020, 3, 4, 5, 6, 7),
    "2020-03-04T05:06:07.5Z": (2020, 3, 4, 5, 6, 7, 500000),
    "2020-03-04T05:06:07.123456789Z": (2020, 3, 4, 5, 6, 7, 123456),
    "2020-03-04T05:06:07+02:00": (2020, 3, 4, 3, 6, 7),
    "2020-03-04T05:06:07-0130": (2020, 3, 4, 6, 36, 7),
    "2020-03-04 05:06:07 GMT-5": (2020, 3, 4, 10, 6, 7),
    "2020-03-04 05:06:07 UTC": (2020, 3, 4, 5, 6, 7),
    "3/4/2020": (2020, 3, 4),
    "12/31/2020 23:59": (2020, 12, 31, 23, 59),
    "Wed, 04 Mar 2020 05:06:07 GMT": (2020, 3, 4, 5, 6, 7),
    "Wed, 04 Mar 2020 05:06:07 +0200": (2020, 3, 4, 3, 6, 7),
    "Wed, 04 Mar 2020 05:06:07 EST": (2020, 3, 4, 10, 6, 7),
    "Wed Mar 04 2020 05:06:07 GMT+0200 (Eastern European Standard Time)": (2020, 3, 4, 3, 6, 7),
    "Wed Mar 04 2020 05:06:07 GMT-0530 (X)": (2020, 3, 4, 10, 36, 7),
    "March 4, 2020": (2020, 3, 4),
    "4 mar 2020 5:06 PM": (2020, 3, 4, 17, 6),
}

NO_DATES = [
    "", "  ", "12", "1", "0", "abc", "true", "null", "20200304", "1577966400000", "2020-3-4",
    "2015-02-30", "2020-13-01", "2020-00-01", "2020-01-00", "2020-03-04T25:00:00",
    "2020-03-04T05:60", "2020-03-04T05:06:61", "2020-03-04T05:06:07+25:00",
    "2020-03-04T05:06:07+01:99", "2020-03-04T05:06:07 nonsense", "2020-W01-1", "13/1/2020",
    "0000-01-01", "31 Feb 2020", "Mar 2020", "4 Mar", "May I have 2 of 2020", "Jan 1 2020 foo",
    "Jan 2 Feb 3 2020", "notadate", "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00",
    "Jan 1 2020 " + "(" * 200, "\u0662\u0660\u0662\u0660",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_dates_from_text(text: str) -> None:
    """Each documented form is read, and without a zone it means UTC."""
    # MOD-16
    assert DATE.coerce(text) == datetime(*TEXTS[text], tzinfo=UTC)  # type: ignore[arg-type,misc]  # the table holds whole argument lists
    assert DATE.coerce(text).tzinfo is UTC


@pytest.mark.parametrize("text", NO_DATES)
def test_texts_that_are_no_dates(text: str) -> None:
    """Other text is never guessed at, and days must be in the calendar."""
    # MOD-11, MOD-12
    assert parse_date(text) is None
    assert DATE.coerce(text) is (BAD if text else None)


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York"])
def test_the_zone_of_the_machine_does_not_matter(zone: str) -> None:
    """GMT in a text is GMT, also in summer on a machine whose winter time has that name."""
    code = (
        "from juggler.types.dates import parse_date\n"
        "for text in ('1 Jul 2020 12:00 GMT', '1 Jul 2020 12:00', '2020-07-01T12:00'):\n"
        "    print(parse_date(text).isoformat())"
    )
    environment = {**os.environ, "TZ": zone}
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["2020-07-01T12:00:00+00:00"] * 3


def test_date_values() -> None:
    """Datetimes are brought to UTC, days begin at midnight, numbers count milliseconds."""
    # MOD-16
    aware = datetime(2020, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    assert DATE.coerce(aware) == datetime(2020, 1, 1, tzinfo=UTC)
    assert DATE.coerce(aware).tzinfo is UTC
    assert DATE.coerce(datetime(2020, 1, 1)) == datetime(2020, 1, 1, tzinfo=UTC)  # noqa: DTZ001  naive on purpose
    assert DATE.coerce(date(2020, 1, 1)) == datetime(2020, 1, 1, tzinfo=UTC)
    assert DATE.coerce(-1) == datetime(1969, 12, 31, 23, 59, 59, 999000, UTC)


@pytest.mark.parametrize(
    "value",
    [10**400, -(10**20), 1e300, datetime.max.replace(tzinfo=timezone(timedelta(hours=-5)))],
    ids=["huge", "long ago", "float", "no year in UTC"],
)
def test_moments_that_have_no_date(value: Any) -> None:
    """What lies outside the years 1 to 9999 is bad and can still be shown."""
    assert DATE.coerce(value) is BAD
    assert DATE.dump(value) is not None


def test_lists_of_dates() -> None:
    """Dates inside a list are coerced, None stays, and one bad date spoils the list."""
    # MOD-17
    kind = ListType(DATE)
    day = datetime(2020, 1, 1, tzinfo=UTC)
    assert kind.coerce(["2020-01-01", None, day]) == [day, None, day]
    assert kind.coerce(["2020-01-01", "never"]) is BAD
    assert (kind.bad_code, kind.bad_message) == ("date", "is not a valid date")


def test_how_dates_are_written() -> None:
    """JSON has milliseconds and `Z`, whatever zone the value was in."""
    # MOD-16
    there = datetime(2020, 1, 1, 2, 3, 4, 5678, timezone(timedelta(hours=2)))
    assert DATE.dump(there) == "2020-01-01T00:03:04.005Z"
    assert DATE.dump("never") == "never"
    assert now().microsecond % 1000 == 0


def test_date_conditions() -> None:
    """Operands are parsed; what is no date is an error that names the value."""
    # DAO-152, DAO-176
    assert DATE.condition("2020") == datetime(2020, 1, 1, tzinfo=UTC)
    operands: list[Any] = ["", "soon", True, [], {}, float("nan")]
    for operand in operands:
        with pytest.raises(InvalidQueryError) as caught:
            DATE.condition(operand)
        assert (caught.value.code, caught.value.status_code) == ("INVALID_DATE", 400)
        assert caught.value.value is operand


@given(st.text(max_size=40) | st.from_regex(r"[0-9A-Za-z:/+. -]{0,30}"))
def test_any_text_is_a_date_or_not(text: str) -> None:
    """No text makes the parser fail, and what it answers is in UTC."""
    found = parse_date(text)
    assert found is None or found.tzinfo is UTC


@given(st.datetimes(timezones=st.timezones() | st.just(UTC)))
def test_written_dates_are_read_again(moment: datetime) -> None:
    """The JSON text of a date gives the same date, to the millisecond."""
    if not 2 <= moment.year <= 9998:
        return
    cut = moment.microsecond // 1000 * 1000
    assert parse_date(iso_text(moment)) == moment.astimezone(UTC).replace(microsecond=cut)
