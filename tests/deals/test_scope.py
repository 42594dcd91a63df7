"""Rights in a deal: overlaps, standing, owners, and what is written down when it is signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation
from tenon.actors import SYSTEM
from tenon.deals import forms, guards, scope
from tenon.deals.checks import core
from tenon.deals.checks import scope as checks
from tenon.deals.guards import Refusal, RuleBroken
from tenon.deals.models import Deal, DealFile
from tenon.deals.services.signing import required_signers
from tenon.listings.models import IpRight
from tenon.rights import queries, services
from tenon.rights.models import LicenceGrant
from tenon.rights.overlap import Scope
from tenon.rights.services import Declaration
from tenon.rights.shares import Owner
from tests.factories.accounts import make_organisation
from tests.factories.deals import make_deal
from tests.factories.listings import NOW
from tests.rights.stage import TODAY, Cast, confirm_all, make_cast, publicised

TERMS = {"territory": ["CN"], "fields_of_use": ["管道测温"], "duration": "patent_life"}


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def deal_on(session: Session, cast: Cast, *, form: str = "licence_exclusive", **terms: Any) -> Deal:
    return make_deal(
        session,
        form=form,
        state="signing",
        seller=cast.house,
        rights=[cast.right],
        listings=[cast.listing],
        terms={**TERMS, **terms},
    )


def overlap(session: Session, deal: Deal) -> Refusal | None:
    return checks.no_overlap(session, deal, step="sign", now=NOW)


def sign(session: Session, deal: Deal, step: str = "sign") -> None:
    checks.record_licence(session, deal, step=step, by=SYSTEM, now=NOW)


def licences(session: Session, right: IpRight) -> list[LicenceGrant]:
    return list(queries.licences_of(session, right))


def test_signing_writes_the_licence_down_and_ending_ends_it(session: Session, cast: Cast) -> None:
    deal = deal_on(session, cast)
    sign(session, deal)
    sign(session, deal)
    live = [each for each in licences(session, cast.right) if each.state == "live"]
    assert [(each.kind, each.territory, each.fields, each.deal) for each in live] == [
        ("exclusive", ["CN"], ["管道测温"], deal.public_id)
    ]
    assert (live[0].licensor_id, live[0].licensee_id) == (
        cast.house.id,
        deal.buyer_organisation_id,
    )
    checks.end_licence(session, deal, step="terminate", by=SYSTEM, now=NOW)
    assert {each.state for each in licences(session, cast.right)} == {"ended"}


@pytest.mark.parametrize(
    ("form", "changes", "collides"),
    [
        ("licence_exclusive", {}, True),
        ("licence_sole", {}, True),
        ("licence_nonexclusive", {}, True),
        ("licence_nonexclusive", {"territory": ["420100"]}, True),
        ("licence_nonexclusive", {"territory": ["US"]}, False),
        ("licence_nonexclusive", {"fields_of_use": ["石化管道测温"]}, True),
        ("licence_nonexclusive", {"fields_of_use": ["水稻"]}, False),
        ("licence_nonexclusive", {"fields_of_use": ["*"]}, True),
        ("assignment", {}, False),
        ("consulting", {}, False),
    ],
)
def test_what_overlaps_an_exclusive_licence_cannot_be_signed(
    session: Session, cast: Cast, form: str, changes: dict[str, Any], collides: bool
) -> None:
    sign(session, deal_on(session, cast))
    found = overlap(session, deal_on(session, cast, form=form, **changes))
    assert (found is not None) is collides
    if found is not None:
        assert found.facts == {"count": 1}
        assert "article 25" in found.source_en


def test_a_refusal_names_neither_deal_nor_licensee(session: Session, cast: Cast) -> None:
    first = deal_on(session, cast)
    sign(session, first)
    found = overlap(session, deal_on(session, cast))
    assert found is not None
    assert first.public_id not in str(found)


def test_a_deal_never_collides_with_itself(session: Session, cast: Cast) -> None:
    deal = deal_on(session, cast)
    sign(session, deal)
    assert overlap(session, deal) is None


def test_after_the_earlier_licence_ended_the_way_is_free(session: Session, cast: Cast) -> None:
    first = deal_on(session, cast)
    sign(session, first)
    checks.end_licence(session, first, step="terminate", by=SYSTEM, now=NOW)
    assert overlap(session, deal_on(session, cast)) is None


def test_a_fixed_term_is_counted_from_the_day_it_takes_effect(session: Session, cast: Cast) -> None:
    deal = deal_on(
        session,
        cast,
        duration="fixed",
        term_months=12,
        effective_on="2027-01-31",
    )
    found = scope.scope_of(session, deal, now=NOW)
    assert found is not None
    assert (found.since, found.until) == (date(2027, 1, 31), date(2028, 1, 31))


def test_exclusivity_over_an_earlier_plain_licence_must_name_it(
    session: Session, cast: Cast
) -> None:
    sign(session, deal_on(session, cast, form="licence_nonexclusive"))
    assert overlap(session, deal_on(session, cast)) is not None
    named = deal_on(session, cast, existing_licences="2026年普通许可一项")
    assert overlap(session, named) is None


def test_what_is_sold_is_not_sold_again_before_the_registers_entry(
    session: Session, cast: Cast
) -> None:
    sold = deal_on(session, cast, form="assignment")
    sign(session, sold)
    for form in ("assignment", "licence_nonexclusive", "equity_contribution"):
        assert overlap(session, deal_on(session, cast, form=form)) is not None


def test_title_passes_on_the_registers_entry_and_licences_live_on(
    session: Session, cast: Cast
) -> None:
    earlier = deal_on(session, cast, form="licence_nonexclusive")
    sign(session, earlier)
    sold = deal_on(session, cast, form="assignment")
    sign(session, sold)
    owned = queries.owners(session, cast.right, on=TODAY)
    assert owned.of_organisation(cast.house.id) == Decimal(100)
    checks.pass_title(session, sold, step="register_title", by=SYSTEM, now=NOW)
    for subject in (cast.right, cast.listing):
        owned = queries.owners(session, subject, on=TODAY)
        assert owned.of_organisation(sold.buyer_organisation_id) == Decimal(100)
    states = {each.kind: each.state for each in licences(session, cast.right)}
    assert states == {"nonexclusive": "live", "assignment": "ended"}
    late = deal_on(session, cast, form="licence_nonexclusive")
    refusal = checks.owners_sign(session, late, step="sign", now=NOW)
    assert refusal is not None
    assert "owns no part" in refusal.message


def test_pay_after_use_is_tried_plainly_and_converts_to_its_kind(
    session: Session, cast: Cast
) -> None:
    deal = deal_on(session, cast, form="pay_after_use", licence_kind="exclusive")
    sign(session, deal)
    assert overlap(session, deal_on(session, cast, form="licence_nonexclusive")) is None
    assert overlap(session, deal_on(session, cast, form="licence_sole")) is not None
    sign(session, deal, step="convert")
    live = [each.kind for each in licences(session, cast.right) if each.state == "live"]
    assert live == ["exclusive"]


def test_standing_blocks_licences_and_transfers_but_no_services(
    session: Session, cast: Cast
) -> None:
    services.record_annuity(
        session,
        cast.right,
        year=4,
        due_on=date(2025, 3, 1),
        paid_on=None,
        by=cast.actor("head"),
        now=NOW,
        today=TODAY,
    )
    for form, blocked in (
        ("licence_nonexclusive", True),
        ("assignment", True),
        ("consulting", False),
        ("development_commissioned", False),
    ):
        deal = deal_on(session, cast, form=form)
        found = checks.rights_standing(session, deal, step="sign", now=NOW)
        assert (found is not None) is blocked, form
    found = checks.rights_standing(
        session, deal_on(session, cast, form="assignment"), step="sign", now=NOW
    )
    assert found is not None
    assert str(cast.right.number) in found.facts["problems"]["en"]
    assert "2025-03-01" in found.facts["problems"]["en"]
    assert found.source_zh


def owned_with(session: Session, cast: Cast, other: Owner) -> None:
    services.record_owners(
        session,
        cast.right,
        wanted=(
            replace(other, share=Decimal(40)),
            Owner(Decimal(60), organisation_id=cast.house.id),
        ),
        valid_from=TODAY,
        by=cast.actor("head"),
        now=NOW,
        today=TODAY,
    )


def keys(session: Session, deal: Deal) -> set[str]:
    return {each.key for each in required_signers(session, deal)}


def test_co_owners_sign_all_but_a_plain_licence(session: Session, cast: Cast) -> None:
    firm = make_organisation(session, kind="enterprise")
    owned_with(session, cast, Owner(Decimal(40), organisation_id=firm.id))
    for form, needed in (
        ("licence_exclusive", True),
        ("licence_sole", True),
        ("assignment", True),
        ("licence_nonexclusive", False),
        ("consulting", False),
    ):
        found = keys(session, deal_on(session, cast, form=form))
        assert found >= {"seller", "buyer"}
        assert (f"organisation:{firm.id}" in found) is needed, form


def test_a_grant_to_contributors_changes_who_signs(session: Session, cast: Cast) -> None:
    deal = deal_on(session, cast)
    assert keys(session, deal) == {"seller", "buyer"}
    confirm_all(session, cast, publicised(session, cast))
    people = {f"person:{cast.first.id}", f"person:{cast.second.id}"}
    assert keys(session, deal) == {"seller", "buyer", *people}
    plain = deal_on(session, cast, form="licence_nonexclusive")
    assert keys(session, plain) == {"seller", "buyer"}


def test_an_owner_without_an_account_consents_on_paper(session: Session, cast: Cast) -> None:
    owned_with(session, cast, Owner(Decimal(40), name="示例研究所", outside_kind="organisation"))
    deal = deal_on(session, cast)
    found = checks.owners_sign(session, deal, step="sign", now=NOW)
    assert found is not None
    assert found.facts == {"names": "示例研究所"}
    plain = deal_on(session, cast, form="licence_nonexclusive")
    assert checks.owners_sign(session, plain, step="sign", now=NOW) is None
    session.add(
        DealFile(
            deal_id=deal.id,
            kind="approval",
            name="同意书.pdf",
            media_type="application/pdf",
            size=1,
            sha256="0" * 64,
            side="seller",
            uploaded_at=NOW,
        )
    )
    session.flush()
    assert checks.owners_sign(session, deal, step="sign", now=NOW) is None


def test_who_owns_nothing_grants_nothing(session: Session, cast: Cast) -> None:
    rival: Organisation = make_organisation(session)
    deal = make_deal(
        session, form="licence_nonexclusive", state="signing", seller=rival, rights=[cast.right]
    )
    assert checks.owners_sign(session, deal, step="sign", now=NOW) is not None


def declare(session: Session, cast: Cast) -> Any:
    return services.declare_open(
        session,
        cast.right,
        declaration=Declaration(
            fee_mode="single", fee_minor=100, until=TODAY + timedelta(days=300)
        ),
        organisation_id=cast.house.id,
        by=cast.actor("head"),
        now=NOW,
        today=TODAY,
    )


def test_an_open_licence_needs_a_declaration_that_stands(session: Session, cast: Cast) -> None:
    deal = make_deal(
        session, form="licence_open", state="lead", seller=cast.house, rights=[cast.right]
    )
    assert checks.open_licence_standing(session, deal, step="draft_terms", now=NOW) is not None
    declared = declare(session, cast)
    assert checks.open_licence_standing(session, deal, step="draft_terms", now=NOW) is None
    services.withdraw_open(
        session, declared, reason="", by=cast.actor("head"), now=NOW, today=TODAY + timedelta(1)
    )
    later = NOW + timedelta(days=2)
    assert checks.open_licence_standing(session, deal, step="agree", now=later) is not None
    deal.agreed_at = NOW  # notice was given while it stood
    assert checks.open_licence_standing(session, deal, step="pay", now=later) is None


def test_no_exclusive_licence_while_a_patent_is_declared_open(session: Session, cast: Cast) -> None:
    declared = declare(session, cast)
    found = overlap(session, deal_on(session, cast))
    assert found is not None
    assert found.path.endswith(declared.public_id)
    assert overlap(session, deal_on(session, cast, form="licence_nonexclusive")) is None


def test_a_licence_recorded_by_hand_counts(session: Session, cast: Cast) -> None:
    services.record_by_hand(
        session,
        cast.right,
        scope=Scope("sole", frozenset({cast.right.id}), since=date(2020, 1, 1)),
        licensee="示例石化有限公司",
        by=cast.actor("head"),
        now=NOW,
        today=TODAY,
    )
    assert overlap(session, deal_on(session, cast, form="licence_nonexclusive")) is not None


def test_signing_what_collides_is_refused_with_the_rule(session: Session, cast: Cast) -> None:
    sign(session, deal_on(session, cast))
    deal = deal_on(session, cast, form="licence_nonexclusive")
    step = forms.get(deal.form).step("sign")
    assert step is not None
    found = {each.guard: each for each in guards.open_points(session, deal, step, now=NOW)}
    assert "article 25" in found["no_overlap"].source_en
    with pytest.raises(RuleBroken) as refused:
        guards.require(session, deal, step, now=NOW)
    assert "no_overlap" in [each.guard for each in refused.value.refusals]


def test_a_licence_for_the_patents_life_is_over_when_they_expire(
    session: Session, cast: Cast
) -> None:
    deal = deal_on(session, cast)
    last = date(2042, 2, 28)  # twenty years from 1 March 2022
    found = scope.scope_of(session, deal, now=NOW)
    assert found is not None
    assert found.until == last
    refused = core.term_over(session, deal, step="complete", now=NOW)
    assert refused is not None
    assert refused.facts == {"day": "2042-02-28"}
    later = NOW.replace(year=2042, month=3, day=1)
    assert core.term_over(session, deal, step="complete", now=later) is None
