"""Sums and means: exact until the end, in whatever order the numbers come."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from juggler.connectors.sql.drivers.sqlite_totals import TOTALS
from juggler.query.totals import DecimalTotal, Total

FLOATS = st.floats(-1e200, 1e200, allow_nan=False)
NUMBERS = st.lists(st.integers(-(10**25), 10**25) | FLOATS, min_size=1, max_size=30)
DECIMALS = st.lists(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20),
    min_size=1,
    max_size=20,
)


@given(NUMBERS, st.randoms(use_true_random=False))
def test_sums_are_rounded_once(numbers: list[Any], random: Any) -> None:
    """The sum is the float next to the true one, and exact where all numbers are whole."""
    # DAO-317
    first, second = Total(), Total()
    for each in numbers:
        first.add(each)
    random.shuffle(numbers)
    for each in numbers:
        second.add(each)
    exact = sum(map(Fraction, numbers), Fraction())
    assert first.sum() == second.sum()
    assert first.sum() == (
        int(exact) if all(Fraction(n) % 1 == 0 for n in numbers) else float(exact)
    )
    assert first.count == len(numbers)


@given(NUMBERS)
@example([0.7, 0.7, 0.7])
def test_means_are_rounded_once(numbers: list[Any]) -> None:
    """The mean is the float next to the true one; the sum on the way to it is not rounded."""
    # DAO-317
    total = Total()
    for each in numbers:
        total.add(each)
    assert total.mean() == float(sum(map(Fraction, numbers), Fraction()) / len(numbers))


def test_many_fractions_stay_exact() -> None:
    """However many fractions come, they are kept as few numbers that lose nothing."""
    # DAO-317
    total, exact = Total(), Fraction()
    for place in range(5_000):
        number = (place % 7 - 3) * 10.0 ** (place % 40 - 20) + 0.1
        total.add(number)
        exact += Fraction(number)
    assert total.sum() == float(exact)
    assert len(total._parts) < 1_100


@given(DECIMALS)
def test_decimals_lose_no_digit(numbers: list[Decimal]) -> None:
    """A sum of decimals has all digits."""
    # DAO-317
    total = DecimalTotal()
    for each in numbers:
        total.add(each)
    found = total.sum()
    assert found is not None
    assert Fraction(found) == sum(map(Fraction, numbers), Fraction())


def test_what_is_no_number_is_left_out() -> None:
    """Null, texts and booleans do not count; of nothing there is no sum."""
    # DAO-317
    total, decimals = Total(), DecimalTotal()
    for each in (None, "1", True, b"1"):
        total.add(each)
        decimals.add(each)
    assert (total.count, total.sum(), total.mean()) == (0, None, None)
    assert (decimals.count, decimals.sum(), decimals.mean()) == (0, None, None)


def test_numbers_beyond_all_floats_are_infinite() -> None:
    """A sum that no float holds is infinite, and no error inside a database."""
    total = Total()
    for each in (1e308, 1e308, 0.5):
        total.add(each)
    assert total.sum() == total.mean() == float("inf")
    made = TOTALS["juggler_number_sum"]()
    for each in (2**62, 2**62, 2**62):
        made.step(each)
    assert made.finalize() == float(3 * 2**62)
    made = TOTALS["juggler_decimal_sum"]()
    for each in ("1.5", None, "no number", b"1"):
        made.step(each)
    assert made.finalize() == "1.5"
