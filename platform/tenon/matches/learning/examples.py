"""From rows to what learning is fed with: pages with words on them, and what chance moved.

A word belongs to the last page on which its organisation saw the pair before it spoke; what
came of the pair later (introduced, met, signed, paid) raises its worth. Words of one's own house
do not count, nor does silence on a pair that was spoken of before. Reads only.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from matching.learning.examination import Tally
from matching.learning.examples import Page, Shown
from tenon.matches.learning.labels import gain_of
from tenon.matches.models import MatchFeedback, MatchImpression, MatchOutcome
from tenon.matches.queries import epoch_day

_CHUNK: Final = 200

_Row = Any  # of a match_impressions row, the columns below
_COLUMNS: Final = (
    MatchImpression.need_id,
    MatchImpression.achievement_id,
    MatchImpression.organisation_id,
    MatchImpression.day,
    MatchImpression.position,
    MatchImpression.place,
    MatchImpression.explored,
    MatchImpression.seen,
)

_Pair = tuple[int, int]
_Seen = tuple[int, int, int]
"""Need, achievement, organisation that saw the two together."""


@dataclass(frozen=True, slots=True)
class _Word:
    """What was made of a pair by one organisation, and on which day it first spoke."""

    gain: float
    day: int


@dataclass(slots=True)
class Examples:
    """All there is to learn from.

    Attributes:
        pages: with a word on them, the listing that asked as the asker.
        tallies: how often each place was shown and spoken of, by the position it stood at.
        unseen: words on pairs of which no page is known (any more).
        own: words and outcomes that do not count.
    """

    pages: list[Page] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    unseen: int = 0
    own: int = 0


def load_examples(session: Session) -> Examples:
    """Read everything that was said and what was shown around it."""
    words, own = _words(session)
    settled = _pages_of_words(session, words)
    found = Examples(unseen=len(words) - len(settled), own=len(own))
    spoken: Counter[tuple[bool, int, int]] = Counter()
    for page, rows in _rows_of_pages(session, settled):
        shown = []
        for row in rows:
            pair = (row.need_id, row.achievement_id, row.organisation_id)
            day = settled.get(pair)
            if pair in own or (day is not None and row.day > day):
                continue
            gain = words[pair].gain if day == row.day else 0.0
            if gain:
                spoken[row.explored, row.place, row.position] += 1
            features = dict(row.seen)
            shown.append(Shown(features.pop("relevance"), features, row.position, gain))
        if any(one.gain for one in shown):
            found.pages.append(Page(page[1], page[3], tuple(shown)))
    found.tallies = _tallies(session, spoken)
    return found


def _words(session: Session) -> tuple[dict[_Seen, _Word], set[_Seen]]:
    """Return what each organisation that spoke made of each pair, and whose words do not count."""
    words: dict[_Seen, _Word] = {}
    own: set[_Seen] = set()
    came: dict[_Pair, list[MatchOutcome]] = defaultdict(list)
    for outcome in session.scalars(sa.select(MatchOutcome).order_by(MatchOutcome.at)):
        came[outcome.need_id, outcome.achievement_id].append(outcome)
    for said in session.scalars(sa.select(MatchFeedback)):
        pair = (said.need_id, said.achievement_id, said.organisation_id)
        if said.own:
            own.add(pair)
        else:
            words[pair] = _Word(gain_of(said.kind, said.reason), epoch_day(said.at))
    for pair in _saw(session, came):
        outcomes = came[pair[:2]]
        counting = [one for one in outcomes if not one.own]
        if len(counting) < len(outcomes):
            own.add(pair)
        if counting and pair not in own:
            said_on = words[pair].day if pair in words else epoch_day(counting[0].at)
            words[pair] = _Word(max(gain_of(one.kind) for one in counting), said_on)
    return {pair: word for pair, word in words.items() if pair not in own}, own


def _saw(session: Session, pairs: Mapping[_Pair, object]) -> Iterator[_Seen]:
    """Yield which organisations saw these pairs."""
    for needs in _chunks(sorted({need for need, _ in pairs})):
        rows = session.execute(
            sa.select(
                MatchImpression.need_id,
                MatchImpression.achievement_id,
                MatchImpression.organisation_id,
            )
            .where(MatchImpression.need_id.in_(needs))
            .distinct()
        )
        yield from (
            (need, achievement, organisation)
            for need, achievement, organisation in rows
            if (need, achievement) in pairs
        )


def _pages_of_words(session: Session, words: Mapping[_Seen, _Word]) -> dict[_Seen, int]:
    """Return the day of the page that each word was said on: the last one before it."""
    found: dict[_Seen, int] = {}
    for needs in _chunks(sorted({pair[0] for pair in words})):
        rows = session.execute(
            sa.select(
                MatchImpression.need_id,
                MatchImpression.achievement_id,
                MatchImpression.organisation_id,
                MatchImpression.day,
            ).where(MatchImpression.need_id.in_(needs))
        )
        for need, achievement, organisation, day in rows:
            pair = (need, achievement, organisation)
            if pair in words and day <= words[pair].day:
                found[pair] = max(day, found.get(pair, day))
    return found


def _rows_of_pages(
    session: Session, settled: Mapping[_Seen, int]
) -> Iterator[tuple[tuple[str, int, int, int], list[_Row]]]:
    """Yield ((side, asking listing, organisation, day), its rows by position) of pages spoken on.

    Of either side, since the same organisation and day may have seen the pair from its page.
    """
    for side, own, place in (
        ("need", MatchImpression.need_id, 0),
        ("achievement", MatchImpression.achievement_id, 1),
    ):
        wanted = {(pair[place], pair[2], day) for pair, day in settled.items()}
        for askers in _chunks(sorted({asker for asker, _, _ in wanted})):
            pages: dict[tuple[int, int, int], list[_Row]] = defaultdict(list)
            rows = session.execute(
                sa.select(*_COLUMNS)
                .where(MatchImpression.side == side, own.in_(askers))
                .order_by(MatchImpression.position)
            )
            for row in rows:
                asker = row.need_id if side == "need" else row.achievement_id
                key = (asker, row.organisation_id, row.day)
                if key in wanted:
                    pages[key].append(row)
            for key, shown in sorted(pages.items()):
                yield (side, *key), shown


def _tallies(session: Session, spoken: Mapping[tuple[bool, int, int], int]) -> list[Tally]:
    where = (MatchImpression.explored, MatchImpression.place, MatchImpression.position)
    rows = session.execute(
        sa.select(*where, sa.func.count().label("shown")).group_by(*where).order_by(*where)
    )
    return [
        Tally(
            (int(row.explored), row.place),
            row.position,
            row.shown,
            spoken.get((row.explored, row.place, row.position), 0),
        )
        for row in rows
    ]


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
