"""A reviewer's own ready remarks: the list of them, a new one, one changed or dropped."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.errors import Invalid
from tenon.listings.forms.review import OwnRemarkForm
from tenon.listings.queries.own_remarks import own_remark
from tenon.listings.queries.own_remarks import own_remarks as read_remarks
from tenon.listings.services import own_remarks as services
from tenon.listings.views.blueprint import Answer, listings, posted_version
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


@listings.get("/review/remarks")
def own_remarks() -> str:
    """List one's own remarks, each to be changed, and a form for a new one."""
    return _page(OwnRemarkForm(formdata=None))


def _page(form: OwnRemarkForm, changed: str = "") -> str:
    """Return the page; ``form`` is that of a new remark, or of the one ``changed`` names."""
    rows = []
    for each in read_remarks(current_session(), by=current_actor()):
        own = OwnRemarkForm(formdata=None, obj=each, prefix=each.public_id)
        own.version.data = str(each.version)
        if each.public_id == changed:
            own.text.data, own.side.data = form.text.data, form.side.data
            own.language.data, own.text.errors = form.language.data, form.text.errors
        rows.append((each, own))
    new = OwnRemarkForm(formdata=None) if changed else form
    return render_template("listings/own_remarks.html", rows=rows, form=new)


@listings.post("/review/remarks")
@limiter.limit(WRITE)
def keep_remark() -> Answer:
    """Keep a remark."""
    form = OwnRemarkForm()
    try:
        services.keep_remark(
            current_session(), **form.values, by=current_actor(), now=request_now()
        )
    except Invalid as error:
        form.take_errors(error)
        return _page(form), 422
    flash(_("The remark is kept: it stands beside every review that it suits."), "success")
    return redirect(url_for("listings.own_remarks"))


@listings.post("/review/remarks/<public_id>")
@limiter.limit(WRITE)
def change_remark(public_id: str) -> Answer:
    """Change a remark, or drop it."""
    session, actor = current_session(), current_actor()
    remark = own_remark(session, public_id, by=actor)
    if "drop" in request.form:
        services.drop_remark(session, remark, by=actor)
        flash(_("The remark is dropped."), "success")
        return redirect(url_for("listings.own_remarks"))
    form = OwnRemarkForm(prefix=public_id)
    version = form.version.data or ""
    try:
        services.change_remark(
            session,
            remark,
            **form.values,
            by=actor,
            expected_version=int(version) if version.isdecimal() else posted_version(),
        )
    except Invalid as error:
        form.take_errors(error)
        return _page(form, changed=public_id), 422
    flash(_("The remark is changed."), "success")
    return redirect(url_for("listings.own_remarks"))
