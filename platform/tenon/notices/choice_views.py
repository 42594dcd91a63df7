"""Pages of what is told to whom: one's own choices, and for operators every kind in its words."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tenon.errors import Invalid
from tenon.notices import bundling, choosing, delivery, forms, services, wording
from tenon.notices.bundling import Reader, Waiting
from tenon.notices.rendering import Rendered
from tenon.notices.wording import Kind
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now

choices = Blueprint("notice_choices", __name__)

LANGUAGES = ("zh", "en")
_SAMPLE_PATH = "/listings/example"


@choices.get("/account/notices")
def show() -> str:
    """Show what one is told, where and when."""
    return _page(_form())


@choices.post("/account/notices")
@limiter.limit(WRITE)
def change() -> BaseResponse | tuple[str, int]:
    """Keep what one chose: all kinds and the hours at once, or nothing."""
    form = _form()
    if form.validate():
        try:
            services.change_choices(
                current_session(),
                wanted=form.wanted(),
                times=form.hours(),
                by=current_actor(),
                now=request_now(),
            )
        except Invalid as error:
            form.take_errors(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("notice_choices.show"))
    return _page(form), 422


def _form() -> forms.ChoicesForm:
    session, user_id = current_session(), current_actor().user_id or 0
    return forms.make(choosing.choices(session, user_id), choosing.hours(session, user_id))


def _page(form: forms.ChoicesForm) -> str:
    return render_template(
        "notices/choices.html",
        form=form,
        groups=wording.groups(),
        heading=lambda group: wording.heading(group, language()),
        zone=delivery.current().zone.key,
    )


@dataclass(frozen=True, slots=True)
class Preview:
    """A kind in one language: its line in the site, and its mails."""

    language: str
    line: str
    now: Rendered
    digest: Rendered


@choices.get("/notices/kinds")
def kinds() -> str:
    """Show every kind as people get it, in both languages, about things that are made up."""
    shown = {
        group: [(kind, [preview(kind, code) for code in LANGUAGES]) for kind in members]
        for group, members in wording.groups().items()
    }
    return render_template(
        "notices/kinds.html",
        shown=shown,
        heading=lambda group: wording.heading(group, language()),
    )


def preview(kind: Kind, code: str) -> Preview:
    """Return a kind as a reader of the language ``code`` gets it, by what writes real mails."""
    reader = Reader(0, "example", _("A person"), "person@example.org", code)
    waiting = [Waiting(0, kind.code, kind.samples, _SAMPLE_PATH, request_now())]
    return Preview(
        code,
        wording.words(kind.code, kind.samples, code),
        bundling.words_of(reader, waiting, digest=False),
        bundling.words_of(reader, waiting * 2, digest=True),
    )
