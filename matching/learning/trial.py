"""One attempt to learn: estimate, fit, compare, decide. The whole of ``tenon learn`` but the rows.

A version is kept only if it does better than the one that runs on words that came later than
all it was fitted to, by more than chance explains, and loses nothing on the judged set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from matching.learning.comparing import Comparison, compare
from matching.learning.examination import Examination, Tally, estimate
from matching.learning.examples import Page, split_by_time
from matching.learning.fitting import fit
from matching.learning.judged import JudgedSet, loses
from matching.ranking import Learned, RankingWeights, with_learned

HELD_OUT: Final = 0.2
"""The latest fifth of the words is kept for comparing."""

LEAST_WORDS: Final = 200
"""With fewer words on candidates than this nothing is fitted."""

LEAST_HELD_OUT: Final = 40
LEAST_ASKERS: Final = 10
"""The held-out words come from at least so many listings: one busy firm is not the site."""

Verdict = Literal["better", "too_few", "not_better", "loses_judged"]


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one attempt.

    Attributes:
        verdict: ``better`` if the version is to be kept, else why it is not.
        words: how many words there were to learn from, held-out ones included.
        examination: how far people look.
        learned: the version; None where there was too little to fit.
        comparison: on the held-out words; None where there was too little.
        judged: part of the judged set -> nDCG@10 (before, after); empty if it was not asked.
    """

    verdict: Verdict
    words: int
    examination: Examination
    learned: Learned | None = None
    comparison: Comparison | None = None
    judged: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def better(self) -> bool:
        """Whether the version is to be kept."""
        return self.verdict == "better"


def attempt(
    pages: Sequence[Page],
    tallies: Iterable[Tally],
    *,
    running: RankingWeights,
    shipped: RankingWeights,
    number: int,
    judged: Callable[[], JudgedSet],
) -> Trial:
    """Learn from pages and decide.

    Args:
        pages: all pages with a word on them.
        tallies: what chance moved, for the examination.
        running: weights to beat.
        shipped: weights that the fit is held to.
        number: of the version that may come of it.
        judged: loads the judged set; called only for a version that is otherwise better.
    """
    examination = estimate(tallies)
    words = sum(page.words for page in pages)
    early, late = split_by_time(pages, HELD_OUT)
    held_out = sum(page.words for page in late)
    askers = len({page.asker for page in late})
    enough = words >= LEAST_WORDS and held_out >= LEAST_HELD_OUT and askers >= LEAST_ASKERS
    if not enough or words - held_out < LEAST_WORDS / 2:
        return Trial("too_few", words, examination)
    learned = fit(early, examination, shipped, number)
    weights = with_learned(shipped, learned)
    comparison = compare(late, running, weights, examination)
    if not comparison.better:
        return Trial("not_better", words, examination, learned, comparison)
    return _on_judged(
        Trial("better", words, examination, learned, comparison),
        judged(),
        running=running,
        shipped=shipped,
        weights=weights,
    )


def _on_judged(
    trial: Trial,
    judged: JudgedSet,
    *,
    running: RankingWeights,
    shipped: RankingWeights,
    weights: RankingWeights,
) -> Trial:
    """Hold the version against the judged set, running and shipped weights alike.

    The shipped ones too, so that many small losses in a row do not add up unnoticed.
    """
    before, after = judged.ndcg(running), judged.ndcg(weights)
    lost = loses(before, after) or loses(judged.ndcg(shipped), after)
    return Trial(
        "loses_judged" if lost else "better",
        trial.words,
        trial.examination,
        trial.learned,
        trial.comparison,
        {name: (before[name], after[name]) for name in before},
    )
