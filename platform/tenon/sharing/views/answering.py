"""Contributors answer, members of the institution object, papers and objections are dealt with."""

from __future__ import annotations

from flask_babel import gettext as _

from tenon.sharing import forms, services
from tenon.sharing.models import Distribution
from tenon.sharing.views.blueprint import Answer, sharing
from tenon.sharing.views.showing import folder
from tenon.sharing.views.working import take
from tenon.web.limits import UPLOAD, WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


@sharing.post("/sharing/<public_id>/confirm")
@limiter.limit(WRITE)
def confirm(public_id: str) -> Answer:
    """Confirm the own share."""

    def do(distribution: Distribution) -> None:
        services.confirm(current_session(), distribution, by=current_actor(), now=request_now())

    return take(public_id, do, said=_("Thank you: you have agreed to your share."))


@sharing.post("/sharing/<public_id>/dispute")
@limiter.limit(WRITE)
def dispute(public_id: str) -> Answer:
    """Say no to the own share."""
    form = forms.DisputeForm()

    def do(distribution: Distribution) -> None:
        services.dispute(
            current_session(),
            distribution,
            words=form.words.data or "",
            by=current_actor(),
            now=request_now(),
        )

    said = _("Your institution has been told; it will write the sharing anew and ask you again.")
    return take(public_id, do, form=("dispute", form), said=said)


@sharing.post("/sharing/<public_id>/papers/<item>")
@limiter.limit(UPLOAD)
def confirm_by_paper(public_id: str, item: str) -> Answer:
    """Confirm the share of a contributor without an account."""
    form = forms.PaperForm()

    def do(distribution: Distribution) -> None:
        services.confirm_by_paper(
            current_session(),
            distribution,
            item,
            paper=forms.receipt_of(form.paper, services.SIZE_LIMIT),
            folder=folder(),
            by=current_actor(),
            now=request_now(),
        )

    said = _("The paper is kept, and the share counts as confirmed.")
    return take(public_id, do, form=("paper", form), said=said, anchor="shares")


@sharing.post("/sharing/<public_id>/objections")
@limiter.limit(WRITE)
def object_to(public_id: str) -> Answer:
    """Object to what is public inside the institution."""
    form = forms.ObjectionForm()

    def do(distribution: Distribution) -> None:
        services.object_to(
            current_session(),
            distribution,
            text=form.text.data or "",
            by=current_actor(),
            now=request_now(),
        )

    said = _("Your objection has been noted; it must be answered before anything is approved.")
    return take(public_id, do, form=("objection", form), said=said, anchor="objections")


@sharing.post("/sharing/<public_id>/objections/<item>/answer")
@limiter.limit(WRITE)
def answer_objection(public_id: str, item: str) -> Answer:
    """Answer an objection."""
    form = forms.AnswerForm()

    def do(distribution: Distribution) -> None:
        services.answer_objection(
            current_session(),
            distribution,
            item,
            answer=form.answer.data or "",
            by=current_actor(),
            now=request_now(),
        )

    return take(
        public_id, do, form=("answer", form), said=_("The answer is noted."), anchor="objections"
    )
