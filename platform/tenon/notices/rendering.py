"""Words and templates outside a request: the language is the reader's, not the page's.

Mail is rendered when it is written, by whatever process writes it, so nothing here knows Flask.
A mail is one text template: its first line is the subject, the rest are paragraphs; the HTML form
is made of the same paragraphs, so that the two can never say different things. A line that is an
address and nothing else becomes a link, a paragraph that begins with "# " a heading, and what
stands below a paragraph "--" is the footer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from tenon import paths
from tenon.messages import LANGUAGE_TAGS, catalogue

SUBJECT_LENGTH = 200
HEADING = "# "
FOOTER = "--"
_ADDRESS = re.compile(r"https?://\S+")
_BETWEEN_PARAGRAPHS = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail in words: subject (one line), plain text, HTML."""

    subject: str
    text: str
    html: str


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
    paragraphs = [part.strip() for part in _BETWEEN_PARAGRAPHS.split(rest) if part.strip()]
    html = environment.get_template("mail/layout.html").render(
        subject=subject,
        language_tag=LANGUAGE_TAGS[language],
        blocks=_blocks(paragraphs),
    )
    return Rendered(subject, "\n\n".join(paragraphs) + "\n", html)


def _blocks(paragraphs: Iterable[str]) -> Iterator[tuple[str, Markup]]:
    """Yield (``words``, ``heading`` or ``footer``, HTML) for each paragraph."""
    kind = "words"
    for text in paragraphs:
        if text == FOOTER:
            kind = "footer"
        elif text.startswith(HEADING):
            yield "heading", escape(text.removeprefix(HEADING))
        else:
            yield kind, Markup("<br>").join(_line(line) for line in text.splitlines())


def _line(text: str) -> Markup:
    if _ADDRESS.fullmatch(text):
        return Markup('<a href="{0}" style="color:#0f5c4d">{0}</a>').format(text)
    return escape(text)
