"""The student: a table of rows that is trained, made of few shared and many single numbers.

What it is for: a row is its word's teacher vector, turned by one matrix a language, times a
weight of its own, plus a correction of its own. The matrices carry what is learned over to words
that no training text contains; the corrections stay small and are learned only where there is
something to learn from.
What it must not know: where texts come from, which losses move it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Bags:
    """n texts as rows' numbers, end to end.

    Attributes:
        flat: all numbers, int64.
        starts: where each text begins, int64 (n + 1,).
    """

    flat: NDArray[np.int64]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return int(self.starts.size - 1)

    def take(self, places: NDArray[np.int64]) -> Bags:
        """The texts at ``places``, in that order."""
        lengths = self.starts[places + 1] - self.starts[places]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        shift = np.repeat(self.starts[places] - starts[:-1], lengths)
        return Bags(self.flat[np.arange(starts[-1]) + shift], starts)


def bags_of(cuts: Sequence[Sequence[int]]) -> Bags:
    """Lay texts, each a sequence of row numbers, end to end; row 0, the unknown, is left out."""
    known = [[row for row in cut if row] for cut in cuts]
    flat = np.fromiter((row for cut in known for row in cut), dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum([len(cut) for cut in known])]).astype(np.int64)
    return Bags(flat, starts)


@dataclass(frozen=True)
class Start:
    """Where training starts.

    Attributes:
        base: the teacher's vectors, (rows, width); zeros for the unknown and for pieces.
        group: int64 (rows,): which matrix turns a row.
        weights: (rows,): what a row's turned vector is multiplied by.
        matrices: (groups, width, dimensions).
        corrections: (rows, dimensions): added to the turned vector.
    """

    base: Vectors
    group: NDArray[np.int64]
    weights: Vectors
    matrices: Vectors
    corrections: Vectors


class Student(nn.Module):
    """The trainable table."""

    def __init__(self, start: Start) -> None:
        super().__init__()
        rows, dimensions = start.corrections.shape
        self.base = torch.from_numpy(start.base)
        self.group = torch.from_numpy(start.group)
        self.origin = torch.from_numpy(start.corrections.copy())
        self.matrices = nn.Parameter(torch.from_numpy(start.matrices.copy()))
        self.log_weights = nn.Embedding(rows, 1, sparse=True)
        self.corrections = nn.Embedding(rows, dimensions, sparse=True)
        with torch.no_grad():
            logs = torch.from_numpy(np.log(np.maximum(start.weights, 1e-6)))
            self.log_weights.weight.copy_(logs[:, None])
            self.corrections.weight.copy_(self.origin)

    def rows(self, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """The rows (n, dimensions) at ``numbers``, and their mean squared correction."""
        base = self.base[numbers]
        group = self.group[numbers]
        turned = torch.zeros(numbers.numel(), self.matrices.shape[2])
        for index in range(self.matrices.shape[0]):
            members = (group == index).nonzero().squeeze(1)
            turned = turned.index_copy(0, members, base[members] @ self.matrices[index])
        correction = self.corrections(numbers)
        moved = (correction - self.origin[numbers]).square().sum(dim=1).mean()
        return turned * self.log_weights(numbers).exp() + correction, moved

    def encode(self, bags: Bags) -> tuple[Tensor, Tensor]:
        """Unit vectors (n, dimensions) of n texts, and the mean squared correction in use."""
        numbers, local = np.unique(bags.flat, return_inverse=True)
        table, moved = self.rows(torch.from_numpy(numbers))
        sums = nn.functional.embedding_bag(
            torch.from_numpy(local.astype(np.int64)),
            table,
            torch.from_numpy(bags.starts[:-1]),
            mode="sum",
        )
        return nn.functional.normalize(sums, dim=1), moved

    @torch.no_grad()
    def table(self) -> Vectors:
        """Every row as it would be shipped, (rows, dimensions)."""
        rows = self.base.shape[0]
        blocks = [torch.arange(first, min(first + 8192, rows)) for first in range(0, rows, 8192)]
        return np.concatenate([self.rows(block)[0].numpy() for block in blocks])
