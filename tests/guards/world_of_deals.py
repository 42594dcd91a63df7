"""What the walk over all routes asks for of deals, and of the rooms around them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.deals.models import Deal, DealFile
from tenon.equity import services as equity
from tenon.listings.models import IpRight, Listing
from tenon.payments import invoicing, receiving
from tenon.payments.obligations.services import charge
from tenon.payments.reports import services as reports
from tenon.rights import services as rights
from tenon.rules.queries import RuleFilter, rows
from tenon.sharing.services import open_distribution
from tenon.simulations.reading import ask
from tenon.simulations.services import keep
from tenon.trials.models import Trial, TrialReading
from tests.factories import accounts, deals, listings
from tests.guards.asked import ask_of
from tests.guards.world import World
from tests.payments.reports import scenes as reported


def make_deals(session: Session, world: World, shown: Listing) -> None:
    """Make one of everything that belongs to deals, on the published listing."""
    author = world.people["editor"]
    _dealt(session, world, shown, author)
    _reported(session, world, shown)
    _income_shared(session, world, author)
    _held(session, world, author)
    _tried(session, world, author)
    ask_of(session, world.things, shown, world.people)
    _owned(session, world)


def _dealt(session: Session, world: World, shown: Listing, author: User) -> None:
    """A deal on a listing under negotiation, with terms that the other side proposes and a file."""
    deal = deals.make_deal(
        session, state="terms", seller=shown.organisation, seller_user=author, listings=[shown]
    )
    deals.make_terms(session, deal, values={}, state="proposed", side="buyer")
    file = DealFile(
        deal_id=deal.id,
        kind="other",
        name="附件.pdf",
        media_type="application/pdf",
        size=1,
        sha256="0" * 64,
        side="seller",
        uploaded_at=listings.NOW,
    )
    session.add(file)
    session.flush()
    world.things.deal, world.things.deal_file = deal.public_id, file.public_id
    _paid(session, world, deal, author)


def _paid(session: Session, world: World, deal: Deal, author: User) -> None:
    """A sum that is due in the deal, its invoice, and a payment that was more than that."""
    by, now, today = accounts.actor_for(author), listings.NOW, listings.NOW.date()
    owed = charge(
        session, deal, key="fee", kind="service_fee", net_minor=100, currency="CNY",
        due_on=today, by=by, now=now,
    )  # fmt: skip
    invoice = invoicing.issue(session, owed, by=by, now=now)
    given = receiving.Given("seller", 150, "CNY", today, "walk-payment")
    payment = receiving.record(session, deal, given, by=by, now=now)
    world.things.owed, world.things.payment = owed.public_id, payment.public_id
    world.things.invoice = invoice.public_id


def _reported(session: Session, world: World, shown: Listing) -> None:
    """A use report that the organisation has to write for a licence it has taken."""
    terms = reported.TERMS
    today = listings.NOW.date()
    deal = deals.make_deal(
        session, state="in_force", buyer=shown.organisation, terms=terms, effective_on=today
    )
    [report] = reports.expect(session, deal, now=listings.NOW)
    world.things.use_report = report.public_id


def _income_shared(session: Session, world: World, author: User) -> None:
    """A deal in force whose income is being shared, and a simulation that its editor kept."""
    own, by = author.memberships[0].organisation, accounts.actor_for(author)
    deal = deals.make_deal(session, state="in_force", seller=own)
    made = open_distribution(session, deal, currency="CNY", by=by, now=listings.NOW)
    question, _faults = ask(["licence"], {})
    kept = keep(session, question, title="a", deal=deal, by=by, now=listings.NOW)
    world.things.distribution, world.things.simulation = made.public_id, kept.public_id


def _held(session: Session, world: World, author: User) -> None:
    """The cap table of the author's organisation, and a right to subscribe that it granted."""
    own, by, now = author.memberships[0].organisation, accounts.actor_for(author), listings.NOW
    terms = {
        "strike_rule": "price",
        "strike": {"minor": 200, "currency": "CNY"},
        "subscription_amount": {"minor": 20000, "currency": "CNY"},
        "expiry": "2050-01-01",
        "adjustment": "none",
    }
    deal = deals.make_deal(
        session, form="share_subscription", state="signed", buyer=own, terms=terms
    )
    company = equity.found_company(
        session, deal, name="", kind="joint_stock", par_minor=100, own=True, by=by, now=now
    )
    holder = equity.add_holder(session, company, name="创始人", by=by)
    facts = {"payments": [{"holder": holder.key, "amount": 100000}]}
    equity.record(
        session, company, kind="incorporation", day=now.date(), facts=facts, by=by, now=now
    )
    agreement = equity.enter_subscription(session, deal, by=by, now=now)
    world.things.equity_company = company.public_id
    world.things.equity_agreement = agreement.public_id


def _owned(session: Session, world: World) -> None:
    """A grant to a contributor that is published, an open licence, a row of the table of rules."""
    author, now, today = world.people["editor"], listings.NOW, listings.NOW.date()
    shown = session.scalars(sa.select(Listing).filter_by(public_id=world.things.listing)).one()
    right = session.scalars(sa.select(IpRight).filter_by(public_id=world.things.right)).one()
    by: dict[str, Any] = {"by": accounts.actor_for(world.people["administrator"]), "now": now}
    application = rights.Application(
        kind="use",
        years=10,
        members=[rights.Member("云舒", Decimal(100), author.id)],
        statement="拟自行转化。",
    )
    grant = rights.apply(
        session,
        shown,
        application=application,
        by=accounts.actor_for(author),
        now=now,
        today=today,
    )
    rights.approve(session, grant, **by)
    rights.publicise(session, grant, today=today, **by)
    declared = rights.declare_open(
        session,
        right,
        declaration=rights.Declaration(fee_mode="single", fee_minor=1, until=date(2050, 1, 1)),
        organisation_id=shown.organisation_id,
        today=today,
        **by,
    )
    row = rows(session, RuleFilter(code="price_publicity_days"))[0]
    world.things.rights_grant, world.things.open_licence = grant.public_id, declared.public_id
    world.things.rule = row.public_id


def _tried(session: Session, world: World, author: User) -> None:
    """A trial of the author's house with a value that the firm reported; work in milestones."""
    own, today = author.memberships[0].organisation, listings.NOW.date()
    agreed = {"triggers": ["metric"], "metric_direction": "at_least", "metric_target": "9"}
    trial = deals.make_deal(
        session, form="pay_after_use", state="in_force.in_use", seller=own, terms=agreed
    )
    reading = TrialReading(
        deal_id=trial.id,
        kind="metric",
        on=today,
        value=Decimal(5),
        side="buyer",
        reported_at=listings.NOW,
    )
    steps = [{"title": "样机", "criterion": "运行", "minor": 100, "due": "2026-12-31"}]
    works = deals.make_deal(
        session,
        form="development_commissioned",
        state="in_force.working",
        seller=own,
        terms={"milestones": steps},
    )
    session.add_all([Trial(deal_id=trial.id, started_on=today, ends_on=today), reading])
    session.flush()
    world.things.trial_deal, world.things.works_deal = trial.public_id, works.public_id
    world.things.reading = reading.public_id
