"""Counterparts as they may be shown: nothing closed, confidential or of one's own house, ever.

The index is deliberately left stale: it still holds what the database no longer lets through.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from matching.engine import MatchEngine
from tenon.actors import VISITOR, Actor
from tenon.db import Database
from tenon.listings.models import Listing, ListingText
from tenon.listings.states import PUBLIC_STATES, STATES
from tenon.matches import queries
from tenon.matches.models import MatchFeedback
from tests.factories.accounts import actor_for, make_membership, make_organisation, make_user
from tests.factories.listings import make_achievement, make_expert, make_need
from tests.matches.conftest import Index

pytestmark = pytest.mark.usefixtures("background")

CLOSED = sorted(set(STATES) - set(PUBLIC_STATES))
NEED = "蒸汽管道外壁测温靠人工，漏报多，想要连续测温。"


def _result(session: Session, **values: Any) -> Listing:
    """An achievement that fits the needs of this module, whatever else there is."""
    standard = {
        "title": "蒸汽管道外壁连续测温装置",
        "summary": "蒸汽管道外壁连续测温，不靠人工，漏报少。装置在200℃以上连续测温。",
    }
    return make_achievement(session, **standard | values)


def _of_text(
    session: Session,
    engine: MatchEngine,
    now: datetime,
    *,
    side: str = "need",
    actor: Actor = VISITOR,
    past: bool = False,
    k: int = 10,
) -> list[int]:
    draft = engine.draft(NEED, "need" if side == "need" else "achievement")
    found = queries.counterparts_of_text(
        session, engine, draft=draft, actor=actor, now=now, past=past, k=k
    )
    return [view.listing.id for view in found]


@pytest.mark.parametrize("state", CLOSED)
def test_closed_listing_never_shows_though_the_index_holds_it(
    session: Session, index: Index, engine: MatchEngine, now: datetime, state: str
) -> None:
    need = make_need(session, state="published")
    kept = _result(session, state="published")
    closed = _result(session, state="published")
    index()
    closed.state = state
    session.commit()
    assert _of_text(session, engine, now) == [kept.id]
    found = queries.counterparts(session, engine, listing=need, now=now)
    assert [view.listing.id for view in found] == [kept.id]


def test_expired_listing_never_shows_before_anybody_marked_it(
    session: Session, index: Index, engine: MatchEngine, now: datetime
) -> None:
    kept = _result(session, state="published")
    past = _result(session, state="published", expires_at=now + timedelta(minutes=1))
    index()
    assert set(_of_text(session, engine, now)) == {kept.id, past.id}
    assert _of_text(session, engine, now + timedelta(minutes=2)) == [kept.id]


def test_own_organisations_listings_never_show(
    session: Session, index: Index, engine: MatchEngine, now: datetime
) -> None:
    house = make_organisation(session)
    need = make_need(session, organisation=house, state="published")
    own = _result(session, organisation=house, state="published")
    other = _result(session, state="published")
    member = make_user(session)
    make_membership(session, member, house, role="member")
    index()
    found = queries.counterparts(session, engine, listing=need, now=now)
    assert [view.listing.id for view in found] == [other.id]
    assert _of_text(session, engine, now, actor=actor_for(member)) == [other.id]
    assert set(_of_text(session, engine, now)) == {own.id, other.id}


def test_listing_that_changed_hands_is_own_though_the_index_says_otherwise(
    session: Session, index: Index, engine: MatchEngine, now: datetime
) -> None:
    house = make_organisation(session)
    need = make_need(session, organisation=house, state="published")
    moved = _result(session, state="published")
    index()
    moved.organisation = house
    session.commit()
    assert queries.counterparts(session, engine, listing=need, now=now) == []


def test_drafts_of_ones_own_are_not_among_the_counterparts_of_others(
    session: Session, index: Index, engine: MatchEngine, now: datetime
) -> None:
    house = make_organisation(session)
    member = make_user(session)
    make_membership(session, member, house)
    _result(session, organisation=house, state="draft")
    need = make_need(session, state="published")
    index()
    assert queries.counterparts(session, engine, listing=need, now=now) == []
    assert _of_text(session, engine, now, actor=actor_for(member)) == []


def test_places_of_the_hidden_are_filled_by_the_next_best(
    session: Session, index: Index, engine: MatchEngine, now: datetime
) -> None:
    made = [_result(session, state="published") for _ in range(6)]
    index()
    shown = _of_text(session, engine, now, k=3)
    assert len(shown) == 3
    for listing in made:
        if listing.id in shown:
            listing.state = "withdrawn"
    session.commit()
    after = _of_text(session, engine, now, k=3)
    assert len(after) == 3
    assert not set(after) & set(shown)


def test_need_whose_deadline_has_passed_shows_only_when_asked_for(
    session: Session, index: Index, engine: MatchEngine, now: datetime
) -> None:
    past = make_need(session, state="published", deadline=date(2026, 11, 21))
    today = make_need(session, state="published", deadline=date(2026, 11, 22))
    index()
    assert _of_text(session, engine, now, side="achievement") == [today.id]
    assert set(_of_text(session, engine, now, side="achievement", past=True)) == {
        past.id,
        today.id,
    }
    today.deadline = date(2026, 11, 20)
    session.commit()
    assert _of_text(session, engine, now, side="achievement") == []


def test_sentence_taken_out_since_is_not_quoted(
    session: Session, index: Index, engine: MatchEngine, now: datetime
) -> None:
    result = _result(session, state="published", advantages="探头耐温230℃，由隐名制造公司试用。")
    need = make_need(session, state="published", requirements=["耐温≥200℃"])
    index()
    (before,) = queries.counterparts(session, engine, listing=need, now=now)
    quoted = [reason.candidate_sentence for reason in before.reasons]
    quoted += [check.sentence or "" for check in before.checks]
    assert any("隐名制造" in sentence for sentence in quoted)
    session.execute(
        sa.update(ListingText)
        .where(ListingText.listing_id == result.id)
        .values(advantages="寿命五年。")
    )
    session.commit()
    session.expire_all()
    (after,) = queries.counterparts(session, engine, listing=need, now=now)
    assert [c.verdict.value for c in after.checks] == ["not_stated"]
    for reason in after.reasons:
        assert "隐名制造" not in reason.candidate_sentence


def test_requirement_taken_back_since_is_not_checked(
    session: Session, index: Index, engine: MatchEngine, now: datetime
) -> None:
    need = make_need(session, state="published", requirements=["耐温≥200℃", "误差≤0.5℃"])
    result = _result(session, state="published")
    index()
    need.requirements = need.requirements[:1]
    session.commit()
    (view,) = queries.counterparts(session, engine, listing=result, now=now)
    assert [check.requirement for check in view.checks] == ["耐温≥200℃"]


def test_reasons_are_verbatim_sentences_of_both_sides(
    session: Session, index: Index, engine: MatchEngine, now: datetime
) -> None:
    result = _result(session, state="published")
    need = make_need(session, state="published")
    index()
    (view,) = queries.counterparts(session, engine, listing=need, now=now)
    said = result.texts[0]
    whole = "\n".join(filter(None, [said.title, said.summary, said.problem, said.advantages]))
    asked = f"{need.texts[0].title}\n{need.texts[0].summary}"
    assert view.reasons
    for reason in view.reasons:
        assert reason.candidate_sentence in whole + (said.applications or "")
        assert reason.query_sentence in asked + need.requirements[0].text


def test_confidential_detail_is_in_no_reason(
    session: Session, index: Index, engine: MatchEngine, now: datetime
) -> None:
    _result(
        session,
        state="published",
        title="片球菌",
        summary="保护性培养物。",
        problem=None,
        advantages=None,
        applications=None,
        details={"nda": NEED, "signed_in": NEED},
    )
    index()
    assert _of_text(session, engine, now) == []


def test_word_of_the_other_side_counts_only_from_its_own_organisation(
    session: Session, index: Index, engine: MatchEngine, now: datetime
) -> None:
    need = make_need(session, state="published")
    result = _result(session, state="published")
    bystander = make_organisation(session)
    session.flush()
    for organisation in (bystander, need.organisation):
        session.add(
            MatchFeedback(
                need_id=need.id,
                achievement_id=result.id,
                side="need",
                kind="interested",
                organisation_id=organisation.id,
                at=now,
            )
        )
    index()
    (view,) = queries.counterparts(session, engine, listing=result, now=now)
    assert view.their_word is not None
    assert view.their_word.organisation_id == need.organisation_id
    assert view.own_word is None
    interested = queries.interested_in(session, result, now=now)
    assert [listing.id for listing, _ in interested] == [need.id]
    need.state = "withdrawn"
    session.commit()
    assert queries.interested_in(session, result, now=now) == []


def test_figures_count_what_is_public(session: Session, index: Index, now: datetime) -> None:
    _result(session, state="published")
    _result(session, state="in_review")
    make_need(session, state="in_matching")
    make_need(session, state="published", expires_at=now - timedelta(seconds=1))
    before = queries.figures(session, now=now).experts
    make_expert(session)
    make_expert(session, published=False)
    make_organisation(session, state="pending")
    session.flush()
    figures = queries.figures(session, now=now)
    assert (figures.achievements, figures.needs) == (1, 1)
    assert figures.experts == before + 1
    assert figures.organisations == 4


def test_statements_do_not_grow_with_matches(
    session: Session, database: Database, index: Index, engine: MatchEngine, now: datetime
) -> None:
    need = make_need(session, state="published")
    counts = []
    for number in (1, 5):
        for _ in range(number):
            _result(session, state="published", fields=[("hitech", "1")])
        index()
        statements: list[str] = []
        sa.event.listen(
            database.engine,
            "before_cursor_execute",
            lambda *args, kept=statements: kept.append(args[2]),
        )
        with database.reading() as reader:
            found = queries.counterparts(
                reader, engine, listing=reader.merge(need, load=False), now=now
            )
        assert len(found) == number + (number == 5)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 6
