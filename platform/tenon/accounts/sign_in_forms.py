"""The sign-in library's forms with our labels; what they check is the library's.

Field names are the library's and must stay.
"""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_security import (
    ChangePasswordForm,
    ForgotPasswordForm,
    LoginForm,
    RegisterFormV2,
    ResetPasswordForm,
    SendConfirmationForm,
    VerifyForm,
)
from flask_security.forms import (
    EmailValidation,
    EqualToLocalize,
    IsString,
    IsStringOrInt,
    TwoFactorRescueForm,
    TwoFactorSetupForm,
    TwoFactorVerifyCodeForm,
    email_required,
    password_required,
    unique_user_email,
    valid_user_email,
)
from flask_security.recovery_codes import MfRecoveryForm
from wtforms import (
    BooleanField,
    EmailField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    SubmitField,
)
from wtforms.validators import DataRequired, Length

from tenon.accounts.labels import LANGUAGES
from tenon.accounts.passwords import MIN_LENGTH
from tenon.web.forms import options
from tenon.web.languages import language

_FILL_IN = _l("Please fill this in.")


def _email(*validators: Any) -> EmailField:
    return EmailField(
        _l("Mail address"), [IsString(), *validators], render_kw={"autocomplete": "email"}
    )


def _password(
    label: Any, *validators: Any, autocomplete: str = "current-password", description: Any = ""
) -> PasswordField:
    return PasswordField(
        label,
        [IsString(), password_required, *validators],
        description=description,
        render_kw={"autocomplete": autocomplete},
    )


def _new_password() -> PasswordField:
    hint = _l("At least %(length)s characters; a sentence is easy to remember.", length=MIN_LENGTH)
    return _password(_l("New password"), autocomplete="new-password", description=hint)


def _repeated(name: str) -> PasswordField:
    same = EqualToLocalize(name, message="RETYPE_PASSWORD_MISMATCH")
    return _password(_l("New password once more"), same, autocomplete="new-password")


class SignInForm(LoginForm):
    """Sign in."""

    email = _email(email_required, EmailValidation(verify=False))
    password = _password(_l("Password"))
    remember = BooleanField(_l("Keep me signed in on this device"))
    submit = SubmitField(_l("Sign in"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.password.description = ""  # the page has its own link to the reset


class SignUpForm(RegisterFormV2):
    """Sign up. Whether the address is known shows nowhere; the mail to it tells."""

    name = StringField(
        _l("Your name"),
        [IsString(), DataRequired(_FILL_IN), Length(max=120, message=_l("That is too long."))],
        filters=[lambda value: value.strip() if isinstance(value, str) else value],
        render_kw={"autocomplete": "name"},
    )
    email = _email(email_required, EmailValidation(verify=True), unique_user_email)
    password = _password(
        _l("Password"),
        autocomplete="new-password",
        description=_l(
            "At least %(length)s characters; a sentence is easy to remember.", length=MIN_LENGTH
        ),
    )
    language = SelectField(_l("Language"), choices=options(LANGUAGES.items()), default=language)
    terms = BooleanField(
        _l("I agree to the terms and have read how my data are used."),
        [DataRequired(_l("Without this there is no account."))],
    )
    submit = SubmitField(_l("Sign up"))


class ForgottenForm(ForgotPasswordForm):
    """Ask for a link to set a new password."""

    email = _email(email_required, EmailValidation(verify=True), valid_user_email)
    submit = SubmitField(_l("Send the link"))

    def validate(self, **kwargs: Any) -> bool:
        """Let an address that waits to be confirmed through: opening the link confirms it too."""
        if super().validate(**kwargs):
            return True
        if not self.requires_confirmation:
            return False
        self.requires_confirmation, self.email.errors = False, []
        return True


class ResetForm(ResetPasswordForm):
    """Set a new password by the link."""

    password = _new_password()
    password_confirm = _repeated("password")
    submit = SubmitField(_l("Set the password"))


class ChangeForm(ChangePasswordForm):
    """Change the password."""

    password = _password(_l("Present password"))
    new_password = _new_password()
    new_password_confirm = _repeated("new_password")
    submit = SubmitField(_l("Change the password"))


class ConfirmAgainForm(SendConfirmationForm):
    """Ask for another mail to confirm the address."""

    email = _email(email_required, EmailValidation(verify=True), valid_user_email)
    submit = SubmitField(_l("Send the link"))


class PasswordAgainForm(VerifyForm):
    """Prove once more that it is you."""

    password = _password(_l("Password"))
    submit = SubmitField(_l("Go on"))


class CodeSetupForm(TwoFactorSetupForm):
    """Turn codes on or off."""

    setup = RadioField(
        _l("A code when signing in"),
        choices=options(
            [("authenticator", _l("On: with an authenticator app")), ("disable", _l("Off"))]
        ),
        validate_choice=False,
    )
    submit = SubmitField(_l("Go on"))


def _code(label: Any) -> StringField:
    return StringField(
        label,
        [IsStringOrInt(), DataRequired(_FILL_IN)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class CodeForm(TwoFactorVerifyCodeForm):
    """Enter the code of the app."""

    code = _code(_l("One-time code"))
    submit = SubmitField(_l("Go on"))


class CodeTroubleForm(TwoFactorRescueForm):
    """No code at hand: only recovery codes help, which the library adds where there are some."""

    help_setup = RadioField(_l("No code at hand?"), choices=[])
    submit = SubmitField(_l("Go on"))


class RecoveryForm(MfRecoveryForm):
    """Enter a recovery code."""

    code = StringField(
        _l("Recovery code"),
        [IsString(), DataRequired(_FILL_IN)],
        render_kw={"autocomplete": "off"},
    )
    submit = SubmitField(_l("Go on"))
