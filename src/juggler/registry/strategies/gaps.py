"""What is known of the times between a tenant's accesses."""

from __future__ import annotations

import math
from array import array
from typing import Final

import msgspec

BUCKETS: Final = 19
"""Each holds gaps up to four times as long as the one before: the first up to a millisecond, the
last from half a year on."""

_FIRST: Final = 1 / 1_024

_FULL: Final = 48.0
"""With so many gaps the older half stops counting, so that a habit that changes is noticed."""

_LATE: Final = 1.25
"""A gap may be longer than usual by a quarter before the usual one is given up for missed."""

_SOON: Final = 0.05
"""Who is due is expected within a twentieth of the usual gap."""

_BRIEF: Final = 0.001
"""Seconds that every wait takes at least."""

_LOG_FOUR: Final = math.log(4.0)


class Gaps(msgspec.Struct, gc=False):
    """The gaps between the accesses of one tenant: how many there were of each length.

    Attributes:
        last: When it was last accessed.
        accesses: Its accesses until then.
        counts: For each bucket, how many gaps fell into it.
        sums: For each bucket, how long they were together.
        total: Sum of `counts`.
    """

    last: float
    accesses: int
    counts: array[float]
    sums: array[float]
    total: float = 0.0

    def learn(self, gap: float, times: float = 1.0) -> None:
        """Note that a gap occurred, *times* times."""
        at = 0
        if gap > _FIRST:
            at = min(BUCKETS - 1, 1 + int(math.log(gap / _FIRST) / _LOG_FOUR))
        self.counts[at] += times
        self.sums[at] += times * gap
        self.total += times
        if self.total > _FULL:
            self._fade()

    def chance(self, elapsed: float, doubt: float, unknown: float) -> float:
        """Return the chance of a return for each second that the tenant is kept, at its best.

        Waiting for the next access is worth the chance that it comes by some moment, over the time
        it takes until it comes or that moment is there; the moment is chosen that is worth most.

        Args:
            elapsed: Seconds since the last access.
            doubt: How many gaps of an unknown length to assume beside those that were seen.
            unknown: How long such a gap is, when nothing has elapsed; then it is longer by that.
        """
        waits = [(max(elapsed + unknown, _BRIEF), doubt)]
        weight = doubt
        for count, together in zip(self.counts, self.sums, strict=True):
            if count:
                usual = together / count
                if usual * _LATE > elapsed:
                    waits.append((max(usual - elapsed, usual * _SOON, _BRIEF), count))
                    weight += count
        waits.sort()
        best = came = waited = 0.0
        for wait, count in waits:
            came += count
            waited += count * wait
            if came:
                best = max(best, came / (waited + (weight - came) * wait))
        return best

    def _fade(self) -> None:
        for at in range(BUCKETS):
            self.counts[at] *= 0.5
            self.sums[at] *= 0.5
        self.total *= 0.5


def no_gaps(last: float, accesses: int) -> Gaps:
    """Return what is known of a tenant that was seen once."""
    zeros = bytes(8 * BUCKETS)
    return Gaps(last, accesses, array("d", zeros), array("d", zeros))
