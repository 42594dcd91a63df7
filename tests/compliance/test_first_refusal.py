"""Contributors' first refusal on the assignment of service technology (Civil Code 847)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.compliance.models import FirstRefusal
from tenon.compliance.services import refusing, sheets
from tenon.deals.guards import open_points
from tenon.deals.models import Deal
from tenon.deals.queries import accepted_terms
from tenon.deals.services import step_of, take_step
from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid, NotFound
from tenon.notices.models import Notice
from tests.compliance.cast import Cast, agreed
from tests.compliance.test_price_route import paper
from tests.factories.listings import NOW, make_achievement, make_ip_right

LAST = NOW + timedelta(days=15)


def asked(session: Session, deal: Deal) -> list[FirstRefusal]:
    """Who was asked on the accepted terms."""
    terms = accepted_terms(session, deal)
    assert terms is not None
    return list(refusing.asked_on(session, terms))


def refused(session: Session, deal: Deal, now: object = NOW) -> list[str]:
    """What the guard says of clearing."""
    points = open_points(session, deal, step_of(deal, "clear"), now=now)  # type: ignore[arg-type]  # a moment
    return [each.message for each in points if each.guard == "first_refusal_answered"]


def test_contributors_are_asked_with_the_terms_of_an_assignment(
    session: Session, cast: Cast
) -> None:
    deal = agreed(session, cast, "assignment")
    assert [each.contributor.name for each in asked(session, deal)] == ["云舒", "林外"]
    assert refused(session, deal) == ["Contributors may still answer until the end of %(day)s."]
    told = session.scalars(sa.select(Notice.user_id).where(Notice.kind == "first_refusal_asked"))
    assert list(told) == [cast.people["contributor"].id]


def test_a_licence_asks_nobody(session: Session, cast: Cast) -> None:
    deal = agreed(session, cast)
    assert asked(session, deal) == []
    assert refused(session, deal) == []


def test_one_answers_here_the_other_on_paper(session: Session, cast: Cast) -> None:
    deal = agreed(session, cast, "assignment")
    first, second = asked(session, deal)
    refusing.answer(session, first, answer="waives", by=cast.actor("contributor"), now=NOW)
    assert refused(session, deal)
    by = cast.actor("seller_administrator")
    refusing.answer_by_paper(
        session,
        second,
        answer="waives",
        answered_on=NOW.date(),
        file=paper(session, deal),
        by=by,
        now=NOW,
    )
    assert refused(session, deal) == []
    with pytest.raises(Forbidden):  # who can answer here is not answered for
        refusing.answer_by_paper(
            session,
            first,
            answer="takes_up",
            answered_on=NOW.date(),
            file=paper(session, deal),
            by=by,
            now=NOW,
        )


def test_silence_to_the_end_of_the_last_day_is_a_waiver(session: Session, cast: Cast) -> None:
    deal = agreed(session, cast, "assignment")
    assert refused(session, deal, LAST)
    assert refused(session, deal, LAST + timedelta(days=1)) == []
    with pytest.raises(IllegalTransition):
        refusing.answer(
            session,
            asked(session, deal)[0],
            answer="takes_up",
            by=cast.actor("contributor"),
            now=LAST + timedelta(days=1),
        )


def test_who_takes_it_up_blocks_the_deal_with_847(session: Session, cast: Cast) -> None:
    deal = agreed(session, cast, "assignment")
    mine, by = asked(session, deal)[0], cast.actor("contributor")
    refusing.answer(session, mine, answer="takes_up", by=by, now=NOW)
    points = open_points(session, deal, step_of(deal, "clear"), now=LAST + timedelta(days=9))
    told = next(each for each in points if each.guard == "first_refusal_answered")
    assert "equal terms" in told.message
    assert "847" in told.source_en
    with pytest.raises(Conflict):
        refusing.answer(session, mine, answer="takes_up", by=by, now=NOW)
    refusing.answer(session, mine, answer="waives", by=by, now=NOW)
    with pytest.raises(Conflict):
        refusing.answer(session, mine, answer="takes_up", by=by, now=NOW)


def test_other_terms_are_other_terms(session: Session, cast: Cast) -> None:
    deal = agreed(session, cast, "assignment")
    old = asked(session, deal)[0]
    refusing.answer(session, old, answer="waives", by=cast.actor("contributor"), now=NOW)
    by = cast.actor("seller_editor")
    take_step(session, deal, "reopen", reason="price", by=by, now=NOW)
    agreed(session, cast, deal=deal, up_front={"minor": 100, "currency": "CNY"})
    new = asked(session, deal)
    assert [each.answer for each in new] == [None, None]
    with pytest.raises((IllegalTransition, Conflict)):
        refusing.answer(session, old, answer="waives", by=cast.actor("contributor"), now=NOW)


def test_without_contributors_it_cannot_be_skipped_but_explained(
    session: Session, cast: Cast
) -> None:
    cast.result = make_achievement(
        session,
        organisation=cast.university,
        state="published",
        ip_rights=[make_ip_right(session)],
    )
    deal = agreed(session, cast, "assignment")
    assert len(refused(session, deal)) == 1
    with pytest.raises(Forbidden):
        sheets.declare_no_service(
            session, deal, reason="外购技术", by=cast.actor("seller_editor"), now=NOW
        )
    by = cast.actor("seller_administrator")
    sheets.declare_no_service(session, deal, reason="外购技术，非职务成果", by=by, now=NOW)
    assert refused(session, deal) == []
    sheets.add_contributor(session, deal, name="后补", by=by, now=NOW)
    assert len(refused(session, deal)) == 1  # a named contributor is not explained away


def test_who_is_added_later_is_asked_later(session: Session, cast: Cast) -> None:
    deal = agreed(session, cast, "assignment")
    by = cast.actor("seller_editor")
    sheets.add_contributor(session, deal, name="后补", by=by, now=NOW)
    assert "name them and ask them" in refused(session, deal, LAST + timedelta(days=1))[0]
    assert refusing.ask_later(session, deal, by=by, now=NOW) == 1
    assert refusing.ask_later(session, deal, by=by, now=NOW) == 0
    with pytest.raises(Invalid):
        sheets.add_contributor(session, deal, name="后补", by=by, now=NOW)


@pytest.mark.parametrize("role", ["visitor", "stranger", "seller_administrator", "operator"])
def test_nobody_else_answers_for_a_contributor(session: Session, cast: Cast, role: str) -> None:
    deal = agreed(session, cast, "assignment")
    with pytest.raises(NotFound):
        refusing.answer(
            session, asked(session, deal)[0], answer="waives", by=cast.actor(role), now=NOW
        )
