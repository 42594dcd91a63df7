"""A deal's commission: the whole for its broker and operators, a payer's part for a payer."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask import Response, render_template
from flask_babel import gettext as _

from ingest.cells import write_csv
from tenon.commissions import forms, labels, line, permissions, services
from tenon.commissions.models import Agreement, Receiver
from tenon.commissions.queries import accounts as account_queries
from tenon.commissions.queries import lists
from tenon.commissions.queries.accounts import Account
from tenon.commissions.views.blueprint import commissions
from tenon.compliance.days import day_of
from tenon.credit import labels as credit_labels
from tenon.deals import queries as deal_queries
from tenon.deals.models import Deal
from tenon.errors import NotFound
from tenon.money import Money
from tenon.rules.queries import Rule, find_rule
from tenon.sharing.services import plain
from tenon.web.languages import language
from tenon.web.limits import UPLOAD, limiter
from tenon.web.requests import current_actor, current_session, request_now


@dataclass
class Kept:
    """What a page shows again of something that could not be taken.

    Attributes:
        name: which form it was; with a public id where several are on the page.
        form: as it was typed.
        fault: words for the top of the page.
        typed: values of the form of shares as typed, by field.
    """

    name: str = ""
    form: forms.RoomForm | None = None
    fault: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)


def seen_deal(public_id: str) -> Deal:
    """Return a deal whose commission the actor may know of; raises NotFound for any other."""
    actor, session = current_actor(), current_session()
    deal = deal_queries.find(session, public_id, by=actor)
    if not (permissions.sees_whole(actor, deal) or lists.concerns(session, deal, actor)):
        raise NotFound(kind="deal")
    return deal


@commissions.get("/deals/<public_id>/commission")
def of_deal(public_id: str) -> str:
    """Show a deal's commission as the actor may see it."""
    return page_of(seen_deal(public_id))


def page_of(deal: Deal, kept: Kept | None = None) -> str:
    """Return the page of a deal's commission."""
    session, actor, kept = current_session(), current_actor(), kept or Kept()
    whole = permissions.sees_whole(actor, deal)
    sides = permissions.sides_of(actor, deal)
    today = day_of(request_now())
    every = account_queries.of_deal(session, deal)
    shown = [each for each in every if whole or each.side in sides]
    found = [
        each
        for each in account_queries.agreements(session, deal)
        if permissions.may_see_agreement(actor, each)
    ]
    return render_template(
        "commissions/of_deal.html",
        deal=deal,
        whole=whole,
        sides=sides,
        agreements=found,
        answers={each.public_id: permissions.answers_for(actor, each) for each in found},
        sums=_sums(deal, every, sides, whole=whole),
        accounts=shown,
        pay_forms=_pay_forms(shown, sides, kept),
        accruals=[
            each for each in account_queries.accruals(session, deal) if whole or each.side in sides
        ],
        gone_round=_gone_round(deal) if whole or found else None,
        split=lists.live_split(session, deal) if whole else None,
        suggestion=_suggestion(deal) if whole else None,
        form=_agreement_form(deal, found, kept) if whole else None,
        reason=kept.form if kept.name.startswith("reason") else forms.ReasonForm(formdata=None),
        words=kept.form if kept.name.startswith("words") else forms.WordsForm(formdata=None),
        kept=kept,
        today=today,
        labels=labels,
        plain=plain,
        acts=credit_labels.ACTS,
        receiver_name=receiver_name,
        terms=terms_in_words,
    )


def _sums(
    deal: Deal, every: list[Account], sides: tuple[str, ...], *, whole: bool
) -> list[dict[str, Any]]:
    """Return a row for each side and currency that the actor may see: net, VAT, shared, paid."""
    session = current_session()
    free = services.unshared(session, deal, every)
    rows = []
    for (side, currency), (net, vat) in sorted(account_queries.accrued(session, deal).items()):
        if not (whole or side in sides):
            continue
        own = [each for each in every if (each.side, each.currency) == (side, currency)]
        rows.append(
            {
                "side": side,
                "currency": currency,
                "net": net,
                "vat": vat,
                "unshared": free.get((side, currency), 0),
                "paid": sum(each.paid for each in own),
                "open": sum(each.open for each in own),
            }
        )
    return rows


def _pay_forms(
    accounts: list[Account], sides: tuple[str, ...], kept: Kept
) -> dict[tuple[str, str, str], forms.PayForm]:
    """Return (receiver, side, currency) -> form, of what the actor's side has to pay."""
    found = {}
    for each in accounts:
        if each.side not in sides or not each.open:
            continue
        place = (each.receiver.public_id, each.side, each.currency)
        if kept.name == "pay:" + ":".join(place) and isinstance(kept.form, forms.PayForm):
            found[place] = kept.form
            continue
        found[place] = forms.PayForm(
            formdata=None,
            side=each.side,
            currency=each.currency,
            key=secrets.token_urlsafe(12),
            amount=str(Money(abs(each.open), each.currency).amount),
            paid_on=day_of(request_now()),
        )
    return found


@dataclass(frozen=True, slots=True)
class _Named:
    """Somebody on the deal's line, with the percentage proposed for them."""

    person: line.Credited
    name: str
    percent: Decimal
    places: list[tuple[str, str]]


def _suggestion(deal: Deal) -> list[_Named]:
    """Return whom the ledger names, with the percentages that the table of weights gives."""
    session = current_session()
    people = line.credited(session, deal)
    percents = services.suggest(session, deal, people, on=day_of(request_now()))
    keys = [each.user_id for each in people]
    houses, stations = services.houses_of(session, *keys), services.places_of(session, *keys)
    found = []
    for index, each in enumerate(people):
        places = [("person", _("to the person"))]
        places += [
            (f"organisation:{house.public_id}", house.name(language()))
            for house in houses[each.user_id]
        ]
        places += [
            (f"station:{place.public_id}", place.name(language()))
            for place in stations[each.user_id]
        ]
        percent = percents[index] if percents else Decimal(0)
        found.append(_Named(each, each.entries[0].user.name, percent, places))
    return found


def _agreement_form(deal: Deal, found: list[Agreement], kept: Kept) -> forms.AgreementForm:
    if kept.name == "agreement" and isinstance(kept.form, forms.AgreementForm):
        return kept.form
    form = forms.AgreementForm(formdata=None, currency=deal.currency)
    current = next((each for each in found if each.state == "agreed"), None)
    if current is not None:
        form.show(current)
        return form
    session, today = current_session(), day_of(request_now())
    buyer = _rule(deal, "broker_fee_buyer_share")
    days = find_rule(session, "commission_payment_days", jurisdiction=deal.jurisdiction, on=today)
    if buyer is not None:
        form.seller_percent.data = plain(Decimal(100) - Decimal(str(buyer.value)))
    form.pay_within_days.data = days.number if days is not None else 30
    return form


def _rule(deal: Deal, code: str) -> Rule | None:
    return find_rule(
        current_session(), code, jurisdiction=deal.jurisdiction, on=day_of(request_now())
    )


def _gone_round(deal: Deal) -> dict[str, Any] | None:
    """Return who brought the sides together, with the rule on going round; None for nobody."""
    found = line.introduced(current_session(), deal, current_actor())
    if not found:
        return None
    return {
        "found": found,
        "rule": _rule(deal, "brokerage_going_round"),
        "equal": _rule(deal, "broker_fee_buyer_share"),
    }


def receiver_name(receiver: Receiver) -> str:
    """Return whom or what an account is of, as a page writes it."""
    name = receiver.name or str(_("(erased)"))
    if receiver.organisation is not None:
        return f"{name} · {receiver.organisation.name(language())}"
    if receiver.station is not None:
        return f"{name} · {receiver.station.name(language())}"
    return name


def terms_in_words(agreement: Agreement) -> list[str]:
    """Return the tiers of an agreement as lines, each with its amounts."""
    lines, below = [], 0
    for top, rate in agreement.tiers:
        percent = plain(Decimal(rate))
        low = _amount(below, agreement.currency)
        if top is None:
            lines.append(_("above %(low)s: %(percent)s %%", low=low, percent=percent))
        else:
            high = _amount(top, agreement.currency)
            lines.append(
                _("%(low)s to %(high)s: %(percent)s %%", low=low, high=high, percent=percent)
            )
            below = top
    return lines


def _amount(minor: int, currency: str) -> str:
    return f"{Money(minor, currency).amount:,} {currency}"


@commissions.get("/deals/<public_id>/commission.csv")
@limiter.limit(UPLOAD)
def deal_csv(public_id: str) -> Response:
    """Return the accounts of a deal's commission that the actor may see, as a file."""
    deal = seen_deal(public_id)
    actor = current_actor()
    whole, sides = permissions.sees_whole(actor, deal), permissions.sides_of(actor, deal)
    every = account_queries.of_deal(current_session(), deal)
    return csv_of([each for each in every if whole or each.side in sides], "commission.csv")


def csv_of(accounts: list[Account], name: str) -> Response:
    """Return accounts as a file that a spreadsheet opens without evaluating anything."""
    stream = io.StringIO(newline="")
    head = [
        _("Deal"),
        _("Who receives"),
        _("Paid by"),
        _("Currency"),
        _("Owed"),
        _("Paid out"),
        _("Still open"),
        _("Due on"),
        _("Late"),
    ]
    write_csv(stream, head, _rows(accounts))
    response = Response(stream.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _rows(accounts: list[Account]) -> Iterator[tuple[str, ...]]:
    today = day_of(request_now())
    for each in accounts:
        deal, due_on = each.receiver.deal, each.due_on()

        def amount(minor: int, currency: str = each.currency) -> str:
            return str(Money(minor, currency).amount)

        yield (
            deal.title,
            receiver_name(each.receiver),
            deal.side_organisation(each.side).name(language()),
            each.currency,
            amount(each.owed),
            amount(each.paid),
            amount(each.open),
            "" if due_on is None else due_on.isoformat(),
            amount(each.overdue(today)),
        )
