"""Terms under negotiation: versions, what differs between two, answers to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.deals import forms, labels, permissions, queries, services, terms
from tenon.deals.forms.schema import NEGOTIATED_STAGES, Form, Term
from tenon.deals.guards import RuleBroken
from tenon.deals.models import Deal, TermVersion
from tenon.deals.page_forms import AnswerForm
from tenon.deals.services.amending import AMENDED_STAGES
from tenon.deals.terms import Difference
from tenon.deals.views import outlook
from tenon.deals.views.blueprint import Answer, deals, posted_version, read_deal
from tenon.errors import Conflict, Invalid
from tenon.web.languages import language
from tenon.web.limits import WRITE, limiter
from tenon.web.requests import current_actor, current_session, request_now


@deals.get("/<public_id>/terms", endpoint="terms")
def show_terms(public_id: str) -> str:
    """Show where the terms stand: what waits, what holds, every version."""
    return _page(read_deal(public_id))


def _page(deal: Deal, **more: Any) -> str:
    versions = queries.term_versions(current_session(), deal)
    proposed = next((each for each in versions if each.state == "proposed"), None)
    agreed = next((each for each in versions if each.state == "accepted"), None)
    shown = proposed or agreed
    before = _before(versions, shown)
    return render_template(
        "deals/terms.html",
        deal=deal,
        versions=versions,
        proposed=proposed,
        agreed=agreed,
        shown=shown,
        before=before,
        **({} if shown is None else _told(shown, before)),
        **_rights(deal, proposed),
        form=more.pop("form", None) or AnswerForm(),
        **more,
    )


@deals.get("/<public_id>/terms/<int:number>")
def version(public_id: str, number: int) -> str:
    """Show one version as it was frozen, with its hash."""
    deal = read_deal(public_id)
    found = queries.version(current_session(), deal, number)
    versions = queries.term_versions(current_session(), deal)
    before = _before(versions, found)
    return render_template(
        "deals/version.html",
        deal=deal,
        shown=found,
        before=before,
        versions=versions,
        **_told(found, before),
        **_rights(deal, found if found.state == "proposed" else None),
        form=AnswerForm(),
    )


@deals.get("/<public_id>/terms/compare")
def compare(public_id: str) -> str:
    """Show two versions side by side: what differs, or everything."""
    deal = read_deal(public_id)
    versions = queries.term_versions(current_session(), deal)
    left = _chosen(versions, "left", 1)
    right = _chosen(versions, "right", 0)
    everything = request.args.get("all") == "1"
    return render_template(
        "deals/compare.html",
        deal=deal,
        versions=versions,
        left=left,
        right=right,
        everything=everything,
        rows=compared(left, right, everything=everything) if left and right else [],
    )


def compared(
    left: TermVersion, right: TermVersion, *, everything: bool = False
) -> list[tuple[Term, str, str, bool]]:
    """Return (term, its words left, its words right, whether they differ) of two versions.

    Where the versions are of two forms, the terms of the later one come first.
    """
    tongue = language()
    known: dict[str, Term] = {term.code: term for term in forms.get(right.form).terms}
    known |= {t.code: t for t in forms.get(left.form).terms if t.code not in known}
    own = [terms.currency_of(each.values) or "CNY" for each in (left, right)]
    found = []
    for term in known.values():
        old, new = left.values.get(term.code), right.values.get(term.code)
        if (old, new) == (None, None) or (old == new and not everything):
            continue
        found.append(
            (
                term,
                _words(term, old, tongue, own[0]),
                _words(term, new, tongue, own[1]),
                old != new,
            )
        )
    return found


def _words(term: Term, value: Any, tongue: str, currency: str) -> str:
    """Return a value in words; of one that two forms type differently, as it is written."""
    try:
        return terms.words(term, value, tongue, currency=currency)
    except (TypeError, KeyError, AttributeError, ValueError):
        return str(value)


def term_rows(shown: TermVersion) -> list[tuple[str, list[tuple[Term, str]]]]:
    """Return a version's terms in words, under their headings."""
    tongue, form = language(), forms.get(shown.form)
    own = terms.currency_of(shown.values) or "CNY"
    found: dict[str, list[tuple[Term, str]]] = {}
    for term in form.terms:
        if shown.values.get(term.code) is not None:
            words = _words(term, shown.values[term.code], tongue, own)
            found.setdefault(term.group, []).append((term, words))
    return [(labels.group_name(code, tongue), rows) for code, rows in found.items()]


def _told(shown: TermVersion, before: TermVersion | None) -> dict[str, Any]:
    form: Form = forms.get(shown.form)
    gaps = terms.missing(form, shown.values)
    return {
        "groups": term_rows(shown),
        "gaps": [each.names[language()] for each in form.terms if each.code in gaps],
        "rows": [] if before is None else compared(before, shown),
        "changed": set() if before is None else _codes(before, shown),
    }


def _codes(before: TermVersion, shown: TermVersion) -> set[str]:
    found: Sequence[Difference] = terms.differences(
        before.values, shown.values, forms.get(shown.form)
    )
    return {each.term.code for each in found}


def _before(versions: Sequence[TermVersion], shown: TermVersion | None) -> TermVersion | None:
    """Return the version to compare with: the one in force, else the one before."""
    if shown is None:
        return None
    agreed = next((each for each in versions if each.state == "accepted"), None)
    if agreed is not None and agreed.number < shown.number:
        return agreed
    return next((each for each in versions if each.number < shown.number), None)


def _chosen(versions: Sequence[TermVersion], name: str, index: int) -> TermVersion | None:
    number = request.args.get(name, type=int)
    found = next((each for each in versions if each.number == number), None)
    if found is None and len(versions) > index:
        return versions[index]
    return found


def _rights(deal: Deal, waiting: TermVersion | None) -> Mapping[str, Any]:
    """Return what the actor may do about the terms now."""
    actor = current_actor()
    side = permissions.side_of(actor, deal)
    amends = deal.stage in AMENDED_STAGES
    open_ = amends or deal.stage in NEGOTIATED_STAGES
    signs = side is not None and permissions.signs_for(actor, deal, side)
    may = side is not None and open_ and (signs or not amends)
    proposes = may and (amends or side in outlook.proposers(deal.form))
    across = waiting is not None and side is not None and waiting.side != side
    agree = forms.get(deal.form).step("agree")
    points = []
    if waiting is not None and agree is not None and not amends:
        points = [
            each
            for each in outlook.points(current_session(), deal, agree)
            if each.guard != "terms_complete"  # of the version that waits the gaps are named
        ]
    return {
        "amends": amends,
        "may_propose": proposes,
        "may_counter": proposes and across,
        "may_answer": may and across,
        "may_withdraw": may and waiting is not None and waiting.side == side,
        "may_change_form": side is not None and deal.stage in NEGOTIATED_STAGES,
        "points": points,
    }


@deals.post("/<public_id>/terms/<int:number>/accept")
@limiter.limit(WRITE)
def accept(public_id: str, number: int) -> Answer:
    """Accept the other side's version."""

    def take(deal: Deal, waiting: TermVersion, note: str) -> None:
        services.accept(
            current_session(),
            deal,
            waiting,
            note=note,
            by=current_actor(),
            now=request_now(),
            expected_version=posted_version(),
        )

    return _answer(public_id, number, take, _("Accepted: these terms hold for both sides."))


@deals.post("/<public_id>/terms/<int:number>/decline")
@limiter.limit(WRITE)
def decline(public_id: str, number: int) -> Answer:
    """Decline the other side's version, with a word why if there is one."""

    def take(deal: Deal, waiting: TermVersion, note: str) -> None:
        services.decline(
            current_session(), deal, waiting, note=note, by=current_actor(), now=request_now()
        )

    told = (AnswerForm().note.data or "").strip()
    said = _("Declined; the other side reads your word.") if told else _("Declined.")
    return _answer(public_id, number, take, said)


@deals.post("/<public_id>/terms/<int:number>/withdraw")
@limiter.limit(WRITE)
def withdraw(public_id: str, number: int) -> Answer:
    """Take one's own version back."""

    def take(deal: Deal, waiting: TermVersion, _note: str) -> None:
        services.withdraw(current_session(), deal, waiting, by=current_actor(), now=request_now())

    return _answer(public_id, number, take, _("Taken back."))


def _answer(
    public_id: str, number: int, take: Callable[[Deal, TermVersion, str], None], said: str
) -> Answer:
    """Take an answer; where somebody was quicker, show how it stands with what was typed."""
    form, session = AnswerForm(), current_session()
    deal = read_deal(public_id)
    try:
        take(deal, queries.version(session, deal, number), form.note.data or "")
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return _page(read_deal(public_id), form=form), 422
    except RuleBroken:
        raise
    except Conflict:
        session.rollback()
        return _page(read_deal(public_id), form=form, quicker=True), 409
    flash(said, "success")
    return redirect(url_for("deals.terms", public_id=public_id), 303)
