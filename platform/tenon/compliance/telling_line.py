"""This room's part of a deal's timeline: publicity, objections, approvals, answers, duties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.compliance import permissions
from tenon.compliance.models import Approval, Duty, FirstRefusal, Objection, Publicity
from tenon.compliance.notifying import duty_names
from tenon.deals import permissions as deals
from tenon.deals.models import Deal
from tenon.deals.timeline import Item, source
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows

_APPROVED: Mapping[str, str] = {
    "approved": N_("Approved: %(step)s."),
    "returned": N_("Returned in approval: %(step)s."),
}
_DECIDED: Mapping[str, str] = {
    "upheld": N_("An objection was upheld."),
    "rejected": N_("An objection was rejected."),
}
_ANSWERED: Mapping[str, str] = {
    "takes_up": N_("A contributor takes it up on equal terms."),
    "waives": N_("A contributor waives first refusal."),
}
_CLOSED: Mapping[str, str] = {
    "done": N_("%(duty)s: done, number %(number)s."),
    "waived": N_("%(duty)s: not needed."),
}


@source("compliance")
def items(session: Session, deal: Deal, actor: Actor) -> list[Item]:
    """Return the room's entries for who may read the deal; objections are the seller's to read."""
    if not deals.may_read(actor, deal):
        return []
    found = [*_publicities(session, deal), *_duties(session, deal)]
    for side in ("seller", "buyer"):
        if permissions.may_see_approvals(actor, deal, side):
            found += _approvals(session, deal, side)
    if permissions.may_read_objections(actor, deal):
        found += [*_objections(session, deal), *_answers(session, deal)]
    return found


def _item(
    deal: Deal, at: datetime, kind: str, title: str, facts: Mapping[str, object], side: str | None
) -> Item:
    return Item(at, kind, title, facts, f"/deals/{deal.public_id}/compliance", side)


def _publicities(session: Session, deal: Deal) -> Iterator[Item]:
    wanted = sa.select(Publicity).where(Publicity.deal_id == deal.id).order_by(Publicity.id)
    for each in session.scalars(wanted):
        facts = {"day": each.last_on.isoformat(), "sha256": each.sha256}
        title = N_("Publicity began; it runs to the end of %(day)s.")
        yield _item(deal, each.started_at, "publicity", title, facts, "seller")
        if each.stopped_at is not None:
            title = N_("Publicity was stopped.")
            yield _item(deal, each.stopped_at, "publicity", title, {}, "seller")


def _objections(session: Session, deal: Deal) -> Iterator[Item]:
    wanted = sa.select(Objection).join(Publicity).where(Publicity.deal_id == deal.id)
    for each in session.scalars(wanted.order_by(Objection.id)):
        made = _item(deal, each.at, "publicity", N_("Somebody objected."), {}, None)
        yield Item(made.at, made.kind, made.title, path=made.path, text=each.text)
        if each.decided_at is not None and each.state in _DECIDED:
            title = _DECIDED[each.state]
            path = f"/deals/{deal.public_id}/compliance"
            yield Item(each.decided_at, "publicity", title, {}, path, "seller", each.grounds or "")


def _approvals(session: Session, deal: Deal, side: str) -> Iterator[Item]:
    wanted = sa.select(Approval).where(Approval.deal_id == deal.id, Approval.side == side)
    for each in session.scalars(wanted.order_by(Approval.id)):
        if each.decided_at is not None and each.state in _APPROVED:
            names = {"step": {"zh": each.name_zh, "en": each.name_en}}
            yield Item(
                each.decided_at,
                "approval",
                _APPROVED[each.state],
                names,
                f"/deals/{deal.public_id}/compliance",
                side,
                each.remark or "",
                each.decided_by,
            )


def _answers(session: Session, deal: Deal) -> Iterator[Item]:
    wanted = sa.select(FirstRefusal).where(FirstRefusal.deal_id == deal.id)
    for each in session.scalars(wanted.order_by(FirstRefusal.id)):
        if each.answered_at is not None and each.answer is not None:
            title = _ANSWERED[each.answer]
            yield _item(deal, each.answered_at, "approval", title, {}, "seller")


def _duties(session: Session, deal: Deal) -> Iterator[Item]:
    wanted = sa.select(Duty).where(Duty.deal_id == deal.id).order_by(Duty.id)
    for each in session.scalars(wanted):
        if each.closed_at is not None:
            names = duty_names(deal, each.code)
            facts = {"duty": {"zh": names.zh, "en": names.en}, "number": each.number or ""}
            yield _item(deal, each.closed_at, "duty", _CLOSED[each.state], facts, each.side)
