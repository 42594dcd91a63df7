"""Parts that the sign-in library takes from us: mail, password rules, one-time codes, pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, make_response, render_template, request
from flask_security import MailUtil, PasswordUtil
from flask_security.totp import Totp
from flask_security.utils import get_message
from flask_wtf import FlaskForm

from tenon.accounts.models import User
from tenon.accounts.passwords import MAX_LENGTH
from tenon.web.requests import current_session, request_now, settings

# Writes a mail: (session, to=, template=, context=, now=). The notices room comes after this one,
# so app.py hands its verb in.
SendMail = Callable[..., object]

CONFIRM_WITHIN = timedelta(days=2)
RESET_WITHIN = timedelta(hours=4)
_LINKS = {"confirm_link": "confirmation_link", "reset_link": "reset_link"}


class SiteMail(MailUtil):
    """Sends the library's mail as ours: own templates, the reader's language, the outbox."""

    def normalize(self, email: str) -> str:
        """Return the address in the form in which it is kept: lower case."""
        return str(super().normalize(email)).lower()

    def validate(self, email: str) -> str:
        """Return the checked address in the form in which it is kept."""
        return str(super().validate(email)).lower()

    def send_mail(
        self,
        template: str,
        subject: Any,  # noqa: ARG002  # ours stands in the template
        recipient: Any,  # noqa: ARG002  # the user's own address, always
        sender: Any,  # noqa: ARG002  # one sender for all mail, set in the settings
        body: Any,  # noqa: ARG002  # the library renders nothing here
        html: Any,  # noqa: ARG002
        **context: Any,
    ) -> None:
        """Write the mail into the outbox, in this request's transaction."""
        user = context["user"]
        if not isinstance(user, User):
            user = user._get_current_object()  # noqa: SLF001  # the proxy's documented way in
        current_session().flush()
        links = {
            ours: _outside(context[theirs]) if context.get(theirs) else ""
            for ours, theirs in _LINKS.items()
        }
        send: SendMail = current_app.extensions["tenon.send_mail"]
        send(
            current_session(),
            to=user,
            template=template,
            context={
                "name": user.name,
                "confirm_days": CONFIRM_WITHIN.days,
                "reset_hours": int(RESET_WITHIN.total_seconds()) // 3600,
                **links,
            },
            now=request_now(),
        )


def _outside(address: str) -> str:
    """Return a link with the site's own host: the request's Host header may be anybody's."""
    parts = urlsplit(address)
    query = f"?{parts.query}" if parts.query else ""
    return settings().base_url.rstrip("/") + parts.path + query


class PasswordRules(PasswordUtil):
    """What a password must be besides long enough."""

    def validate(
        self,
        password: str,
        is_register: bool,  # noqa: FBT001  # the library's signature
        **kwargs: Any,
    ) -> tuple[list[str] | None, str]:
        """Return (complaints or None, normalised password)."""
        if len(password) > MAX_LENGTH:  # hashing megabytes would be a way to stop the site
            return [get_message("PASSWORD_TOO_SIMPLE")[0]], password[:MAX_LENGTH]
        complaints, normal = super().validate(password, is_register, **kwargs)
        if not complaints and _easy(normal, kwargs):
            complaints = [get_message("PASSWORD_TOO_SIMPLE")[0]]
        return complaints, normal


def _easy(password: str, about: Mapping[str, Any]) -> bool:
    """Whether a password is of few characters, or made of the person's own address or name."""
    user = about.get("user")
    email = str(about.get("email") or getattr(user, "email", "") or "").lower()
    name = str(about.get("name") or getattr(user, "name", "") or "").lower()
    plain = password.lower()
    own = {part for part in (email, email.partition("@")[0], name) if len(part) >= 3}
    rest = plain
    for part in sorted(own, key=len, reverse=True):
        rest = rest.replace(part, "")
    return len(set(plain)) < 5 or len(rest) < 5


class OneTimeCodes(Totp):
    """Codes of an app, each good once: the step of the last one is kept with the person."""

    def get_last_counter(self, user: Any) -> int | None:
        """Return the step of the last code used."""
        last: int | None = user.tf_last_counter
        return last

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        """Keep the step of the code just used."""
        user.tf_last_counter = tmatch.counter


def render_page(template: str, **context: Any) -> Response:
    """Render one of the library's pages; a form with errors answers 422, which writes nothing."""
    wrong = False
    for form in context.values():
        if isinstance(form, FlaskForm) and (form.errors or form.form_errors):
            wrong = request.method == "POST"
            _write_out(form)
    return make_response(render_template(template, **context), 422 if wrong else 200)


def _write_out(form: FlaskForm) -> None:
    """Make texts of the library's lazy messages: templates take texts alone for errors."""
    form.form_errors = [str(error) for error in form.form_errors]
    for field in form:
        field.errors = [str(error) for error in field.errors]


def install_mail(app: Flask, send: SendMail) -> None:
    """Hand in the verb that writes mails."""
    app.extensions["tenon.send_mail"] = send
