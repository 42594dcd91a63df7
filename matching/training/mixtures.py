"""A lesson of made-up long texts: several pairs laid end to end, with strangers between.

What it is for: long texts of both languages, of which there are few to learn from. Finding the
one text that contains the same few terms, among sentences that have nothing to do with them,
teaches which words carry a text's subject and which are to be passed over.
What it must not know: where the pairs come from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from matching.training.lessons import contrast
from matching.training.student import Bags, Student


@dataclass(frozen=True)
class Mixture:
    """Texts made anew for every batch.

    Attributes:
        left, right: n texts each; place i belongs to place i.
        left_strangers, right_strangers: texts to lay between.
        terms: pairs in a text.
        strangers: sentences laid into the left text; the right one gets ``longer`` times so many.
        longer: see there.
        batch: texts made at a time.
    """

    name: str
    share: float
    left: Bags
    right: Bags
    left_strangers: Bags
    right_strangers: Bags
    terms: int = 4
    strangers: int = 2
    longer: int = 2
    batch: int = 512

    def loss(self, student: Student, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """See `Lesson.loss`."""
        places = rng.integers(0, len(self.left), (self.batch, self.terms))
        left = self._text(self.left, places, self.left_strangers, self.strangers, rng)
        count = self.strangers * self.longer
        right = self._text(self.right, places, self.right_strangers, count, rng)
        one, moved_one = student.encode(left)
        other, moved_other = student.encode(right)
        nothing = torch.eye(self.batch, dtype=torch.bool)
        return contrast(one, other, nothing), moved_one + moved_other

    def _text(
        self,
        texts: Bags,
        places: NDArray[np.int64],
        strangers: Bags,
        count: int,
        rng: np.random.Generator,
    ) -> Bags:
        drawn = rng.integers(0, len(strangers), (self.batch, count))
        parts = [texts.take(column) for column in places.T]
        return joined([*parts, *(strangers.take(column) for column in drawn.T)])


def joined(parts: list[Bags]) -> Bags:
    """Lay the texts of several bags, n each, end to end: text i of the result is all texts i."""
    lengths = np.stack([np.diff(part.starts) for part in parts], axis=1)
    starts = np.concatenate([[0], np.cumsum(lengths.sum(axis=1))]).astype(np.int64)
    flat = np.empty(starts[-1], dtype=np.int64)
    begin = starts[:-1].copy()
    for part, own in zip(parts, lengths.T, strict=True):
        flat[np.arange(part.flat.size) + np.repeat(begin - part.starts[:-1], own)] = part.flat
        begin += own
    return Bags(flat, starts)
