"""The simulator's page: forms and inputs in the address, the outcome drawn by the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qs, urlencode

from flask import render_template, request
from werkzeug.datastructures import MultiDict

from tenon.compliance.days import day_of
from tenon.deals import forms as deal_forms
from tenon.deals import permissions as deal_permissions
from tenon.deals import queries as deal_queries
from tenon.deals.forms.schema import NEGOTIATED_STAGES, Step
from tenon.deals.models import Deal
from tenon.deals.views import display
from tenon.errors import NotFound
from tenon.listings.models import Listing
from tenon.listings.queries import find_listing
from tenon.sharing.floors import rules_for
from tenon.simulations import queries
from tenon.simulations.catalogue import Input, catalogue
from tenon.simulations.forms import KeepForm, message
from tenon.simulations.mapping import input_values, simulated
from tenon.simulations.outcomes import BAR_WIDTH, picture, short_money, shown_minor
from tenon.simulations.reading import FIRST_FORMS, MOST_FORMS, Question, ask
from tenon.simulations.views.blueprint import simulations
from tenon.web.languages import language
from tenon.web.limits import limiter
from tenon.web.requests import current_actor, current_session, request_now

LIVE = "240 per minute"
"""A slider that is moved asks a few times a second."""


@dataclass(frozen=True, slots=True)
class About:
    """What a simulation is about: a deal or a listing."""

    deal: Deal | None = None
    listing: Listing | None = None

    @property
    def currency(self) -> str:
        """The currency of all amounts."""
        return "CNY" if self.deal is None else self.deal.currency


def about_deal(public_id: str) -> About:
    """Return a deal whose terms the actor may read; raises NotFound, Forbidden."""
    deal = deal_queries.find(current_session(), public_id, by=current_actor())
    deal_permissions.require_read(current_actor(), deal)
    return About(deal=deal)


def about_listing(public_id: str) -> About:
    """Return a result that the actor may see; raises NotFound."""
    listing = find_listing(current_session(), public_id, by=current_actor(), now=request_now())
    if listing.side != "achievement":
        raise NotFound(kind="listing")
    return About(listing=listing)


@simulations.get("/deals/<public_id>")
@limiter.limit(LIVE)
def of_deal(public_id: str) -> str:
    """Show the simulator for a deal."""
    return page(about_deal(public_id), request.args)


@simulations.get("/listings/<public_id>")
@limiter.limit(LIVE)
def of_listing(public_id: str) -> str:
    """Show the simulator for a result."""
    return page(about_listing(public_id), request.args)


def posted_query() -> MultiDict[str, str]:
    """Return the setting that a form on the page carries along as an address's query."""
    said = parse_qs(request.form.get("query", ""), keep_blank_values=True, max_num_fields=300)
    return MultiDict((name, value) for name, values in said.items() for value in values)


def asked(about: About, args: MultiDict[str, str]) -> tuple[Question, Mapping[str, str]]:
    """Return the question in an address, and what of it could not be taken."""
    if not args.getlist("form") and not args.get("saved"):
        forms, values = _beginning(about)
        return ask(forms, values, currency=about.currency)
    saved = args.get("saved")
    if saved:
        kept = queries.find(current_session(), saved, by=current_actor())
        return ask(list(kept.forms), kept.values, currency=about.currency)
    return ask(args.getlist("form"), _typed(args), currency=about.currency)


def _typed(args: MultiDict[str, str]) -> dict[str, str]:
    """Return input -> text; of a field and its slider the one that was moved.

    With scripts the field follows the slider. Without, the page says what both were, and a
    slider that was moved counts where the field was not.
    """
    found = {}
    for code in catalogue().inputs:
        field, slider, was = (args.get(f"{part}{code}") for part in ("", "r.", "was."))
        if field is None:
            continue
        found[code] = field
        if slider is not None and field == was and _moved(slider, was):
            found[code] = _on_grid(catalogue().inputs[code], slider)
    return found


def _moved(slider: str, was: str) -> bool:
    """Whether a slider stands elsewhere than where the page put it; what is no number did not."""
    try:
        return Decimal(slider).is_finite() and Decimal(slider) != Decimal(was)
    except InvalidOperation:
        return False


def _on_grid(asked_for: Input, slider: str) -> str:
    """Return where a slider was left, on its steps: without scripts it stands anywhere."""
    within = min(max(Decimal(slider), asked_for.low), asked_for.high)
    steps = round((within - asked_for.low) / asked_for.step)
    return f"{asked_for.low + steps * asked_for.step:f}"


def _beginning(about: About) -> tuple[list[str], dict[str, str]]:
    """Return forms and inputs to begin with: a deal's own form and terms come first."""
    forms: list[str] = list(FIRST_FORMS)
    values: dict[str, str] = {}
    deal = about.deal
    if deal is None:
        return forms, values
    session = current_session()
    own = simulated(deal.form)
    if own is not None and own not in forms:
        forms[-1] = own
    held = rules_for(session, deal, pilot=False, on=day_of(request_now())).team
    if held is not None:
        values["team_share"] = str(held.percent)
    terms = deal_queries.proposed_terms(session, deal) or deal_queries.accepted_terms(session, deal)
    if terms is not None:
        values |= input_values(terms.form, terms.values)
    return forms, values


def query_of(question: Question, party: str) -> str:
    """Return a question as an address's query."""
    pairs = [("form", form) for form in question.forms]
    pairs += [("party", party), *question.values.items()]
    return urlencode(pairs)


def page(about: About, args: MultiDict[str, str], kept: KeepForm | None = None) -> str:
    """Return the simulator's page for a deal or a listing."""
    question, faults = asked(about, args)
    shown = picture(question, args.get("party", ""))
    actor, session = current_actor(), current_session()
    form = kept or KeepForm(formdata=None)
    form.query.data = query_of(question, shown.party)
    deal = about.deal
    return render_template(
        "simulations/show.html",
        about=about,
        deal=deal,
        listing=about.listing,
        question=question,
        faults={name: message(code) for name, code in faults.items()},
        typed=_typed(args),
        shown=shown,
        catalogue=catalogue(),
        most=MOST_FORMS,
        currency=about.currency,
        bar_width=BAR_WIDTH,
        saved=queries.about(session, deal=deal, listing=about.listing, by=actor),
        me=actor.user_id,
        keep_form=form,
        take=_take(deal, question),
        shown_minor=shown_minor,
        short=lambda amount: short_money(amount, about.currency, language()),
        tongue=language(),
        address=request.path if request.method == "GET" else _address(about),
        form_name=display.form_name,
    )


def _address(about: About) -> str:
    if about.deal is not None:
        return f"/simulations/deals/{about.deal.public_id}"
    return f"/simulations/listings/{about.listing.public_id}" if about.listing else "/simulations"


def _draft_step(deal: Deal) -> Step | None:
    """Return the step by which the deal's form lets a side write terms."""
    return deal_forms.get(deal.form).step("draft_terms")


def _take(deal: Deal | None, question: Question) -> Mapping[str, Any] | None:
    """Return what the page says of taking the setting into the negotiation; None where nobody can.

    ``ready`` where the deal's own form is one of those looked at.
    """
    if deal is None or deal.stage not in NEGOTIATED_STAGES:
        return None
    side, draft = deal_permissions.side_of(current_actor(), deal), _draft_step(deal)
    if side is None or (draft is not None and side not in draft.by):
        return None
    own = simulated(deal.form)
    return {"form": own, "ready": own in question.forms}
