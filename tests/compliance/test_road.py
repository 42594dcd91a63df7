"""An assignment by a university, from accepted terms to the register's entry, rule by rule."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tenon.compliance import evidence
from tenon.compliance.services import duties, objecting, publishing, refusing
from tenon.deals.guards import RuleBroken
from tenon.deals.models import Deal
from tenon.deals.queries import accepted_terms
from tenon.deals.services import add_file, confirm_signature, take_step
from tenon.history.proof import verify
from tests.compliance.cast import Cast, agreed, declare
from tests.compliance.test_objections import SAID
from tests.factories.listings import NOW

OVER = NOW + timedelta(days=16)
SIGNED = OVER + timedelta(days=1)


def blocked(session: Session, cast: Cast, deal: Deal, step: str, now: datetime) -> set[str]:
    """The guards that refuse a step of the seller's."""
    try:
        take_step(session, deal, step, by=cast.actor("seller_editor"), now=now)
    except RuleBroken as told:
        return {each.guard for each in told.refusals}
    return set()


def signed_by_both(session: Session, cast: Cast, deal: Deal, files: Path) -> None:
    """Both sides confirm the signed paper."""
    paper = add_file(
        session,
        deal,
        kind="signed_contract",
        name="合同.pdf",
        content=b"%PDF-1.4 signed",
        folder=files,
        by=cast.actor("seller_administrator"),
        now=SIGNED,
    )
    for side in ("seller", "buyer"):
        confirm_signature(
            session,
            deal,
            signer=side,
            signatory="授权代表",
            signed_on=SIGNED.date(),
            file=paper,
            by=cast.actor(f"{side}_administrator"),
            now=SIGNED,
        )


def test_an_assignment_goes_its_lawful_road(session: Session, cast: Cast, tmp_path: Path) -> None:
    seller, files = cast.actor("seller_administrator"), tmp_path / "files"
    deal = agreed(session, cast, "assignment")
    assert blocked(session, cast, deal, "clear", NOW) >= {
        "publicity_over",
        "first_refusal_answered",
    }
    assert blocked(session, cast, deal, "publish", NOW) == {"publicity_applies"}
    declare(session, cast, deal)
    assert blocked(session, cast, deal, "publish", NOW) == set()

    terms = accepted_terms(session, deal)
    publicity = publishing.running(session, deal)
    assert terms is not None
    assert publicity is not None
    first, _second = refusing.asked_on(session, terms)
    refusing.answer(session, first, answer="waives", by=cast.actor("contributor"), now=NOW)
    objection = objecting.object_to(
        session, publicity, **SAID, by=cast.actor("nobody"), now=NOW + timedelta(days=15)
    )
    assert blocked(session, cast, deal, "clear", OVER - timedelta(days=1)) == {
        "publicity_over",
        "first_refusal_answered",
    }
    assert blocked(session, cast, deal, "clear", OVER) == {"publicity_over"}
    objecting.decide(
        session, objection, decision="rejected", grounds="无关联。", by=seller, now=OVER
    )
    assert blocked(session, cast, deal, "clear", OVER) == set()

    signed_by_both(session, cast, deal, files)
    assert deal.stage == "signed"
    take_step(session, deal, "take_effect", by=seller, now=SIGNED)
    assert blocked(session, cast, deal, "register_title", SIGNED) == {"title_registered"}
    title = duties.duty(session, deal, "title_transfer")
    assert title.due_on == SIGNED.date() + timedelta(days=90)
    entered = SIGNED + timedelta(days=40)
    duties.do(session, title, number="转-2027-1", done_on=entered.date(), by=seller, now=entered)
    assert blocked(session, cast, deal, "register_title", entered) == set()
    pack = evidence.build(session, deal, language="zh", folder=files, by=seller)
    assert evidence.check(pack.content) == []
    assert list(verify(session)) == []


def test_a_price_that_was_not_published_cannot_be_signed(session: Session, cast: Cast) -> None:
    deal = agreed(session, cast)
    with pytest.raises(RuleBroken) as told:
        take_step(session, deal, "clear", by=cast.actor("buyer_editor"), now=NOW)
    refusal = next(each for each in told.value.refusals if each.guard == "publicity_over")
    assert refusal.source_zh
    assert refusal.source_en
    assert deal.stage == "approval"
