"""One's own account: profile, whom one acts for, one's data, erasure, and the terms."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_login import logout_user
from flask_security.utils import verify_password
from werkzeug.wrappers import Response as BaseResponse

from tenon.accounts import passwords, personal_data, queries, services
from tenon.accounts.forms import AccountForm, EraseForm
from tenon.accounts.models import User
from tenon.accounts.views.blueprint import accounts
from tenon.errors import Conflict, Invalid
from tenon.web import languages
from tenon.web.limits import SIGN_IN, limiter
from tenon.web.pages import safe_target
from tenon.web.requests import (
    current_actor,
    current_session,
    forget_actor,
    request_now,
)

Answer = str | Response | BaseResponse | tuple[str, int]


def _me() -> User:
    return current_session().get_one(User, current_actor().user_id)


@accounts.get("/account")
def account() -> str:
    """Show the account: profile, safety, organisations, data."""
    return _account_page(AccountForm(obj=_me()))


def _account_page(form: AccountForm) -> str:
    me = _me()
    held = queries.memberships_of(current_session(), me.id)
    return render_template("accounts/account.html", form=form, me=me, memberships=held)


@accounts.post("/account")
def change_account() -> Answer:
    """Change name and language."""
    form = AccountForm()
    if form.validate():
        try:
            user = services.change_profile(
                current_session(),
                name=form.name.data,
                language=form.language.data,
                by=current_actor(),
            )
        except Invalid as error:
            form.take_errors(error)
        else:
            languages.remember(user.language)
            flash(_("Saved."), "success")
            return redirect(url_for("accounts.account"))
    return _account_page(form), 422


@accounts.post("/account/acting-for")
def act_for() -> Answer:
    """Act for another of one's organisations."""
    chosen = request.form.get("organisation", 0, type=int)
    services.switch_organisation(current_session(), organisation_id=chosen, by=current_actor())
    forget_actor()
    return redirect(safe_target(request.form.get("next")))


@accounts.get("/account/my-data")
@limiter.limit("30 per hour")
def my_data() -> Answer:
    """Download everything held about oneself: JSON, or a ZIP where there are files."""
    me = _me()
    found = {"made_at": request_now().isoformat(), **personal_data.collect(current_session(), me)}
    text = json.dumps(found, ensure_ascii=False, indent=2, default=str).encode()
    files = personal_data.enclosures(current_session(), me)
    if not files:
        return send_file(
            io.BytesIO(text),
            mimetype="application/json",
            as_attachment=True,
            download_name="my-data.json",
            max_age=0,
        )
    packed = tempfile.TemporaryFile()  # noqa: SIM115  # send_file closes it
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("my-data.json", text)
        for file in files:
            archive.write(file.path, file.name)
    packed.seek(0)
    return send_file(
        packed,
        mimetype="application/zip",
        as_attachment=True,
        download_name="my-data.zip",
        max_age=0,
    )


@accounts.get("/account/erase")
def erase() -> str:
    """Say what erasure does, and ask for the password."""
    return _erase_page(EraseForm())


def _erase_page(form: EraseForm) -> str:
    stuck = queries.organisations_left_without_administrator(
        current_session(), current_actor().user_id or 0
    )
    return render_template("accounts/erase.html", form=form, stuck=stuck)


@accounts.post("/account/erase")
@limiter.limit(SIGN_IN)
def erase_now() -> Answer:
    """Erase oneself and sign out."""
    form, me = EraseForm(), _me()
    if form.validate():
        typed = passwords.normalise(form.password.data)
        if not me.password or not verify_password(typed, me.password):
            form.password.errors = [_("That is not your password.")]
        else:
            try:
                services.erase_person(
                    current_session(), user=me, by=current_actor(), now=request_now()
                )
            except Conflict as error:
                form.form_errors.append(erasure_refused(error))
            else:
                logout_user()
                forget_actor()
                flash(_("Your account is gone, and what told of you with it."), "success")
                return redirect(url_for("matches.home"))
    return _erase_page(form), 422


def erasure_refused(error: Conflict) -> str:
    """Return in words why a person cannot be erased at present."""
    if error.code == "last_operator":
        return str(_("The last operator stays: make somebody else operator first."))
    return str(
        _("An organisation with other members would have no administrator: make one of them one.")
    )


@accounts.get("/terms")
def terms() -> str:
    """Show the terms of use, and what data are kept and why."""
    return render_template("accounts/terms.html")
