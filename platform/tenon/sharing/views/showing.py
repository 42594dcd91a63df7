"""Pages to read: a deal's sharing of income; one distribution as each of its readers sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask import Response, render_template, send_file
from flask_babel import gettext as _

from tenon.compliance.days import day_of
from tenon.deals import queries as deal_queries
from tenon.deals.guards import Refusal, RuleBroken
from tenon.deals.models import Deal
from tenon.documents import keeping
from tenon.errors import Forbidden, Invalid, NotFound
from tenon.sharing import forms, labels, permissions, queries, services
from tenon.sharing.floors import Rules, kept_rule, rules_for
from tenon.sharing.models import Distribution
from tenon.sharing.states import OPEN_STATES
from tenon.sharing.tax import TaxInformation, tax_information
from tenon.sharing.views.blueprint import seen_distribution, sharing
from tenon.web.requests import current_actor, current_session, request_now, settings


@dataclass
class Kept:
    """What a page shows again of something that could not be taken.

    Attributes:
        forms: name -> form as it was typed.
        refusals: rules that stood in the way.
        faults: fault of a contributor's percentage by field, in words.
        typed: percentages as typed, by field.
        quicker: somebody else changed it meanwhile.
    """

    forms: Mapping[str, forms.RoomForm] = field(default_factory=dict)
    refusals: Sequence[Refusal] = ()
    faults: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    quicker: bool = False


def folder() -> Any:
    """Return where receipts and signed papers lie."""
    return settings().files_folder / "sharing"


@sharing.get("/deals/<public_id>/sharing")
def of_deal(public_id: str) -> str:
    """Show what a deal brought in, what of it was shared, and each distribution."""
    return deal_page(_deal(public_id))


def _deal(public_id: str) -> Deal:
    actor = current_actor()
    deal = deal_queries.find(current_session(), public_id, by=actor)
    if not permissions.may_see_totals(actor, deal):
        raise NotFound(kind="deal")
    return deal


def deal_page(deal: Deal, refused: str = "") -> str:
    """Return the page of a deal's sharing."""
    session = current_session()
    rows = queries.of_deal(session, deal)
    live = {each.currency for each in rows if each.live_key is not None}
    return render_template(
        "sharing/of_deal.html",
        deal=deal,
        incomes=queries.incomes(session, deal),
        rows=rows,
        live=live,
        refused=refused,
        may_write=permissions.works_on(current_actor(), deal),
        rules=rules_for(session, deal, pilot=False, on=day_of(request_now())),
        states=labels.STATES,
        tax=_tax(deal),
        plain=services.plain,
    )


def _tax(deal: Deal) -> TaxInformation | None:
    """Return what the seller's side is told of the tax; operators are not."""
    if not permissions.works_on(current_actor(), deal):
        return None
    return tax_information(current_session(), deal, on=day_of(request_now()))


@sharing.get("/sharing/<public_id>")
def show(public_id: str) -> str:
    """Show one distribution."""
    return page_of(seen_distribution(public_id))


def page_of(distribution: Distribution, kept: Kept | None = None) -> str:
    """Return the page of a distribution, as the actor may see it."""
    session, actor, kept = current_session(), current_actor(), kept or Kept()
    works = permissions.works_on(actor, distribution.deal)
    editable = permissions.may_edit(actor, distribution)
    rules = rules_for(
        session, distribution.deal, pilot=distribution.pilot, on=day_of(request_now())
    )
    return render_template(
        "sharing/show.html",
        distribution=distribution,
        deal=distribution.deal,
        works=works,
        decides=permissions.decides(actor, distribution.deal),
        editable=editable,
        own=permissions.own_share(actor, distribution),
        sees_shares=permissions.sees_shares(actor, distribution),
        sees_costs=permissions.sees_costs(actor, distribution),
        may_object=permissions.may_object(actor, distribution),
        public_here=permissions.may_read_published(actor, distribution),
        steps=_steps(distribution),
        points=_points(distribution),
        outlook=_outlook(distribution) if editable else None,
        rules=rules,
        kept_rule=lambda name: kept_rule(distribution, name),
        forms=_forms(distribution, rules, kept),
        kept=kept,
        costs=services.costs_by_kind(distribution),
        objections=_objections(distribution),
        road=[str(words) for _state, words in labels.ROAD],
        reached=_reached(distribution),
        labels=labels,
        plain=services.plain,
        summed=sum((each.percent for each in distribution.shares), start=0),
    )


def _steps(distribution: Distribution) -> list[tuple[str, str, str]]:
    """Return (step, words, kind of button) of what the actor may do by a plain button."""
    actor = current_actor()
    asked = {
        "publicise": services.shown_days(distribution) > 0,
        "approve": not services.publicity_days(distribution) or distribution.state == "publicised",
    }
    return [
        (step, str(words), kind)
        for step, (words, kind) in labels.STEPS.items()
        if permissions.may(actor, step, distribution) and asked.get(step, True)
    ]


def _points(distribution: Distribution) -> Sequence[Refusal]:
    """Return what stands in the way of approval, for who may approve."""
    if not permissions.may(current_actor(), "approve", distribution):
        return ()
    return services.open_points(current_session(), distribution, now=request_now())


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a draft would come to: the sums, or why there are none yet."""

    income: int
    found: Any = None
    faults: Sequence[str] = ()
    refusals: Sequence[Refusal] = ()


def _outlook(distribution: Distribution) -> Outlook:
    session = current_session()
    income = services.income_to_share(session, distribution)
    try:
        _rules, found = services.work_out(session, distribution, now=request_now())
    except Invalid as error:
        return Outlook(income, faults=[_fault(*each) for each in error.fields.items()])
    except RuleBroken as error:
        return Outlook(income, refusals=error.refusals)
    return Outlook(income, found)


def _fault(name: str, code: str) -> str:
    if (name, code) == ("shares", "required"):
        return str(_("Add the contributors first."))
    return forms.message(code)


def _forms(distribution: Distribution, rules: Rules, kept: Kept) -> Mapping[str, forms.RoomForm]:
    """Return the page's forms; one that could not be taken stands as it was typed."""
    made: dict[str, forms.RoomForm] = {
        "coverage": forms.CoverageForm(
            formdata=None,
            through_on=distribution.through_on,
            percent=Decimal(services.plain(distribution.percent)),
            pilot=distribution.pilot,
            note=distribution.note,
        ),
        "cost": forms.CostForm(formdata=None),
        "contributor": forms.ContributorForm(formdata=None),
        "dispute": forms.DisputeForm(formdata=None),
        "objection": forms.ObjectionForm(formdata=None),
        "answer": forms.AnswerForm(formdata=None),
        "paper": forms.PaperForm(formdata=None),
        "pay": forms.PayForm(formdata=None, paid_on=day_of(request_now())),
        **kept.forms,
    }
    coverage, cost, person = made["coverage"], made["cost"], made["contributor"]
    if isinstance(coverage, forms.CoverageForm):
        coverage.version.data = str(distribution.version)
    if isinstance(cost, forms.CostForm):
        cost.offer_kinds(rules.cost_kinds)
    if isinstance(person, forms.ContributorForm) and distribution.state in OPEN_STATES:
        taken = {each.user_id for each in distribution.shares}
        members = queries.members_of_seller(current_session(), distribution.deal)
        person.offer_people(
            [(each.public_id, each.name or each.email) for each in members if each.id not in taken]
        )
    return made


def _objections(distribution: Distribution) -> list[Any]:
    """Return the objections that the actor may read: all for who works on it, else the own."""
    actor = current_actor()
    if permissions.works_on(actor, distribution.deal):
        return list(distribution.objections)
    return [
        each
        for each in distribution.objections
        if actor.user_id is not None and each.user_id == actor.user_id
    ]


def _reached(distribution: Distribution) -> int:
    """Return the index of the step of the road that the distribution stands at."""
    state = "draft" if distribution.state in ("disputed", "withdrawn") else distribution.state
    index = next(n for n, (code, _words) in enumerate(labels.ROAD) if code == state)
    return index + (state == "paid")


@sharing.get("/sharing/<public_id>/costs/<item>")
def receipt(public_id: str, item: str) -> Response:
    """Send the receipt of a cost, always as a download."""
    distribution = seen_distribution(public_id)
    if not permissions.sees_costs(current_actor(), distribution):
        raise Forbidden(action="read")
    cost = queries.cost(distribution, item)
    return _file(cost.receipt_sha256, cost.receipt_name, cost.receipt_type)


@sharing.get("/sharing/<public_id>/papers/<item>")
def paper(public_id: str, item: str) -> Response:
    """Send a contributor's signed paper, always as a download."""
    distribution = seen_distribution(public_id)
    if not permissions.works_on(current_actor(), distribution.deal):
        raise Forbidden(action="read")
    share = queries.share(distribution, item)
    if share.paper_sha256 is None:
        raise NotFound(kind="paper")
    return _file(share.paper_sha256, share.paper_name or "", share.paper_type or "")


def _file(digest: str, name: str, media_type: str) -> Response:
    path = keeping.place(folder(), digest)
    if not path.is_file():
        raise NotFound(kind="file")
    answer = send_file(path, mimetype=media_type, as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
