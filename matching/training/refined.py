"""The second stage's student: the base as it is, two matrices, weights, and some open rows.

What it is for: learning what can ship beside an unchanged base. A base row turns with its
language's matrix and is weighed anew; an open row, new or rewritten, has a correction besides.
What it must not know: where texts come from, which losses move it, files.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from matching.training.folder import Refinement
from matching.training.growth import Grown
from matching.training.student import Student

WEIGHT_PULL = 0.1
"""Share of the mean squared logarithm of the weights in the pull towards the base."""


class Refined(Student):
    """The trainable part over a base; everything starts as what the base says."""

    def __init__(self, grown: Grown) -> None:
        nn.Module.__init__(self)
        tokens, dimensions = grown.table.shape
        slots = np.zeros(tokens, dtype=np.int64)
        slots[grown.open] = np.arange(1, grown.open.size + 1)
        self.base = torch.from_numpy(grown.table)
        self.group = torch.from_numpy(grown.group)
        self.slots = torch.from_numpy(slots)
        self.matrices = nn.Parameter(torch.eye(dimensions).repeat(2, 1, 1))
        self.log_weights = nn.Embedding(tokens, 1, sparse=True)
        self.corrections = nn.Embedding(grown.open.size + 1, dimensions, sparse=True)
        with torch.no_grad():
            self.log_weights.weight.zero_()
            self.corrections.weight.zero_()

    def rows(self, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """The rows (n, dimensions) at ``numbers``, and how far they have moved, squared."""
        base = self.base[numbers]
        group = self.group[numbers]
        turned = torch.zeros_like(base)
        for index in range(self.matrices.shape[0]):
            members = (group == index).nonzero().squeeze(1)
            turned = turned.index_copy(0, members, base[members] @ self.matrices[index])
        slots = self.slots[numbers]
        # Slot 0 stands for all closed rows and stays zero.
        correction = self.corrections(slots) * (slots > 0)[:, None]
        logs = self.log_weights(numbers)
        moved = correction.square().sum(dim=1).mean() + WEIGHT_PULL * logs.square().mean()
        return turned * logs.exp() + correction, moved


def refinement_of(student: Refined, grown: Grown) -> Refinement:
    """What the trained student lays over its base."""
    with torch.no_grad():
        added, _ = student.rows(torch.from_numpy(grown.open))
        weights = student.log_weights.weight[: grown.base, 0].exp().numpy()
        return Refinement(
            weights=np.asarray(weights, dtype=np.float32),
            turns=student.matrices.detach().numpy().copy(),
            owners=grown.open,
            added=added.numpy(),
        )
