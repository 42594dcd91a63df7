"""Addresses of the pages that need something to have happened: introductions, credit, choices.

One introduction at each stage whose page looks different to the person who opens it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.clock import utc_now
from tenon.credit.models import CreditEntry
from tenon.introductions.models import Introduction
from tenon.listings.models import Listing
from tenon.notices import unsubscribing
from tests.browser.event_desks import event_desks
from tests.factories.accounts import actor_for, make_membership, make_user
from tests.factories.credit import make_dispute, make_entry
from tests.factories.deals import make_deal, make_terms
from tests.factories.introductions import make_agreement, make_introduction, make_message
from tests.factories.listings import make_achievement, make_need


def introduction_pages(
    session: Session, user: User, house: Organisation, ours: Listing, need: Listing
) -> list[str]:
    """Pages of introductions for somebody of a house with a result, who is a broker too."""
    now = utc_now()  # the site's clock is real: what stands at the factories' moment lapses one day
    waits = make_introduction(session, listing=ours, own_listing=need, to_user=user, now=now)
    make_message(session, waits)
    made: dict[str, Any] = {"listing": ours, "to_user": user, "with_own": True, "now": now}
    agreed = make_introduction(session, state="nda", **made)
    connected = make_introduction(session, state="connected", **made)
    make_message(session, connected)
    own: dict[str, Any] = {"own_listing": ours, "from_user": user, "now": now}
    declined = make_introduction(session, state="declined", end_remark="请补充试验报告。", **own)
    own["from_organisation"] = house
    proposed = make_introduction(session, state="proposed", proposer=make_user(session), **own)
    returned = make_introduction(session, state="returned", **own)
    checking = make_introduction(session, state="checking", broker=user, with_own=True, now=now)
    ended = make_introduction(session, state="ended", end_reason="no_fit", **made)
    make_agreement(session, ended)
    shown = (waits, agreed, connected, declined, proposed, returned, checking, ended)
    wanted = make_need(session, state="published")
    offered = make_achievement(session, state="published")
    return [
        *(f"/introductions/{each.public_id}" for each in shown),
        *(f"/introductions/{each.public_id}/answer" for each in (proposed, returned)),
        f"/introductions/{agreed.public_id}/agreement",
        f"/introductions/{checking.public_id}/check",
        "/introductions/board?stage=checking",
        f"/introductions?listing={ours.public_id}&side=to",
        f"/introductions/new?listing={wanted.public_id}&own={ours.public_id}",
        f"/introductions/propose?need={wanted.public_id}&achievement={offered.public_id}",
        f"/introductions/propose?listing={wanted.public_id}&name=示例",
        f"/listings/{offered.public_id}",
    ]


def credit_pages(session: Session, user: User, house: Organisation) -> list[str]:
    """Pages of a ledger, of an entry to dispute, and of a dispute to settle."""
    own = make_entry(session, user, act="hosted", concerned=[house.id])
    other = make_user(session)
    raiser = make_user(session)
    make_membership(session, raiser, house, "editor")
    entry = make_entry(
        session, other, thing=("deal", "deal-2"), act="introduced", concerned=[house.id]
    )
    dispute = make_dispute(session, entry, by=actor_for(raiser))
    return [
        f"/credit/entries/{own.public_id}/dispute",
        f"/credit/things/{own.thing_kind}/{own.thing_id}",
        f"/credit/disputes/{dispute.public_id}",
    ]


def deal_pages(
    session: Session, user: User, house: Organisation, ours: Listing, need: Listing
) -> list[str]:
    """Pages of deals for somebody of the house that gives: to answer, to sign, in force, over."""
    between: dict[str, Any] = {
        "seller": house,
        "buyer": need.organisation,
        "seller_user": user,
        "listings": [ours, need],
    }
    answers = make_deal(session, state="terms", **between)
    make_terms(session, answers, values={"territory": ["CN"]}, state="declined", number=1)
    values = {"territory": ["CN", "SG"], "term_months": 60, "fields_of_use": ["余热回收"]}
    make_terms(session, answers, values=values, state="proposed", side="buyer", number=2)
    signs = make_deal(session, state="signing", terms=values, **between)
    runs = make_deal(session, state="in_force", terms=values, value_minor=100, **between)
    over = make_deal(session, state="dropped", end_reason="price", **between)
    place = f"/deals/{answers.public_id}"
    parts = ("terms", "terms/1", "terms/compare", "terms/new", "form", "edit", "messages")
    return [
        *(f"/deals/{each.public_id}" for each in (answers, signs, runs, over)),
        *(f"{place}/{part}" for part in parts),
        *(f"{place}/{part}" for part in ("people", "timeline", "papers", "steps/drop")),
        f"/deals/{signs.public_id}/signatures",
        "/deals/board?stage=terms",
        f"/deals/new?listing={ours.public_id}",
        f"/deals/new?listing={ours.public_id}&with={need.public_id}",
    ]


def unsubscribe_page(app: Flask, user: User) -> str:
    """The page behind the link in a mail."""
    with app.app_context():
        return unsubscribing.PATH + unsubscribing.token(user.public_id, "introductions")


def demo_desks(session: Session) -> Mapping[str, tuple[str, ...]]:
    """Role -> pages of the demo's introductions, ledger, choices and events that the role opens."""
    company = session.scalars(sa.select(User).where(User.email == "company@demo.example")).one()
    house = company.acting_for_id
    ours = session.scalars(
        sa.select(Introduction)
        .where(sa.or_(Introduction.from_organisation_id == house, _approaches(house)))
        .order_by(Introduction.id)
    ).all()
    by_state = {each.state: f"/introductions/{each.public_id}" for each in ours}
    agreed = next(each for each in ours if each.nda is not None)
    waits = session.scalars(sa.select(Introduction).where(Introduction.state == "checking")).first()
    introduced = (
        sa.select(CreditEntry)
        .join(CreditEntry.user)
        .where(CreditEntry.act == "introduced", User.email == "broker@demo.example")
    )
    entry = session.scalars(introduced.order_by(CreditEntry.id)).first()
    own = session.scalars(sa.select(Listing).where(_published(house))).first()
    other = session.scalars(sa.select(Listing).where(_published(house, others=True))).first()
    assert waits is not None
    assert entry is not None
    assert own is not None
    assert other is not None
    pair = f"need={own.public_id}&achievement={other.public_id}"
    events = event_desks(session)
    return {
        "company": (
            "/introductions",
            *by_state.values(),
            f"/introductions/{agreed.public_id}/agreement",
            f"/introductions/new?listing={other.public_id}",
            "/account/notices",
            *events["company"],
        ),
        "researcher": events["researcher"],
        "broker": (
            "/introductions/board",
            f"/introductions/{waits.public_id}",
            f"/introductions/propose?{pair}",
            "/credit",
            f"/credit/things/{entry.thing_kind}/{entry.thing_id}",
            f"/credit/entries/{entry.public_id}/dispute",
            "/credit/statements",
            *events["broker"],
        ),
        "operator": ("/credit/disputes", "/notices/bounces", "/notices/mails"),
        "visitor": ("/verify", *events["visitor"]),
    }


def _approaches(house: int | None) -> sa.ColumnElement[bool]:
    passed_on = Introduction.passed_on_at.is_not(None)
    return sa.and_(Introduction.to_organisation_id == house, passed_on)


def _published(house: int | None, *, others: bool = False) -> sa.ColumnElement[bool]:
    whose = Listing.organisation_id != house if others else Listing.organisation_id == house
    side = "achievement" if others else "need"
    return sa.and_(whose, Listing.state == "published", Listing.side == side)
