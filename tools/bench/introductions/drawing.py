"""Seeded chance: skewed picks, public ids, moments. Knows no table."""

from __future__ import annotations

import random
from base64 import urlsafe_b64encode
from bisect import bisect
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import accumulate

_FLATTENING = 10
_FALL = -0.5


class Chance:
    """Draws that one seed repeats.

    Args:
        seed: the same draws again for the same seed and order of asking.
        now: the moment at which the made-up world stands.
    """

    def __init__(self, seed: str, now: datetime) -> None:
        self._random = random.Random(seed)  # noqa: S311  # repeatable, and no secret
        self.now = now
        self.share = self._random.random
        self.pick = self._random.choice
        self.below = self._random.randrange

    def public_id(self) -> str:
        """Return an id like those of the site: 16 characters of 96 bits."""
        return urlsafe_b64encode(self._random.randbytes(12)).decode()

    def salt(self) -> str:
        """Return a salt like those of people."""
        return self._random.randbytes(16).hex()

    def between(self, first: datetime, last: datetime) -> datetime:
        """Return a moment between two."""
        return first + (last - first) * self._random.random()

    def ago(self, days: float) -> datetime:
        """Return a moment so many days ago, to the second and a little off."""
        return self.now - timedelta(days=days, seconds=self._random.random())


class Skewed:
    """Picks of few very often and of many now and then: the first of ``number`` is the busiest.

    The weight of rank r is (r + 10) to the power -1/2. Of 65,000 firms with 500,000
    introductions the busiest has some 310 and the last 4.
    """

    def __init__(self, number: int) -> None:
        self._sums = list(accumulate((rank + _FLATTENING) ** _FALL for rank in range(number)))

    def pick(self, chance: Chance) -> int:
        """Return a rank, from 0."""
        return bisect(self._sums, chance.share() * self._sums[-1], hi=len(self._sums) - 1)


class Shares:
    """Picks of names in given shares."""

    def __init__(self, shares: Mapping[str, float]) -> None:
        self._names: Sequence[str] = tuple(shares)
        self._sums = list(accumulate(shares.values()))

    def pick(self, chance: Chance) -> str:
        """Return a name."""
        place = bisect(self._sums, chance.share() * self._sums[-1], hi=len(self._sums) - 1)
        return self._names[place]
