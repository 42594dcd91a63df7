"""Counterparts of a listing or of a pasted text, fit to be shown to somebody at this moment.

The index proposes and the database disposes: it may lag, so whatever is no longer public, has
changed hands or says something else now is held against the database before it is shown. Must
not know pages.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, lazyload

from matching.documents import COUNTERPARTS, Document, Where
from matching.engine import MatchEngine
from matching.results import Answer, Match, Reason, RequirementCheck, Verdict
from tenon.accounts.models import Organisation
from tenon.actors import Actor
from tenon.errors import NotFound
from tenon.listings.documents import EPOCH, documents_of
from tenon.listings.models import Expert, Listing
from tenon.listings.queries import is_public, visible_to
from tenon.matches.bundled import BundleView, bundle_view
from tenon.matches.models import MatchFeedback

BEST = 10
ROUNDS = 4
"""How often the engine is asked again for what the database did not let through."""


@dataclass(frozen=True, slots=True)
class MatchView:
    """One counterpart as it may be shown.

    Attributes:
        position: from 1, best first.
        listing: the counterpart; public at the moment of the question.
        band: strong, good, possible or weak.
        reasons: pairs of sentences that both sides say now, verbatim.
        checks: the need's measurable requirements against the result.
        languages: in which it was found.
        own_word: what the asking listing's organisation said of the pair, if anything.
        their_word: what the counterpart's organisation said, if anything.
        place: where the ranking put it, from 1; ``position`` unless it was moved on purpose.
        explored: whether it has its position since it is new, and not by the ranking.
        ranking: number of the learned weights that ranked it; 0 for the shipped ones.
        seen: what the ranking saw: the relevance and the features, each 0 to 1.
    """

    position: int
    listing: Listing
    band: str
    reasons: tuple[Reason, ...]
    checks: tuple[RequirementCheck, ...]
    languages: tuple[str, ...]
    own_word: MatchFeedback | None = None
    their_word: MatchFeedback | None = None
    place: int = 0
    explored: bool = False
    ranking: int = 0
    seen: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the site holds for everybody to find."""

    achievements: int
    needs: int
    experts: int
    organisations: int


def asking_listing(session: Session, public_id: str, *, by: Actor, now: datetime) -> Listing:
    """Return a listing that the actor may see, with what a document is made of.

    Raises NotFound for all others.
    """
    found = session.scalars(
        sa.select(Listing)
        .where(Listing.public_id == public_id, visible_to(by, now=now))
        .options(lazyload(Listing.contributors))
    ).first()
    if found is None:
        raise NotFound
    return found


def counterparts(
    session: Session,
    engine: MatchEngine,
    *,
    listing: Listing,
    now: datetime,
    k: int = BEST,
    past: bool = False,
    only: frozenset[int] | None = None,
    reasons: bool = True,
) -> list[MatchView]:
    """Return the listing's best public counterparts with what both sides said of each.

    Never its own organisation's. Whether the asker may see ``listing`` is the caller's to check;
    the counterparts are public to all.

    Args:
        session: to read with.
        engine: on the site's index.
        listing: in any state; its own organisation may look ahead from a draft.
        now: the moment.
        k: how many at most.
        past: include needs whose deadline has passed.
        only: no other listings than these.
        reasons: whether to say why each fits, which takes longer than finding it.
    """
    found, _ = _shown(
        session,
        engine,
        documents_of(listing),
        own=frozenset({listing.organisation_id}),
        now=now,
        k=k,
        past=past,
        only=only,
        reasons=reasons,
    )
    return _with_words(session, listing, found)


def counterparts_and_bundle(
    session: Session, engine: MatchEngine, *, listing: Listing, now: datetime, past: bool = False
) -> tuple[list[MatchView], BundleView | None]:
    """Return what ``counterparts`` does, and what several results cover together, from one asking.

    The bundle is None for anything but a need, and where one result covers all that any does.
    """
    found, bundle = _shown(
        session,
        engine,
        documents_of(listing),
        own=frozenset({listing.organisation_id}),
        now=now,
        k=BEST,
        past=past,
        bundles=listing.side == "need",
    )
    return _with_words(session, listing, found), bundle


def _with_words(session: Session, listing: Listing, found: Sequence[MatchView]) -> list[MatchView]:
    """Add what both sides' organisations said of each pair."""
    words = words_on(session, listing, [view.listing.id for view in found])
    return [
        replace(
            view,
            own_word=words.get((view.listing.id, listing.organisation_id)),
            their_word=words.get((view.listing.id, view.listing.organisation_id)),
        )
        for view in found
    ]


def counterparts_of_text(
    session: Session,
    engine: MatchEngine,
    *,
    draft: Document,
    actor: Actor,
    now: datetime,
    k: int = BEST,
    past: bool = False,
    only: frozenset[int] | None = None,
    reasons: bool = True,
) -> list[MatchView]:
    """Return the best public counterparts of a text; never those of the actor's organisations.

    ``only``: no other listings than these. ``reasons``: as for ``counterparts``.
    """
    own = frozenset(actor.memberships)
    return _shown(
        session, engine, [draft], own=own, now=now, k=k, past=past, only=only, reasons=reasons
    )[0]


def text_and_bundle(
    session: Session,
    engine: MatchEngine,
    *,
    draft: Document,
    actor: Actor,
    now: datetime,
    k: int = BEST,
    past: bool = False,
) -> tuple[list[MatchView], BundleView | None]:
    """Return what ``counterparts_of_text`` does, and what several results cover together."""
    return _shown(
        session,
        engine,
        [draft],
        own=frozenset(actor.memberships),
        now=now,
        k=k,
        past=past,
        bundles=draft.side == "need",
    )


def words_on(
    session: Session, listing: Listing, other_ids: Collection[int]
) -> Mapping[tuple[int, int], MatchFeedback]:
    """Return (other listing, organisation that spoke) -> its word on the pair."""
    if not other_ids:
        return {}
    own, other = _columns(listing)
    rows = session.scalars(sa.select(MatchFeedback).where(own == listing.id, other.in_(other_ids)))
    return {(_other_id(row, listing), row.organisation_id): row for row in rows}


def interested_in(
    session: Session, listing: Listing, *, now: datetime
) -> list[tuple[Listing, MatchFeedback]]:
    """Return the public counterparts whose organisations said they are interested, newest first."""
    own, other = _columns(listing)
    rows = session.execute(
        sa.select(Listing, MatchFeedback)
        .join(Listing, Listing.id == other)
        .where(
            own == listing.id,
            MatchFeedback.kind == "interested",
            MatchFeedback.organisation_id == Listing.organisation_id,
            MatchFeedback.own.is_(False),
            is_public(now),
        )
        .options(lazyload(Listing.contributors), lazyload(Listing.requirements))
        .order_by(MatchFeedback.at.desc(), MatchFeedback.id.desc())
        .limit(50)
    )
    return [(found, word) for found, word in rows]


def figures(session: Session, *, now: datetime) -> Figures:
    """Count what is public; two statements."""
    sides = session.execute(
        sa.select(Listing.side, sa.func.count(Listing.id).label("number"))
        .where(is_public(now))
        .group_by(Listing.side)
    )
    count = {row.side: row.number for row in sides}
    experts = sa.select(sa.func.count(Expert.id)).where(Expert.published.is_(True))
    organisations = sa.select(sa.func.count(Organisation.id)).where(
        Organisation.state == "approved"
    )
    both = session.execute(
        sa.select(experts.scalar_subquery(), organisations.scalar_subquery())
    ).one()
    return Figures(count.get("achievement", 0), count.get("need", 0), both[0], both[1])


def epoch_day(now: datetime) -> int:
    """Return a moment's day as the index counts it."""
    return (now.date() - EPOCH).days


def _shown(
    session: Session,
    engine: MatchEngine,
    asked: Sequence[Document],
    *,
    own: frozenset[int],
    now: datetime,
    k: int,
    past: bool,
    only: frozenset[int] | None = None,
    reasons: bool = True,
    bundles: bool = False,
) -> tuple[list[MatchView], BundleView | None]:
    """Ask the engine, hold the answer against the database, ask again for what fell out."""
    (side,) = COUNTERPARTS[asked[0].side]
    where = Where(
        sides=(side,),
        organisation_not=tuple(sorted(own)),
        today=None if past else epoch_day(now),
        keys=only,
    )
    hidden: frozenset[int] = frozenset()
    for _ in range(ROUNDS):
        still = replace(where, keys_not=hidden)
        answer = _ask(engine, asked, k, still, bundles=bundles, reasons=reasons)
        wanted = {match.key for match in answer.matches}
        wanted |= {part.key for part in answer.bundle.parts} if answer.bundle else set()
        current = _public(session, sorted(wanted), side=side, own=own, now=now, past=past)
        stale = wanted - current.keys()
        if not stale:
            break
        hidden |= stale
    kept = [match for match in answer.matches if match.key in current]
    views = [_view(place, match, current[match.key]) for place, match in enumerate(kept, start=1)]
    said = {key: _said(listing) for key, listing in current.items()} if answer.bundle else {}
    return views, bundle_view(answer.bundle, current, said)


def _ask(
    engine: MatchEngine,
    asked: Sequence[Document],
    k: int,
    where: Where,
    *,
    bundles: bool,
    reasons: bool,
) -> Answer:
    if bundles:
        return engine.answer(asked, k, where)
    return Answer(tuple(engine.match(asked, k, where, reasons=reasons)), None)


def _public(
    session: Session,
    ids: Sequence[int],
    *,
    side: str,
    own: frozenset[int],
    now: datetime,
    past: bool,
) -> dict[int, Listing]:
    """Return those of ``ids`` that may be shown now; three statements at most."""
    wanted = sa.select(Listing).where(
        Listing.id.in_(ids),
        Listing.side == side,
        Listing.organisation_id.not_in(sorted(own)),
        is_public(now),
    )
    if not past:
        wanted = wanted.where(sa.or_(Listing.deadline.is_(None), Listing.deadline >= now.date()))
    unused = [Listing.contributors, Listing.fields, Listing.deal_forms]
    if side == "achievement":
        unused.append(Listing.requirements)
    rows = session.scalars(wanted.options(*(lazyload(each) for each in unused)))
    return {listing.id: listing for listing in rows}


def _said(listing: Listing) -> list[str]:
    """Return everything that the listing says in public now; sentences never span two parts."""
    parts = [
        part
        for text in listing.texts
        for part in (text.title, text.summary, text.problem, text.advantages, text.applications)
        if part
    ]
    if listing.side == "need":
        parts += [requirement.text for requirement in listing.requirements]
    return parts


def _view(position: int, match: Match, listing: Listing) -> MatchView:
    """Make a view in which only sentences stand that the listing says at this moment."""
    said = _said(listing)
    reasons = tuple(
        reason
        for reason in match.reasons
        if any(reason.candidate_sentence in text for text in said)
    )
    return MatchView(
        position=position,
        listing=listing,
        band=match.band.value,
        reasons=reasons,
        checks=_current_checks(match.requirements, listing, said),
        languages=match.languages,
        place=position,
        ranking=match.ranking,
        seen={"relevance": match.relevance, **match.features},
    )


def _current_checks(
    checks: Sequence[RequirementCheck], listing: Listing, said: Sequence[str]
) -> tuple[RequirementCheck, ...]:
    """Leave out what the counterpart no longer asks for, or what it no longer says."""
    if listing.side == "need":
        asks = {requirement.text for requirement in listing.requirements}
        return tuple(check for check in checks if check.requirement in asks)
    return tuple(
        check
        if check.sentence is None or any(check.sentence in text for text in said)
        else replace(check, verdict=Verdict.NOT_STATED, sentence=None, found=None)
        for check in checks
    )


def _columns(
    listing: Listing,
) -> tuple[sa.ColumnElement[int], sa.ColumnElement[int]]:
    """Return the feedback's columns of the listing's own side and of the other one."""
    pair = (MatchFeedback.need_id, MatchFeedback.achievement_id)
    own, other = pair if listing.side == "need" else pair[::-1]
    return own.expression, other.expression


def _other_id(word: MatchFeedback, listing: Listing) -> int:
    return word.achievement_id if listing.side == "need" else word.need_id
