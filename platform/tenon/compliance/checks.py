"""The guards of this room; each refusal cites the rule's row. Importing this registers them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tenon.compliance import applying
from tenon.compliance.days import day_of, has_passed
from tenon.compliance.models import Approval, FirstRefusal, ForeignCheck, Publicity
from tenon.compliance.services import approving, publishing, refusing
from tenon.compliance.services import duties as keeping
from tenon.compliance.services.sheets import contributors
from tenon.deals import forms
from tenon.deals.guards import Refusal, guard
from tenon.deals.models import Deal
from tenon.deals.queries import accepted_terms
from tenon.deals.services.amending import AMEND
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.rules.queries import Rule, find_rule


def path_of(deal: Deal, anchor: str = "") -> str:
    """Return the address of a deal's page of this room."""
    return f"/deals/{deal.public_id}/compliance" + (f"#{anchor}" if anchor else "")


def _by_rule(
    rule: Rule, message: str, facts: dict[str, object], deal: Deal, anchor: str
) -> Refusal:
    return Refusal(message, facts, rule.source_zh, rule.source_en, path_of(deal, anchor))


@guard("publicity_applies")
def publicity_applies(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the guard's form
    now: datetime,
) -> Refusal | None:
    """What is published must need it, name a price, and declare each contributor's relation."""
    rule = applying.publicity_rule(session, deal, now=now)
    if rule is None:
        message = N_("The price of this deal need not be published: go on to signing.")
        routes = applying.base_price_rule(session, deal, now=now)
        if routes is None:
            return Refusal(message)
        return Refusal(message, {}, routes.source_zh, routes.source_en)
    if not publishing.states_a_price(session, deal):
        path = f"{path_of(deal)}/published"
        return Refusal(publishing.NO_PRICE, {}, rule.source_zh, rule.source_en, path)
    people = contributors(session, deal)
    if not people:
        message = N_("Name the contributors: the publicity says how they stand to the buyer.")
        return _by_rule(rule, message, {}, deal, "contributors")
    open_ones = [each for each in people if each.relation is None]
    if open_ones:
        message = N_(
            "Declare of each contributor whether they are the buyer or related to it; open: "
            "%(count)s."
        )
        return _by_rule(rule, message, {"count": len(open_ones)}, deal, "contributors")
    return None


@guard("publicity_over")
def publicity_over(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the guard's form
    now: datetime,
) -> Refusal | None:
    """The price was published for the rule's full days, and each objection has its answer."""
    rule = applying.publicity_rule(session, deal, now=now)
    if rule is None:
        return None
    found, terms = publishing.running(session, deal), accepted_terms(session, deal)
    if found is None or terms is None or found.version_id != terms.id:
        message = N_("The price has to be published for %(days)s days first.")
        return _by_rule(rule, message, {"days": rule.number}, deal, "publicity")
    return _not_over(found, deal, now=now) or _unanswered(found, deal)


def _not_over(found: Publicity, deal: Deal, *, now: datetime) -> Refusal | None:
    if has_passed(found.last_on, now):
        return None
    return Refusal(
        N_("The price is published until the end of %(day)s."),
        {"day": found.last_on.isoformat()},
        found.source_zh,
        found.source_en,
        path_of(deal, "publicity"),
    )


def _unanswered(found: Publicity, deal: Deal) -> Refusal | None:
    waiting = [each for each in found.objections if each.state == "open"]
    if not waiting:
        return None
    return Refusal(
        N_("Objections that wait for a decision: %(count)s."),
        {"count": len(waiting)},
        found.source_zh,
        found.source_en,
        path_of(deal, "publicity"),
    )


@guard("price_route")
def price_route(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the guard's form
    now: datetime,
) -> Refusal | None:
    """A listing or an auction has a base price, brought at least that, and is proved by a paper."""
    sheet = applying.sheet_of(session, deal)
    rule = applying.base_price_rule(session, deal, now=now)
    route = applying.route_of(session, deal)
    if sheet is None or rule is None or route not in rule.codes:
        return None
    if sheet.base_minor is None:
        return _by_rule(rule, N_("A listing or an auction needs a base price."), {}, deal, "route")
    if sheet.price_minor is None:
        message = N_("Enter the price that the listing or auction brought.")
        return _by_rule(rule, message, {}, deal, "route")
    agreed = deal.value_minor if deal.currency == sheet.currency else None
    lowest = min(each for each in (sheet.price_minor, agreed) if each is not None)
    if lowest < sheet.base_minor:
        message = N_("The price is below the base price.")
        return _by_rule(rule, message, {}, deal, "route")
    if sheet.evidence_file_id is None:
        message = N_("Add the paper that proves the listing or auction.")
        return _by_rule(rule, message, {}, deal, "route")
    return None


@guard("first_refusal_answered")
def first_refusal_answered(
    session: Session,
    deal: Deal,
    *,
    step: str,
    now: datetime,
) -> Refusal | None:
    """Where title passes, each contributor waived, or the time to answer ran out.

    Once it has passed there is nothing to take up any more, whatever is amended.
    """
    terms = accepted_terms(session, deal)
    if not applying.passes_title(deal) or terms is None:
        return None
    if step == AMEND and title_registered(session, deal, step=step, now=now) is None:
        return None
    sheet, people = applying.sheet_of(session, deal), contributors(session, deal)
    if sheet is not None and sheet.not_service_reason and not people:
        return None
    asked = refusing.asked_on(session, terms)
    missing = {each.id for each in people} - {each.contributor_id for each in asked}
    if not asked or missing:
        message = N_(
            "Contributors have first refusal: name them and ask them, or state why this is no "
            "service technology."
        )
        rule = applying.first_refusal_rule(session, deal, now=now)
        return _by_rule(rule, message, {}, deal, "first-refusal")
    for each in asked:
        refusal = _of_contributor(each, deal, now=now)
        if refusal is not None:
            return refusal
    return None


def _of_contributor(each: FirstRefusal, deal: Deal, *, now: datetime) -> Refusal | None:
    path = path_of(deal, "first-refusal")
    if each.answer == "takes_up":
        message = N_("A contributor takes it up on equal terms: it cannot go to the other side.")
        return Refusal(message, {}, each.source_zh, each.source_en, path)
    if each.answer is None and not has_passed(each.until, now):
        message = N_("Contributors may still answer until the end of %(day)s.")
        facts = {"day": each.until.isoformat()}
        return Refusal(message, facts, each.source_zh, each.source_en, path)
    return None


@guard("approvals_given")
def approvals_given(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the guard's form
    now: datetime,  # noqa: ARG001  # the guard's form
) -> Refusal | None:
    """Every step of both sides' chains was approved for the terms that were accepted."""
    terms = accepted_terms(session, deal)
    found = [] if terms is None else approving.approvals(session, deal, terms)
    if not found:
        return Refusal(N_("Nobody has been asked to approve these terms yet."))
    waiting = [each for each in found if each.state != "approved"]
    if not waiting:
        return None
    message = N_("Approvals are still missing: %(steps)s.")
    return Refusal(message, {"steps": _names(deal, waiting)}, path=path_of(deal, "approvals"))


def _names(deal: Deal, waiting: list[Approval]) -> dict[str, str]:
    """Return the steps with whose they are: two sides may call theirs the same."""
    houses = {"seller": deal.seller_organisation, "buyer": deal.buyer_organisation}
    return {
        "zh": "、".join(f"{houses[each.side].name('zh')}：{each.name_zh}" for each in waiting),
        "en": ", ".join(f"{houses[each.side].name('en')}: {each.name_en}" for each in waiting),
    }


@guard("foreign_checklist")
def foreign_checklist(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the guard's form
    now: datetime,
) -> Refusal | None:
    """A party abroad: export control is settled, and state-funded IP has the approval it needs."""
    if not applying.is_foreign(deal):
        return None
    rule = find_rule(session, "export_control", jurisdiction=deal.jurisdiction, on=day_of(now))
    check = session.get(ForeignCheck, deal.id)
    source_zh, source_en = (rule.source_zh, rule.source_en) if rule is not None else ("", "")
    path = path_of(deal, "abroad")
    if check is None:
        message = N_("A party is abroad: fill in the checklist on export first.")
        return Refusal(message, {}, source_zh, source_en, path)
    controlled = () if rule is None else rule.codes
    if check.export_control == "prohibited" and "prohibited" in controlled:
        message = N_("The export of this technology is prohibited: the deal cannot proceed.")
        return Refusal(message, {}, source_zh, source_en, path)
    restricted = check.export_control == "restricted" and "restricted" in controlled
    if restricted and not check.export_licence:
        message = N_("The export of this technology needs a licence: enter its number.")
        return Refusal(message, {}, source_zh, source_en, path)
    approval = applying.needs_approval_abroad(session, deal, now=now)
    if check.state_funded and approval is not None and not check.approval_number:
        message = N_("State-funded IP goes abroad in this form only with approval: enter it.")
        return _by_rule(approval, message, {}, deal, "abroad")
    return None


@guard("title_registered")
def title_registered(
    session: Session,
    deal: Deal,
    *,
    step: str,  # noqa: ARG001  # the guard's form
    now: datetime,  # the guard's form
) -> Refusal | None:
    """Title passes on the register's entry: the duty of title transfer is done."""
    if all(each.code != keeping.TITLE for each in forms.get(deal.form).duties):
        return None
    found = next(
        (each for each in keeping.duties(session, deal) if each.code == keeping.TITLE), None
    )
    if found is not None and found.state == "done":
        return None
    message = N_("Title passes on the register's entry: enter its day and number first.")
    place, on = deal.jurisdiction, day_of(now)
    rule = find_rule(session, "title_transfer_days", jurisdiction=place, on=on)
    if rule is None:
        return Refusal(message, path=path_of(deal, "duties"))
    return _by_rule(rule, message, {}, deal, "duties")
