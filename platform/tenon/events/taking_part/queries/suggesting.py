"""Whom somebody should meet: the matching index among those who take part, with reasons.

Own listings are asked of the index against the listings of those who may be met; who brought no
listing is found by the words that they wrote. Knows no page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from matching.encoder import Encoder, finite
from matching.engine import MatchEngine
from tenon.actors import Actor
from tenon.events.models import Event, Registration
from tenon.events.taking_part.queries.may_meet import may_meet
from tenon.events.taking_part.queries.people import all_confirmed
from tenon.events.taking_part.queries.wishes import by_other
from tenon.listings.models import Listing
from tenon.listings.permissions import is_public
from tenon.matches.queries import MatchView, counterparts, counterparts_of_text

BEST = 12
ASKED_AT_MOST = 5
"""Own listings that are asked of the index for one page."""

BY_WORDS = 5
_BANDS: Mapping[str, int] = {"strong": 3, "good": 2, "possible": 1}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody whom it is worth to meet.

    Attributes:
        person: their part.
        view: the best match between a listing of theirs and what is asked, with its reasons.
        own: the own listing that was asked; None where one's words were.
        score: of the match, 0 to 1000; None where only words were compared.
    """

    person: Registration
    view: MatchView | None = None
    own: Listing | None = None
    score: int | None = None


def candidates(session: Session, event: Event, own: Registration) -> list[Registration]:
    """Return who takes part, may be met, and of whom nothing was wished yet."""
    allowed = may_meet(session, event, of=own.id)
    known = by_other(session, own)
    return [
        each
        for each in all_confirmed(session, event)
        if each.id not in known and allowed(own, each)
    ]


def by_matches(
    session: Session,
    engine: MatchEngine,
    *,
    own: Registration,
    others: Sequence[Registration],
    by: Actor,
    now: datetime,
    reasons: bool = True,
) -> list[Suggestion]:
    """Return the best by the index, best first, each person once.

    ``reasons``: whether to say why, which takes longer than finding. Raises
    matching.errors.MatchingError where the index cannot answer.
    """
    whose = {
        listing.id: person
        for person in others
        for listing in person.listings
        if is_public(listing, now)
    }
    if not whose:
        return []
    found: dict[int, Suggestion] = {}
    listings = [each for each in own.listings if is_public(each, now)][:ASKED_AT_MOST]
    for listing in listings:
        views = counterparts(
            session, engine, listing=listing, now=now, k=3 * BEST, past=True,
            only=frozenset(whose), reasons=False,
        )  # fmt: skip
        _keep_best(found, views, whose, listing)
    if not listings:
        for text, side in ((own.seeks, "need"), (own.about, "achievement")):
            if text:
                draft = engine.draft(text, "need" if side == "need" else "achievement")
                views = counterparts_of_text(
                    session, engine, draft=draft, actor=by, now=now, k=BEST, past=True,
                    only=frozenset(whose),
                )  # fmt: skip
                _keep_best(found, views, whose, None)
    best = sorted(found.values(), key=_rank, reverse=True)[:BEST]
    return _with_reasons(session, engine, best, now=now) if reasons else best


def by_words(
    encoder: Encoder, own: Registration, others: Sequence[Registration], *, language: str
) -> list[Suggestion]:
    """Return those whose words come nearest to what somebody seeks and offers, nearest first.

    For who brought no listing, or none that the index finds to fit; what one seeks is held
    against what the other offers, and the other way round.
    """
    seeks, offers = _said(own, language)
    said = ((person, *_said(person, language)) for person in others)
    rows = [
        (person, asked, text)
        for person, sought, offered in said
        for asked, text in ((seeks, offered), (offers, sought))
        if asked and text
    ]
    if not rows:
        return []
    questions = finite(encoder.encode_queries([row[1] for row in rows]))
    texts = finite(encoder.encode_documents([row[2] for row in rows]))
    nearness: dict[int, float] = {}
    people = {person.id: person for person, _asked, _text in rows}
    for (person, _asked, _text), value in zip(rows, (questions * texts).sum(axis=1), strict=True):
        nearness[person.id] = max(float(value), nearness.get(person.id, -1.0))
    near = sorted((key for key in nearness if nearness[key] > 0), key=lambda key: -nearness[key])
    return [Suggestion(people[key]) for key in near[:BY_WORDS]]


def _said(own: Registration, language: str) -> tuple[str, str]:
    """Return what somebody seeks and offers, in their words or their listings' titles."""
    titles: dict[str, list[str]] = {"need": [], "achievement": []}
    for listing in own.listings:
        titles[listing.side].append(listing.text(language).title)
    return own.seeks or " ".join(titles["need"]), own.about or " ".join(titles["achievement"])


def _keep_best(
    found: dict[int, Suggestion],
    views: Sequence[MatchView],
    whose: Mapping[int, Registration],
    listing: Listing | None,
) -> None:
    for view in views:
        if view.band not in _BANDS:
            continue
        score = min(1000, max(0, round(1000 * view.seen.get("relevance", 0.0))))
        made = Suggestion(whose[view.listing.id], view, listing, score)
        known = found.get(made.person.id)
        if known is None or _rank(made) > _rank(known):
            found[made.person.id] = made


def _rank(made: Suggestion) -> tuple[int, int]:
    return _BANDS[made.view.band] if made.view else 0, made.score or 0


def _with_reasons(
    session: Session, engine: MatchEngine, best: Sequence[Suggestion], *, now: datetime
) -> list[Suggestion]:
    """Say why: only for those that are shown, since reasons take longer than finding."""
    whole: dict[tuple[int, int], MatchView] = {}
    asked = {made.own.id: made.own for made in best if made.own is not None}
    for key, listing in asked.items():
        only = frozenset(made.view.listing.id for made in best if made.view and made.own is listing)
        views = counterparts(
            session, engine, listing=listing, now=now, k=len(only), past=True, only=only
        )
        whole |= {(key, view.listing.id): view for view in views}
    return [
        replace(made, view=whole.get((made.own.id, made.view.listing.id), made.view))
        if made.own is not None and made.view is not None
        else made
        for made in best
    ]
