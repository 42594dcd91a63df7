"""Signatures: who must sign and why, the signed paper, each signer's confirmation.

Open to the parties and the broker, and to those who must sign without being a party: co-owners
and persons who hold a share.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.accounts.models import Organisation, User
from tenon.actors import Actor
from tenon.deals import forms, permissions, queries, services
from tenon.deals.guards import RuleBroken
from tenon.deals.models import Deal, DealFile
from tenon.deals.page_forms import SignForm
from tenon.deals.queries import deals as reading
from tenon.deals.services import Signer
from tenon.deals.services.signing import COMPLETE, may_confirm
from tenon.deals.services.talking import SIZE_LIMIT
from tenon.deals.views import outlook
from tenon.deals.views.blueprint import Answer, deals, posted_version
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.web.languages import language
from tenon.web.limits import UPLOAD, limiter
from tenon.web.requests import current_actor, current_session, request_now, settings


def signers_deal(public_id: str) -> Deal:
    """Return a deal that the actor may read or must sign; NotFound, or Forbidden to operators."""
    session, actor = current_session(), current_actor()
    deal = session.scalars(
        sa.select(Deal).where(Deal.public_id == public_id).options(*queries.for_lists())
    ).first()
    if deal is None or not (permissions.may_read(actor, deal) or is_signer(deal)):
        if deal is not None and permissions.may_see(actor, deal):
            raise Forbidden(action="read")
        raise NotFound(kind="deal")
    return deal


def is_signer(deal: Deal) -> bool:
    """Whether the actor confirms a signature that the deal needs."""
    actor = current_actor()
    required = services.required_signers(current_session(), deal)
    return actor.signed_in and any(may_confirm(actor, each) for each in required)


def sees_signatures(actor: Actor, deal: Deal) -> bool:
    """Whether the tab of signatures is shown: who reads the deal, or must sign it."""
    return permissions.may_read(actor, deal) or (
        not permissions.may_see(actor, deal) and is_signer(deal)
    )


@deals.get("/<public_id>/signatures")
def signatures(public_id: str) -> str:
    """Show who must sign, who has, and the form for the actor's own signature."""
    return _page(signers_deal(public_id))


def _page(deal: Deal, *, kept: SignForm | None = None, quicker: bool = False) -> str:
    session, actor = current_session(), current_actor()
    agreed = queries.accepted_terms(session, deal)
    required = services.required_signers(session, deal)
    done = {} if agreed is None else {e.signer: e for e in reading.signatures(session, agreed)}
    papers = [
        each
        for each in reading.files(session, deal)
        if each.kind == "signed_contract" and not each.private
    ]
    step = forms.get(deal.form).step("sign")
    due = step is not None and deal.state in step.sources and agreed is not None
    points = _points(deal) if due else []
    mine = [
        e for e in required if due and not points and e.key not in done and may_confirm(actor, e)
    ]
    return render_template(
        "deals/signatures.html",
        deal=deal,
        agreed=agreed,
        required=required,
        names=_names(required),
        done=done,
        papers=papers,
        step=step,
        due=due,
        points=points,
        signs=[(each, _form_of(each, kept, papers)) for each in mine],
        may_upload=permissions.may_write(actor, deal),
        limit=SIZE_LIMIT // 2**20,
        quicker=quicker,
        tongue=language(),
    )


def _points(deal: Deal) -> list[Any]:
    """Return what stands in the way of signing, but the signatures themselves."""
    step = services.step_of(deal, "sign")
    found = outlook.points(current_session(), deal, step)
    return [each for each in found if each.guard != COMPLETE]


def _form_of(signer: Signer, kept: SignForm | None, papers: list[DealFile]) -> SignForm:
    form = kept if kept is not None and kept.signer.data == signer.key else None
    if form is None:
        form = SignForm(formdata=None, signer=signer.key)
        if papers:
            form.chosen.data = papers[0].public_id
    form.offer([(each.public_id, each.name) for each in papers])
    return form


def _names(required: list[Signer]) -> dict[str, str]:
    """Return signer -> the name of the organisation or person; two statements at most."""
    session = current_session()
    houses = {e.organisation_id for e in required} - {None}
    people = {e.user_id for e in required} - {None}
    found_houses = {
        each.id: each
        for each in session.scalars(sa.select(Organisation).where(Organisation.id.in_(houses)))
    }
    found_people = (
        {
            each.id: each.name
            for each in session.scalars(
                sa.select(User)
                .where(User.id.in_(people))
                .options(sa.orm.lazyload(User.roles), sa.orm.lazyload(User.memberships))
            )
        }
        if people
        else {}
    )
    names = {}
    for each in required:
        house = found_houses.get(each.organisation_id or 0)
        names[each.key] = (
            house.name(language()) if house is not None else found_people.get(each.user_id or 0, "")
        )
    return names


@deals.post("/<public_id>/signatures")
@limiter.limit(UPLOAD)
def sign(public_id: str) -> Answer:
    """Take a signer's confirmation, with the signed paper where it comes along."""
    deal, form, session = signers_deal(public_id), SignForm(), current_session()
    try:
        services.confirm_signature(
            session,
            deal,
            signer=form.signer.data or "",
            signatory=form.signatory.data or "",
            signed_on=_day(form),
            file=_paper(deal, form),
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return _page(signers_deal(public_id), kept=form), 422
    except RuleBroken:
        raise
    except Conflict:
        session.rollback()
        return _page(signers_deal(public_id), kept=form, quicker=True), 409
    said = _("Confirmed. Everybody has signed: the deal is signed.")
    if deal.stage == "signing":
        said = _("Confirmed; others are still to sign.")
    flash(said, "success")
    return redirect(url_for("deals.signatures", public_id=public_id), 303)


def _day(form: SignForm) -> date:
    try:
        return date.fromisoformat(form.signed_on.data or "")
    except ValueError:
        code = "required" if not form.signed_on.data else "not_a_date"
        raise Invalid({"signed_on": code}) from None


def _paper(deal: Deal, form: SignForm) -> DealFile:
    """Return the signed paper: the one that comes along, else the one chosen."""
    if not form.confirmed.data:
        raise Invalid({"confirmed": "required"})
    came = request.files.get("file")
    if came is not None and came.filename:
        return services.add_file(
            current_session(),
            deal,
            kind="signed_contract",
            name=came.filename,
            content=came.read(SIZE_LIMIT + 1),
            folder=settings().files_folder,
            by=current_actor(),
            now=request_now(),
        )
    if not form.chosen.data:
        raise Invalid({"file": "required"})
    found = reading.file(current_session(), deal, form.chosen.data)
    if found.private:
        raise NotFound(kind="file")
    return found
