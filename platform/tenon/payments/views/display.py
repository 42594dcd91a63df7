"""Words, amounts and looks for the room's templates, and the section on a deal's page."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals.forms import get as form_of
from tenon.deals.models import Deal
from tenon.ledger.queries import StatementLine
from tenon.payments import permissions, words
from tenon.payments.models import Obligation
from tenon.payments.queries import lists
from tenon.payments.views.blueprint import today
from tenon.web.languages import language
from tenon.web.page_words import add_page_words
from tenon.web.sections import Section, add_section

LOOKS: Mapping[str, tuple[str, str]] = {
    "planned": ("neutral", "clock"),
    "due": ("info", "flag"),
    "part_paid": ("info", "half"),
    "paid": ("good", "check"),
    "waived": ("neutral", "dash"),
    "cancelled": ("neutral", "stop"),
    "overdue": ("bad", "warning"),
    "announced": ("warn", "clock"),
    "received": ("good", "check"),
    "refused": ("bad", "stop"),
    "taken_back": ("neutral", "back"),
}


def amount(minor: int | None, currency: str) -> str:
    """Return an amount to the last minor unit, in the page's language."""
    return "" if minor is None else words.amount_in(minor, currency, language())


def title_of(owed: Obligation) -> str:
    """Return what an obligation is for, with what tells it from others of its kind."""
    kind = words.kind_in(owed.kind, language())
    detail = words.detail_of(owed.facts)
    return f"{kind} · {detail}" if detail else kind


def state_words(code: str) -> str:
    """Return what a state of an obligation or payment is called."""
    return str(_(words.STATES.get(code) or words.PAYMENT_STATES[code]))


def waits_words(owed: Obligation) -> str:
    """Return what an obligation waits for, in words."""
    waits = owed.waits_for or ""
    if waits.startswith("milestone:"):
        return str(_("once the milestone is accepted"))
    step = form_of(owed.deal.form).step(waits)
    if waits in words.WAITS:
        event = str(_(words.WAITS[waits]))
    else:
        event = waits if step is None else step.names[language()]
    return str(_("after %(event)s", event=event))


def side_words(deal: Deal, side: str) -> str:
    """Return what the deal's form calls a side."""
    form = form_of(deal.form)
    return (form.seller if side == "seller" else form.buyer)[language()]


def booked_words(line: StatementLine) -> str:
    """Return what an entry on an obligation booked."""
    what = words.BOOKED.get(line.what)
    said = _(what) if what else line.what
    if line.other_kind == "vat":
        said = _("%(what)s: VAT", what=said)
    return _("%(what)s (undone)", what=said) if line.undone else str(said)


def percent(rate: Fraction) -> str:
    """Return a yearly share as a percentage, to two digits or all it has."""
    number = Decimal(rate.numerator) * 100 / Decimal(rate.denominator)
    return f"{number.quantize(Decimal('0.0001')).normalize():f} %"


def load_section(session: Session, deal: Deal, actor: Actor) -> Mapping[str, Any] | None:
    """Return what a deal's page shows of its money; None where there is none to see."""
    if not permissions.may_read_states(actor, deal):
        return None
    rows = lists.schedule_of(session, deal, today=today())
    if not rows:
        return None
    ahead = [row for row in rows if row.owed.state in ("planned", "due", "part_paid")]
    return {
        "nav": ("payments", _("Payments")),
        "ahead": ahead[:4],
        "more": max(0, len(ahead) - 4),
        "totals": lists.totals_of(rows),
        "amounts": permissions.may_read(actor, deal),
    }


def install(app: Flask) -> None:
    """Add the section, and what templates ask."""
    add_section(app, "deal", Section("payments/_section.html", load_section, order=30))
    add_page_words(
        app,
        payment_amount=amount,
        payment_title=title_of,
        payment_state=state_words,
        payment_waits=waits_words,
        payment_side=side_words,
        payment_looks=LOOKS,
        payment_booked=booked_words,
        payment_percent=percent,
        payment_permissions=permissions,
    )
