"""An amendment of signed terms passes what signing asks, and the record of licences follows it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.app import load_tasks
from tenon.db import Database
from tenon.deals import forms, terms
from tenon.deals.checks import scope as checks
from tenon.deals.guards import Refusal, RuleBroken
from tenon.deals.models import Deal
from tenon.deals.queries import accepted_terms, proposed_terms
from tenon.deals.services import accept, add_file, propose
from tenon.listings.models import IpRight
from tenon.rights import queries
from tenon.rights import services as rights
from tenon.rights.models import LicenceGrant
from tenon.rights.shares import Owner
from tests.deals.browsing import browser, versions
from tests.deals.cast import Cast
from tests.deals.test_negotiating_pages import begin
from tests.factories.accounts import make_organisation, post
from tests.factories.listings import NOW, make_ip_right

TODAY = NOW.date()
VALUES: dict[str, Any] = {
    "territory": ["CN"],
    "fields_of_use": ["*"],
    "payment_mode": "single",
    "up_front": {"minor": 60_000_000, "currency": "CNY"},
    "vat_mode": "exempt",
    "duration": "fixed",
    "term_months": 36,
    "sublicensing": "none",
}


@pytest.fixture(autouse=True)
def _everything_listens() -> None:
    load_tasks()


@pytest.fixture
def right(session: Session, cast: Cast) -> IpRight:
    """A granted patent of the university's."""
    made = make_ip_right(session)
    cast.result.ip_rights.append(made)
    session.flush()
    return made


def in_force(
    session: Session, cast: Cast, right: IpRight, form: str = "licence_exclusive", **values: Any
) -> Deal:
    """A licence that was signed today and stands in the table."""
    whole = terms.defaults(forms.get(form), {**VALUES, **values})
    deal = cast.deal(
        session,
        form=form,
        state="in_force",
        rights=[right],
        terms=whole,
        ends_on=terms.ends_on(forms.get(form), whole, {"effective": TODAY}),
    )
    checks.record_licence(session, deal, step="sign", by=SYSTEM, now=NOW)
    return deal


def amend(session: Session, cast: Cast, deal: Deal, **values: Any) -> None:
    """The seller proposes the terms with changes, the buyer accepts."""
    agreed = accepted_terms(session, deal)
    whole = {**(agreed.values if agreed else {}), **values}
    by = cast.actor("seller_administrator")
    version = propose(session, deal, values=whole, by=by, now=NOW)
    accept(session, deal, version, by=cast.actor("buyer_administrator"), now=NOW)


def refused(session: Session, cast: Cast, deal: Deal, **values: Any) -> dict[str, Refusal]:
    """Guard -> refusal of an amendment; nothing of it is left behind."""
    whole = session.begin_nested()
    try:
        with pytest.raises(RuleBroken) as told:
            amend(session, cast, deal, **values)
    finally:
        whole.rollback()
        session.expire_all()
    return {each.guard: each for each in told.value.refusals}


def live(session: Session, deal: Deal) -> list[LicenceGrant]:
    """What the table says of a deal now."""
    return list(
        session.scalars(
            sa.select(LicenceGrant).where(
                LicenceGrant.deal == deal.public_id, LicenceGrant.state == "live"
            )
        )
    )


def test_an_amendment_into_anothers_exclusive_territory_is_refused(
    session: Session, cast: Cast, right: IpRight
) -> None:
    in_force(session, cast, right)
    mine = in_force(session, cast, right, "licence_nonexclusive", territory=["US"])
    found = refused(session, cast, mine, territory=["US", "CN"])
    assert list(found) == ["no_overlap"]
    assert found["no_overlap"].facts == {"count": 1}
    assert "article 25" in found["no_overlap"].source_en
    assert [each.territory for each in live(session, mine)] == [["US"]]
    amend(session, cast, mine, territory=["CA", "US"])
    assert [each.territory for each in live(session, mine)] == [["CA", "US"]]


def test_the_record_follows_a_licence_that_is_extended(
    session: Session, cast: Cast, right: IpRight
) -> None:
    first = in_force(session, cast, right)
    amend(session, cast, first, term_months=96)
    assert first.ends_on is not None
    assert [each.until for each in live(session, first)] == [first.ends_on]
    starts = (TODAY + timedelta(days=5 * 365)).isoformat()
    second = in_force(session, cast, right, territory=["US"], effective_on=starts)
    version = accepted_terms(session, second)
    assert version is not None
    version.values = {**version.values, "territory": ["CN"]}
    second.effective_on, second.ends_on = date.fromisoformat(starts), None
    session.flush()
    assert checks.no_overlap(session, second, step="sign", now=NOW) is not None


def test_what_was_granted_before_stays_on_record_until_today(
    session: Session, cast: Cast, right: IpRight
) -> None:
    deal = in_force(session, cast, right, "licence_nonexclusive")
    amend(session, cast, deal, territory=["US"], fields_of_use=["管道测温"])
    rows = queries.licences_of(session, right)
    told = [(each.state, each.territory, each.fields, each.ended_on) for each in rows]
    assert told == [
        ("live", ["US"], ["管道测温"], None),
        ("ended", ["CN"], ["*"], TODAY),
    ]


def test_what_changes_nothing_of_the_grant_leaves_the_record(
    session: Session, cast: Cast, right: IpRight
) -> None:
    deal = in_force(session, cast, right)
    before = [each.public_id for each in live(session, deal)]
    amend(session, cast, deal, other_terms="补充约定。")
    assert [each.public_id for each in live(session, deal)] == before


def test_a_licence_shortened_frees_the_years_after_it(
    session: Session, cast: Cast, right: IpRight
) -> None:
    deal = in_force(session, cast, right)
    amend(session, cast, deal, term_months=12)
    assert [each.until for each in live(session, deal)] == [deal.ends_on]
    assert deal.ends_on == TODAY.replace(year=TODAY.year + 1)


def test_an_expired_licence_of_another_is_in_nobodys_way(
    session: Session, cast: Cast, right: IpRight
) -> None:
    over = in_force(session, cast, right)
    for each in live(session, over):
        each.since, each.until = date(2020, 1, 1), TODAY - timedelta(days=1)
    mine = in_force(session, cast, right, "licence_nonexclusive", territory=["US"])
    mine.effective_on = date(2020, 1, 1)
    session.flush()
    amend(session, cast, mine, territory=["CN"], term_months=240)
    assert [(each.territory, each.since) for each in live(session, mine)] == [(["CN"], TODAY)]


def test_rights_that_do_not_stand_carry_no_more_than_before(
    session: Session, cast: Cast, right: IpRight
) -> None:
    deal = in_force(session, cast, right, "licence_nonexclusive")
    right.status = "lapsed"
    session.flush()
    found = refused(session, cast, deal, territory=["CN", "US"])
    assert list(found) == ["rights_standing"]
    assert found["rights_standing"].source_zh
    amend(session, cast, deal, other_terms="专利失效后，双方不再扩大许可。")


def test_terms_with_a_gap_amend_nothing(session: Session, cast: Cast, right: IpRight) -> None:
    cast.university.state_founded = False
    deal = in_force(session, cast, right)
    found = refused(session, cast, deal, payment_mode="running", up_front=None)
    assert list(found) == ["terms_complete"]
    assert "Base of the royalty" in found["terms_complete"].facts["terms"]["en"]


def test_gaps_posted_past_the_page_are_refused(
    app: Flask, settled: Cast, committed: Session, database: Database
) -> None:
    deal = begin(committed, settled, state="in_force", terms=VALUES)
    by = settled.actor("seller_administrator")
    propose(committed, deal, values={**VALUES, "payment_mode": "running"}, by=by, now=NOW)
    committed.commit()
    buyer = browser(app, settled, "buyer_administrator")
    answer = post(buyer, f"/deals/{deal.public_id}/terms/2/accept", note="")
    assert answer.status_code == 409
    assert "The terms leave open" in answer.text
    states = {each.number: each.state for each in versions(database, deal)}
    assert states == {1: "accepted", 2: "proposed"}


def test_other_owners_consent_in_writing_to_what_is_granted_beyond(
    session: Session, cast: Cast, right: IpRight, tmp_path: Path
) -> None:
    deal = in_force(session, cast, right)
    other = make_organisation(session, kind="enterprise")
    shares = (
        Owner(Decimal(40), organisation_id=other.id),
        Owner(Decimal(60), organisation_id=cast.university.id),
    )
    rights.record_owners(
        session,
        right,
        wanted=shares,
        valid_from=TODAY,
        by=cast.actor("seller_administrator"),
        now=NOW,
        today=TODAY,
    )
    found = refused(session, cast, deal, territory=["CN", "US"])
    assert list(found) == ["owners_sign"]
    assert "14" in found["owners_sign"].source_en
    amend(session, cast, deal, other_terms="不涉及许可范围。")
    by = cast.actor("seller_administrator")
    agreed = accepted_terms(session, deal)
    assert agreed is not None
    values = {**agreed.values, "territory": ["CN", "US"]}
    version = propose(session, deal, values=values, by=by, now=NOW)
    add_file(
        session,
        deal,
        kind="approval",
        name="共有人同意书.pdf",
        content=b"%PDF-1.4 consent",
        folder=tmp_path,
        by=by,
        now=NOW,
    )
    accept(session, deal, version, by=cast.actor("buyer_administrator"), now=NOW)
    assert proposed_terms(session, deal) is None


def test_while_it_is_tried_it_stays_non_exclusive(
    session: Session, cast: Cast, right: IpRight
) -> None:
    chosen = {**VALUES, "licence_kind": "exclusive", "payment_mode": "buy_out"}
    deal = cast.deal(
        session, form="pay_after_use", state="in_force.in_use", rights=[right], terms=chosen
    )
    checks.record_licence(session, deal, step="sign", by=SYSTEM, now=NOW)
    version = accepted_terms(session, deal)
    assert version is not None
    version.values = {**version.values, "territory": ["CN", "US"]}
    session.flush()
    checks.amend_licence(session, deal, step="amend", by=SYSTEM, now=NOW)
    told = [(each.kind, each.territory, each.until) for each in live(session, deal)]
    assert told == [("nonexclusive", ["CN", "US"], None)]
    deal.state = "in_force.converted"
    session.flush()
    checks.amend_licence(session, deal, step="amend", by=SYSTEM, now=NOW)
    assert [each.kind for each in live(session, deal)] == ["exclusive"]


def test_an_assignment_whose_title_has_passed_leaves_no_licence(
    session: Session, cast: Cast, right: IpRight
) -> None:
    deal = cast.deal(
        session, form="assignment", state="in_force.title_passed", rights=[right], terms=VALUES
    )
    checks.amend_licence(session, deal, step="amend", by=SYSTEM, now=NOW)
    assert live(session, deal) == []
