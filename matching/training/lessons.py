"""The lessons: kinds of training batches and the loss of each.

What it is for: pairs that belong together against all others of their batch.
What it must not know: files, the table's inner form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import track
from torch import Tensor, nn

from matching.training.student import Bags, Student

TEMPERATURE = 0.1
"""What cosines are divided by. Sharper, the student learns the pairs' own words in place of their
meaning: needs in English lost four points of nDCG at 0.05 and ten at 0.03. Softer, it tells near
subjects apart less well: titles of IPC groups lost three points at 0.14."""


class Lesson(Protocol):
    """One kind of training batch."""

    @property
    def name(self) -> str:
        """Shown in the progress bar."""
        ...

    @property
    def share(self) -> float:
        """How often it comes, relative to the others."""
        ...

    def loss(self, student: Student, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Draw a batch: its loss, and the mean squared correction of the rows in use."""
        ...


def contrast(left: Tensor, right: Tensor, same: Tensor, strangers: Tensor | None = None) -> Tensor:
    """Cross-entropy of finding each left text's partner among all right ones, and back.

    Args:
        left: unit vectors (n, d).
        right: unit vectors (n, d); row i belongs to row i of ``left``.
        same: bool (n, n): pairs that are no negatives, because a text occurs twice.
        strangers: unit vectors (m, d) of texts that stand among the right ones and belong to none.
    """
    scores = (left @ right.T) / TEMPERATURE
    off_diagonal = same & ~torch.eye(len(scores), dtype=torch.bool)
    scores = scores.masked_fill(off_diagonal, -1e4)
    target = torch.arange(len(scores))
    among = scores
    if strangers is not None:
        among = torch.cat([scores, (left @ strangers.T) / TEMPERATURE], dim=1)
    forth = nn.functional.cross_entropy(among, target)
    back = nn.functional.cross_entropy(scores.T, target)
    return (forth + back) / 2


@dataclass(frozen=True)
class Pairs:
    """Texts that belong together, two by two.

    Attributes:
        left, right: n texts each; place i belongs to place i.
        key_left, key_right: int64 (n,): equal keys are equal texts.
        batch: pairs drawn at a time.
        strangers: texts of which as many as pairs are laid among the right ones, or None.
    """

    name: str
    share: float
    left: Bags
    right: Bags
    key_left: NDArray[np.int64]
    key_right: NDArray[np.int64]
    batch: int
    strangers: Bags | None = None

    def loss(self, student: Student, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """See `Lesson.loss`."""
        places = rng.choice(len(self.left), size=min(self.batch, len(self.left)), replace=False)
        left, moved_left = student.encode(self.left.take(places))
        right, moved_right = student.encode(self.right.take(places))
        same = _equal(self.key_left[places]) | _equal(self.key_right[places])
        strange = None
        if self.strangers is not None:
            drawn = rng.integers(0, len(self.strangers), len(places))
            strange, _ = student.encode(self.strangers.take(drawn))
        return contrast(left, right, same, strange), moved_left + moved_right


@dataclass(frozen=True)
class Together:
    """Lessons that come at the same time, so that chance does not teach one more than another.

    It matters for texts of which there are few and whose lessons therefore come seldom.

    Attributes:
        lessons: at least one; their own shares do not count.
    """

    name: str
    share: float
    lessons: tuple[Lesson, ...]

    def loss(self, student: Student, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """See `Lesson.loss`; the mean of all."""
        losses, moves = zip(*(each.loss(student, rng) for each in self.lessons), strict=True)
        return torch.stack(losses).mean(), torch.stack(moves).mean()


def _equal(keys: NDArray[np.int64]) -> Tensor:
    return torch.from_numpy(keys[:, None] == keys[None, :])


def keys_of(texts: Sequence[str]) -> NDArray[np.int64]:
    """A number for every text, equal for equal texts."""
    seen: dict[str, int] = {}
    return np.asarray([seen.setdefault(text, len(seen)) for text in texts], dtype=np.int64)


@dataclass(frozen=True)
class Schedule:
    """How long and how boldly to train.

    Attributes:
        steps: batches in all.
        rate: of the corrections and weights, at its height.
        matrix_rate: of the matrices, at its height.
        pull: weight of the mean squared correction in the loss.
        seed: of every draw.
        threads: of torch.
    """

    steps: int = 2000
    rate: float = 2e-3
    matrix_rate: float = 5e-4
    pull: float = 0.1
    seed: int = 20261122
    threads: int = 2


def teach(
    student: Student, lessons: Sequence[Lesson], schedule: Schedule, *, quiet: bool = False
) -> None:
    """Train in place: warm up over a twentieth of the steps, then fall to zero linearly."""
    torch.manual_seed(schedule.seed)
    torch.set_num_threads(schedule.threads)
    rng = np.random.default_rng(schedule.seed)
    single: torch.optim.Optimizer = torch.optim.SparseAdam(
        [student.log_weights.weight, student.corrections.weight], lr=schedule.rate
    )
    shared = torch.optim.Adam([student.matrices], lr=schedule.matrix_rate)
    shares = np.asarray([lesson.share for lesson in lessons])
    order = rng.choice(len(lessons), size=schedule.steps, p=shares / shares.sum())
    for step, which in enumerate(track(order, description="training", disable=quiet)):
        pace = min((step + 1) / (0.05 * schedule.steps + 1), 1 - step / schedule.steps)
        for optimizer, rate in ((single, schedule.rate), (shared, schedule.matrix_rate)):
            optimizer.param_groups[0]["lr"] = rate * pace
            optimizer.zero_grad()
        loss, moved = lessons[which].loss(student, rng)
        (loss + schedule.pull * moved).backward()
        single.step()
        shared.step()
