"""Duties: done with number, day and paper, received by the authority, or not needed; the pack."""

from __future__ import annotations

from flask import Response, render_template
from flask_babel import gettext as _

from tenon.compliance import evidence, labels, permissions
from tenon.compliance.forms import (
    AppliedForm,
    CertificateForm,
    DutyForm,
    Reader,
    ReasonForm,
    RoomForm,
    typed,
)
from tenon.compliance.models import Duty
from tenon.compliance.notifying import duty_names
from tenon.compliance.services import duties as services
from tenon.compliance.services import registering
from tenon.compliance.views.blueprint import Answer, compliance, page_of, saved, sent_paper
from tenon.deals import forms
from tenon.deals.models import Deal
from tenon.deals.permissions import signs_for
from tenon.deals.views.blueprint import read_deal
from tenon.errors import Invalid
from tenon.web.languages import language
from tenon.web.limits import UPLOAD, WRITE, limiter
from tenon.web.requests import (
    current_actor,
    current_session,
    database,
    request_now,
    settings,
)


def _kept(public_id: str, code: str) -> tuple[Deal, Duty]:
    deal = read_deal(public_id)
    found = services.duty(current_session(), deal, code)
    allowed = permissions.may_keep_duty(current_actor(), found, deal)
    permissions.require(allowed, "keep_duty")
    return deal, found


@compliance.get("/deals/<public_id>/duties/<code>")
def duty(public_id: str, code: str) -> str:
    """Show a duty and the forms that close it."""
    deal, found = _kept(public_id, code)
    return _page(deal, found)


def _page(deal: Deal, found: Duty, *, kept: RoomForm | None = None, quicker: bool = False) -> str:
    registers = found.code == services.REGISTRATION
    form = kept if isinstance(kept, CertificateForm | DutyForm) else None
    if form is None:
        form = _certificate(deal) if registers else DutyForm(formdata=None)
    if isinstance(form, CertificateForm):
        form.offer()
    names = duty_names(deal, found.code)
    waivable = found.code != services.TITLE and signs_for(current_actor(), deal, found.side)
    return render_template(
        "compliance/duty.html",
        deal=deal,
        duty=found,
        name=names[language()],
        registers=registers,
        form=form,
        applied=kept if isinstance(kept, AppliedForm) else AppliedForm(formdata=None),
        waiver=kept if isinstance(kept, ReasonForm) else ReasonForm(formdata=None),
        waivable=waivable,
        quicker=quicker,
        labels=labels,
    )


def _certificate(deal: Deal) -> CertificateForm:
    """Return the form with what the deal says already."""
    form = CertificateForm(formdata=None)
    form.project_name.data = deal.title
    form.contract.data = forms.get(deal.form).contract
    form.signed_on.data = deal.signed_on.isoformat() if deal.signed_on else ""
    form.valid_from.data = deal.effective_on.isoformat() if deal.effective_on else ""
    form.valid_to.data = deal.ends_on.isoformat() if deal.ends_on else ""
    form.currency.data = deal.currency
    form.value.data = typed(deal.value_minor, deal.currency)
    form.technology_value.data = typed(deal.technology_value_minor, deal.currency)
    for side in ("seller", "buyer"):
        house = deal.side_organisation(side)
        form[f"{side}_division"].data = house.region or ""
        form[f"{side}_country"].data = registering.HOME if house.country == "CN" else ""
        form[f"{side}_nature"].data = _NATURES.get(house.kind, "")
    return form


_NATURES = {
    "enterprise": "enterprise",
    "university": "institution",
    "institute": "institution",
    "government": "government",
}


@compliance.post("/deals/<public_id>/duties/<code>")
@limiter.limit(UPLOAD)
def close_duty(public_id: str, code: str) -> Answer:
    """Close a duty as done; a contract registration by what its certificate says."""
    deal, found = _kept(public_id, code)
    form = CertificateForm() if found.code == services.REGISTRATION else DutyForm()

    def act() -> None:
        if isinstance(form, CertificateForm):
            _register(deal, found, form)
        else:
            _do(deal, found, form)

    return _saved(public_id, code, form, act, _("Saved: this duty is done."))


def _register(deal: Deal, found: Duty, form: CertificateForm) -> None:
    given = form.given()
    registering.register(
        current_session(),
        found,
        given,
        file=sent_paper(deal),
        by=current_actor(),
        now=request_now(),
    )


def _do(deal: Deal, found: Duty, form: DutyForm) -> None:
    read = Reader()
    day = read.day("done_on", form.done_on.data, required=True)
    read.done()
    if day is None:
        raise Invalid({"done_on": "required"})
    services.do(
        current_session(),
        found,
        number=form.number.data or "",
        done_on=day,
        file=sent_paper(deal),
        remark=form.remark.data or "",
        by=current_actor(),
        now=request_now(),
    )


@compliance.post("/deals/<public_id>/duties/<code>/applied")
@limiter.limit(WRITE)
def note_applied(public_id: str, code: str) -> Answer:
    """Note when the authority received a contract registration."""
    _deal, found = _kept(public_id, code)
    form = AppliedForm()

    def act() -> None:
        read = Reader()
        day = read.day("applied_on", form.applied_on.data, required=True)
        read.done()
        if day is None or found.code != services.REGISTRATION:
            raise Invalid({"applied_on": "required"})
        by, now = current_actor(), request_now()
        services.note_applied(current_session(), found, applied_on=day, by=by, now=now)

    return _saved(public_id, code, form, act, _("Saved: the authority has to decide by its day."))


@compliance.post("/deals/<public_id>/duties/<code>/waive")
@limiter.limit(WRITE)
def waive_duty(public_id: str, code: str) -> Answer:
    """Close a duty as not needed."""
    _deal, found = _kept(public_id, code)
    form = ReasonForm()

    def act() -> None:
        by, now = current_actor(), request_now()
        services.waive(current_session(), found, reason=form.reason.data or "", by=by, now=now)

    return _saved(public_id, code, form, act, _("Saved: this duty is not needed."))


def _saved(public_id: str, code: str, form: RoomForm, act: object, said: str) -> Answer:
    def again(form: RoomForm, quicker: bool) -> str:  # noqa: FBT001  # the frame's form
        deal, found = _kept(public_id, code)
        return _page(deal, found, kept=form, quicker=quicker)

    target = page_of(read_deal(public_id), "duties")
    return saved(form, act, again=again, said=said, target=target)  # type: ignore[arg-type]  # a function


@compliance.post("/deals/<public_id>/compliance/evidence")
@limiter.limit(UPLOAD)
def take_evidence(public_id: str) -> Response:
    """Give the evidence pack out; that it was taken is written into the deal's history."""
    actor = current_actor()
    with database().reading() as session:  # printing takes time: hold no writer meanwhile
        deal = session.get_one(Deal, read_deal(public_id).id)
        folder = settings().files_folder
        pack = evidence.build(session, deal, language=language(), folder=folder, by=actor)
    session = current_session()
    evidence.issue(session, read_deal(public_id), pack, by=actor, now=request_now())
    answer = Response(pack.content, mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{pack.name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
