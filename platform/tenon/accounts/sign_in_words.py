"""What the sign-in library says, in our words: its message table, translated like our own.

The library looks each message up by key and sends it through the site's catalogues.
"""

from __future__ import annotations

from collections.abc import Mapping

from tenon.accounts.passwords import MIN_LENGTH
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows

_WRONG = N_("Address or password is wrong, or the address is not confirmed yet.")
_CODE = N_("That code is not right, or no longer.")

MESSAGES: Mapping[str, tuple[str, str]] = {
    "GENERIC_AUTHN_FAILED": (_WRONG, "error"),
    "GENERIC_RECOVERY": (
        N_("If there is an account with that address, a mail is on its way to it."),
        "info",
    ),
    "CONFIRM_REGISTRATION": (
        N_("Nearly done: open the link in the mail that is on its way to %(email)s."),
        "success",
    ),
    "CONFIRMATION_REQUEST": (
        N_("If %(email)s waits to be confirmed, a mail with a link is on its way to it."),
        "info",
    ),
    "EMAIL_CONFIRMED": (N_("Your address is confirmed. You can sign in now."), "success"),
    "ALREADY_CONFIRMED": (N_("Your address was confirmed before. You can sign in."), "info"),
    "INVALID_CONFIRMATION_TOKEN": (N_("That link is not valid. Ask for a new one."), "error"),
    "CONFIRMATION_EXPIRED": (N_("That link has expired. Ask for a new one."), "error"),
    "CONFIRMATION_REQUIRED": (_WRONG, "error"),
    "INVALID_RESET_PASSWORD_TOKEN": (N_("That link is not valid. Ask for a new one."), "error"),
    "PASSWORD_RESET_EXPIRED": (N_("That link has expired. Ask for a new one."), "error"),
    "PASSWORD_RESET_REQUEST": (
        N_("If there is an account with that address, a mail is on its way to it."),
        "info",
    ),
    "PASSWORD_RESET": (N_("Your password is changed."), "success"),
    "PASSWORD_RESET_NO_LOGIN": (
        N_("Your password is changed. Sign in with the new one."),
        "success",
    ),
    "PASSWORD_CHANGE": (
        N_("Your password is changed; you are signed out everywhere else."),
        "success",
    ),
    "PASSWORD_IS_THE_SAME": (N_("The new password is the same as the old one."), "error"),
    "PASSWORD_MISMATCH": (N_("The two passwords are not the same."), "error"),
    "RETYPE_PASSWORD_MISMATCH": (N_("The two passwords are not the same."), "error"),
    "PASSWORD_NOT_PROVIDED": (N_("Please enter a password."), "error"),
    "PASSWORD_INVALID_LENGTH": (
        N_("A password needs at least %(length)s characters."),
        "error",
    ),
    "PASSWORD_TOO_SIMPLE": (N_("That password is too easy to guess."), "error"),
    "INVALID_PASSWORD": (N_("That is not your password."), "error"),
    "EMAIL_NOT_PROVIDED": (N_("Please enter your mail address."), "error"),
    "INVALID_EMAIL_ADDRESS": (N_("That is not a mail address."), "error"),
    "EMAIL_ALREADY_ASSOCIATED": (_WRONG, "error"),
    "USER_DOES_NOT_EXIST": (_WRONG, "error"),
    "DISABLED_ACCOUNT": (N_("This account is closed. Write to the operators."), "error"),
    "INVALID_REDIRECT": (N_("That address leads away from this site."), "error"),
    "REAUTHENTICATION_REQUIRED": (N_("Please enter your password once more."), "error"),
    "REAUTHENTICATION_SUCCESSFUL": (N_("Thank you. You can go on."), "success"),
    "UNAUTHENTICATED": (N_("Please sign in first."), "error"),
    "UNAUTHORIZED": (N_("Your role does not allow this."), "error"),
    "ANONYMOUS_USER_REQUIRED": (N_("You are signed in already."), "error"),
    "API_ERROR": (N_("That input does not fit here."), "error"),
    "INVALID_INPUT": (N_("That input does not fit here."), "error"),
    "INVALID_CODE": (_CODE, "error"),
    "INVALID_RECOVERY_CODE": (_CODE, "error"),
    "NO_RECOVERY_CODES_SETUP": (N_("You have no recovery codes yet."), "info"),
    "TWO_FACTOR_INVALID_TOKEN": (_CODE, "error"),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": (N_("The code is right. Welcome."), "success"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (
        N_("From now on a code is asked for when you sign in."),
        "success",
    ),
    "TWO_FACTOR_PERMISSION_DENIED": (N_("Please sign in first."), "error"),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": (N_("Please choose from the list."), "error"),
    "TWO_FACTOR_DISABLED": (N_("No code is asked for any more."), "success"),
    "TWO_FACTOR_SETUP_EXPIRED": (N_("That took too long. Please begin again."), "error"),
}


def settings() -> dict[str, object]:
    """Return the library's settings that concern words and password length."""
    words: dict[str, object] = {f"SECURITY_MSG_{key}": value for key, value in MESSAGES.items()}
    return words | {"SECURITY_PASSWORD_LENGTH_MIN": MIN_LENGTH}
