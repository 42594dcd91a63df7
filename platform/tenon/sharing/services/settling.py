"""From confirmed to paid: publicity inside the institution, objections, approval, payment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.compliance.days import day_of, has_passed, last_full_day
from tenon.db import new_public_id
from tenon.deals.guards import Refusal, RuleBroken
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.ledger.services import Transfer, book, open_account
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.outbox.services import emit
from tenon.sharing import permissions, queries
from tenon.sharing.floors import kept_rule
from tenon.sharing.models import Distribution, IncomeObjection
from tenon.sharing.services.drafting import lock
from tenon.sharing.services.proposing import income_to_share
from tenon.sharing.states import DISTRIBUTION

TEXT_LIMIT = 4000
_NOT_PUBLIC = N_("It has to be public inside the institution for %(days)s days first.")
_STILL_PUBLIC = N_("It is public inside the institution until %(day)s.")
_OBJECTIONS = N_("%(number)s objection(s) wait for an answer.")
_INCOME_GONE = N_("Part of the income that is shared here has been paid back: take it back first.")


def publicity_days(distribution: Distribution) -> int:
    """Return for how many days it must be public inside the institution; 0 where not asked for."""
    held = kept_rule(distribution, "publicity")
    return int(held["value"]) if held is not None and held["binding"] else 0


def shown_days(distribution: Distribution) -> int:
    """Return for how many days it would be public, asked for or not; 0 where no rule names any."""
    held = kept_rule(distribution, "publicity")
    return int(held["value"]) if held is not None else 0


def publicise(
    session: Session,
    distribution: Distribution,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Open it to all members of the institution, for the full days that the rule names.

    The day on which it begins is not among them (Civil Code 201).

    Raises NotFound, Forbidden, IllegalTransition, Conflict.
    """
    permissions.require(by, "publicise", distribution)
    days = shown_days(distribution)
    if not days:
        raise Conflict("no_rule", kind="distribution")
    lock(session, distribution, expected_version=expected_version)
    along = {"publicised_at": now, "publicity_ends_on": last_full_day(now, days)}
    facts = {"days": days}
    DISTRIBUTION.move(distribution, "publicise", by=by, now=now, facts=facts, along=along)


def object_to(
    session: Session, distribution: Distribution, *, text: str, by: Actor, now: datetime
) -> IncomeObjection:
    """Object to it while it is public; it cannot be approved before the answer.

    Raises NotFound, Forbidden, Invalid at ``text``.
    """
    if not permissions.may_see(by, distribution):
        raise NotFound(kind="distribution")
    if not permissions.may_object(by, distribution):
        raise Forbidden(action="object")
    lock(session, distribution)
    made = IncomeObjection(
        public_id=new_public_id(),
        distribution_id=distribution.id,
        user_id=by.user_id,
        text=_words(text, "text"),
        at=now,
    )
    distribution.objections.append(made)
    session.flush()
    emit(session, "sharing.objected", {"id": made.id}, now=now)
    _record(session, distribution, "object", made, by=by, now=now)
    return made


def answer_objection(
    session: Session,
    distribution: Distribution,
    objection_id: str,
    *,
    answer: str,
    by: Actor,
    now: datetime,
) -> None:
    """Answer an objection, once; raises NotFound, Forbidden, Conflict, Invalid at ``answer``."""
    permissions.require_works_on(by, distribution.deal)
    objection = queries.objection(distribution, objection_id)
    if objection.answer is not None:
        raise Conflict("answered_meanwhile", kind="objection")
    said = _words(answer, "answer")
    lock(session, distribution)
    objection.answer, objection.answered_at, objection.answered_by = said, now, by.user_id
    session.flush()
    _record(session, distribution, "answer_objection", objection, by=by, now=now)


def open_points(
    session: Session, distribution: Distribution, *, now: datetime
) -> Sequence[Refusal]:
    """Return what stands in the way of approval, each with the rule's source."""
    found = []
    held = kept_rule(distribution, "publicity") or {}
    sources = {"source_zh": held.get("source_zh", ""), "source_en": held.get("source_en", "")}
    days = publicity_days(distribution)
    ends = distribution.publicity_ends_on
    if distribution.state == "confirmed" and days:
        found.append(Refusal(_NOT_PUBLIC, {"days": days}, **sources, guard="publicity"))
    if distribution.state == "publicised" and ends is not None and not has_passed(ends, now):
        day = f"{ends:%Y-%m-%d}"
        found.append(Refusal(_STILL_PUBLIC, {"day": day}, **sources, guard="publicity"))
    unanswered = sum(each.answer is None for each in distribution.objections)
    if unanswered:
        found.append(Refusal(_OBJECTIONS, {"number": unanswered}, guard="objections"))
    if income_to_share(session, distribution) < (distribution.income_minor or 0):
        found.append(Refusal(_INCOME_GONE, guard="income"))
    return found


def approve(
    session: Session,
    distribution: Distribution,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Approve it: from now on the institution owes the shares, and its books say so.

    Raises NotFound, Forbidden, IllegalTransition, Conflict, and ``RuleBroken`` while publicity, an
    objection or a repayment stands in the way.
    """
    permissions.require(by, "approve", distribution)
    lock(session, distribution, expected_version=expected_version)
    refusals = open_points(session, distribution, now=now)
    if refusals:
        raise RuleBroken("approve", refusals)
    along = {"approved_at": now, "approved_by": by.user_id}
    DISTRIBUTION.move(distribution, "approve", by=by, now=now, along=along)
    _book(
        session, distribution, "share_approved", ("share", "share_payable"), at=now, on=day_of(now)
    )


def pay(
    session: Session,
    distribution: Distribution,
    *,
    paid_on: date,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Note that every share was paid out on a day; what is owed is settled in the books.

    Raises NotFound, Forbidden, IllegalTransition, Conflict, Invalid at ``paid_on``.
    """
    permissions.require(by, "pay", distribution)
    approved = distribution.approved_at
    if paid_on > day_of(now):
        raise Invalid({"paid_on": "in_the_future"})
    if approved is not None and paid_on < day_of(approved):
        raise Invalid({"paid_on": "before_approval"})
    lock(session, distribution, expected_version=expected_version)
    along = {"paid_on": paid_on, "live_key": None}
    DISTRIBUTION.move(distribution, "pay", by=by, now=now, along=along)
    _book(session, distribution, "share_paid", ("share_payable", "clearing"), at=now, on=paid_on)


def _book(
    session: Session,
    distribution: Distribution,
    what: str,
    kinds: tuple[str, str],
    *,
    at: datetime,
    on: date,
) -> None:
    """Book every share from the second kind of account to the first, each as an item of its own."""
    debit, credit = (
        open_account(
            session,
            owner=("deal", distribution.deal.public_id),
            side="seller",
            kind=kind,
            currency=distribution.currency,
        )
        for kind in kinds
    )
    transfers = [
        Transfer(
            debit,
            credit,
            share.minor,
            debit_item=share.public_id if kinds[0] == "share_payable" else None,
            credit_item=share.public_id if kinds[1] == "share_payable" else None,
        )
        for share in distribution.shares
        if share.minor
    ]
    if transfers:
        book(
            session,
            what=what,
            about=("distribution", distribution.public_id),
            transfers=transfers,
            key=f"{what}:{distribution.public_id}",
            at=at,
            booked_on=on,
        )


def _words(text: str, field: str) -> str:
    said = text.strip()
    if not said or len(said) > TEXT_LIMIT:
        raise Invalid({field: "too_long" if said else "required"})
    return said


def _record(
    session: Session,
    distribution: Distribution,
    kind: str,
    objection: IncomeObjection,
    *,
    by: Actor,
    now: datetime,
) -> None:
    history.record(
        session,
        chain=("distribution", distribution.public_id),
        kind=kind,
        by=by,
        now=now,
        facts={"objection": objection.public_id},
    )
