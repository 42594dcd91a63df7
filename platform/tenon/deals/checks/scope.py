"""Checks and effects of rights: overlaps, standing, owners, the record of what was granted.

A refusal tells both sides only that something stands in the way; who may see more finds it in the
part "Rights" of the deal's page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals import forms
from tenon.deals.effects import effect
from tenon.deals.forms.schema import Words
from tenon.deals.guards import Refusal, guard
from tenon.deals.models import Deal, DealFile
from tenon.deals.queries.deals import accepted_terms
from tenon.deals.scope import (
    ASSIGNMENT,
    is_tried_first,
    kind_of,
    scope_of,
    subjects_of,
    today_of,
)
from tenon.deals.services.amending import AMEND
from tenon.deals.services.signing import Signer, further_signers
from tenon.listings.models import IpRight, Listing
from tenon.messages import LOCALES, catalogue
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.rights import queries, services
from tenon.rights.queries import Point, RequiredSigner
from tenon.rights.queries.signers import ALONE, SOURCE_EN, SOURCE_ZH

SIGNING_STEPS = frozenset({"sign"})
_OVERLAP_ZH = "最高人民法院关于审理技术合同纠纷案件适用法律若干问题的解释第二十五条"
_OVERLAP_EN = "Interpretation on technology contracts, article 25"
_OPEN_ZH = "《专利法》第五十一条（一般知识，待核对）"
_OPEN_EN = "Patent Law, article 51 (general knowledge, to be checked)"


@guard("no_overlap")
def no_overlap(
    session: Session,
    deal: Deal,
    *,
    step: str,
    now: datetime,
) -> Refusal | None:
    """No live licence may collide in right, territory, field and time (``rights.overlap``).

    An exclusive or sole licence is not granted while the patent is declared open, either.
    """
    proposed = scope_of(session, deal, now=now)
    if proposed is None:
        return None
    if step == AMEND:
        proposed = proposed.on_from(today_of(now))
    found = [
        licence
        for hit, licence in queries.colliding(session, proposed, besides_deal=deal.public_id)
        if hit.certain
    ]
    if found:
        return Refusal(
            N_(
                "Licences granted earlier that collide with this one in right, territory, field "
                "and time: %(count)s."
            ),
            {"count": len(found)},
            _OVERLAP_ZH,
            _OVERLAP_EN,
            path_of(deal),
        )
    if proposed.kind not in {"exclusive", "sole"}:
        return None
    declared = queries.declarations_of(session, proposed.rights, on=today_of(now))
    if not declared:
        return None
    return Refusal(
        N_("A patent is declared open: withdraw the open licence before licensing exclusively."),
        {},
        _OPEN_ZH,
        _OPEN_EN,
        f"/open-licences/{declared[0].public_id}",
    )


@guard("rights_standing")
def rights_standing(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the guard's form
    now: datetime,
) -> Refusal | None:
    """No right may have expired or lapsed, have an annuity unpaid, or be pledged unconsented."""
    contract = forms.get(deal.form).contract
    if contract not in {"transfer", "licence"}:
        return None
    act = "assignment" if contract == "transfer" else "licence"
    found = [
        (right, point)
        for right in deal.ip_rights
        for point in queries.standing(session, right, on=today_of(now), act=act).blocks
    ]
    return _refusal(deal, found)


def _refusal(deal: Deal, found: list[tuple[IpRight, Point]]) -> Refusal | None:
    if not found:
        return None
    return Refusal(
        N_("A right cannot be dealt in: %(problems)s"),
        {"problems": {tongue: _said(found, tongue) for tongue in LOCALES}},
        "；".join(_each(point.source_zh for _, point in found)),
        "; ".join(_each(point.source_en for _, point in found)),
        path_of(deal),
    )


def _said(found: Iterable[tuple[IpRight, Point]], tongue: str) -> str:
    words = catalogue(tongue)
    return " ".join(
        f"{right.number or '?'}{words.gettext(': ')}{words.gettext(point.message) % point.facts}"
        for right, point in found
    )


def _each(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))


@guard("open_licence_standing")
def open_licence_standing(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the guard's form
    now: datetime,
) -> Refusal | None:
    """The patent must stand declared open by the licensor, with nothing that forbids it.

    Once notice was given, a withdrawal takes nothing away (Patent Law, 50): then the declaration
    must have stood on the day of the notice.
    """
    today = today_of(now)
    noticed = today if deal.agreed_at is None else today_of(deal.agreed_at)
    blocks = [
        (right, point)
        for right in deal.ip_rights
        for point in services.open_licence_blocks(session, right, on=today)
    ]
    if blocks and deal.agreed_at is None:
        return _refusal(deal, blocks)
    stands = [
        queries.declared_on(session, right, organisation_id=deal.seller_organisation_id, on=noticed)
        for right in deal.ip_rights
    ]
    if stands and all(stands):
        return None
    return Refusal(
        N_("Each patent has to be declared open by the licensor, and still to be open."),
        {},
        "《专利法》第五十条、第五十一条",
        "Patent Law, articles 50 and 51",
        path_of(deal),
    )


@guard("owners_sign")
def owners_sign(
    session: Session,
    deal: Deal,
    *,
    step: str,
    now: datetime,
) -> Refusal | None:
    """The seller must own a part of each subject; owners without an account consent on paper.

    Their written consent is a file of the kind ``approval`` among the deal's files. Owners with
    an account sign here (``signatures_complete``). An amendment is signed by nobody: what it grants
    beyond the contract needs the written consent of all of them, given on that amendment.
    """
    today, subjects = today_of(now), subjects_of(deal)
    kind = _kind(session, deal)
    if kind is None or not subjects:
        return None
    house = deal.seller_organisation_id
    foreign = queries.not_owned_by(session, subjects, house, on=today)
    if foreign:
        return Refusal(
            N_("The side that grants owns no part of: %(subjects)s."),
            {"subjects": {tongue: _named(foreign, tongue) for tongue in LOCALES}},
            SOURCE_ZH,
            SOURCE_EN,
            path_of(deal),
        )
    if step == AMEND:
        return _consent_to_more(session, deal, on=today)
    absent = [each.name for each in _signers(session, deal) if not each.on_site]
    if not absent or _has_consent(session, deal):
        return None
    return Refusal(
        N_(
            "Owners without an account here: %(names)s. Put their written consent among the files "
            "as an approval."
        ),
        {"names": ", ".join(absent)},
        SOURCE_ZH,
        SOURCE_EN,
        f"/deals/{deal.public_id}/messages#files",
    )


def _named(subjects: Iterable[IpRight | Listing], tongue: str) -> str:
    return ", ".join(
        each.text(tongue).title if isinstance(each, Listing) else each.number or each.kind
        for each in subjects
    )


def _consent_to_more(session: Session, deal: Deal, *, on: date) -> Refusal | None:
    """Return the refusal of an amendment to which other owners have not consented in writing."""
    kind, version = _kind(session, deal), accepted_terms(session, deal)
    alone = kind if kind in ALONE else None
    sides = {deal.seller_organisation_id, deal.buyer_organisation_id}
    others = [
        each
        for each in queries.signers(session, subjects_of(deal), alone, on=on)
        if each.organisation_id not in sides
    ]
    since = None if version is None else version.proposed_at
    if not others or _has_consent(session, deal, since=since):
        return None
    return Refusal(
        N_(
            "Others own a part or hold a right of use and must consent to what is granted beyond "
            "the contract: %(count)s. Put their written consent among the files as an approval."
        ),
        {"count": len(others)},
        SOURCE_ZH,
        SOURCE_EN,
        f"/deals/{deal.public_id}/messages#files",
    )


def _has_consent(session: Session, deal: Deal, *, since: datetime | None = None) -> bool:
    wanted = sa.select(DealFile.id).where(
        DealFile.deal_id == deal.id, DealFile.kind == "approval", DealFile.side == "seller"
    )
    if since is not None:
        wanted = wanted.where(DealFile.uploaded_at >= since)
    return session.scalar(wanted.limit(1)) is not None


def _kind(session: Session, deal: Deal) -> str | None:
    version = accepted_terms(session, deal)
    form = forms.get(deal.form)
    return kind_of(form, {} if version is None else version.values)


def _signers(session: Session, deal: Deal) -> list[RequiredSigner]:
    """Return who must sign: the owners on the day of signing, or as last recorded before it."""
    kind = _kind(session, deal)
    if kind is None:
        return []
    alone = kind if kind in ALONE else None
    on = deal.signed_on or today_of(deal.stage_since)
    owners_on = deal.signed_on or date.max
    return queries.signers(session, subjects_of(deal), alone, on=on, owners_on=owners_on)


@further_signers("rights")
def owners_who_sign(session: Session, deal: Deal) -> list[Signer]:
    """Return co-owners and holders of rights of use of the site, for the deal's signatures."""
    found = [each for each in _signers(session, deal) if each.on_site]
    return [
        Signer(
            f"organisation:{each.organisation_id}"
            if each.organisation_id is not None
            else f"person:{each.user_id}",
            each.organisation_id,
            each.user_id,
            Words(each.why_zh, each.why_en),
        )
        for each in found
    ]


@effect("record_licence")
def record_licence(session: Session, deal: Deal, *, step: str, by: Actor, now: datetime) -> None:
    """Write what the deal grants into the table of licences.

    What is tried first stands as non-exclusive from signing, and as its own kind once converted.
    """
    scope = scope_of(session, deal, now=now)
    if scope is None:
        return
    form = forms.get(deal.form)
    if is_tried_first(form) and step in SIGNING_STEPS:
        scope = replace(scope, kind="nonexclusive", until=None)
    else:
        services.end_licences(session, deal=deal.public_id, on=today_of(now), by=by, now=now)
    services.record_licence(
        session,
        scope,
        deal=deal.public_id,
        licensor_id=deal.seller_organisation_id,
        licensee_id=deal.buyer_organisation_id,
        by=by,
        now=now,
    )


@effect("amend_licence")
def amend_licence(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the effect's form
    by: Actor,
    now: datetime,
) -> None:
    """Let the table of licences follow amended terms; while it is tried it stays non-exclusive.

    What passes title has no licence to follow: it stands there until the register's entry.
    """
    scope = scope_of(session, deal, now=now)
    if scope is None or scope.kind == ASSIGNMENT:
        return
    if _is_on_trial(deal):
        scope = replace(scope, kind="nonexclusive", until=None)
    services.amend_licences(
        session,
        scope,
        deal=deal.public_id,
        licensor_id=deal.seller_organisation_id,
        licensee_id=deal.buyer_organisation_id,
        by=by,
        now=now,
        today=today_of(now),
    )


def _is_on_trial(deal: Deal) -> bool:
    """Whether the licence is still being tried: the step that makes it its own kind is to come."""
    form = forms.get(deal.form)
    turned = {
        each.target
        for each in form.steps
        if "record_licence" in each.effects and each.name not in SIGNING_STEPS
    }
    return is_tried_first(form) and deal.state not in turned


@effect("end_licence")
def end_licence(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the effect's form
    by: Actor,
    now: datetime,
) -> None:
    """Let what the deal granted end today."""
    services.end_licences(session, deal=deal.public_id, on=today_of(now), by=by, now=now)


@effect("pass_title")
def pass_title(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the effect's form
    by: Actor,
    now: datetime,
) -> None:
    """Let the whole belong to the buyer: title passes on the register's entry (Patent Law, 10).

    The licences that stand go on under the new owner.
    """
    on = today_of(now)
    services.pass_title(
        session,
        subjects_of(deal),
        buyer_id=deal.buyer_organisation_id,
        on=on,
        origin=deal.public_id,
        by=by,
        now=now,
    )
    services.end_licences(session, deal=deal.public_id, on=on, by=by, now=now)


def path_of(deal: Deal) -> str:
    """Return where the deal's page tells of its rights."""
    return f"/deals/{deal.public_id}#rights"
