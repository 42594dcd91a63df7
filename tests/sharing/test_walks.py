"""Any order of steps by anybody: no fen is lost, shared twice, or owed to nobody."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tenon.db import Database
from tenon.deals.models import Deal
from tenon.errors import DomainError
from tenon.history import HistoryEntry
from tenon.ledger.queries import trial_balance
from tenon.sharing import queries, services
from tenon.sharing.models import Distribution
from tests.factories.listings import NOW
from tests.factories.sharing import RECEIPT, make_income, make_sharing

PEOPLE = st.sampled_from(["head", "editor", "member", "first", "second", "firm"])


class Sharings(RuleBasedStateMachine):
    """Income comes in, and everybody tries everything."""

    template: Path
    reached: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="sharing-walk-"))
        shutil.copyfile(self.template, self.folder / "walk.db")
        self.database = Database(f"sqlite:///{self.folder / 'walk.db'}")
        self.now: datetime = NOW
        self.income = 0
        with self.database.writing() as session:
            self.sharing = make_sharing(session, region="330100")
            self.deal_id = self.sharing.deal.id

    def teardown(self) -> None:
        self.database.dispose()
        shutil.rmtree(self.folder)

    @rule(net=st.integers(1, 10**9), vat=st.sampled_from([0, 6, 13]))
    def income_comes(self, net: int, vat: int) -> None:
        self.income += 1
        with self.database.writing() as session:
            deal = session.get_one(Deal, self.deal_id)
            make_income(session, deal, net, vat_rate=vat, key=str(self.income), on=self.now.date())

    @rule(days=st.integers(1, 12))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(who=PEOPLE)
    def somebody_begins(self, who: str) -> None:
        self._begin(who)

    def _begin(self, who: str) -> None:
        with suppress(DomainError), self.database.writing() as session:
            deal = session.get_one(Deal, self.deal_id)
            by = self.sharing.actor(who)
            services.open_distribution(session, deal, currency="CNY", by=by, now=self.now)

    @rule(who=PEOPLE, percent=st.integers(60, 100), parts=st.sampled_from(["60 25 15", "30 30 40"]))
    def somebody_writes(self, who: str, percent: int, parts: str) -> None:
        self._write(who, percent, parts)

    def _write(self, who: str, percent: int, parts: str) -> None:
        with suppress(DomainError), self.database.writing() as session:
            made = self._latest(session)
            by, now = self.sharing.actor(who), self.now
            said = services.Coverage(through_on=now.date(), percent=Decimal(percent))
            services.set_coverage(session, made, said, by=by, now=now)
            ids = [each.public_id for each in made.shares]
            numbers = dict(zip(ids, map(Decimal, parts.split()), strict=True))
            services.set_percentages(session, made, numbers, ids[:2], by=by, now=now)

    @rule(who=PEOPLE, minor=st.integers(1, 10**8))
    def somebody_adds_a_cost(self, who: str, minor: int) -> None:
        with suppress(DomainError), self.database.writing() as session:
            services.add_cost(
                session,
                self._latest(session),
                kind="travel",
                minor=minor,
                note="",
                receipt=RECEIPT,
                folder=self.folder / "files",
                by=self.sharing.actor(who),
                now=self.now,
            )

    @rule(
        who=PEOPLE,
        verb=st.sampled_from(
            ["propose", "confirm", "confirm", "publicise", "approve", "take_back", "withdraw"]
        ),
    )
    def somebody_takes_a_step(self, who: str, verb: str) -> None:
        self._try(verb, who)

    # The first walk takes the first of what is sampled, so that one goes all the way.
    @initialize(net=st.integers(10**6, 10**9), far=st.sampled_from([3, 2, 1, 0]))
    def the_first_goes_its_way(self, net: int, far: int) -> None:
        self.income_comes(net=net, vat=0)
        self.it_goes_its_way(far=far)

    @rule(far=st.integers(0, 3))
    def it_goes_its_way(self, far: int) -> None:
        """The straight road, which single random steps seldom find to its end."""
        self._begin("editor")
        self._write("editor", 75, "60 25 15")
        road = [("propose", "editor"), ("confirm", "first"), ("confirm", "second")]
        road += [("confirm_by_paper", "head"), ("publicise", "head")]
        for verb, who in road:
            self._try(verb, who)
        if far > 1:
            self.now += timedelta(days=16)
            self._try("approve", "head")
        if far > 2:
            self._try("pay", "head")

    def _try(self, verb: str, who: str) -> None:
        with suppress(DomainError), self.database.writing() as session:
            made = self._latest(session)
            more: dict[str, Any] = {"by": self.sharing.actor(who), "now": self.now}
            if verb == "pay":
                more["paid_on"] = self.now.date()
            if verb == "confirm_by_paper":
                more |= {"paper": RECEIPT, "folder": self.folder / "files"}
                services.confirm_by_paper(session, made, made.shares[2].public_id, **more)
            else:
                getattr(services, verb)(session, made, **more)
            Sharings.reached.add(made.state)

    @rule(who=PEOPLE)
    def somebody_pays(self, who: str) -> None:
        self._try("pay", who)

    def _latest(self, session: sa.orm.Session) -> Distribution:
        made = session.scalars(
            sa.select(Distribution).order_by(Distribution.number.desc()).limit(1)
        ).first()
        if made is None:
            raise DomainError("none yet")
        return made

    @invariant()
    def no_more_is_shared_than_came_in(self) -> None:
        with self.database.reading() as session:
            deal = session.get_one(Deal, self.deal_id)
            for income in queries.incomes(session, deal).values():
                assert 0 <= income.shared <= income.received

    @invariant()
    def every_fen_of_what_was_worked_out_has_an_owner(self) -> None:
        with self.database.reading() as session:
            for made in session.scalars(sa.select(Distribution)):
                if made.pot_minor is None or made.state in ("draft", "withdrawn"):
                    continue
                assert made.net_minor == made.pot_minor + (made.institution_minor or 0)
                assert sum(each.minor or 0 for each in made.shares) == made.pot_minor
                assert made.pot_minor * 10 >= (made.net_minor or 0) * 7  # Zhejiang's floor
                main = sum(each.minor or 0 for each in made.shares if each.main)
                assert main * 10 >= made.pot_minor * 7

    @invariant()
    def the_books_owe_what_is_approved_and_not_paid(self) -> None:
        with self.database.reading() as session:
            deal = session.get_one(Deal, self.deal_id)
            owed = {"approved": 0, "paid": 0}
            for made in session.scalars(sa.select(Distribution)):
                if made.state in owed:
                    owed[made.state] += made.pot_minor or 0
            kinds = {
                place.kind: balance.minor
                for place, balance in trial_balance(session, owner=("deal", deal.public_id)).items()
            }
            assert kinds.get("share", 0) == sum(owed.values())
            assert -kinds.get("share_payable", 0) == owed["approved"]
            assert -kinds.get("clearing", 0) == owed["paid"]

    @invariant()
    def every_distribution_has_a_chain(self) -> None:
        with self.database.reading() as session:
            chains = sa.select(HistoryEntry.chain_id).where(
                HistoryEntry.chain_kind == "distribution"
            )
            known = set(session.scalars(chains))
            assert known == set(session.scalars(sa.select(Distribution.public_id)))


def test_any_order_of_steps(sqlite_template: Path) -> None:
    Sharings.template = sqlite_template
    run_state_machine_as_test(
        Sharings,
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    # Otherwise the walk would prove little.
    assert {"proposed", "confirmed", "publicised", "approved", "paid"} <= Sharings.reached
