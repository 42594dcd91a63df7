"""What the room's codes are called, as marked messages; the page's or the reader's language tells.

Knows no request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel import numbers

from tenon.messages import LOCALES, catalogue
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.money import Money, exponent

KINDS: Mapping[str, str] = {
    "up_front": N_("Up-front fee"),
    "instalment": N_("Instalment"),
    "milestone": N_("Milestone payment"),
    "stage": N_("Staged payment"),
    "royalty": N_("Royalty"),
    "minimum": N_("Minimum royalty"),
    "sublicence": N_("Sublicence share"),
    "share": N_("Share of sales or profit"),
    "maintenance": N_("Maintenance fee"),
    "trial_fee": N_("Trial fee"),
    "buy_out": N_("Buy-out price"),
    "service_fee": N_("Service fee"),
    "premium": N_("Premium"),
    "deposit": N_("Deposit"),
    "penalty": N_("Contract penalty"),
    "repayment": N_("Repayment"),
    "interest": N_("Interest"),
    "other": N_("Other payment"),
}

STATES: Mapping[str, str] = {
    "planned": N_("Planned"),
    "due": N_("Due now"),
    "part_paid": N_("Partly paid"),
    "paid": N_("Paid"),
    "waived": N_("Waived"),
    "cancelled": N_("No longer owed"),
    "overdue": N_("Past due"),
}

PAYMENT_STATES: Mapping[str, str] = {
    "announced": N_("Announced, not confirmed"),
    "received": N_("Received"),
    "refused": N_("Not received"),
    "taken_back": N_("Taken back"),
}

WAITS: Mapping[str, str] = {
    "signed": N_("signing"),
    "effective": N_("taking effect"),
    "start_use": N_("the start of use"),
    "accept": N_("acceptance"),
    "accepted": N_("acceptance"),
    "convert": N_("conversion to a paid licence"),
    "buy_out": N_("the buy-out"),
}

BOOKED: Mapping[str, str] = {
    "charged": N_("Charged"),
    "credited": N_("Reduced"),
    "waived": N_("Waived"),
    "matched": N_("Paid"),
    "released": N_("Released for what falls due next"),
    "reversal": N_("Payment taken back"),
}


def kind_in(kind: str, language: str) -> str:
    """Return what an obligation is for, in ``zh`` or ``en``."""
    return catalogue(language).gettext(KINDS.get(kind, KINDS["other"]))


def kind_facts(kind: str) -> dict[str, str]:
    """Return the same in both languages, as a notice's fact."""
    return {language: kind_in(kind, language) for language in ("zh", "en")}


def detail_of(facts: Mapping[str, Any]) -> str:
    """Return what tells an obligation from others of its kind: a title, a period, a year."""
    title = facts.get("title") or facts.get("period") or facts.get("year")
    if title:
        return str(title)
    number = facts.get("number")
    return f"{number}" if number else ""


def amount_in(minor: int, currency: str, language: str) -> str:
    """Return an amount as it is written in ``zh`` or ``en``."""
    digits = exponent(currency)
    amount = Money(minor, currency).amount
    pattern = "¤#,##0" + (f".{'0' * digits}" if digits else "")
    return numbers.format_currency(
        amount, currency, pattern, locale=LOCALES[language], currency_digits=False
    )
