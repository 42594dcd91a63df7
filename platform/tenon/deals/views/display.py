"""What the room's templates ask: the head of a deal, its form in words, messages with facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from flask_babel import ngettext

from tenon.accounts.models import Organisation
from tenon.deals import forms, labels, permissions
from tenon.deals.forms.schema import Form
from tenon.deals.models import SIDES, Deal
from tenon.deals.views import outlook
from tenon.deals.views.tabs import tabs_of
from tenon.taxonomy import catalogue
from tenon.web.languages import language, write_date
from tenon.web.page_words import add_page_words
from tenon.web.requests import current_actor, request_now


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a deal.

    Attributes:
        side: ``seller`` or ``buyer``.
        role: what the form calls it (licensor, investee).
        house: its organisation.
        own: whether the reader acts for it.
    """

    side: str
    role: str
    house: Organisation
    own: bool


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above each of a deal's pages."""

    form: Form
    form_name: str
    state: str
    look: tuple[str, str | None]
    parties: tuple[Party, Party]
    steps: list[str]
    reached: int
    tabs: list[tuple[str, str, bool]]
    may_read: bool
    side: str | None
    over: bool


def head(deal: Deal) -> Head:
    """Return the head of a deal's pages, as the actor may see it."""
    actor, form, tongue = current_actor(), forms.get(deal.form), language()
    road, at = outlook.reached(deal, form)
    own = permissions.side_of(actor, deal)
    roles = {"seller": form.seller[tongue], "buyer": form.buyer[tongue]}
    seller, buyer = (
        Party(side, roles[side], deal.side_organisation(side), side == own) for side in SIDES
    )
    return Head(
        form,
        form.names[tongue],
        form.state_names(deal.state)[tongue],
        labels.look(deal.stage),
        (seller, buyer),
        [str(labels.STAGES[stage]) for stage in road],
        at,
        tabs_of(deal),
        permissions.may_read(actor, deal),
        own,
        deal.stage in ("completed", *outlook.BAD_ENDS),
    )


def words(message: str, facts: Mapping[str, Any] | None = None) -> str:
    """Return a marked message in the page's language; a fact that is a mapping in it, too."""
    told = {name: _told(value) for name, value in (facts or {}).items()}
    return str(_(message, **told)) if message else ""


def _told(value: object) -> object:
    if isinstance(value, Mapping):
        return value.get(language(), "")
    if isinstance(value, datetime | date):
        return write_date(value)
    return value


def source_of(refusal: Any) -> str:
    """Return the source of a rule in the page's language; empty where there is none."""
    return str(refusal.source_zh if language() == "zh" else refusal.source_en)


def role_of(deal: Deal, code: str) -> str:
    """Return who takes a step, as the form calls that side."""
    form, tongue = forms.get(deal.form), language()
    if code == "seller":
        return form.seller[tongue]
    if code == "buyer":
        return form.buyer[tongue]
    return str({"broker": _("Broker"), "operator": _("Operator")}.get(code, _("of itself")))


def side_words(deal: Deal, side: str | None) -> str:
    """Return a side with its organisation, or the broker."""
    if side not in SIDES:
        return str(_("Broker")) if side == "broker" else ""
    return deal.side_organisation(side).name(language())


def form_name(code: str) -> str:
    """Return what a form is called; its code where the site knows it no more."""
    return forms.get(code).names[language()] if forms.is_form(code) else code


def state_name(deal: Deal) -> str:
    """Return what the deal's form calls its state."""
    return forms.get(deal.form).state_names(deal.state)[language()]


def turn_words(deal: Deal, turn: outlook.Turn, side: str | None) -> str:
    """Return whose turn it is in a sentence, as the reader's side sees it."""
    mine = side in turn.sides
    names = _and(side_words(deal, each) for each in turn.sides)
    number = turn.version.number if turn.version else 0
    told = {
        "propose": _("Terms are to be proposed; either side may begin.")
        if len(turn.sides) > 1
        else _("You are to lay the terms in.")
        if mine
        else _("%(name)s is to lay the terms in.", name=names),
        "answer": _("Version %(number)s of the terms waits for your answer.", number=number)
        if mine
        else _("%(name)s is to answer version %(number)s of the terms.", name=names, number=number),
        "approval": _("The terms are agreed; the institution's approval is awaited."),
        "ready": _("Approved; what can be done now stands under “Next”."),
        "publicity": _("The deal is being publicised."),
        "sign": _("Your signature is awaited.")
        if mine
        else _("The signature of %(name)s is awaited.", name=names)
        if names
        else _("A signature is awaited."),
        "effect": _("Signed; the deal takes effect on %(day)s.", day=write_date(deal.effective_on))
        if deal.effective_on
        else _("Signed; it is to take effect."),
        "perform": _("The deal is in force."),
        "go_on": _("It is at: %(state)s.", state=state_name(deal)),
        "over": "",
    }
    return str(told[turn.code])


def age_words(since: datetime) -> str:
    """Return how long something has lasted, in whole days."""
    days = max(0, (request_now() - since).days)
    if not days:
        return str(_("since today"))
    return str(ngettext("for %(num)s day", "for %(num)s days", days))


def region_name(code: str) -> str:
    """Return what a region or country is called; the code where the catalogue lacks it."""
    for scheme in ("region", "country"):
        found = catalogue.find(scheme, code)
        if found is not None:
            return found.label(language())
    return code


def _and(names: Any) -> str:
    return ("、" if language() == "zh" else ", ").join(names)


def install(app: Flask) -> None:
    """Let templates ask."""
    add_page_words(
        app,
        deal_head=head,
        deal_words=words,
        deal_source=source_of,
        deal_role=role_of,
        deal_side=side_words,
        deal_form_name=form_name,
        deal_state=state_name,
        deal_label=labels.label,
        deal_look=labels.look,
        deal_version_look=labels.version_look,
        deal_age=age_words,
        deal_region=region_name,
        deal_permissions=permissions,
    )
