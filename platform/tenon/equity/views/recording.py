"""Record an event by hand: one page a kind."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.accounts.models import Organisation
from tenon.deals import permissions as deals
from tenon.deals.models import Deal
from tenon.deals.queries import accepted_terms
from tenon.equity import permissions, queries, services, terms
from tenon.equity.courses import empty_company
from tenon.equity.days import today
from tenon.equity.forms import FORMS, EventForm
from tenon.equity.models import EquityCompany
from tenon.equity.previews import founding_price
from tenon.equity.views import display
from tenon.equity.views.blueprint import Answer, equity, posted_version, written_company
from tenon.equity.views.company import conflict_words
from tenon.errors import Conflict, Invalid
from tenon.money import exponent
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


@equity.get("/equity/<public_id>/record/<kind>")
def record(public_id: str, kind: str) -> str:
    """Ask for an event; ``deal`` fills it in from that deal's terms."""
    company = written_company(public_id)
    return _page(company, kind, _form(company, kind))


@equity.post("/equity/<public_id>/record/<kind>")
@limiter.limit(WRITE)
def save_event(public_id: str, kind: str) -> Answer:
    """Record an event."""
    session, company = current_session(), written_company(public_id)
    form = _form(company, kind, posted=True)
    try:
        faults: dict[str, str] = {}
        day = form.when(faults)
        if faults:
            raise Invalid(faults)
        state = queries.course_of(session, company).empty
        deal = _deal(company)
        event = services.record(
            session,
            company,
            kind=kind,
            day=day,
            facts=form.facts(state, lambda name, what: _named(company, name, what)),
            deal=deal if form.to_deal.data else None,
            source=form.source.data or "",
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return _page(written_company(public_id), kind, form), 422
    except Conflict as error:
        session.rollback()
        flash(conflict_words(error), "warning")
        return _page(written_company(public_id), kind, form), 409
    flash(_("Recorded."), "success")
    return redirect(url_for("equity.event", public_id=public_id, number=event.number), 303)


def _page(company: EquityCompany, kind: str, form: EventForm) -> str:
    return render_template(
        "equity/record.html",
        company=company,
        kind=kind,
        form=form,
        names=display.holder_names(company),
        state=queries.course_of(current_session(), company).now,
        deal=_deal(company),
    )


def _form(company: EquityCompany, kind: str, *, posted: bool = False) -> EventForm:
    if kind not in FORMS:
        abort(404)
    known = FORMS[kind]
    form = known() if posted else known(formdata=None, **_beginning(company, kind))
    if hasattr(form, "offer"):
        form.offer()
    return form


def _beginning(company: EquityCompany, kind: str) -> dict[str, Any]:
    """Return what the form begins with: today, and the terms of the deal that it comes from."""
    begins: dict[str, Any] = {"day": today(request_now())}
    deal = _deal(company)
    if deal is None or kind not in ("incorporation", "contribution"):
        return begins
    version = accepted_terms(current_session(), deal)
    values = {} if version is None else version.values
    begins |= {
        "to_deal": True,
        "institution": deal.seller_organisation.name(language()) or "",
        "value": _typed(terms.minor(values, "technology_value"), company),
        "team_share": str(values.get("team_share") or ""),
        "pre_money": _typed(terms.minor(values, "pre_money"), company),
        "base": values.get("pre_money_base"),
        "price": _price(values, company),
        "paid1": _typed(terms.minor(values, "cash_contributions"), company),
    }
    return begins


def _price(values: Mapping[str, Any], company: EquityCompany) -> str:
    """Return the founding's price as it is typed, empty for par or where it is no decimal."""
    found = founding_price(values, empty_company(company))
    if found is None or found == 1:
        return ""
    shown = Decimal(found.numerator) / Decimal(found.denominator)
    return f"{shown:f}" if Fraction(shown) == found else ""


def _typed(minor: int | None, company: EquityCompany) -> str:
    if minor is None:
        return ""
    whole, rest = divmod(minor, 10 ** exponent(company.currency))
    return f"{whole}.{rest:02d}" if rest else str(whole)


def _deal(company: EquityCompany) -> Deal | None:
    """Return the deal that the event is recorded for: the one named in the address, if any."""
    wanted = request.args.get("deal", "")
    return next(
        (
            deal
            for deal in permissions.deals_of(current_session(), company)
            if deal.public_id == wanted and deals.may_read(current_actor(), deal)
        ),
        None,
    )


def _named(company: EquityCompany, name: str, kind: str) -> str:
    """Return a holder's key; an organisation of the site is recognised by its exact name."""
    session = current_session()
    house = session.scalars(
        sa.select(Organisation).where(
            Organisation.state == "approved",
            sa.or_(Organisation.name_zh == name, Organisation.name_en == name),
        )
    ).first()
    holder = services.add_holder(
        session,
        company,
        name=name,
        kind=kind,
        organisation_id=None if house is None else house.id,
        by=current_actor(),
    )
    return holder.key
