"""Objections: by anybody signed in, each answered; one that is upheld reopens the terms."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts import personal_data
from tenon.compliance.models import Objection, Publicity
from tenon.compliance.services import objecting, publishing
from tenon.deals.guards import open_points
from tenon.deals.models import Deal
from tenon.deals.services import step_of
from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid, NotFound
from tenon.history import HistoryEntry
from tenon.history.proof import verify
from tenon.notices.models import Notice
from tests.compliance.cast import Cast, published
from tests.factories.listings import NOW

SAID = {"name": "某人", "contact": "office@example.org", "text": "受让方与完成人有关联，未申报。"}
OVER = NOW + timedelta(days=16)


def of(session: Session, deal: Deal) -> Publicity:
    """The publicity that runs."""
    found = publishing.running(session, deal)
    assert found is not None
    return found


def objection(session: Session, cast: Cast, deal: Deal, role: str = "nobody") -> Objection:
    """An objection to what is published."""
    return objecting.object_to(session, of(session, deal), **SAID, by=cast.actor(role), now=NOW)


def blocked(session: Session, deal: Deal) -> list[str]:
    """What publicity still blocks after its days."""
    points = open_points(session, deal, step_of(deal, "clear"), now=OVER)
    return [each.message for each in points if each.guard == "publicity_over"]


def test_an_open_objection_blocks_and_a_rejected_one_does_not(session: Session, cast: Cast) -> None:
    deal = published(session, cast)
    made = objection(session, cast, deal)
    assert blocked(session, deal) == ["Objections that wait for a decision: %(count)s."]
    objecting.decide(
        session,
        made,
        decision="rejected",
        grounds="已核查，无关联。",
        by=cast.actor("seller_administrator"),
        now=NOW,
    )
    assert blocked(session, deal) == []
    told = {each.kind: each.user_id for each in session.scalars(sa.select(Notice))}
    assert told["objection_made"] == cast.people["seller_administrator"].id
    assert told["objection_decided"] == cast.people["nobody"].id


def test_an_upheld_objection_takes_the_deal_back_to_its_terms(session: Session, cast: Cast) -> None:
    deal = published(session, cast)
    made = objection(session, cast, deal)
    by = cast.actor("seller_administrator")
    objecting.decide(session, made, decision="upheld", grounds="成立。", by=by, now=NOW)
    assert (deal.stage, made.state) == ("terms", "upheld")
    assert publishing.running(session, deal) is None


def test_a_decision_has_grounds_and_is_made_once(session: Session, cast: Cast) -> None:
    deal = published(session, cast)
    made, by = objection(session, cast, deal), cast.actor("seller_administrator")
    with pytest.raises(Invalid) as told:
        objecting.decide(session, made, decision="rejected", grounds=" ", by=by, now=NOW)
    assert told.value.fields == {"grounds": "required"}
    objecting.decide(session, made, decision="rejected", grounds="无关联。", by=by, now=NOW)
    with pytest.raises(Conflict):
        objecting.decide(session, made, decision="upheld", grounds="改判。", by=by, now=NOW)


@pytest.mark.parametrize(
    ("role", "refusal"),
    [
        ("seller_editor", Forbidden),
        ("buyer_administrator", Forbidden),
        ("broker", Forbidden),
        ("operator", Forbidden),
        ("stranger", NotFound),
        ("nobody", NotFound),
        ("seller_member", NotFound),
    ],
)
def test_only_the_sellers_administrators_decide(
    session: Session, cast: Cast, role: str, refusal: type[Exception]
) -> None:
    deal = published(session, cast)
    made = objection(session, cast, deal)
    with pytest.raises(refusal):
        objecting.decide(
            session, made, decision="rejected", grounds="无", by=cast.actor(role), now=NOW
        )


def test_a_visitor_does_not_object_and_nobody_after_the_last_day(
    session: Session, cast: Cast
) -> None:
    deal = published(session, cast)
    with pytest.raises(Forbidden):
        objection(session, cast, deal, "visitor")
    with pytest.raises(IllegalTransition):
        objecting.object_to(session, of(session, deal), **SAID, by=cast.actor("nobody"), now=OVER)


def test_an_objection_has_name_contact_and_grounds(session: Session, cast: Cast) -> None:
    deal = published(session, cast)
    with pytest.raises(Invalid) as told:
        objecting.object_to(
            session,
            of(session, deal),
            name=" ",
            contact="",
            text="",
            by=cast.actor("nobody"),
            now=NOW,
        )
    assert set(told.value.fields) == {"name", "contact", "text"}


def test_who_objected_may_take_it_back(session: Session, cast: Cast) -> None:
    deal = published(session, cast)
    made = objection(session, cast, deal)
    with pytest.raises(Forbidden):
        objecting.withdraw(session, made, by=cast.actor("stranger"), now=NOW)
    objecting.withdraw(session, made, by=cast.actor("nobody"), now=NOW)
    assert blocked(session, deal) == []


def test_history_holds_no_word_of_the_objector(session: Session, cast: Cast) -> None:
    deal = published(session, cast)
    objection(session, cast, deal)
    facts = session.scalars(
        sa.select(HistoryEntry.facts).where(HistoryEntry.chain_id == deal.public_id)
    ).all()
    assert all(word not in str(facts) for word in SAID.values())
    assert list(verify(session)) == []


def test_who_leaves_is_forgotten_and_the_objection_stays(session: Session, cast: Cast) -> None:
    deal = published(session, cast)
    made, user = objection(session, cast, deal), cast.people["nobody"]
    held = personal_data.collect(session, user)["compliance"]
    assert held["objections"][0]["contact"] == SAID["contact"]
    personal_data.erase(session, user, NOW)
    session.expire_all()
    assert (made.name, made.contact, made.user_id, made.text) == ("", "", None, SAID["text"])
