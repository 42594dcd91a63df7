"""What people do: propose, agree, decline, end, share, confirm, dispute, pay, confirm receipt."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from tenon.commissions import forms, permissions, services
from tenon.commissions.line import credited
from tenon.commissions.models import Agreement, Payout, Receiver
from tenon.commissions.queries import lists
from tenon.commissions.services import Claim
from tenon.commissions.views import mine, received
from tenon.commissions.views.blueprint import Answer, commissions, posted_version
from tenon.commissions.views.deal_page import Kept, page_of, seen_deal
from tenon.deals.models import Deal
from tenon.errors import Conflict, IllegalTransition, Invalid
from tenon.sharing.forms import percent_of
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


def _conflict(error: Conflict) -> str:
    known = {
        "one_at_a_time": _("A proposal in this currency waits already: take it back first."),
        "deal_over": _("This deal came to nothing; no commission can be agreed."),
        "key_reused": _("This form was sent before with other values; please look at the list."),
    }
    changed = _("Somebody changed this meanwhile; below is how it stands now.")
    if isinstance(error, IllegalTransition):
        return str(changed)
    return str(known.get(error.code, changed))


def _on_deal(deal: Deal, do: Callable[[], object], *, said: str, kept: Kept) -> Answer:
    """Do something on a deal's page; what is refused comes back there with what was typed."""
    try:
        do()
    except Invalid as error:
        if kept.form is not None:
            kept.form.take_errors(error)
        else:
            kept.fault = " ".join(forms.message(code) for code in error.fields.values())
        return page_of(deal, kept), 422
    except Conflict as error:
        current_session().rollback()
        kept.fault = _conflict(error)
        if error.code == "key_reused" and isinstance(kept.form, forms.PayForm):
            kept.form.key.data = secrets.token_urlsafe(12)  # the old one is taken for good
        return page_of(deal, kept), 409
    flash(said, "success")
    return redirect(url_for("commissions.of_deal", public_id=deal.public_id), 303)


@commissions.post("/deals/<public_id>/commission/agreements")
@limiter.limit(WRITE)
def propose(public_id: str) -> Answer:
    """Propose a commission, or an amendment of the one that holds."""
    deal = seen_deal(public_id)
    form = forms.AgreementForm()

    def do() -> None:
        services.propose(
            current_session(), deal, form.proposal(), by=current_actor(), now=request_now()
        )

    said = _("Proposed: those who are to pay are asked.")
    return _on_deal(deal, do, said=said, kept=Kept("agreement", form))


def _agreement(public_id: str) -> Agreement:
    return lists.agreement(current_session(), public_id, by=current_actor())


@commissions.post("/commissions/agreements/<public_id>/agree")
@limiter.limit(WRITE)
def agree(public_id: str) -> Answer:
    """Agree for the sides that the actor signs for."""
    found = _agreement(public_id)

    def do() -> None:
        services.agree(
            current_session(),
            found,
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )

    said = _("Your agreement is noted with its date and the hash of the terms.")
    return _on_deal(found.deal, do, said=said, kept=Kept())


@commissions.post("/commissions/agreements/<public_id>/decline")
@limiter.limit(WRITE)
def decline(public_id: str) -> Answer:
    """Decline a proposal."""
    return _with_reason(public_id, services.decline, _("Declined; the broker is told why."))


@commissions.post("/commissions/agreements/<public_id>/end")
@limiter.limit(WRITE)
def end(public_id: str) -> Answer:
    """End an agreement: what comes from now on earns nothing."""
    return _with_reason(public_id, services.end, _("Ended; what is due stays due."))


def _with_reason(public_id: str, verb: Callable[..., None], said: str) -> Answer:
    found, form = _agreement(public_id), forms.ReasonForm()

    def do() -> None:
        verb(
            current_session(),
            found,
            reason=form.reason.data or "",
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )

    kept = Kept(f"reason:{public_id}", form)
    return _on_deal(found.deal, do, said=said, kept=kept)


@commissions.post("/commissions/agreements/<public_id>/withdraw")
@limiter.limit(WRITE)
def withdraw(public_id: str) -> Answer:
    """Take a proposal back."""
    found = _agreement(public_id)

    def do() -> None:
        services.withdraw(
            current_session(),
            found,
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )

    return _on_deal(found.deal, do, said=_("The proposal is taken back."), kept=Kept())


@commissions.post("/deals/<public_id>/commission/shares")
@limiter.limit(WRITE)
def propose_shares(public_id: str) -> Answer:
    """Put shares to the participants; one without a percentage is left out."""
    deal = seen_deal(public_id)
    kept = Kept("shares", typed=request.form.to_dict())

    def do() -> None:
        services.propose_split(
            current_session(), deal, _claims(deal), by=current_actor(), now=request_now()
        )

    return _on_deal(deal, do, said=_("Each participant is asked to confirm."), kept=kept)


def _claims(deal: Deal) -> list[Claim]:
    """Return the claims of the form: ``percent-<person>`` and ``place-<person>`` by public id."""
    session, found = current_session(), []
    people = {each.entries[0].user.public_id: each.user_id for each in credited(session, deal)}
    for name, text in request.form.items():
        public_id = name.removeprefix("percent-")
        if public_id == name or not text.strip():
            continue
        percent = percent_of(text)
        if percent is None:
            raise Invalid({"shares": "not_a_number"})
        if percent == 0:
            continue
        if public_id not in people:
            raise Invalid({"shares": "not_credited"})
        kind, place_id = _place(request.form.get(f"place-{public_id}", ""), people[public_id])
        found.append(Claim(people[public_id], percent, kind, place_id))
    return found


def _place(said: str, user_id: int) -> tuple[str, int | None]:
    """Return the kind and key of ``organisation:<public id>``; a place of others has no key."""
    kind, _colon, public_id = said.partition(":")
    if kind in ("", "person"):
        return "person", None
    own: dict[str, int] = {}
    if kind == "organisation":
        houses = services.houses_of(current_session(), user_id)[user_id]
        own = {each.public_id: each.id for each in houses}
    elif kind == "station":
        places = services.places_of(current_session(), user_id)[user_id]
        own = {each.public_id: each.id for each in places}
    return kind, own.get(public_id, 0)


@commissions.post("/commissions/shares/<public_id>/confirm")
@limiter.limit(WRITE)
def confirm_share(public_id: str) -> Answer:
    """Confirm the own share."""
    found = lists.split(current_session(), public_id, by=current_actor())
    try:
        services.confirm(current_session(), found, by=current_actor(), now=request_now())
    except Conflict as error:
        current_session().rollback()
        return mine.share_page(public_id, fault=_conflict(error)), 409
    flash(_("Thank you: your share is confirmed."), "success")
    return redirect(url_for("commissions.share", public_id=public_id), 303)


@commissions.post("/commissions/shares/<public_id>/dispute")
@limiter.limit(WRITE)
def dispute_share(public_id: str) -> Answer:
    """Say no to the own share."""
    found = lists.split(current_session(), public_id, by=current_actor())
    form = forms.WordsForm()
    try:
        services.dispute(
            current_session(),
            found,
            words=form.words.data or "",
            by=current_actor(),
            now=request_now(),
        )
    except Invalid as error:
        form.take_errors(error)
        return mine.share_page(public_id, form=form), 422
    except Conflict as error:
        current_session().rollback()
        return mine.share_page(public_id, form=form, fault=_conflict(error)), 409
    flash(_("The deal's broker is told; the shares will be proposed anew."), "success")
    return redirect(url_for("commissions.share", public_id=public_id), 303)


@commissions.post("/commissions/receivers/<public_id>/pay")
@limiter.limit(WRITE)
def pay(public_id: str) -> Answer:
    """Note that the actor's side paid a receiver."""
    found: Receiver = lists.receiver(current_session(), public_id, by=current_actor())
    form = forms.PayForm()
    place = (public_id, form.side.data or "", form.currency.data or "")
    kept = Kept("pay:" + ":".join(place), form)
    # Whoever may not pay is told so before anything that they typed is looked at.
    services.require_payer(found, form.side.data or "", by=current_actor())

    def do() -> None:
        services.pay(current_session(), found, form.paid(), by=current_actor(), now=request_now())

    said = _("Noted as paid; the receiver is asked to confirm.")
    return _on_deal(found.deal, do, said=said, kept=kept)


def _payout(public_id: str) -> Payout:
    return lists.payout(current_session(), public_id, by=current_actor())


def _list_name(payout: Payout) -> str:
    """Return the page on which the actor answers: their own, or that of their organisation."""
    own = permissions.is_own(current_actor(), payout.receiver)
    return "commissions.mine" if own else "commissions.received"


def _list_of(payout: Payout, *, fault: str = "", form: forms.WordsForm | None = None) -> str:
    page = mine.page_of if _list_name(payout) == "commissions.mine" else received.received_page
    return page(fault=fault, form=form, of=payout.public_id if form else "")


@commissions.post("/commissions/payouts/<public_id>/receive")
@limiter.limit(WRITE)
def receive(public_id: str) -> Answer:
    """Confirm that the money came."""
    found = _payout(public_id)
    try:
        services.receive(
            current_session(),
            found,
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )
    except Conflict as error:
        current_session().rollback()
        return _list_of(found, fault=_conflict(error)), 409
    flash(_("Thank you: receipt is confirmed."), "success")
    return redirect(url_for(_list_name(found)), 303)


@commissions.post("/commissions/payouts/<public_id>/contest")
@limiter.limit(WRITE)
def contest(public_id: str) -> Answer:
    """Say that the money did not come."""
    found, form = _payout(public_id), forms.WordsForm()
    try:
        services.contest(
            current_session(),
            found,
            words=form.words.data or "",
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )
    except Invalid as error:
        form.take_errors(error)
        return _list_of(found, form=form), 422
    except Conflict as error:
        current_session().rollback()
        return _list_of(found, fault=_conflict(error), form=form), 409
    flash(_("The payer is told that it has not come."), "success")
    return redirect(url_for(_list_name(found)), 303)


@commissions.post("/commissions/payouts/<public_id>/take-back")
@limiter.limit(WRITE)
def take_back(public_id: str) -> Answer:
    """Take a mark back that was wrong."""
    found = _payout(public_id)

    def do() -> None:
        services.take_back(
            current_session(),
            found,
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )

    return _on_deal(found.deal, do, said=_("Taken back; the sum is open again."), kept=Kept())
