"""Words and templates outside a request: the language is the reader's, not the page's.

Mail is rendered when it is written, by whatever process writes it, so nothing here knows Flask.
A mail is one text template: its first line is the subject, the rest are paragraphs; the HTML form
is made of the same paragraphs, so that the two can never say different things.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from tenon import paths

LOCALES = {"zh": "zh_Hans", "en": "en"}
LANGUAGE_TAGS = {"zh": "zh-Hans", "en": "en"}
SUBJECT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail in words: subject (one line), plain text, HTML."""

    subject: str
    text: str
    html: str


@cache
def catalogue(language: str) -> NullTranslations:
    """Return every room's messages in ``language`` (``zh`` or ``en``)."""
    merged = Translations()
    for folder in paths.translations():
        found = Translations.load(str(folder), [LOCALES[language]], "messages")
        if isinstance(found, Translations):
            merged.merge(found)
    return merged


def translate(message: str, language: str) -> str:
    """Return ``message`` in ``language``; English where a translation is missing."""
    return str(catalogue(language).ugettext(message)) if message else ""


def fill(message: str, facts: Mapping[str, Any], language: str) -> str:
    """Return ``message`` in ``language`` with its placeholders filled.

    A fact may be a map ``{"zh": ..., "en": ...}``; the reader's language is taken, or the other
    where that is empty.
    """
    chosen = {name: _in_language(value, language) for name, value in facts.items()}
    return translate(message, language) % chosen


def _in_language(value: Any, language: str) -> Any:
    if not isinstance(value, Mapping):
        return value
    other = "en" if language == "zh" else "zh"
    return value.get(language) or value.get(other) or ""


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(paths.templates()),
        autoescape=select_autoescape(enabled_extensions=("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    messages = catalogue(language)
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        messages.ugettext, messages.ungettext, newstyle=True
    )
    return environment


def render_mail(template: str, language: str, context: Mapping[str, Any]) -> Rendered:
    """Render ``templates/mail/<template>.txt`` in ``language``.

    Raises jinja2.UndefinedError where the context lacks a name that the template uses.
    """
    environment = _environment(language)
    whole = environment.get_template(f"mail/{template}.txt").render(**context)
    first, _, rest = whole.strip().partition("\n")
    subject = " ".join(first.split())[:SUBJECT_LENGTH]
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", rest) if part.strip()]
    html = environment.get_template("mail/layout.html").render(
        subject=subject,
        language_tag=LANGUAGE_TAGS[language],
        paragraphs=[_paragraph(part) for part in paragraphs],
    )
    return Rendered(subject, "\n\n".join(paragraphs) + "\n", html)


def _paragraph(text: str) -> Markup:
    """Return a paragraph for HTML: a lone address becomes a link, line breaks are kept."""
    if re.fullmatch(r"https?://\S+", text):
        return Markup('<a href="{0}">{0}</a>').format(text)
    return Markup("<br>").join(text.splitlines())
