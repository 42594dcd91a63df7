"""The seller's side writes a distribution and takes its steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from tenon.accounts.models import User
from tenon.deals import queries as deal_queries
from tenon.deals.guards import RuleBroken
from tenon.errors import Conflict, IllegalTransition, Invalid
from tenon.sharing import forms, labels, permissions, queries, services
from tenon.sharing.models import Distribution
from tenon.sharing.views.blueprint import Answer, posted_version, seen_distribution, sharing
from tenon.sharing.views.showing import Kept, deal_page, folder, page_of
from tenon.web.languages import language
from tenon.web.limits import UPLOAD, WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now

_STEPS: Mapping[str, Callable[..., None]] = {
    "propose": services.propose,
    "take_back": services.take_back,
    "withdraw": services.withdraw,
    "publicise": services.publicise,
    "approve": services.approve,
}


def take(
    public_id: str,
    do: Callable[[Distribution], object],
    *,
    form: tuple[str, forms.RoomForm] | None = None,
    said: str,
    anchor: str | None = None,
) -> Answer:
    """Do something to a distribution and go back to its page; what is refused is shown there."""
    session = current_session()
    kept = dict([form]) if form is not None else {}
    try:
        do(seen_distribution(public_id))
    except Invalid as error:
        session.rollback()
        if form is not None:
            form[1].take_errors(error)
        else:
            for code in error.fields.values():
                flash(forms.message(code), "error")
        return page_of(seen_distribution(public_id), Kept(forms=kept)), 422
    except RuleBroken as error:
        session.rollback()
        return page_of(seen_distribution(public_id), Kept(kept, error.refusals)), 409
    except (Conflict, IllegalTransition):
        session.rollback()
        return page_of(seen_distribution(public_id), Kept(kept, quicker=True)), 409
    flash(said, "success")
    return redirect(url_for("sharing.show", public_id=public_id, _anchor=anchor), 303)


@sharing.post("/deals/<public_id>/sharing")
@limiter.limit(WRITE)
def open_one(public_id: str) -> Answer:
    """Begin to share a deal's income in one currency."""
    session, actor = current_session(), current_actor()
    deal = deal_queries.find(session, public_id, by=actor)
    permissions.require_works_on(actor, deal)
    currency = request.form.get("currency", "")
    try:
        if currency not in queries.incomes(session, deal):
            raise Conflict("no_income", kind="deal")
        made = services.open_distribution(
            session, deal, currency=currency, language=language(), by=actor, now=request_now()
        )
    except Conflict as error:
        session.rollback()
        return deal_page(deal_queries.find(session, public_id, by=actor), error.code), 409
    return redirect(url_for("sharing.show", public_id=made.public_id), 303)


@sharing.post("/sharing/<public_id>/coverage")
@limiter.limit(WRITE)
def cover(public_id: str) -> Answer:
    """Save what is covered."""
    form = forms.CoverageForm()

    def do(distribution: Distribution) -> None:
        if not form.validate() or form.through_on.data is None or form.percent.data is None:
            empty = [name for name in ("through_on", "percent") if not form[name].errors]
            raise Invalid({name: "required" for name in empty if form[name].data is None})
        said = services.Coverage(
            through_on=form.through_on.data,
            percent=form.percent.data,
            pilot=bool(form.pilot.data),
            note=form.note.data or "",
        )
        services.set_coverage(
            current_session(),
            distribution,
            said,
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )

    return take(public_id, do, form=("coverage", form), said=_("Saved."), anchor="coverage")


@sharing.post("/sharing/<public_id>/costs")
@limiter.limit(UPLOAD)
def add_cost(public_id: str) -> Answer:
    """Add a cost with its receipt."""
    form = forms.CostForm()

    def do(distribution: Distribution) -> None:
        services.add_cost(
            current_session(),
            distribution,
            kind=form.kind.data or "",
            minor=forms.minor_of(form.amount.data or "", distribution.currency),
            note=form.note.data or "",
            receipt=forms.receipt_of(form.receipt, services.SIZE_LIMIT),
            folder=folder(),
            by=current_actor(),
            now=request_now(),
        )

    return take(
        public_id, do, form=("cost", form), said=_("The cost has been added."), anchor="costs"
    )


@sharing.post("/sharing/<public_id>/costs/<item>/drop")
@limiter.limit(WRITE)
def drop_cost(public_id: str, item: str) -> Answer:
    """Take a cost out."""

    def do(distribution: Distribution) -> None:
        services.drop_cost(
            current_session(),
            distribution,
            item,
            folder=folder(),
            by=current_actor(),
            now=request_now(),
        )

    return take(public_id, do, said=_("The cost has been taken out."), anchor="costs")


@sharing.post("/sharing/<public_id>/contributors")
@limiter.limit(WRITE)
def add_contributor(public_id: str) -> Answer:
    """Add a contributor."""
    form = forms.ContributorForm()

    def do(distribution: Distribution) -> None:
        services.add_contributor(
            current_session(),
            distribution,
            name=form.name.data or "",
            user=_member(distribution, form.person.data or ""),
            by=current_actor(),
            now=request_now(),
        )

    said = _("The contributor has been added; give them a percentage.")
    return take(public_id, do, form=("contributor", form), said=said, anchor="shares")


def _member(distribution: Distribution, public_id: str) -> User | None:
    """Return the member of the seller's organisation who was chosen; raises Invalid."""
    if not public_id:
        return None
    members = queries.members_of_seller(current_session(), distribution.deal)
    found = next((each for each in members if each.public_id == public_id), None)
    if found is None:
        raise Invalid({"person": "unknown_code"})
    return found


@sharing.post("/sharing/<public_id>/contributors/<item>/drop")
@limiter.limit(WRITE)
def drop_contributor(public_id: str, item: str) -> Answer:
    """Take a contributor out."""

    def do(distribution: Distribution) -> None:
        services.drop_contributor(
            current_session(), distribution, item, by=current_actor(), now=request_now()
        )

    return take(public_id, do, said=_("The contributor has been taken out."), anchor="shares")


@sharing.post("/sharing/<public_id>/percentages")
@limiter.limit(WRITE)
def set_percentages(public_id: str) -> Answer:
    """Save the contributors' percentages and who are main ones."""
    session, distribution = current_session(), seen_distribution(public_id)
    typed = {name: text for name, text in request.form.items() if name.startswith("percent-")}
    parsed = {name: forms.percent_of(text) for name, text in typed.items()}
    wrong = {name: "not_a_number" for name, number in parsed.items() if number is None}
    try:
        if wrong:
            permissions.require_edit(current_actor(), distribution)
            raise Invalid(wrong)
        percentages: dict[str, Decimal] = {
            name.removeprefix("percent-"): number
            for name, number in parsed.items()
            if number is not None
        }
        services.set_percentages(
            session,
            distribution,
            percentages,
            request.form.getlist("main"),
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )
    except Invalid as error:
        session.rollback()
        faults = {name: forms.message(code) for name, code in error.fields.items()}
        kept = Kept(faults=faults, typed=typed)
        return page_of(seen_distribution(public_id), kept), 422
    except Conflict:
        session.rollback()
        return page_of(seen_distribution(public_id), Kept(typed=typed, quicker=True)), 409
    flash(_("Saved."), "success")
    return redirect(url_for("sharing.show", public_id=public_id, _anchor="shares"), 303)


@sharing.post("/sharing/<public_id>/<any(propose, take_back, withdraw, publicise, approve):name>")
@limiter.limit(WRITE)
def step(public_id: str, name: str) -> Answer:
    """Take a step by a plain button."""

    def do(distribution: Distribution) -> None:
        _STEPS[name](
            current_session(),
            distribution,
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )

    return take(public_id, do, said=str(labels.DONE[name]))


@sharing.post("/sharing/<public_id>/pay")
@limiter.limit(WRITE)
def pay(public_id: str) -> Answer:
    """Note that it was paid out."""
    form = forms.PayForm()

    def do(distribution: Distribution) -> None:
        if not form.validate() or form.paid_on.data is None:
            raise Invalid({} if form.paid_on.errors else {"paid_on": "required"})
        services.pay(
            current_session(),
            distribution,
            paid_on=form.paid_on.data,
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )

    return take(public_id, do, form=("pay", form), said=_("Noted as paid out."))
