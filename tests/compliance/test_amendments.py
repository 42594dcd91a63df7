"""A price amended after signing: published anew, put to the contributors anew, kept in evidence."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tenon.app import load_tasks
from tenon.compliance import evidence, queries
from tenon.compliance.models import Publicity
from tenon.compliance.services import objecting, publishing, refusing, watching
from tenon.db import Database
from tenon.deals.guards import RuleBroken
from tenon.deals.models import Deal, TermVersion
from tenon.deals.queries import accepted_terms
from tenon.deals.services import accept, decline, propose, take_step
from tenon.errors import Forbidden, IllegalTransition
from tenon.history.proof import verify
from tests.compliance.browsing import browser, words
from tests.compliance.cast import Cast, make_cast, published
from tests.compliance.test_evidence import opened, pack_of
from tests.compliance.test_objections import SAID
from tests.compliance.test_road import OVER, SIGNED, signed_by_both
from tests.factories.accounts import post
from tests.factories.listings import NOW

HALF = {"minor": 30_000_000, "currency": "CNY"}
LATER = SIGNED + timedelta(days=100)
THEN = LATER + timedelta(days=16)


@pytest.fixture(autouse=True)
def _everything_listens() -> None:
    load_tasks()


def in_force(session: Session, cast: Cast, folder: Path, form: str = "licence_exclusive") -> Deal:
    """A deal whose price was published, that was signed and took effect."""
    deal = published(session, cast, form)
    terms = accepted_terms(session, deal)
    assert terms is not None
    for each in refusing.asked_on(session, terms)[:1]:
        refusing.answer(session, each, answer="waives", by=cast.actor("contributor"), now=NOW)
    watching.end_publicities(session, now=OVER + timedelta(days=20))
    assert deal.stage == "signing"
    signed_by_both(session, cast, deal, folder)
    take_step(session, deal, "take_effect", by=cast.actor("seller_administrator"), now=SIGNED)
    return deal


def proposed(session: Session, cast: Cast, deal: Deal, **values: Any) -> TermVersion:
    """The buyer's amendment, which waits for the seller."""
    agreed = accepted_terms(session, deal)
    assert agreed is not None
    whole = {**agreed.values, **values}
    by = cast.actor("buyer_administrator")
    return propose(session, deal, values=whole, by=by, now=LATER)


def take(session: Session, cast: Cast, deal: Deal, version: TermVersion, now: datetime) -> None:
    """The seller accepts it."""
    accept(session, deal, version, by=cast.actor("seller_administrator"), now=now)


def refused(
    session: Session, cast: Cast, deal: Deal, version: TermVersion, now: datetime
) -> dict[str, str]:
    """Guard -> source of what stands in the way of accepting it; nothing is left behind."""
    whole = session.begin_nested()
    try:
        with pytest.raises(RuleBroken) as told:
            take(session, cast, deal, version, now)
    finally:
        whole.rollback()
        session.expire_all()
    return {each.guard: each.source_en for each in told.value.refusals}


def test_half_the_published_price_is_published_before_it_holds(
    session: Session, cast: Cast, tmp_path: Path
) -> None:
    deal = in_force(session, cast, tmp_path)
    version = proposed(session, cast, deal, up_front=HALF)
    found = refused(session, cast, deal, version, LATER)
    assert list(found) == ["publicity_over"]
    assert "article 18" in found["publicity_over"]
    with pytest.raises(Forbidden):
        publishing.start_amended(session, deal, by=cast.actor("buyer_administrator"), now=LATER)
    seller = cast.actor("seller_editor")
    made = publishing.start_amended(session, deal, by=seller, now=LATER)
    assert made.body["price"] == {"minor": 30_000_000, "currency": "CNY", "rate": None}
    assert made.body["price_words"] is None
    with pytest.raises(IllegalTransition):  # once is enough
        publishing.start_amended(session, deal, by=seller, now=LATER)
    assert list(refused(session, cast, deal, version, THEN - timedelta(days=1))) == [
        "publicity_over"
    ]
    take(session, cast, deal, version, THEN)
    assert deal.value_minor == 30_000_000
    states = session.scalars(sa.select(Publicity.state).order_by(Publicity.id)).all()
    assert states == ["stopped", "running"]
    assert list(verify(session)) == []


def test_an_objection_upheld_stops_the_amendment_not_the_deal(
    session: Session, cast: Cast, tmp_path: Path
) -> None:
    deal = in_force(session, cast, tmp_path)
    version = proposed(session, cast, deal, up_front=HALF)
    by = cast.actor("seller_administrator")
    made = publishing.start_amended(session, deal, by=by, now=LATER)
    objection = objecting.object_to(session, made, **SAID, by=cast.actor("nobody"), now=LATER)
    assert list(refused(session, cast, deal, version, THEN)) == ["publicity_over"]
    objecting.decide(session, objection, decision="upheld", grounds="价格偏低。", by=by, now=THEN)
    assert publishing.running(session, deal) is None
    assert list(refused(session, cast, deal, version, THEN)) == ["publicity_over"]
    assert deal.stage == "in_force"


def test_paying_later_or_other_words_need_no_publicity(
    session: Session, cast: Cast, tmp_path: Path
) -> None:
    deal = in_force(session, cast, tmp_path)
    version = proposed(session, cast, deal, up_front_days=90, other_terms="宽限付款。")
    with pytest.raises(IllegalTransition):
        publishing.start_amended(session, deal, by=cast.actor("seller_editor"), now=LATER)
    take(session, cast, deal, version, LATER)


def test_a_royalty_in_tiers_is_published_in_the_words_of_its_terms(
    session: Session, cast: Cast, tmp_path: Path
) -> None:
    deal = in_force(session, cast, tmp_path)
    tiers = [{"from": 0, "rate": "3"}, {"from": 100_000_000, "rate": "2"}]
    running = {
        "payment_mode": "running",
        "royalty_base": "gross_sales",
        "royalty_scheme": "tiers",
        "royalty_tiers": tiers,
        "tier_mode": "marginal",
        "tier_period": "year",
        "up_front": None,
    }
    proposed(session, cast, deal, **running)
    made = publishing.start_amended(session, deal, by=cast.actor("seller_editor"), now=LATER)
    assert "提成档次" in made.body["price_words"]
    assert made.body["price"]["minor"] is None


def test_what_was_declined_is_published_no_more(
    session: Session, cast: Cast, tmp_path: Path
) -> None:
    deal = in_force(session, cast, tmp_path)
    version = proposed(session, cast, deal, up_front=HALF)
    by = cast.actor("seller_administrator")
    made = publishing.start_amended(session, deal, by=by, now=LATER)
    assert watching.stop_unasked(session, now=LATER) == 0
    decline(session, deal, version, by=by, now=LATER)
    assert watching.stop_unasked(session, now=LATER) == 1
    assert made.state == "stopped"
    assert watching.stop_unasked(session, now=LATER) == 0


def test_an_objection_to_what_is_published_no_more_stops_nothing_else(
    session: Session, cast: Cast, tmp_path: Path
) -> None:
    deal = in_force(session, cast, tmp_path)
    by = cast.actor("seller_administrator")
    proposed(session, cast, deal, up_front=HALF)
    first = publishing.start_amended(session, deal, by=by, now=LATER)
    objection = objecting.object_to(session, first, **SAID, by=cast.actor("nobody"), now=LATER)
    proposed(session, cast, deal, up_front=HALF, other_terms="宽限付款。")
    watching.stop_unasked(session, now=LATER)
    second = publishing.start_amended(session, deal, by=by, now=LATER)
    assert (first.state, second.state) == ("stopped", "running")
    objecting.decide(session, objection, decision="upheld", grounds="价格偏低。", by=by, now=LATER)
    assert second.state == "running"


def test_an_amendment_is_published_no_more_when_the_deal_ends(
    session: Session, cast: Cast, tmp_path: Path
) -> None:
    deal = in_force(session, cast, tmp_path)
    by = cast.actor("seller_administrator")
    proposed(session, cast, deal, up_front=HALF)
    made = publishing.start_amended(session, deal, by=by, now=LATER)
    take_step(session, deal, "terminate", by=by, now=LATER, reason="agreed")
    assert watching.stop_unasked(session, now=LATER) == 1
    assert made.state == "stopped"


def test_who_is_not_state_founded_amends_its_price_freely(session: Session, tmp_path: Path) -> None:
    cast = make_cast(session, seller={"state_founded": True})
    deal = in_force(session, cast, tmp_path)
    cast.university.state_founded = False
    take(session, cast, deal, proposed(session, cast, deal, up_front=HALF), LATER)
    assert deal.value_minor == 30_000_000


def test_contributors_are_asked_anew_on_a_lower_price(
    session: Session, cast: Cast, tmp_path: Path
) -> None:
    deal = in_force(session, cast, tmp_path, "assignment")
    version = proposed(session, cast, deal, up_front=HALF)
    found = refused(session, cast, deal, version, LATER)
    assert set(found) == {"publicity_over", "first_refusal_answered"}
    seller = cast.actor("seller_editor")
    publishing.start_amended(session, deal, by=seller, now=LATER)
    assert refusing.ask_later(session, deal, by=seller, now=LATER) == 2
    contributor = cast.actor("contributor")
    (asked,) = queries.waiting_first_refusals(session, contributor, LATER.date())
    assert asked.version_id == version.id
    refusing.answer(session, asked, answer="takes_up", by=contributor, now=LATER)
    much_later = LATER + timedelta(days=60)
    assert list(refused(session, cast, deal, version, much_later)) == ["first_refusal_answered"]
    refusing.answer(session, asked, answer="waives", by=contributor, now=much_later)
    take(session, cast, deal, version, much_later)


def test_evidence_keeps_the_signatures_of_the_version_that_was_signed(
    session: Session, cast: Cast, tmp_path: Path
) -> None:
    deal = in_force(session, cast, tmp_path / "files")
    first = accepted_terms(session, deal)
    assert first is not None
    take(session, cast, deal, proposed(session, cast, deal, other_terms="补充约定。"), LATER)
    parts = opened(pack_of(session, cast, deal, tmp_path))
    told, terms = json.loads(parts["signatures.json"]), json.loads(parts["terms.json"])
    assert (terms["number"], terms["values"]["other_terms"]) == (2, "补充约定。")
    assert [each["sha256"] for each in terms["signed_before"]] == [first.sha256]
    assert [(each["signer"], each["terms"], each["terms_sha256"]) for each in told] == [
        ("seller", 1, first.sha256),
        ("buyer", 1, first.sha256),
    ]
    assert evidence.check(pack_of(session, cast, deal, tmp_path).content) == []


def test_the_page_offers_to_publish_the_amended_price(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    with database.writer() as session:
        cast = make_cast(session)
        deal = in_force(session, cast, tmp_path)
        proposed(session, cast, deal, up_front=HALF)
        session.commit()
        place = f"/deals/{deal.public_id}/compliance"
    seller = browser(app, cast, "seller_editor")
    assert "Publish the amended price" in words(seller.get(place))
    assert "Publish the amended price" not in words(browser(app, cast, "buyer_editor").get(place))
    answer = post(browser(app, cast, "buyer_administrator"), f"{place}/publish-amendment")
    assert answer.status_code == 403
    assert post(seller, f"{place}/publish-amendment").status_code == 303
    page = words(seller.get(place))
    assert "Publish the amended price" not in page
    assert "Being published" in page
