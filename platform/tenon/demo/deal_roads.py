"""How a demo deal is taken along its road: the same services as everybody's, dated back.

Each step is one word of ``set/deals.toml``. Must not know any deal of the set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.queries import actor_of
from tenon.actors import SYSTEM, Actor
from tenon.compliance.models import FirstRefusal
from tenon.compliance.services import abroad, approving, objecting, publishing, refusing, sheets
from tenon.deals import forms as deal_forms
from tenon.deals import terms
from tenon.deals.credited import credit_signed
from tenon.deals.models import Deal, DealFile, TermVersion
from tenon.deals.papers import print_paper, record_print
from tenon.deals.queries import accepted_terms, proposed_terms
from tenon.deals.services import (
    accept,
    add_file,
    confirm_signature,
    decline,
    missing_signers,
    propose,
    say,
    take_step,
)
from tenon.deals.services.watching import lapse_idle
from tenon.figures.recording import record_contract
from tenon.notices import delivery
from tenon.rights import services as rights
from tenon.rights.services.licensing import Declaration

People = Mapping[str, User]


@dataclass(slots=True)
class Road:
    """One deal on its way.

    Attributes:
        people: role of the demo -> person.
        sides: side -> (role that negotiates, role that signs).
        folder: where files are kept.
        now: the moment of the next step; steps move it on.
        brokered: whether a commission was agreed that follows the payments.
    """

    session: Session
    deal: Deal
    people: People
    sides: Mapping[str, tuple[str, str]]
    folder: Path
    now: datetime
    terms: dict[str, Any] = field(default_factory=dict)
    brokered: bool = False

    def actor(self, role: str) -> Actor:
        """Return a person of the demo as an actor; ``seller`` and ``buyer`` are who negotiates."""
        if role in self.sides:
            role = self.sides[role][0]
        return actor_of(self.people[role])

    def signer(self, side: str) -> Actor:
        """Return who signs for a side."""
        return actor_of(self.people[self.sides[side][1]])

    def wait(self, days: float) -> None:
        """Let days pass."""
        self.now += timedelta(days=days)

    @property
    def today(self) -> date:
        """The day of the next step by the site's clock."""
        return self.now.astimezone(delivery.current().zone).date()


def talk(road: Road, step: Mapping[str, Any]) -> None:
    """Somebody writes a message."""
    say(road.session, road.deal, text=step["text"], by=road.actor(step["by"]), now=road.now)


def offer(road: Road, step: Mapping[str, Any]) -> None:
    """A side proposes the deal's terms, with changes where the step names some."""
    form = deal_forms.get(road.deal.form)
    road.terms |= step.get("change", {})
    values = terms.defaults(form, road.terms)
    propose(
        road.session,
        road.deal,
        values=values,
        note=step.get("note", ""),
        by=road.actor(step["by"]),
        now=road.now,
    )


def answer(road: Road, step: Mapping[str, Any]) -> None:
    """The other side declines what was proposed, saying why."""
    version = _waiting(road)
    decline(
        road.session,
        road.deal,
        version,
        note=step["note"],
        by=road.actor(step["by"]),
        now=road.now,
    )


def agree(road: Road, step: Mapping[str, Any]) -> None:
    """The other side accepts what was proposed; the administrators' acceptance counts at once."""
    version = _waiting(road)
    other = "buyer" if version.side == "seller" else "seller"
    by = road.signer(other) if step.get("signs", True) else road.actor(other)
    accept(road.session, road.deal, version, note=step.get("note", ""), by=by, now=road.now)


def approve(road: Road, _step: Mapping[str, Any]) -> None:
    """Every approval that waits is given, in order, a day apart."""
    for each in approving.approvals(road.session, road.deal):
        if each.state == "waiting":
            road.wait(1)
            approving.decide(
                road.session,
                each,
                decision="approved",
                by=road.signer(each.side),
                now=road.now,
            )


def declare(road: Road, _step: Mapping[str, Any]) -> None:
    """The institution says how the contributors stand to the buyer; they answer first refusal."""
    by = road.signer("seller")
    sheets.take_contributors_over(road.session, road.deal)
    for each in sheets.contributors(road.session, road.deal):
        if each.relation is None:
            sheets.declare_relation(
                road.session, road.deal, each, relation="none", by=by, now=road.now
            )
    _waive_first_refusal(road)


def _waive_first_refusal(road: Road) -> None:
    asked = road.session.scalars(
        sa.select(FirstRefusal).where(
            FirstRefusal.deal_id == road.deal.id, FirstRefusal.answer.is_(None)
        )
    ).all()
    for each in asked:
        person = each.contributor.user_id
        if person is not None:
            by = actor_of(road.session.get_one(User, person))
            refusing.answer(road.session, each, answer="waives", by=by, now=road.now)
            continue
        paper = keep_paper(road, "approval", "seller")
        refusing.answer_by_paper(
            road.session,
            each,
            answer="waives",
            answered_on=road.today,
            file=paper,
            by=road.signer("seller"),
            now=road.now,
        )


def begin_publicity(road: Road, _step: Mapping[str, Any]) -> None:
    """The price is published."""
    take_step(road.session, road.deal, "publish", by=road.signer("seller"), now=road.now)


def publish(road: Road, step: Mapping[str, Any]) -> None:
    """The price is published, and the days of the publicity pass."""
    begin_publicity(road, step)
    running = publishing.running(road.session, road.deal)
    if running is not None:
        days = (running.last_on - road.today).days
        road.wait(days + 1)


def object_to(road: Road, step: Mapping[str, Any]) -> None:
    """Somebody objects to what is published, and the institution decides with grounds."""
    running = publishing.running(road.session, road.deal)
    if running is None:
        raise ValueError(f"{road.deal.title}: nothing is published")
    made = objecting.object_to(
        road.session,
        running,
        name=step["name"],
        contact="objector@demo.example",
        text=step["text"],
        by=road.actor(step["by"]),
        now=road.now,
    )
    if "grounds" in step:
        road.wait(2)
        objecting.decide(
            road.session,
            made,
            decision="rejected",
            grounds=step["grounds"],
            by=road.signer("seller"),
            now=road.now,
        )


def say_price(road: Road, step: Mapping[str, Any]) -> None:
    """The publicity states the price in words, where there is no sum."""
    said = sheets.Published(price=step["price"])
    by = road.signer("seller")
    sheets.set_published(road.session, road.deal, said, by=by, now=road.now)


def declare_open(road: Road, step: Mapping[str, Any]) -> None:
    """The owner declares its patents open to everybody at a standard fee."""
    for right in road.deal.ip_rights:
        if right.status == "granted":
            rights.declare_open(
                road.session,
                right,
                declaration=Declaration(
                    fee_mode="single",
                    fee_minor=step["yuan"] * 100,
                    number=step["number"],
                    until=road.today + timedelta(days=900),
                ),
                organisation_id=road.deal.seller_organisation_id,
                by=road.signer("seller"),
                now=road.now,
                today=road.today,
            )


def fill_abroad(road: Road, step: Mapping[str, Any]) -> None:
    """The checklist for a party abroad is filled."""
    abroad.fill(
        road.session,
        road.deal,
        abroad.Checklist(export_control="free", state_funded=step["state_funded"]),
        by=road.signer("seller"),
        now=road.now,
    )


def idle(road: Road, _step: Mapping[str, Any]) -> None:
    """A year passes without a word, and the deal lapses."""
    lapse_idle(road.session, now=road.now)


def clear(road: Road, _step: Mapping[str, Any]) -> None:
    """What had to happen before signing has happened."""
    take_step(road.session, road.deal, "clear", by=road.signer("seller"), now=road.now)


def sign(road: Road, _step: Mapping[str, Any]) -> None:
    """Everybody who must sign has signed the contract, and it is uploaded."""
    agreed = _agreed(road)
    paper = keep_paper(road, "signed_contract", "seller")
    for each in missing_signers(road.session, road.deal, agreed):
        person = each.user_id
        by = road.signer(each.key) if person is None else actor_of(_user(road, person))
        confirm_signature(
            road.session,
            road.deal,
            signer=each.key,
            signatory="授权代表（演示）",
            signed_on=road.today,
            file=paper,
            by=by,
            now=road.now,
        )
        road.now += timedelta(hours=3)
    credit_signed(road.session, road.deal, now=road.now)
    record_contract(road.session, road.deal, now=road.now)


def begin(road: Road, _step: Mapping[str, Any]) -> None:
    """The contract takes effect."""
    take_step(road.session, road.deal, "take_effect", by=SYSTEM, now=road.now)


def move(road: Road, step: Mapping[str, Any]) -> None:
    """A step of the form's own, by whoever takes it."""
    by = road.actor(step["by"])
    if step.get("signs"):
        by = road.signer(step["by"])
    take_step(
        road.session,
        road.deal,
        step["name"],
        reason=step.get("reason"),
        remark=step.get("remark", ""),
        by=by,
        now=road.now,
    )
    record_contract(road.session, road.deal, now=road.now)


def keep_paper(road: Road, kind: str, side: str) -> DealFile:
    """Keep the contract of the terms in hand as a file of the deal."""
    agreed = _agreed(road)
    code = deal_forms.get(agreed.form).papers[-1].code
    by = road.actor(side)
    printed = print_paper(
        road.session, road.deal, agreed, paper=code, language="zh", kind="docx", by=by
    )
    record_print(road.session, road.deal, printed, by=by, now=road.now)
    return add_file(
        road.session,
        road.deal,
        kind=kind,
        name=printed.name,
        content=printed.content,
        folder=road.folder,
        by=road.actor(side),
        now=road.now,
    )


def _waiting(road: Road) -> TermVersion:
    found = proposed_terms(road.session, road.deal)
    if found is None:
        raise ValueError(f"{road.deal.title}: no terms wait for an answer")
    return found


def _agreed(road: Road) -> TermVersion:
    found = accepted_terms(road.session, road.deal)
    if found is None:
        raise ValueError(f"{road.deal.title}: no terms are agreed")
    return found


def _user(road: Road, key: int) -> User:
    return road.session.get_one(User, key)
