"""A firm's page with its whole history."""

from __future__ import annotations

from flask import render_template, request

from tenon.accounts.models import Organisation
from tenon.desk import labels, permissions
from tenon.desk.days import today_of
from tenon.desk.firm.finding import find_firm
from tenon.desk.firm.history import MOST_PAGES, SOURCES, Asked, counts_of, history_of
from tenon.desk.firm.people import contacts, offers, patents
from tenon.desk.queries.notes import notes_about
from tenon.desk.queries.tasks import tasks_about
from tenon.desk.views.blueprint import desk
from tenon.desk.views.noting import note_form
from tenon.desk.views.tasking import new_form
from tenon.web.languages import language
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session, request_now


@desk.get("/firms/<public_id>")
def firm(public_id: str) -> str:
    """Show a firm: who looks after it, what is to be done, and everything that happened."""
    session, actor, now = current_session(), current_actor(), request_now()
    found = find_firm(session, public_id, by=actor)
    house: Organisation = found.organisation
    asked = Asked(house.id, actor, now, language())
    kind = request.args.get("kind") if request.args.get("kind") in SOURCES else None
    number = min(requested_page(), MOST_PAGES)
    counts = counts_of(session, asked)
    total = counts[kind] if kind else sum(counts.values())
    items = history_of(session, asked, kind=kind, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
    return render_template(
        "desk/firm.html",
        firm=found,
        house=house,
        people=contacts(session, house.id),
        rights=patents(session, asked),
        offers=offers(session, asked),
        counts=counts,
        kind=kind,
        page=Page(items, number, PAGE_SIZE, min(total, MOST_PAGES * PAGE_SIZE)),
        notes=notes_about(session, "organisation", house.id, by=actor, limit=3),
        tasks=tasks_about(session, "organisation", house.id, by=actor, limit=5),
        form=note_form(empty=True),
        task_form=new_form(),
        may_change=permissions.may_change_note,
        named={},
        labels=labels,
        today=today_of(now),
    )
