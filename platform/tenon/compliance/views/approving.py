"""Approvals and first refusal: what waits for a person, each on a page of its own."""

from __future__ import annotations

from collections.abc import Sequence

from flask import g, render_template, url_for
from flask_babel import gettext as _

from tenon.compliance import permissions, queries
from tenon.compliance.days import day_of, has_passed
from tenon.compliance.forms import AnswerForm, ApprovalForm, PaperForm, Reader, RoomForm
from tenon.compliance.models import Approval, FirstRefusal
from tenon.compliance.services import approving, refusing
from tenon.compliance.views.blueprint import Answer, compliance, page_of, saved, sent_paper
from tenon.deals import forms, terms
from tenon.deals.models import Deal, TermVersion
from tenon.deals.permissions import may_read
from tenon.errors import Invalid
from tenon.web.languages import language
from tenon.web.limits import UPLOAD, WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


@compliance.get("/approvals")
def approvals() -> str:
    """Show what waits for the actor: approvals to give, first refusals to answer."""
    session, actor = current_session(), current_actor()
    return render_template(
        "compliance/approvals.html",
        approvals=queries.waiting_approvals(session, actor),
        asked=queries.waiting_first_refusals(session, actor, day_of(request_now())),
    )


def waiting() -> int:
    """Return how much waits for the actor; for the menu."""
    if "approvals_waiting" not in g:  # the menu is drawn for wide and for narrow screens
        session, actor, today = current_session(), current_actor(), day_of(request_now())
        g.approvals_waiting = queries.count_waiting(session, actor, today)
    found: int = g.approvals_waiting
    return found


def _approval(public_id: str) -> Approval:
    return queries.approval(current_session(), public_id, by=current_actor())


@compliance.get("/approvals/<public_id>")
def approval(public_id: str) -> str:
    """Show an approver what is to be approved: the deal, its terms, the steps before."""
    return _approval_page(_approval(public_id), ApprovalForm())


def _approval_page(found: Approval, form: RoomForm, *, quicker: bool = False) -> str:
    session, deal = current_session(), found.deal
    version = session.get_one(TermVersion, found.version_id)
    steps = [
        each for each in approving.approvals(session, deal, version) if each.side == found.side
    ]
    return render_template(
        "compliance/approval.html",
        approval=found,
        deal=deal,
        steps=steps,
        rows=_rows(version),
        version=version,
        open=found.state == "waiting"
        and deal.stage in permissions.OPEN_FOR_APPROVAL
        and approving.is_next(session, found),
        reads=may_read(current_actor(), deal),
        form=form,
        quicker=quicker,
    )


def _rows(version: TermVersion) -> Sequence[tuple[str, str]]:
    """Return the terms in words, in the form's order."""
    tongue = language()
    return [
        (term.names[tongue], terms.words(term, version.values[term.code], tongue))
        for term in forms.get(version.form).terms
        if term.code in version.values
    ]


@compliance.post("/approvals/<public_id>")
@limiter.limit(WRITE)
def decide_approval(public_id: str) -> Answer:
    """Approve, or return the deal to its terms."""
    found, form = _approval(public_id), ApprovalForm()
    return saved(
        form,
        lambda: approving.decide(
            current_session(),
            found,
            decision=form.decision.data or "",
            remark=form.remark.data or "",
            by=current_actor(),
            now=request_now(),
        ),
        again=lambda form, quicker: _approval_page(_approval(public_id), form, quicker=quicker),
        said=_("Your decision has been saved."),
        target=url_for("compliance.approvals"),
    )


def _refusal(public_id: str) -> FirstRefusal:
    return queries.first_refusal(current_session(), public_id, by=current_actor())


@compliance.get("/first-refusals/<public_id>")
def first_refusal(public_id: str) -> str:
    """Ask a contributor, with the terms; or the seller's administrator for the signed paper."""
    found = _refusal(public_id)
    mine = permissions.may_answer(current_actor(), found)
    return _refusal_page(found, AnswerForm() if mine else PaperForm())


def _refusal_page(found: FirstRefusal, form: RoomForm, *, quicker: bool = False) -> str:
    session, actor, deal = current_session(), current_actor(), found.deal
    version = session.get_one(TermVersion, found.version_id)
    mine = permissions.may_answer(actor, found)
    live = refusing.is_open(session, found)
    paper = found.contributor.user_id is None and permissions.may_answer_by_paper(actor, deal)
    return render_template(
        "compliance/first_refusal.html",
        refusal=found,
        deal=deal,
        rows=_rows(version),
        mine=mine,
        by_paper=paper and live and found.answer is None,
        open=mine and live and (found.answer == "takes_up" or _may_still(found)),
        form=form,
        quicker=quicker,
    )


def _may_still(found: FirstRefusal) -> bool:
    return found.answer is None and not has_passed(found.until, request_now())


@compliance.post("/first-refusals/<public_id>")
@limiter.limit(WRITE)
def answer_first_refusal(public_id: str) -> Answer:
    """Answer as the contributor."""
    found, form = _refusal(public_id), AnswerForm()
    return saved(
        form,
        lambda: refusing.answer(
            current_session(),
            found,
            answer=form.answer.data or "",
            remark=form.remark.data or "",
            by=current_actor(),
            now=request_now(),
        ),
        again=lambda form, quicker: _refusal_page(_refusal(public_id), form, quicker=quicker),
        said=_("Your answer has been saved."),
        target=url_for("compliance.first_refusal", public_id=public_id),
    )


@compliance.post("/first-refusals/<public_id>/paper")
@limiter.limit(UPLOAD)
def answer_by_paper(public_id: str) -> Answer:
    """Enter a contributor's signed answer."""
    found, form = _refusal(public_id), PaperForm()

    def act() -> None:
        permissions.require_decide(current_actor(), found.deal)
        read = Reader()
        day = read.day("answered_on", form.answered_on.data, required=True)
        read.done()
        file = sent_paper(found.deal, private=True)
        if file is None or day is None:
            raise Invalid({"file": "required"})
        refusing.answer_by_paper(
            current_session(),
            found,
            answer=form.answer.data or "",
            answered_on=day,
            file=file,
            by=current_actor(),
            now=request_now(),
        )

    return saved(
        form,
        act,
        again=lambda form, quicker: _refusal_page(_refusal(public_id), form, quicker=quicker),
        said=_("The answer has been entered."),
        target=_target(found.deal),
    )


def _target(deal: Deal) -> str:
    return page_of(deal, "first-refusal")
