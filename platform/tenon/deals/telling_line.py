"""The deal's own part of its timeline: steps, terms, signatures, messages, files."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals import forms, permissions
from tenon.deals.models import Deal, DealSignature, TermVersion
from tenon.deals.queries import deals as reading
from tenon.deals.timeline import Item, source
from tenon.history import HistoryEntry
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows

# Entries of the deal's chain that its own tables do not show better.
_SHOWN: Mapping[str, str] = {
    "open": N_("The deal was begun as: %(form)s."),
    "change_form": N_("The form was changed from %(before)s to %(form)s."),
    "name_broker": N_("A technology broker was named."),
    "name_person": N_("The person in charge was changed."),
}


@source("deal")
def items(session: Session, deal: Deal, actor: Actor) -> list[Item]:
    """Return steps to all who see the deal; the rest to those who may read it."""
    found = _steps(session, deal)
    if not permissions.may_read(actor, deal):
        return found
    found += _terms(session, deal)
    found += [
        Item(
            each.at,
            "message",
            "",
            side=each.speaker,
            text=each.text,
            user_id=each.author_id,
        )
        for each in reading.messages(session, deal)
    ]
    found += [
        Item(
            each.uploaded_at,
            "file",
            N_("File: %(name)s"),
            {"name": each.name, "kind": each.kind, "sha256": each.sha256},
            f"/deals/{deal.public_id}/files/{each.public_id}",
            each.side,
            user_id=each.uploaded_by,
        )
        for each in reading.files(session, deal)
        if permissions.may_read_file(actor, deal, each)
    ]
    return found + _signatures(session, deal)


def _steps(session: Session, deal: Deal) -> list[Item]:
    entries = session.scalars(
        sa.select(HistoryEntry)
        .where(HistoryEntry.chain_kind == "deal", HistoryEntry.chain_id == deal.public_id)
        .order_by(HistoryEntry.sequence)
    )
    form = forms.get(deal.form)
    names = {each.code: each.names for each in form.states}
    found = []
    for entry in entries:
        facts = entry.facts
        if entry.kind in _SHOWN:
            told = {
                "form": _form_name(facts.get("form") or facts.get("to")),
                "before": _form_name(facts.get("from")),
            }
            found.append(Item(entry.at, "step", _SHOWN[entry.kind], told))
        elif facts.get("to") in names and facts.get("from") != facts.get("to"):
            state = names[facts["to"]]
            told = {"state": {"zh": state.zh, "en": state.en}}
            found.append(Item(entry.at, "step", N_("The deal came to: %(state)s."), told))
    return found


def _form_name(code: str | None) -> dict[str, str]:
    if code is None or not forms.is_form(code):
        return {"zh": "", "en": ""}
    names = forms.get(code).names
    return {"zh": names.zh, "en": names.en}


_PROPOSED = N_("Terms proposed: version %(number)s.")
_ANSWERED: Mapping[str, str] = {
    "accepted": N_("Terms accepted: version %(number)s."),
    "declined": N_("Terms declined: version %(number)s."),
    "withdrawn": N_("Terms withdrawn: version %(number)s."),
}


def _terms(session: Session, deal: Deal) -> list[Item]:
    found = []
    for each in reading.term_versions(session, deal):
        path = f"/deals/{deal.public_id}/terms/{each.number}"
        facts = {"number": each.number, "sha256": each.sha256}
        found.append(
            Item(
                each.proposed_at,
                "terms",
                _PROPOSED,
                facts,
                path,
                each.side,
                each.note or "",
                each.proposed_by,
            )
        )
        answered = "accepted" if each.state == "replaced" and each.answered_at else each.state
        if each.answered_at is not None and answered in _ANSWERED and _was_answered(each):
            side = each.side
            if answered != "withdrawn":
                side = "buyer" if each.side == "seller" else "seller"
            found.append(
                Item(
                    each.answered_at,
                    "terms",
                    _ANSWERED[answered],
                    facts,
                    path,
                    side,
                    each.answer_note or "",
                    each.answered_by,
                )
            )
    return found


def _was_answered(version: TermVersion) -> bool:
    """Whether the other side, or the own one by withdrawing, answered; not merely replaced it."""
    return version.state != "replaced"


def _signatures(session: Session, deal: Deal) -> list[Item]:
    rows = session.scalars(
        sa.select(DealSignature).where(DealSignature.deal_id == deal.id).order_by(DealSignature.id)
    )
    return [
        Item(
            each.confirmed_at,
            "signature",
            N_("Signature confirmed: %(signatory)s."),
            {"signatory": each.signatory, "sha256": each.file_sha256},
            f"/deals/{deal.public_id}/signatures",
            each.signer if each.signer in ("seller", "buyer") else None,
            user_id=each.confirmed_by,
        )
        for each in rows
    ]
