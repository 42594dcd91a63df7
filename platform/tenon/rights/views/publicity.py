"""The public page of a grant's publicity: what is granted, until when, objections and answers."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from tenon.errors import Conflict, Invalid
from tenon.rights import permissions, queries, services
from tenon.rights.forms import AnswerForm, ObjectionForm
from tenon.rights.models import RightGrant
from tenon.rights.views.blueprint import Answer, rights, today
from tenon.web.limits import ASK, WRITE, limiter
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now


@rights.get("/rights/publicity")
def publicities() -> str:
    """List what is published at present."""
    number = requested_page()
    found, total = queries.published(
        current_session(), limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
    )
    return render_template("rights/publicities.html", page=Page(found, number, PAGE_SIZE, total))


@rights.get("/rights/publicity/<public_id>")
def published(public_id: str) -> str:
    """Show a grant that is or was published to anybody."""
    return _page(queries.find_published(current_session(), public_id))


def _page(
    grant: RightGrant,
    form: ObjectionForm | None = None,
    answering: tuple[str, AnswerForm] | None = None,
) -> str:
    session, actor = current_session(), current_actor()
    said = queries.objections(session, grant)
    sees_all = permissions.may_see_grant(actor, grant)
    over = grant.publicity_until is None or today() > grant.publicity_until
    return render_template(
        "rights/published.html",
        grant=grant,
        count=len(said),
        objections=[
            each
            for each in said
            if sees_all or (actor.user_id is not None and each.author_id == actor.user_id)
        ],
        sees_all=sees_all,
        over=over,
        may_object=not over and permissions.may_object(actor, grant),
        decides=permissions.decides_grants(actor, grant.institution_id),
        form=form or ObjectionForm(formdata=None),
        answering=answering,
        answer_form=AnswerForm(formdata=None),
    )


@rights.post("/rights/publicity/<public_id>/object")
@limiter.limit(ASK)
def object_to(public_id: str) -> Answer:
    """Object to what is published."""
    session = current_session()
    grant, form = queries.find_published(session, public_id), ObjectionForm()
    if form.validate():
        try:
            services.object_to(
                session,
                grant,
                text=form.text.data or "",
                by=current_actor(),
                now=request_now(),
                today=today(),
            )
        except Invalid as error:
            form.take_errors(error)
        except Conflict as error:
            if error.code != "publicity_over":
                raise
            form.form_errors.append(_("The time of publicity is over."))
            return _page(grant, form), 409
        else:
            flash(_("Your objection is with the institution, which has to answer it."), "success")
            return redirect(url_for("rights.published", public_id=public_id))
    return _page(grant, form), 422


@rights.post("/rights/publicity/<public_id>/objections/<part_id>/answer")
@limiter.limit(WRITE)
def answer(public_id: str, part_id: str) -> Answer:
    """Answer an objection for the institution."""
    session = current_session()
    grant, form = queries.find_published(session, public_id), AnswerForm()
    said = queries.find_objection(session, grant, part_id)
    if form.validate():
        try:
            services.answer(
                session, said, text=form.answer.data or "", by=current_actor(), now=request_now()
            )
        except Invalid as error:
            form.take_errors(error)
        else:
            flash(_("Answered."), "success")
            return redirect(url_for("rights.published", public_id=public_id))
    return _page(grant, answering=(part_id, form)), 422
