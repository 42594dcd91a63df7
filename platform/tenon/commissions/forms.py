"""What people fill in: terms of a commission, shares, a payment, a reason. Shape only."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)

from tenon.commissions import labels
from tenon.commissions.models import Agreement
from tenon.commissions.queries.base import COUNTED_KINDS
from tenon.commissions.services import Paid, Proposal
from tenon.errors import Invalid
from tenon.money import Money
from tenon.payments.words import KINDS
from tenon.sharing.forms import minor_of, percent_of
from tenon.sharing.services import plain
from tenon.web.fields import Day, Ticks, Whole
from tenon.web.forms import Form, options
from tenon.web.forms import message as common_message


def message(code: str) -> str:
    """Return an error code of this room, or of all rooms, in words."""
    known = {
        "too_fine": _("No more than four digits after the point."),
        "last_is_open": _("Only the last tier has no upper end, and it must have none."),
        "not_rising": _("Each tier must end above the one before it."),
        "too_many": _("No more than ten tiers."),
        "not_a_tier": _("Write one tier a line: its upper end, a blank, its percentage."),
        "more_than_open": _("That is more than what is open."),
        "in_the_future": _("That day lies ahead."),
        "sum_not_100": _("The percentages must sum to exactly 100."),
        "not_credited": _("Only those whom the ledger of credit names can have a share."),
        "unknown_place": _("That is no organisation or station of this person."),
        "not_over": _("A certificate is for a year that is over."),
        "none_chosen": _("Please tick at least one."),
        "too_many_at_once": _("No more than 100 at once."),
        "no_entries": _("The ledger credits nothing in this year."),
    }
    return str(known.get(code) or common_message(code))


class RoomForm(Form):
    """Base of the room's forms."""

    def words_for(self, name: str, code: str) -> str:  # noqa: ARG002  # the base's form
        """Return an error in this room's words."""
        return message(code)


class AgreementForm(RoomForm):
    """Who pays, of what, how much."""

    currency = StringField(_l("Currency of the commission"), default="CNY")
    payers = RadioField(_l("Who pays the commission"), default="both")
    seller_percent = StringField(_l("Part of the seller in %, where both pay"), default="50")
    basis = RadioField(_l("How it is reckoned"), default="percent")
    percent = StringField(_l("Percentage of what is received"))
    tiers = TextAreaField(
        _l("Tiers"),
        description=_l(
            "One a line: upper end of what is received, a blank, percentage; the last line is the "
            "percentage of all above, such as: 1000000 5, next line 3."
        ),
    )
    fixed = StringField(_l("Fixed sum"))
    fixed_event = SelectField(_l("The fixed sum is due"), default="signing")
    kinds = Ticks(_l("Payments that count"), default=list(COUNTED_KINDS))
    cap = StringField(_l("At most, net of VAT (may stay empty)"))
    vat_rate = StringField(_l("VAT on top in %"), default="0")
    pay_within_days = Whole(_l("To be paid within days"))
    note = TextAreaField(_l("Further terms"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payers.choices = options(labels.PAYERS.items())
        self.basis.choices = options(labels.BASES.items())
        self.fixed_event.choices = options(labels.EVENTS.items())
        self.kinds.choices = options((code, _(KINDS[code])) for code in COUNTED_KINDS)

    def show(self, agreement: Agreement) -> None:
        """Fill the form with a version that is to be amended."""
        payers = agreement.payers
        money = Money(agreement.fixed_minor or 0, agreement.currency)
        self.currency.data = agreement.currency
        self.payers.data = "both" if len(payers) > 1 else payers[0]
        self.seller_percent.data = plain(agreement.seller_percent)
        self.basis.data = agreement.basis
        self.percent.data = "" if agreement.percent is None else plain(agreement.percent)
        self.tiers.data = "\n".join(
            f"{'' if top is None else Money(top, agreement.currency).amount} {rate}".strip()
            for top, rate in agreement.tiers
        )
        self.fixed.data = "" if agreement.fixed_minor is None else str(money.amount)
        self.fixed_event.data = agreement.fixed_event or "signing"
        self.kinds.data = list(agreement.kinds)
        cap = agreement.cap_minor
        self.cap.data = "" if cap is None else str(Money(cap, agreement.currency).amount)
        self.vat_rate.data = plain(agreement.vat_rate)
        self.pay_within_days.data = agreement.pay_within_days
        self.note.data = agreement.note

    def proposal(self) -> Proposal:
        """Return what was entered; raises Invalid by field where it cannot be read."""
        wrong: dict[str, str] = {}
        currency = (self.currency.data or "").upper()
        basis = self.basis.data or ""
        seller = {"seller": Decimal(100), "buyer": Decimal(0)}.get(self.payers.data or "")
        if seller is None:
            seller = _rate(self.seller_percent.data, "seller_percent", wrong)
            if "seller_percent" not in wrong and not 0 < seller < 100:
                wrong["seller_percent"] = "out_of_range"
        found = Proposal(
            currency=currency,
            seller_percent=seller,
            basis=basis,
            percent=_rate(self.percent.data, "percent", wrong) if basis == "percent" else None,
            tiers=_tiers(self.tiers.data or "", currency, wrong) if basis == "tiers" else (),
            fixed_minor=_sum(self.fixed.data, currency, "fixed", wrong)
            if basis == "fixed"
            else None,
            fixed_event=self.fixed_event.data,
            kinds=self.kinds.data or (),
            cap_minor=_sum(self.cap.data, currency, "cap", wrong) if self.cap.data else None,
            vat_rate=_rate(self.vat_rate.data or "0", "vat_rate", wrong),
            pay_within_days=-1
            if self.pay_within_days.data is None
            else int(self.pay_within_days.data),
            note=self.note.data or "",
        )
        if wrong:
            raise Invalid(wrong)
        return found


def _rate(text: str | None, name: str, wrong: dict[str, str]) -> Decimal:
    found = percent_of(text) if text else None
    if found is None:
        wrong[name] = "not_a_number" if text else "required"
    return found or Decimal(0)


def _sum(text: str | None, currency: str, name: str, wrong: dict[str, str]) -> int:
    try:
        return minor_of(text or "", currency)
    except Invalid as error:
        wrong[name] = error.fields["amount"]
        return 0


def _tiers(text: str, currency: str, wrong: dict[str, str]) -> list[tuple[int | None, Decimal]]:
    found: list[tuple[int | None, Decimal]] = []
    for each in text.splitlines():
        words = each.split()
        if not words:
            continue
        rate = percent_of(words[-1])
        top = None
        if len(words) == 2:
            faults: dict[str, str] = {}
            top = _sum(words[0], currency, "tiers", faults)
            rate = None if faults else rate
        if rate is None or len(words) > 2:
            wrong["tiers"] = "not_a_tier"
            return []
        found.append((top, rate))
    return found


class ReasonForm(RoomForm):
    """Why somebody declines or ends."""

    reason = TextAreaField(_l("Why is that?"))


class WordsForm(RoomForm):
    """What is wrong with a share or a payment."""

    words = TextAreaField(_l("What is not right?"))


class PayForm(RoomForm):
    """A payment to a receiver."""

    side = HiddenField()
    currency = HiddenField()
    key = HiddenField()
    amount = StringField(_l("Amount paid"))
    paid_on = Day(_l("Paid on this day"))
    reference = StringField(_l("Reference of the bank or voucher"))

    def paid(self) -> Paid:
        """Return what was entered; raises Invalid at ``amount`` or ``paid_on``."""
        if self.paid_on.data is None:
            raise Invalid({"paid_on": "required"})
        currency = self.currency.data or ""
        return Paid(
            side=self.side.data or "",
            currency=currency,
            minor=minor_of(self.amount.data or "", currency),
            paid_on=self.paid_on.data,
            reference=self.reference.data or "",
            key=self.key.data or "",
        )


class ManyPaidForm(RoomForm):
    """When and by what many payments were made."""

    key = HiddenField()
    paid_on = Day(_l("Paid on this day"))
    reference = StringField(_l("Reference of the bank or voucher"))


class PaperForm(RoomForm):
    """Which paper of a year, in which language."""

    paper = SelectField(_l("Which paper"))
    language = SelectField(
        _l("Language of the paper"), choices=options([("zh", "中文"), ("en", "English")])
    )

    def offer(self, choices: list[tuple[str, object]]) -> None:
        """Let one of these papers be chosen."""
        self.paper.choices = options(choices)
