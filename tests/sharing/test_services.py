"""A deal's income is shared: worked out, confirmed by all, publicised, approved, paid."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.deals.guards import RuleBroken
from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid, NotFound
from tenon.ledger.queries import Place, trial_balance
from tenon.payments.models import Payment
from tenon.payments.receiving import take_back
from tenon.sharing import queries, services
from tenon.sharing.models import Distribution
from tests.factories.deals import make_deal
from tests.factories.listings import NOW
from tests.factories.sharing import (
    RECEIPT,
    Sharing,
    cashier,
    confirm_all,
    make_distribution,
    make_income,
    make_sharing,
)

MILLION = 100_000_000  # fen
AFTER = NOW + timedelta(days=16)


@pytest.fixture
def sharing(session: Session) -> Sharing:
    made = make_sharing(session)
    make_income(session, made.deal, MILLION)
    return made


def balances(session: Session, sharing: Sharing) -> dict[str, int]:
    """Kind of account -> balance in the seller's books, debits less credits."""
    found = trial_balance(session, owner=("deal", sharing.deal.public_id))
    return {place.kind: balance.minor for place, balance in found.items()}


def received(session: Session, sharing: Sharing, on: date | None = None) -> dict[str, int]:
    found = queries.incomes(session, sharing.deal, on=on)
    return {currency: each.received for currency, each in found.items()}


def move_to_approved(
    session: Session, sharing: Sharing, made: Distribution, folder: Path
) -> Distribution:
    confirm_all(session, sharing, made, folder)
    if services.publicity_days(made):
        services.publicise(session, made, by=sharing.actor("head"), now=NOW)
    services.approve(session, made, by=sharing.actor("head"), now=AFTER)
    return made


class TestIncome:
    def test_what_was_paid_counts_without_its_vat(self, session: Session) -> None:
        made = make_sharing(session)
        make_income(session, made.deal, 1_000_000, vat_rate=6)
        make_income(session, made.deal, 500_000, vat_rate=6, paid=0, key="2")
        make_income(session, made.deal, 200_000, vat_rate=6, paid=106_000, key="3")
        assert received(session, made) == {"CNY": 1_100_000}

    def test_what_comes_later_does_not_count_yet(self, session: Session) -> None:
        made = make_sharing(session)
        make_income(session, made.deal, 700)
        make_income(session, made.deal, 300, key="2", on=NOW.date() + timedelta(days=9))
        assert received(session, made, on=NOW.date()) == {"CNY": 700}
        assert received(session, made) == {"CNY": 1000}

    def test_currencies_stay_apart(self, session: Session) -> None:
        made = make_sharing(session)
        make_income(session, made.deal, 700)
        make_income(session, made.deal, 900, key="2", currency="USD")
        assert received(session, made) == {"CNY": 700, "USD": 900}


class TestDraft:
    def test_contributors_come_from_the_result(self, session: Session, sharing: Sharing) -> None:
        made = services.open_distribution(
            session, sharing.deal, currency="CNY", by=sharing.actor("editor"), now=NOW
        )
        assert [(each.name, each.user_id) for each in made.shares] == [
            ("完成人子", sharing.people["first"].id),
            ("完成人丑", sharing.people["second"].id),
            ("外协丙", None),
        ]
        assert [str(each.percent) for each in made.shares] == ["33.3334", "33.3333", "33.3333"]
        assert made.percent == 50  # the national floor: the region has none of its own

    def test_one_at_a_time(self, session: Session, sharing: Sharing) -> None:
        make_distribution(session, sharing)
        with pytest.raises(Conflict) as refused:
            make_distribution(session, sharing)
        assert refused.value.code == "one_at_a_time"

    def test_nothing_before_the_deal_is_signed(self, session: Session, sharing: Sharing) -> None:
        early = make_deal(session, state="terms", seller=sharing.seller, buyer=sharing.buyer)
        with pytest.raises(Conflict) as refused:
            services.open_distribution(
                session, early, currency="CNY", by=sharing.actor("editor"), now=NOW
            )
        assert refused.value.code == "not_signed"

    def test_a_cost_needs_a_receipt_and_a_kind_that_the_rule_lists(
        self, session: Session, sharing: Sharing, tmp_path: Path
    ) -> None:
        made = make_distribution(session, sharing)
        with pytest.raises(Invalid) as refused:
            services.add_cost(
                session,
                made,
                kind="other",
                minor=0,
                note="",
                receipt=services.Receipt(name="x", content=b""),
                folder=tmp_path,
                by=sharing.actor("editor"),
                now=NOW,
            )
        assert refused.value.fields == {
            "kind": "unknown_code",
            "amount": "out_of_range",
            "receipt": "required",
        }

    def test_two_who_write_at_once(self, session: Session, sharing: Sharing) -> None:
        made = make_distribution(session, sharing)
        said = services.Coverage(through_on=NOW.date(), percent=Decimal(80))
        with pytest.raises(Conflict):
            services.set_coverage(
                session,
                made,
                said,
                by=sharing.actor("editor"),
                now=NOW,
                expected_version=made.version - 1,
            )


class TestProposing:
    def test_the_domains_vector(self, session: Session, sharing: Sharing, tmp_path: Path) -> None:
        """A million less 60,000, 70 % to the team, 50/30/20."""
        made = make_distribution(session, sharing, cost=6_000_000, folder=tmp_path)
        services.propose(session, made, by=sharing.actor("editor"), now=NOW)
        assert (made.net_minor, made.pot_minor) == (94_000_000, 65_800_000)
        assert made.institution_minor == 28_200_000
        assert [each.minor for each in made.shares] == [32_900_000, 19_740_000, 13_160_000]

    def test_below_a_binding_floor_it_is_refused_with_the_source(
        self, session: Session, sharing: Sharing
    ) -> None:
        made = make_distribution(session, sharing, percent="49.99")
        with pytest.raises(RuleBroken) as refused:
            services.propose(session, made, by=sharing.actor("editor"), now=NOW)
        (why,) = refused.value.refusals
        assert why.facts == {"percent": "49.99", "floor": "50"}
        assert "45" in why.source_en
        assert made.state == "draft"

    def test_zhejiang_asks_for_seventy_and_for_the_main_contributors(
        self, session: Session
    ) -> None:
        made = make_sharing(session, region="330100")
        make_income(session, made.deal, MILLION)
        low = make_distribution(session, made, percent="69", parts=("40", "20", "40"))
        with pytest.raises(RuleBroken) as refused:
            services.propose(session, low, by=made.actor("editor"), now=NOW)
        assert [each.guard for each in refused.value.refusals] == [
            "team_floor_transfer",
            "main_contributors_share",
        ]

    def test_a_firm_may_agree_on_less(self, session: Session) -> None:
        made = make_sharing(session, state_founded=False)
        make_income(session, made.deal, MILLION)
        low = make_distribution(session, made, percent="20")
        services.propose(session, low, by=made.actor("editor"), now=NOW)
        assert low.pot_minor == 20_000_000
        assert low.basis["team"]["binding"] is False

    def test_a_pilot_unit_has_its_own_floor(self, session: Session, sharing: Sharing) -> None:
        made = make_distribution(session, sharing, percent="60")
        said = services.Coverage(through_on=NOW.date(), percent=Decimal(60), pilot=True)
        services.set_coverage(session, made, said, by=sharing.actor("editor"), now=NOW)
        with pytest.raises(RuleBroken) as refused:
            services.propose(session, made, by=sharing.actor("editor"), now=NOW)
        assert refused.value.refusals[0].facts["floor"] == "70"

    @pytest.mark.parametrize(
        ("parts", "field", "code"),
        [(("50", "30", "19.9999"), "shares", "sum_not_100")],
    )
    def test_shares_must_sum_to_a_hundred(
        self,
        session: Session,
        sharing: Sharing,
        parts: tuple[str, ...],
        field: str,
        code: str,
    ) -> None:
        made = make_distribution(session, sharing, parts=parts)
        with pytest.raises(Invalid) as refused:
            services.propose(session, made, by=sharing.actor("editor"), now=NOW)
        assert refused.value.fields == {field: code}

    def test_costs_above_the_income(
        self, session: Session, sharing: Sharing, tmp_path: Path
    ) -> None:
        made = make_distribution(session, sharing, cost=MILLION, folder=tmp_path)
        with pytest.raises(Invalid) as refused:
            services.propose(session, made, by=sharing.actor("editor"), now=NOW)
        assert refused.value.fields == {"costs": "above_income"}

    def test_income_is_shared_once(
        self, session: Session, sharing: Sharing, tmp_path: Path
    ) -> None:
        first = move_to_approved(session, sharing, make_distribution(session, sharing), tmp_path)
        services.pay(session, first, paid_on=AFTER.date(), by=sharing.actor("head"), now=AFTER)
        again = make_distribution(session, sharing)
        with pytest.raises(Invalid) as refused:
            services.propose(session, again, by=sharing.actor("editor"), now=AFTER)
        assert refused.value.fields == {"through_on": "nothing_to_share"}
        make_income(session, sharing.deal, 5_000, key="2")
        services.propose(session, again, by=sharing.actor("editor"), now=AFTER)
        assert again.income_minor == 5_000

    def test_what_was_withdrawn_can_be_shared_by_another(
        self, session: Session, sharing: Sharing
    ) -> None:
        made = make_distribution(session, sharing)
        services.propose(session, made, by=sharing.actor("editor"), now=NOW)
        services.take_back(session, made, by=sharing.actor("editor"), now=NOW)
        services.withdraw(session, made, by=sharing.actor("editor"), now=NOW)
        again = make_distribution(session, sharing)
        services.propose(session, again, by=sharing.actor("editor"), now=NOW)
        assert (again.number, again.income_minor) == (2, MILLION)


class TestAnswers:
    def test_all_confirm(self, session: Session, sharing: Sharing, tmp_path: Path) -> None:
        made = make_distribution(session, sharing)
        confirm_all(session, sharing, made, tmp_path)
        assert made.state == "confirmed"
        assert {each.state for each in made.shares} == {"confirmed"}
        assert made.shares[2].paper_sha256 is not None

    def test_one_says_no_and_it_is_written_anew(self, session: Session, sharing: Sharing) -> None:
        made = make_distribution(session, sharing)
        services.propose(session, made, by=sharing.actor("editor"), now=NOW)
        services.confirm(session, made, by=sharing.actor("first"), now=NOW)
        services.dispute(session, made, words="比例有误", by=sharing.actor("second"), now=NOW)
        assert made.state == "disputed"
        services.propose(session, made, by=sharing.actor("editor"), now=NOW)
        assert [each.state for each in made.shares] == ["waiting"] * 3

    def test_nobody_confirms_twice_or_for_another(
        self, session: Session, sharing: Sharing, tmp_path: Path
    ) -> None:
        made = make_distribution(session, sharing)
        services.propose(session, made, by=sharing.actor("editor"), now=NOW)
        services.confirm(session, made, by=sharing.actor("first"), now=NOW)
        with pytest.raises(Forbidden):
            services.confirm(session, made, by=sharing.actor("first"), now=NOW)
        with pytest.raises(Forbidden):
            services.confirm(session, made, by=sharing.actor("head"), now=NOW)
        with pytest.raises(Forbidden):  # who has an account confirms online
            services.confirm_by_paper(
                session,
                made,
                made.shares[1].public_id,
                paper=RECEIPT,
                folder=tmp_path,
                by=sharing.actor("head"),
                now=NOW,
            )
        with pytest.raises(NotFound):
            services.confirm(session, made, by=sharing.actor("firm"), now=NOW)


class TestSettling:
    def test_public_for_fifteen_days_where_the_rule_binds(
        self, session: Session, tmp_path: Path
    ) -> None:
        made = make_sharing(session, region="330100")
        make_income(session, made.deal, MILLION)
        found = make_distribution(session, made)
        confirm_all(session, made, found, tmp_path)
        head = made.actor("head")
        with pytest.raises(RuleBroken):
            services.approve(session, found, by=head, now=NOW)
        services.publicise(session, found, by=head, now=NOW)
        with pytest.raises(RuleBroken):
            services.approve(session, found, by=head, now=AFTER - timedelta(days=1))
        services.approve(session, found, by=head, now=AFTER)
        assert found.state == "approved"

    def test_an_objection_is_answered_first(
        self, session: Session, sharing: Sharing, tmp_path: Path
    ) -> None:
        made = make_distribution(session, sharing)
        confirm_all(session, sharing, made, tmp_path)
        services.publicise(session, made, by=sharing.actor("head"), now=NOW)
        said = services.object_to(
            session, made, text="我也参与了。", by=sharing.actor("member"), now=NOW
        )
        with pytest.raises(RuleBroken) as refused:
            services.approve(session, made, by=sharing.actor("head"), now=AFTER)
        assert [each.guard for each in refused.value.refusals] == ["objections"]
        services.answer_objection(
            session,
            made,
            said.public_id,
            answer="经核查，与本成果无关。",
            by=sharing.actor("editor"),
            now=NOW,
        )
        services.approve(session, made, by=sharing.actor("head"), now=AFTER)
        assert made.state == "approved"

    def test_the_ledger_owes_and_then_does_not(
        self, session: Session, sharing: Sharing, tmp_path: Path
    ) -> None:
        made = move_to_approved(session, sharing, make_distribution(session, sharing), tmp_path)
        after = balances(session, sharing)
        assert (after["share"], after["share_payable"]) == (70_000_000, -70_000_000)
        services.pay(session, made, paid_on=AFTER.date(), by=sharing.actor("head"), now=AFTER)
        paid = balances(session, sharing)
        assert (paid["share_payable"], paid["clearing"]) == (0, -70_000_000)
        assert paid["cash"] == MILLION
        place = Place("seller", "share", "CNY")
        assert trial_balance(session, owner=("deal", sharing.deal.public_id))[place].debit == (
            made.pot_minor
        )

    def test_nothing_is_paid_twice(
        self, session: Session, sharing: Sharing, tmp_path: Path
    ) -> None:
        made = move_to_approved(session, sharing, make_distribution(session, sharing), tmp_path)
        services.pay(session, made, paid_on=AFTER.date(), by=sharing.actor("head"), now=AFTER)
        with pytest.raises(IllegalTransition):
            services.pay(session, made, paid_on=AFTER.date(), by=sharing.actor("head"), now=AFTER)

    def test_income_that_went_back_stops_the_approval(
        self, session: Session, sharing: Sharing, tmp_path: Path
    ) -> None:
        made = make_distribution(session, sharing)
        confirm_all(session, sharing, made, tmp_path)
        services.publicise(session, made, by=sharing.actor("head"), now=NOW)
        payment = session.scalars(sa.select(Payment)).one()
        by = cashier(sharing.deal)
        take_back(session, payment, reason="误收", by=by, now=AFTER)
        with pytest.raises(RuleBroken) as refused:
            services.approve(session, made, by=sharing.actor("head"), now=AFTER)
        assert [each.guard for each in refused.value.refusals] == ["income"]

    @pytest.mark.parametrize("who", ["editor", "member", "first"])
    def test_only_administrators_approve(
        self, session: Session, sharing: Sharing, tmp_path: Path, who: str
    ) -> None:
        made = make_distribution(session, sharing)
        confirm_all(session, sharing, made, tmp_path)
        services.publicise(session, made, by=sharing.actor("head"), now=NOW)
        with pytest.raises(Forbidden):
            services.approve(session, made, by=sharing.actor(who), now=AFTER)

    def test_paid_after_it_was_approved_and_not_tomorrow(
        self, session: Session, sharing: Sharing, tmp_path: Path
    ) -> None:
        made = move_to_approved(session, sharing, make_distribution(session, sharing), tmp_path)
        for day, code in (
            (AFTER.date() + timedelta(days=1), "in_the_future"),
            (NOW.date(), "before_approval"),
        ):
            with pytest.raises(Invalid) as refused:
                services.pay(session, made, paid_on=day, by=sharing.actor("head"), now=AFTER)
            assert refused.value.fields == {"paid_on": code}


def test_every_step_stands_in_the_history(
    session: Session, sharing: Sharing, tmp_path: Path
) -> None:
    from tenon.history import HistoryEntry

    made = move_to_approved(session, sharing, make_distribution(session, sharing), tmp_path)
    kinds = session.scalars(
        sa.select(HistoryEntry.kind)
        .where(HistoryEntry.chain_kind == "distribution", HistoryEntry.chain_id == made.public_id)
        .order_by(HistoryEntry.sequence)
    ).all()
    assert kinds == [
        "open",
        "cover",
        "set_shares",
        "propose",
        "confirm_share",
        "confirm_share",
        "confirm_by_paper",
        "confirm",
        *(["publicise"] if made.publicised_at else []),
        "approve",
    ]
