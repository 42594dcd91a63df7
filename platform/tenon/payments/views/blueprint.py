"""The room's one blueprint, and what several of its pages need."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask import Blueprint, flash, redirect
from flask_babel import gettext as _

from tenon.deals.models import Deal
from tenon.deals.views.blueprint import Answer, seen_deal
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.payments import books, permissions
from tenon.payments.forms import RoomForm
from tenon.web.requests import current_actor, current_session, request_now

payments = Blueprint("payments", __name__)


def states_deal(public_id: str) -> Deal:
    """Return a deal whose schedule the actor may read, perhaps without amounts.

    Raises NotFound, or Forbidden to those who may know of the deal only.
    """
    deal = seen_deal(public_id)
    if not permissions.may_read_states(current_actor(), deal):
        raise Forbidden(action="read_payments")
    return deal


def money_deal(public_id: str) -> Deal:
    """Return a deal whose amounts the actor may read; raises NotFound, Forbidden."""
    deal = seen_deal(public_id)
    permissions.require_read(current_actor(), deal)
    return deal


def today() -> date:
    """Return the day of this request."""
    return books.today(request_now())


def take(
    form: RoomForm,
    do: Callable[[], str],
    again: Callable[[], str],
    said: str,
) -> Answer:
    """Do what a form asks for and go on to the address that it returns.

    What is wrong is shown at the form's fields, and what somebody else changed meanwhile on the
    page as it is now; what was typed stays in the form.
    """
    session = current_session()
    try:
        address = do()
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return again(), 422
    except Conflict as error:
        session.rollback()
        flash(_conflict(error), "warning")
        return again(), 409
    flash(said, "success")
    return redirect(address, 303)


def _conflict(error: Conflict) -> str:
    known = {
        "key_reused": _("This form was sent before with other values: look at what it made."),
        "invoiced_already": _("Everything that is owed here is invoiced already."),
        "no_interest": _("There is no interest to charge up to that day."),
        "refunded_already": _("Part of this payment was paid back: take that back first."),
    }
    words = _("Somebody was quicker, or it is no longer possible: this is how it stands now.")
    return str(known.get(error.code, words))
