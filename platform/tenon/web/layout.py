"""What the layout asks about the page it frames: addresses that may not exist, theme, who acts.

Knows nothing of any room: a page that is not installed is simply not linked.
"""

from __future__ import annotations

from flask import Flask, current_app, request, url_for
from flask_babel import LazyString
from flask_security import current_user
from wtforms import Field

from tenon.web.page_words import add_page_words
from tenon.web.requests import current_actor

THEMES = ("light", "dark")
THEME_COOKIE = "theme"


def address_if(endpoint: str, **values: object) -> str | None:
    """Return an endpoint's address, or None where no room provides it."""
    if endpoint not in current_app.view_functions:
        return None
    return url_for(endpoint, **values)  # type: ignore[arg-type]  # Flask types its values as Any


def here() -> str:
    """Return where the page shown can be asked for again: its own address, or the home page.

    A page that answers a form is asked for again without its parameters; one that only takes
    forms, or does not exist, leads home.
    """
    rule = request.url_rule
    if rule is None or "GET" not in (rule.methods or ()):
        return "/"
    return request.full_path.rstrip("?") if request.method == "GET" else request.path


def chosen_theme() -> str | None:
    """Return ``light`` or ``dark`` where this browser's user chose one, else None."""
    theme = request.cookies.get(THEME_COOKIE)
    return theme if theme in THEMES else None


def account_name() -> str:
    """Return what to call the person signed in; empty for a visitor."""
    if not current_actor().signed_in:
        return ""
    name = getattr(current_user, "name", None)
    return str(name or current_user.email)


def own_errors(field: Field) -> list[object]:
    """Return the messages at a form's field itself, without those of the fields it is made of."""
    errors = field.errors if isinstance(field.errors, list | tuple) else []
    return [text for text in errors if isinstance(text, str | LazyString)]


def install(app: Flask) -> None:
    """Let templates ask."""
    add_page_words(
        app,
        address_if=address_if,
        here=here,
        chosen_theme=chosen_theme,
        account_name=account_name,
        current_actor=current_actor,
        own_errors=own_errors,
    )
