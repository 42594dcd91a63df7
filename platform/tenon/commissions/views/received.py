"""What deals paid to one's organisation as commission: its editors confirm that it came."""

from __future__ import annotations

from flask import render_template

from tenon.commissions import forms
from tenon.commissions.queries import lists
from tenon.commissions.views.blueprint import commissions
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session


@commissions.get("/commissions/received")
def received() -> str:
    """List what was paid to the actor's organisations, what waits for their word first."""
    return received_page()


def received_page(*, fault: str = "", form: forms.WordsForm | None = None, of: str = "") -> str:
    """Return the page; ``form`` is shown again at the payout ``of``."""
    number = requested_page()
    found, total = lists.received_by_houses(
        current_session(), current_actor(), limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
    )
    return render_template(
        "commissions/received.html",
        page=Page(found, number, PAGE_SIZE, total),
        words=form or forms.WordsForm(formdata=None),
        form_of=of,
        fault=fault,
    )
