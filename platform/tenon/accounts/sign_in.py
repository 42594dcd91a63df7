"""Signing in, by Flask-Security: how the site knows who asks.

Sets the library up; the rest of the site knows only Actor. What the library says, asks and needs
is in the modules beside this one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Flask, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import user_logged_in
from flask_security import Security, SQLAlchemySessionUserDatastore, current_user, signals
from flask_security.utils import get_message, hash_password
from sqlalchemy.exc import IntegrityError

from tenon import history, paths
from tenon.accounts import sign_in_forms as forms
from tenon.accounts import sign_in_words
from tenon.accounts.models import Role, User
from tenon.accounts.queries import actor_of, has_demo_people
from tenon.accounts.sign_in_parts import (
    CONFIRM_WITHIN,
    RESET_WITHIN,
    OneTimeCodes,
    PasswordRules,
    SendMail,
    SiteMail,
    install_mail,
    render_page,
)
from tenon.actors import VISITOR, Actor
from tenon.clock import utc_now
from tenon.settings import Settings
from tenon.web import requests
from tenon.web.access import Access, declare
from tenon.web.limits import SIGN_IN, limiter
from tenon.web.requests import current_session, request_now, session_proxy

REMEMBERED = timedelta(days=30)
# Guesses at one account from many addresses; far above what a forgetful person needs.
GUESSES = "60 per hour"
_LIMITED = {
    "security.login",
    "security.register",
    "security.forgot_password",
    "security.reset_password",
    "security.send_confirmation",
    "security.two_factor_token_validation",
    "security.mf_recovery",
    "security.verify",
}
_PUBLIC = (
    "login",
    "logout",
    "forgot_password",
    "reset_password",
    "send_confirmation",
    "confirm_email",
    "tf_select",
    "two_factor_token_validation",
    "two_factor_rescue",
    "mf_recovery",
)
_SIGNED_IN = (
    "verify",
    "change_password",
    "two_factor_setup",
    "two_factor_setup_validate",
    "mf_recovery_codes",
)


def load_actor() -> Actor:
    """Return the actor of the request's session cookie."""
    user = current_user._get_current_object()  # noqa: SLF001  # the proxy's documented way in
    return actor_of(user) if isinstance(user, User) else VISITOR


def own_language() -> str | None:
    """Return the account's language, or None for a visitor."""
    return current_user.language if current_user and current_user.is_authenticated else None


def install(app: Flask, settings: Settings, send_mail: SendMail) -> None:
    """Set the library up; ``send_mail`` writes a mail into the outbox."""
    app.config.update(_settings(settings), **sign_in_words.settings())
    install_mail(app, send_mail)
    request_session: Any = session_proxy
    datastore = SQLAlchemySessionUserDatastore(request_session, User, Role)
    page: Any = render_page  # the library passes on what it returns, a response too
    security = Security(
        app,
        datastore,
        login_form=forms.SignInForm,
        register_form=forms.SignUpForm,
        forgot_password_form=forms.ForgottenForm,
        reset_password_form=forms.ResetForm,
        change_password_form=forms.ChangeForm,
        send_confirmation_form=forms.ConfirmAgainForm,
        verify_form=forms.PasswordAgainForm,
        two_factor_setup_form=forms.CodeSetupForm,
        two_factor_verify_code_form=forms.CodeForm,
        two_factor_rescue_form=forms.CodeTroubleForm,
        mf_recovery_form=forms.RecoveryForm,
        mail_util_cls=SiteMail,
        password_util_cls=PasswordRules,
        totp_cls=OneTimeCodes,
        render_template=page,
    )
    security.want_json(_never)  # forms only: no token leaves by a side door
    security.login_context_processor(_demo_context)
    app.extensions["tenon.security"] = security
    app.before_request(_limit)
    if settings.registration:
        register = app.view_functions["security.register"]
        app.view_functions["security.register"] = _once(register)
    _listen(app)
    public = (*_PUBLIC, "register") if settings.registration else _PUBLIC
    declare(app, {f"security.{name}": Access.PUBLIC for name in public})
    declare(app, {f"security.{name}": Access.SIGNED_IN for name in _SIGNED_IN})


def _settings(settings: Settings) -> dict[str, Any]:
    secure = settings.base_url.startswith("https://")
    cheap = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}
    strong = {"time_cost": 3, "memory_cost": 65536, "parallelism": 4}
    cost = cheap if settings.environment == "test" else strong
    found: dict[str, Any] = {
        # Only the hashes inside links use it; passwords carry no pepper (passwords.py says why).
        "PASSWORD_SALT": _key(settings, "links").hex(),
        "PASSWORD_SINGLE_HASH": {"argon2"},
        "PASSWORD_SCHEMES": ["argon2"],
        "PASSWORD_HASH_PASSLIB_OPTIONS": {f"argon2__{name}": n for name, n in cost.items()},
        "PASSWORD_CONFIRM_REQUIRED": False,
        "DATETIME_FACTORY": utc_now,
        "URL_PREFIX": "/account",
        "STATIC_FOLDER": None,
        "LOGIN_URL": "/sign-in",
        "LOGOUT_URL": "/sign-out",
        "REGISTER_URL": "/sign-up",
        "CHANGE_URL": "/password",
        "TWO_FACTOR_SETUP_URL": "/codes",
        "TWO_FACTOR_TOKEN_VALIDATION_URL": "/code",
        "TWO_FACTOR_RESCUE_URL": "/no-code",
        "TWO_FACTOR_SELECT_URL": "/code-kind",
        "MULTI_FACTOR_RECOVERY_CODES_URL": "/recovery-codes",
        "MULTI_FACTOR_RECOVERY_URL": "/recovery-code",
        "POST_CHANGE_VIEW": "accounts.account",
        "POST_REGISTER_VIEW": ".login",
        "POST_LOGIN_VIEW": "desk.start",
        "POST_LOGOUT_VIEW": "matches.home",
        "REGISTERABLE": settings.registration,
        "CONFIRMABLE": True,
        "RECOVERABLE": True,
        "CHANGEABLE": True,
        "CONFIRM_EMAIL_WITHIN": CONFIRM_WITHIN,
        "RESET_PASSWORD_WITHIN": RESET_WITHIN,
        "RETURN_GENERIC_RESPONSES": True,
        "API_ENABLED_METHODS": ["session"],
        "EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "I18N_DOMAIN": "messages",
        "I18N_DIRNAME": [str(folder) for folder in paths.translations()],
        **_mail_settings(),
        **_code_settings(settings),
        **_page_settings(),
    }
    return {f"SECURITY_{name}": value for name, value in found.items()} | {
        "REMEMBER_COOKIE_DURATION": REMEMBERED,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": secure,
    }


def _mail_settings() -> dict[str, Any]:
    """Name our mail templates; the library itself renders nothing."""
    return {
        "EMAIL_PLAINTEXT": False,
        "EMAIL_HTML": False,
        "REGISTER_EMAIL_TEMPLATE": "confirm_address",
        "REGISTER_EMAIL_EXISTING_TEMPLATE": "already_registered",
        "EMAIL_TEMPLATE_CONFIRM": "confirm_address",
        "EMAIL_TEMPLATE_PASSWORD_RESET": "reset_password",
        "EMAIL_TEMPLATE_PASSWORD_RESET_NOTICE": "password_changed",
        "EMAIL_TEMPLATE_PASSWORD_CHANGE_NOTICE": "password_changed",
    }


def _code_settings(settings: Settings) -> dict[str, Any]:
    """Set one-time codes up: by an app, with recovery codes; rescue by mail would undo them."""
    return {
        "TWO_FACTOR": True,
        "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "TWO_FACTOR_RESCUE_EMAIL": False,
        "TWO_FACTOR_AUTHENTICATOR_VALIDITY": 60,
        "MULTI_FACTOR_RECOVERY_CODES": True,
        "MULTI_FACTOR_RECOVERY_CODES_N": 8,
        "MULTI_FACTOR_RECOVERY_CODES_KEYS": [
            base64.urlsafe_b64encode(_key(settings, "recovery codes"))
        ],
        "TOTP_SECRETS": {"1": _key(settings, "one-time codes").hex()},
        "TOTP_ISSUER": "Tenon",
    }


def _page_settings() -> dict[str, Any]:
    pages = {
        "LOGIN_USER": "sign_in",
        "REGISTER_USER": "sign_up",
        "FORGOT_PASSWORD": "forgotten",
        "RESET_PASSWORD": "reset",
        "CHANGE_PASSWORD": "change_password",
        "SEND_CONFIRMATION": "confirm_again",
        "VERIFY": "password_again",
        "TWO_FACTOR_SETUP": "codes",
        "TWO_FACTOR_VERIFY_CODE": "code",
        "TWO_FACTOR_SELECT": "code",
        "MULTI_FACTOR_RECOVERY_CODES": "recovery_codes",
        "MULTI_FACTOR_RECOVERY": "recovery_code",
    }
    return {f"{name}_TEMPLATE": f"accounts/{page}.html" for name, page in pages.items()}


def _key(settings: Settings, purpose: str) -> bytes:
    """Return a key of its own for each purpose, made from the site's secret."""
    return hmac.new(settings.secret_key.encode(), purpose.encode(), hashlib.sha256).digest()


def _never(_request: object) -> bool:
    return False


@limiter.limit(SIGN_IN)
def _limit_by_address() -> None:
    """Count this request against the sender's address."""


def _account_tried() -> str:
    tried = request.form.get("email", "").strip().lower()
    return "mail:" + hashlib.sha256(tried.encode()).hexdigest()


@limiter.limit(GUESSES, key_func=_account_tried)
def _limit_by_account() -> None:
    """Count this request against the account that is tried, whether there is one or not."""


def _limit() -> None:
    if request.method == "POST" and request.endpoint in _LIMITED:
        _limit_by_address()
        if "email" in request.form:
            _limit_by_account()


def _once(register: Any) -> Any:
    """Answer a second of two sign-ups at once like any sign-up with a known address."""

    def view(**values: Any) -> ResponseReturnValue:
        try:
            answer: ResponseReturnValue = register(**values)
        except IntegrityError:
            current_session().rollback()
            flash(*get_message("CONFIRM_REGISTRATION", email=request.form.get("email", "")))
            return redirect(url_for("security.login"))
        return answer

    return view


def _demo_context() -> dict[str, Any]:
    """Give the sign-in page the demo's sign-ins, where the database is a demo."""
    site = requests.settings()
    file = site.var / "demo-sign-ins.json"
    if site.production or not file.is_file() or not has_demo_people(current_session()):
        return {"demo_sign_ins": []}
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = []
    return {"demo_sign_ins": found}


def _listen(app: Flask) -> None:
    """Write down what happens to accounts, and renew the session's secrets at each sign-in."""
    user_logged_in.connect(_renew_session, app)
    signals.user_registered.connect(_registered, app)
    signals.user_not_registered.connect(_registered_again, app)
    signals.password_reset.connect(_reset, app)
    for signal, kind in (
        (signals.user_confirmed, "confirmed"),
        (signals.password_changed, "password_changed"),
        (signals.tf_profile_changed, "codes_on"),
        (signals.tf_disabled, "codes_off"),
    ):
        signal.connect(_recorder(kind), app, weak=False)


def _renew_session(_app: Flask, **_facts: object) -> None:
    """Drop what a planted cookie could have brought: the form token and leftovers of steps."""
    for name in ("csrf_token", "tf_state", "tf_user_id", "tf_select"):
        session.pop(name, None)
    requests.forget_actor()


def _registered(_app: Flask, user: User, **_facts: object) -> None:
    user.terms_accepted_at = request_now()
    current_session().flush()
    _record(user, "registered")


def _registered_again(
    _app: Flask, user: User | None, form_data: Mapping[str, Any], **_facts: object
) -> None:
    """Let the last sign-up of an address that nobody has confirmed win, and void earlier links.

    Else whoever signs up with somebody else's address keeps a password that works once the owner
    confirms. A confirmed account is left alone.
    """
    if user is None or user.confirmed_at is not None or not user.active:
        return
    user.password = hash_password(form_data["password"])
    user.name, user.language = form_data["name"], form_data["language"]
    user.fs_uniquifier = uuid.uuid4().hex
    user.terms_accepted_at = request_now()
    current_session().flush()


def _reset(_app: Flask, user: User, **_facts: object) -> None:
    """Count the address as confirmed too: the link that was opened came by mail to it."""
    if user.confirmed_at is None:
        user.confirmed_at = request_now()
    _record(user, "password_reset")


def _recorder(kind: str) -> Any:
    def receive(_app: Flask, user: Any, **_facts: object) -> None:
        _record(user if isinstance(user, User) else user._get_current_object(), kind)  # noqa: SLF001  # the proxy's documented way in

    return receive


def _record(user: User, kind: str) -> None:
    current_session().flush()
    history.record(
        current_session(),
        chain=("user", user.public_id),
        kind=kind,
        by=actor_of(user),
        now=request_now(),
    )
