"""Whatever people do to use reports in whatever order: statements add up to what is owed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM, Actor
from tenon.db import Database
from tenon.deals.models import Deal
from tenon.deals.queries import accepted_terms
from tenon.errors import DomainError
from tenon.history import proof
from tenon.payments.models import Obligation
from tenon.payments.obligations.scheduling import schedule
from tenon.payments.reports import queries, services
from tenon.payments.reports.agreed import agreed
from tenon.payments.reports.figures import use_of
from tenon.payments.reports.models import RoyaltyStatement, UseReport
from tenon.payments.reports.stating import is_unharmed
from tests.factories.deals import make_terms
from tests.payments.cast import Cast
from tests.payments.reports.scenes import make_scene
from tests.unit.formulas.naive_royalty import naive

START = datetime(2025, 5, 2, 8, tzinfo=UTC)
which = st.integers(0, 3)
sides = st.sampled_from(["buyer_editor", "buyer_administrator", "seller_editor", "seller_charge"])
AMENDMENTS = (
    {"royalty_scheme": "flat", "royalty_rate": "3.3"},
    {"report_period": "half_year"},
    {"minimum_annual": None},
    {"report_days": 60},
)


class Reports(RuleBasedStateMachine):
    """A licence whose reports are written, answered and amended by anybody at any time."""

    database: Database

    @initialize()
    def begins(self) -> None:
        self.session: Session = self.database.writer()
        self.now = START
        self.cast: Cast = make_scene(self.session, now=START)[0]
        self.amended = False

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.rollback()
            self.session.close()

    def _report(self, number: int) -> UseReport:
        found = list(reversed(queries.of_deal(self.session, self._deal())))
        waiting = [each for each in found if each.state != "accepted"] or found
        return waiting[number % len(waiting)]

    def _deal(self) -> Deal:
        return self.cast.deal

    def _try(self, verb: str, number: int, role: str, **values: object) -> None:
        """Take a step that may be refused; what is refused must leave nothing behind."""
        by: Actor = self.cast.actor(role)
        try:
            with self.session.begin_nested():
                report = self._report(number)
                getattr(services, verb)(self.session, report, by=by, now=self.now, **values)
        except DomainError:
            self.session.expire_all()

    @rule(number=which, role=sides, gross=st.integers(0, 30_000_000), late=st.integers(0, 5_000))
    def write(self, number: int, role: str, gross: int, late: int) -> None:
        typed = {"units": "1", "gross": str(gross), "adjustment": str(-late), "note": "更正"}
        self._try("write", number, role, typed=typed)

    @rule(number=which, role=sides)
    def submit(self, number: int, role: str) -> None:
        self._try("submit", number, role)

    @rule(number=which, role=sides)
    def take_back(self, number: int, role: str) -> None:
        self._try("take_back", number, role)

    @rule(number=which, role=sides)
    def query(self, number: int, role: str) -> None:
        self._try("query", number, role, reason="请说明")

    @rule(number=which, role=sides)
    def accept(self, number: int, role: str) -> None:
        self._try("accept", number, role)

    @rule(gross=st.integers(0, 30_000_000))
    def report_and_accept(self, gross: int) -> None:
        typed = {"units": "1", "gross": str(gross)}
        self._try("write", 0, "buyer_editor", typed=typed)
        self._try("submit", 0, "buyer_editor")
        self._try("accept", 0, "seller_editor")

    @rule(days=st.integers(1, 200))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)
        services.expect_next(self.session, now=self.now)

    @rule(amendment=st.sampled_from(AMENDMENTS))
    def amend(self, amendment: dict[str, object]) -> None:
        before = accepted_terms(self.session, self._deal())
        assert before is not None
        before.state = "replaced"
        self.session.flush()
        values = {**before.values, **amendment}
        make_terms(self.session, self._deal(), values=values, number=before.number + 1)
        schedule(self.session, self._deal(), by=SYSTEM, now=self.now)
        services.expect(self.session, self._deal(), now=self.now)
        self.amended = True

    def _statements(self) -> list[RoyaltyStatement]:
        return list(
            self.session.scalars(
                sa.select(RoyaltyStatement)
                .where(RoyaltyStatement.deal_id == self._deal().id)
                .order_by(RoyaltyStatement.number)
            )
        )

    @invariant()
    def what_was_stated_is_owed(self) -> None:
        if not hasattr(self, "session"):
            return
        charged = self.session.scalars(
            sa.select(Obligation).where(
                Obligation.deal_id == self._deal().id, Obligation.origin_kind == "use_report"
            )
        ).all()
        made = self._statements()
        assert sum(row.net_minor for row in charged) == sum(each.payable_minor for each in made)
        assert [each.number for each in made] == list(range(1, len(made) + 1))
        assert all(is_unharmed(self.session, each) for each in made)

    @invariant()
    def periods_follow_each_other_without_a_gap(self) -> None:
        if not hasattr(self, "session"):
            return
        found = list(reversed(queries.of_deal(self.session, self._deal())))
        for before, after in pairwise(found):
            assert after.starts_on == before.ends_on + timedelta(days=1)
        states = [each.state == "accepted" for each in found]
        assert states == sorted(states, reverse=True)

    @invariant()
    def statements_equal_the_naive_ones(self) -> None:
        if not hasattr(self, "session") or self.amended:
            return
        terms = agreed(self.session, self._deal())
        made = self._statements()
        assert terms is not None
        uses = [
            use_of(each.content["figures"], start=each.report.starts_on, end=each.report.ends_on)
            for each in made
        ]
        expected = [(row.earned, row.top_up, row.payable) for row in naive(terms.terms, uses)]
        found = [(each.earned_minor, each.top_up_minor, each.payable_minor) for each in made]
        assert found == expected

    @invariant()
    def history_is_whole(self) -> None:
        if hasattr(self, "session"):
            assert list(proof.verify(self.session)) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_order_of_steps_states_what_is_not_owed(database: Database) -> None:
    machine = type("Here", (Reports,), {"database": database})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=12, stateful_step_count=25, deadline=None)
    )


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.postgres
def test_no_order_of_steps_states_what_is_not_owed_on_postgresql(database: Database) -> None:
    machine = type("There", (Reports,), {"database": database})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=3, stateful_step_count=20, deadline=None)
    )
