"""A deal's page of compliance, its section on the deal's first page, and all of one's dates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Response, render_template
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.compliance import applying, clock, labels, permissions
from tenon.compliance.clock import Date
from tenon.compliance.days import day_of
from tenon.compliance.models import ContractRegistration, ForeignCheck, Publicity
from tenon.compliance.services import approving, publishing, refusing
from tenon.compliance.services.duties import duties
from tenon.compliance.services.sheets import BEFORE_SIGNED, contributors
from tenon.compliance.views.blueprint import compliance, names_of
from tenon.deals import permissions as deals
from tenon.deals.models import SIDES, Deal
from tenon.deals.queries import accepted_terms, proposed_terms
from tenon.deals.views.blueprint import read_deal
from tenon.notices import delivery
from tenon.web.languages import language
from tenon.web.requests import current_actor, current_session, request_now


@compliance.get("/deals/<public_id>/compliance")
def of_deal(public_id: str) -> str:
    """Show what the rules ask of a deal and how it stands."""
    deal, session, actor, now = (
        read_deal(public_id),
        current_session(),
        current_actor(),
        request_now(),
    )
    terms, repriced = accepted_terms(session, deal), applying.repricing(session, deal)
    offered = refusing.terms_asked(session, deal) or terms
    asked = [] if offered is None else list(refusing.asked_on(session, offered))
    found = [] if terms is None else approving.approvals(session, deal, terms)
    publicity = publishing.running(session, deal)
    return render_template(
        "compliance/of_deal.html",
        deal=deal,
        may=_rights(actor, deal, amends=proposed_terms(session, deal) is not None),
        bound=applying.price_is_bound(deal),
        route=applying.route_of(session, deal),
        sheet=applying.sheet_of(session, deal),
        rule=applying.publicity_rule(session, deal, now=now),
        publicity=publicity,
        to_publish=repriced is not None and repriced.id != (publicity and publicity.version_id),
        to_ask=deal.stage in refusing.OPEN or repriced is not None,
        over=publicity is not None and publicity.last_on < _today(),
        objections=_objections(publicity, actor, deal),
        people=contributors(session, deal),
        passes_title=applying.passes_title(deal),
        asked=asked,
        today=_today(),
        approvals=_approvals(found, actor, deal),
        approver_names=names_of({each.decided_by for each in found}),
        foreign=applying.is_foreign(deal),
        check=session.get(ForeignCheck, deal.id),
        duties=_duties(session, actor, deal),
        registered=session.get(ContractRegistration, deal.id),
        dates=clock.of_deal(session, deal, actor, now=now),
        labels=labels,
        date_words=date_words,
    )


def _today() -> date:
    return day_of(request_now())


def _rights(actor: Actor, deal: Deal, *, amends: bool) -> dict[str, bool]:
    before = deal.stage in BEFORE_SIGNED
    speaks = permissions.may_declare(actor, deal)
    return {
        "declare": before and speaks,
        "amend": amends and not before and speaks,
        "decide": permissions.may_decide(actor, deal),
        "fill": (before or amends) and permissions.may_decide(actor, deal),
        "see_objections": permissions.may_read_objections(actor, deal),
        "pack": permissions.may_decide(actor, deal),
    }


def _objections(publicity: Publicity | None, actor: Actor, deal: Deal) -> list[Any]:
    if publicity is None or not permissions.may_read_objections(actor, deal):
        return []
    return list(publicity.objections)


def _approvals(found: Any, actor: Actor, deal: Deal) -> list[tuple[str, list[Any], bool]]:
    """Return (side, its steps, whether the reader sees who and why), seller's first."""
    return [
        (
            side,
            [each for each in found if each.side == side],
            permissions.may_see_approvals(actor, deal, side),
        )
        for side in SIDES
    ]


def _duties(session: Session, actor: Actor, deal: Deal) -> list[tuple[Any, bool]]:
    return [(each, permissions.may_keep_duty(actor, each, deal)) for each in duties(session, deal)]


def load_section(session: Session, deal: Deal, actor: Actor) -> Mapping[str, Any] | None:
    """Return the clock on the deal's first page; None where it has no date."""
    if not deals.may_read(actor, deal):
        return None
    dates = clock.of_deal(session, deal, actor, now=request_now())
    if not dates:
        return None
    return {
        "nav": ("compliance", _("Compliance clock")),
        "dates": dates,
        "words": date_words,
        "labels": labels,
    }


@compliance.get("/deadlines")
def deadlines() -> str:
    """Show every open date of the deals that the actor reads."""
    dates = clock.of_actor(current_session(), current_actor(), now=request_now())
    return render_template("compliance/deadlines.html", dates=dates, date_words=date_words)


@compliance.get("/deadlines.ics")
def deadlines_ics() -> Response:
    """Give the same as a calendar file."""
    session, now = current_session(), request_now()
    dates = clock.of_actor(session, current_actor(), now=now)
    named = [(each, f"{date_words(each)}: {each.deal.title}") for each in dates]
    text = clock.ics(named, base_url=delivery.current().base_url, now=now)
    answer = Response(text, mimetype="text/calendar")
    answer.headers["Content-Disposition"] = 'attachment; filename="deadlines.ics"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def date_words(each: Date) -> str:
    """Return what a date is, in the page's language."""
    if each.what is None:
        return str(labels.CLOCK[each.kind])
    name = each.what[language()]
    return str(_("Approval awaited: %(step)s", step=name)) if each.kind == "approval" else name
