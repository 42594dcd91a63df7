"""What came of a pair, written by any room: once, whatever the organisations themselves said."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenon.errors import Invalid
from tenon.matches.learning.labels import gain_of
from tenon.matches.models import (
    DECLINE_REASONS,
    FEEDBACK_KINDS,
    OUTCOME_KINDS,
    MatchFeedback,
    MatchOutcome,
)
from tenon.matches.services import record_outcome
from tests.factories.accounts import make_organisation
from tests.factories.listings import make_achievement, make_need
from tests.matches.learnt import add, word


def test_worth_grows_with_each_kind() -> None:
    gains = [gain_of(kind) for kind in ("interested", *OUTCOME_KINDS)]
    assert gains == sorted(set(gains))
    assert gains[0] > 0
    assert all(gain_of("declined", reason) < 0 for reason in DECLINE_REASONS)
    assert set(FEEDBACK_KINDS) == {"interested", "declined"}
    with pytest.raises(KeyError):
        gain_of("shown")


def test_an_outcome_is_written_once_beside_the_word(session: Session, now: datetime) -> None:
    need, result = make_need(session), make_achievement(session)
    add(session, MatchFeedback, [word(need, result, now)])
    for kind in OUTCOME_KINDS:
        for later in (0, 1):
            written = record_outcome(
                session,
                need=need,
                achievement=result,
                kind=kind,
                origin_kind="deal",
                origin_id=7,
                now=now + timedelta(days=later),
            )
            assert (written.kind, written.at, written.own) == (kind, now, False)
    assert session.scalar(sa.select(sa.func.count(MatchOutcome.id))) == len(OUTCOME_KINDS)
    assert session.scalar(sa.select(sa.func.count(MatchFeedback.id))) == 1
    with pytest.raises(IntegrityError):
        add(session, MatchFeedback, [word(need, result, now)])


def test_another_deal_of_the_same_pair_is_another_row(session: Session, now: datetime) -> None:
    need, result = make_need(session), make_achievement(session)
    for origin in (1, 2):
        record_outcome(
            session,
            need=need,
            achievement=result,
            kind="signed",
            origin_kind="deal",
            origin_id=origin,
            now=now,
        )
    assert session.scalar(sa.select(sa.func.count(MatchOutcome.id))) == 2


def test_what_happens_within_one_house_is_own(session: Session, now: datetime) -> None:
    house = make_organisation(session)
    need = make_need(session, organisation=house)
    result = make_achievement(session, organisation=house)
    written = record_outcome(
        session,
        need=need,
        achievement=result,
        kind="met",
        origin_kind="meeting",
        origin_id=1,
        now=now,
    )
    assert written.own


@pytest.mark.parametrize("kind", ["interested", "declined", "", "PAID"])
def test_words_are_no_outcomes(session: Session, now: datetime, kind: str) -> None:
    need, result = make_need(session), make_achievement(session)
    with pytest.raises(Invalid):
        record_outcome(
            session,
            need=need,
            achievement=result,
            kind=kind,
            origin_kind="deal",
            origin_id=1,
            now=now,
        )
    with pytest.raises(Invalid):
        record_outcome(
            session,
            need=result,
            achievement=need,
            kind="paid",
            origin_kind="deal",
            origin_id=1,
            now=now,
        )
