"""What goes into the evidence pack: the seller's side of the story, as plain JSON.

Nothing of the buyer's own approvals or private files, and no contact of an objector.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.compliance.applying import route_of, sheet_of
from tenon.compliance.models import (
    Approval,
    ContractRegistration,
    FirstRefusal,
    ForeignCheck,
    Objection,
    Publicity,
    PublicityOpening,
)
from tenon.compliance.notifying import duty_names
from tenon.compliance.services.duties import duties
from tenon.compliance.services.sheets import contributors
from tenon.deals import forms, terms
from tenon.deals.models import Deal, DealFile, DealSignature, TermVersion
from tenon.deals.queries import accepted_terms
from tenon.history import HistoryEntry

PACKED_KINDS = ("signed_contract", "amendment", "appraisal", "approval", "evidence")


def gather(session: Session, deal: Deal) -> dict[str, Any]:
    """Return file name -> JSON of all that the pack says, in a fixed order."""
    return {
        "deal.json": _deal(deal),
        "terms.json": _terms(session, deal),
        "price_route.json": _route(session, deal),
        "declarations.json": _declarations(session, deal),
        "first_refusal.json": _first_refusals(session, deal),
        "publicity.json": _publicities(session, deal),
        "approvals.json": _approvals(session, deal),
        "foreign_checklist.json": _foreign(session, deal),
        "duties.json": _duties(session, deal),
        "signatures.json": _signatures(session, deal),
        "history.json": _history(session, deal),
    }


def packed_files(session: Session, deal: Deal) -> Sequence[DealFile]:
    """Return the files that belong into the pack: papers of proof, none private to the buyer."""
    return session.scalars(
        sa.select(DealFile)
        .where(
            DealFile.deal_id == deal.id,
            DealFile.kind.in_(PACKED_KINDS),
            sa.or_(DealFile.private.is_(False), DealFile.side == "seller"),
        )
        .order_by(DealFile.id)
    ).all()


def _at(moment: datetime | date | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _deal(deal: Deal) -> dict[str, Any]:
    names = forms.get(deal.form).names
    return {
        "id": deal.public_id,
        "title": deal.title,
        "form": {"code": deal.form, "zh": names.zh, "en": names.en},
        "state": deal.state,
        "jurisdiction": deal.jurisdiction,
        "seller": _names(deal, "seller"),
        "buyer": _names(deal, "buyer"),
        "currency": deal.currency,
        "value_minor": deal.value_minor,
        "technology_value_minor": deal.technology_value_minor,
        "agreed_at": _at(deal.agreed_at),
        "signed_on": _at(deal.signed_on),
        "effective_on": _at(deal.effective_on),
    }


def _names(deal: Deal, side: str) -> dict[str, str]:
    house = deal.side_organisation(side)
    return {"zh": house.name("zh"), "en": house.name("en")}


def _terms(session: Session, deal: Deal) -> dict[str, Any] | None:
    """Return the terms in force; of terms amended since, those that were signed as well."""
    agreed = accepted_terms(session, deal)
    if agreed is None:
        return None
    signed = session.scalars(
        sa.select(TermVersion)
        .where(
            TermVersion.id.in_(
                sa.select(DealSignature.version_id).where(DealSignature.deal_id == deal.id)
            ),
            TermVersion.id != agreed.id,
        )
        .order_by(TermVersion.number)
    )
    return {**_version(agreed), "signed_before": [_version(each) for each in signed]}


def _version(agreed: TermVersion) -> dict[str, Any]:
    return {
        "number": agreed.number,
        "form": agreed.form,
        "values": agreed.values,
        "words": {tongue: _words(agreed, tongue) for tongue in ("zh", "en")},
        "sha256": agreed.sha256,
        "proposed_at": _at(agreed.proposed_at),
        "accepted_at": _at(agreed.answered_at),
    }


def _words(agreed: TermVersion, tongue: str) -> list[list[str]]:
    """Return (term, value) in words, in the form's order."""
    return [
        [term.names[tongue], terms.words(term, agreed.values[term.code], tongue)]
        for term in forms.get(agreed.form).terms
        if term.code in agreed.values
    ]


def _route(session: Session, deal: Deal) -> dict[str, Any]:
    sheet = sheet_of(session, deal)
    if sheet is None:
        return {"route": route_of(session, deal)}
    file = sheet.evidence_file
    return {
        "route": route_of(session, deal),
        "base_minor": sheet.base_minor,
        "price_minor": sheet.price_minor,
        "currency": sheet.currency,
        "venue": sheet.venue,
        "held_on": _at(sheet.held_on),
        "file_sha256": None if file is None else file.sha256,
    }


def _declarations(session: Session, deal: Deal) -> list[dict[str, Any]]:
    return [
        {
            "contributor": each.name,
            "position": each.position,
            "relation": each.relation,
            "detail": each.relation_detail,
            "declared_at": _at(each.declared_at),
        }
        for each in contributors(session, deal)
    ]


def _first_refusals(session: Session, deal: Deal) -> dict[str, Any]:
    sheet = sheet_of(session, deal)
    rows = session.scalars(
        sa.select(FirstRefusal).where(FirstRefusal.deal_id == deal.id).order_by(FirstRefusal.id)
    )
    return {
        "not_service_reason": None if sheet is None else sheet.not_service_reason,
        "asked": [
            {
                "contributor": each.contributor.name,
                "terms": session.get_one(TermVersion, each.version_id).number,
                "asked_at": _at(each.asked_at),
                "until": _at(each.until),
                "answer": each.answer,
                "answered_on": _at(each.answered_on),
                "remark": each.remark,
                "file_sha256": None if each.file is None else each.file.sha256,
                "source": {"zh": each.source_zh, "en": each.source_en},
            }
            for each in rows
        ],
    }


def _publicities(session: Session, deal: Deal) -> list[dict[str, Any]]:
    rows = session.scalars(
        sa.select(Publicity).where(Publicity.deal_id == deal.id).order_by(Publicity.id)
    )
    return [
        {
            "id": each.public_id,
            "body": each.body,
            "sha256": each.sha256,
            "days": each.days,
            "started_at": _at(each.started_at),
            "last_on": _at(each.last_on),
            "stopped_at": _at(each.stopped_at),
            "source": {"zh": each.source_zh, "en": each.source_en, "verified": each.verified},
            "opened": _openings(session, each),
            "objections": [_objection(one) for one in each.objections],
        }
        for each in rows
    ]


def _openings(session: Session, publicity: Publicity) -> list[dict[str, Any]]:
    rows = session.scalars(
        sa.select(PublicityOpening)
        .where(PublicityOpening.publicity_id == publicity.id)
        .order_by(PublicityOpening.day)
    )
    return [{"day": _at(each.day), "times": each.times} for each in rows]


def _objection(one: Objection) -> dict[str, Any]:
    return {
        "id": one.public_id,
        "at": _at(one.at),
        "name": one.name,
        "text": one.text,
        "state": one.state,
        "grounds": one.grounds,
        "decided_at": _at(one.decided_at),
    }


def _approvals(session: Session, deal: Deal) -> list[dict[str, Any]]:
    rows = session.scalars(
        sa.select(Approval)
        .where(Approval.deal_id == deal.id, Approval.side == "seller")
        .order_by(Approval.version_id, Approval.position)
    )
    return [
        {
            "terms": session.get_one(TermVersion, each.version_id).number,
            "position": each.position,
            "step": {"zh": each.name_zh, "en": each.name_en},
            "state": each.state,
            "by_accepting_the_terms": each.by_acceptance,
            "remark": each.remark,
            "asked_at": _at(each.asked_at),
            "decided_at": _at(each.decided_at),
        }
        for each in rows
    ]


def _foreign(session: Session, deal: Deal) -> dict[str, Any] | None:
    found = session.get(ForeignCheck, deal.id)
    if found is None:
        return None
    return {
        "export_control": found.export_control,
        "export_licence": found.export_licence,
        "state_funded": found.state_funded,
        "approval_number": found.approval_number,
        "approved_on": _at(found.approved_on),
        "remark": found.remark,
        "filled_at": _at(found.filled_at),
    }


def _duties(session: Session, deal: Deal) -> list[dict[str, Any]]:
    registered = session.get(ContractRegistration, deal.id)
    found = []
    for each in duties(session, deal):
        names = duty_names(deal, each.code)
        told: dict[str, Any] = {
            "code": each.code,
            "name": {"zh": names.zh, "en": names.en},
            "state": each.state,
            "due_on": _at(each.due_on),
            "number": each.number,
            "done_on": _at(each.done_on),
            "remark": each.remark,
        }
        if each.code == "contract_registration" and registered is not None:
            told["value_minor"] = registered.value_minor
            told["technology_value_minor"] = registered.technology_value_minor
            told["currency"] = registered.currency
        found.append(told)
    return found


def _signatures(session: Session, deal: Deal) -> list[dict[str, Any]]:
    """Return every signature with the version that it stands under: a later one amends that."""
    rows = session.execute(
        sa.select(DealSignature, TermVersion.number, TermVersion.sha256)
        .join(TermVersion, TermVersion.id == DealSignature.version_id)
        .where(DealSignature.deal_id == deal.id)
        .order_by(DealSignature.id)
    )
    return [
        {
            "terms": number,
            "terms_sha256": sha256,
            "signer": each.signer,
            "signatory": each.signatory,
            "signed_on": _at(each.signed_on),
            "file_sha256": each.file_sha256,
            "confirmed_at": _at(each.confirmed_at),
        }
        for each, number, sha256 in rows
    ]


def _history(session: Session, deal: Deal) -> list[dict[str, Any]]:
    """Return the deal's chain, each entry with what its hash is made of."""
    rows = session.scalars(
        sa.select(HistoryEntry)
        .where(HistoryEntry.chain_kind == "deal", HistoryEntry.chain_id == deal.public_id)
        .order_by(HistoryEntry.sequence)
    )
    return [
        {
            "chain": f"deal/{deal.public_id}",
            "sequence": each.sequence,
            "at": each.at.isoformat(),
            "kind": each.kind,
            "actor": each.actor_digest,
            "facts": each.facts,
            "previous": each.previous_hash,
            "hash": each.hash,
        }
        for each in rows
    ]
