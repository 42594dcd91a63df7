"""One's own: shares to confirm, what is due and paid by year, what one's house has to pay."""

from __future__ import annotations

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.commissions import forms, labels, permissions
from tenon.commissions.models import Split
from tenon.commissions.papers import queries as paper_queries
from tenon.commissions.papers.figures import period_of, year_figures
from tenon.commissions.papers.services import FIRST_YEAR, draft_paper, issue_paper
from tenon.commissions.queries import lists
from tenon.commissions.queries.accounts import Account, of_deal
from tenon.commissions.views.blueprint import Answer, commissions
from tenon.commissions.views.deal_page import csv_of, receiver_name
from tenon.compliance.days import day_of
from tenon.credit import labels as credit_labels
from tenon.credit import queries as credit_queries
from tenon.credit.queries import LedgerFilter
from tenon.credit.statements import services as statements
from tenon.credit.statements.personal import folder_of
from tenon.errors import Conflict, Invalid, NotFound
from tenon.sharing.services import plain
from tenon.web.languages import language
from tenon.web.limits import UPLOAD, limiter
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import (
    current_actor,
    current_session,
    database,
    request_now,
    settings,
)

ISSUE = "20 per hour; 60 per day"


def _user_id() -> int:
    return current_actor().user_id or 0  # the fence lets nobody else in


@commissions.get("/commissions")
def mine() -> str:
    """Show what is due to the actor, what was paid, and what waits for their word."""
    return page_of()


def page_of(*, fault: str = "", form: forms.WordsForm | None = None, of: str = "") -> str:
    """Return the page; ``form`` is shown again at the payout ``of``."""
    session, actor = current_session(), current_actor()
    year = _year()
    found = lists.dues_of(session, _user_id(), year=year)
    owed = lists.to_pay(session, actor)
    number = requested_page()
    start = (number - 1) * PAGE_SIZE
    return render_template(
        "commissions/mine.html",
        page=Page(found[start : start + PAGE_SIZE], number, PAGE_SIZE, len(found)),
        totals=_totals(found),
        to_pay=owed[:PAGE_SIZE],
        to_pay_more=max(0, len(owed) - PAGE_SIZE),
        house_payouts=lists.waiting_for_houses(session, actor),
        has_houses=lists.houses_receive(session, actor),
        waiting=lists.waiting_shares(session, _user_id()),
        proposals=lists.waiting_agreements(session, actor),
        years=lists.years_of(session, _user_id()),
        year=year,
        broker=actor.broker,
        this_year=day_of(request_now()).year,
        words=form or forms.WordsForm(formdata=None),
        form_of=of,
        fault=fault,
        today=day_of(request_now()),
        labels=labels,
        receiver_name=receiver_name,
    )


def _year() -> int | None:
    found = request.args.get("year", type=int)
    return found if found is not None and 2000 <= found <= 2200 else None


def _totals(found: list[Account]) -> dict[str, dict[str, int]]:
    """Return currency -> owed, paid, open and late in minor units; never over currencies."""
    today = day_of(request_now())
    totals: dict[str, dict[str, int]] = {}
    for each in found:
        row = totals.setdefault(each.currency, {"owed": 0, "paid": 0, "open": 0, "late": 0})
        row["owed"] += each.owed
        row["paid"] += each.paid
        row["open"] += each.open
        row["late"] += each.overdue(today)
    return dict(sorted(totals.items()))


@commissions.get("/commissions.csv")
@limiter.limit(UPLOAD)
def mine_csv() -> Response:
    """Return the actor's accounts as a file."""
    found = lists.dues_of(current_session(), _user_id(), year=_year())
    return csv_of(found, "my-commissions.csv")


def waiting() -> int:
    """Return how much waits for the actor; for the menu, which asks several times a page."""
    if "commissions_waiting" not in g:
        g.commissions_waiting = lists.waiting_count(current_session(), current_actor())
    found: int = g.commissions_waiting
    return found


def has_any(actor: Actor) -> bool:
    """Whether the menu leads here: brokers always, others once something waits for them."""
    return actor.broker or (actor.user_id is not None and waiting() > 0)


@commissions.get("/commissions/shares/<public_id>")
def share(public_id: str) -> str:
    """Show a split: to its participants the own share, the whole to the deal's broker."""
    return share_page(public_id)


def share_page(public_id: str, *, form: forms.WordsForm | None = None, fault: str = "") -> str:
    """Return the page of a split."""
    session, actor = current_session(), current_actor()
    found: Split = lists.split(session, public_id, by=actor)
    whole = permissions.sees_whole(actor, found.deal)
    shown = [each for each in found.shares if whole or permissions.is_own(actor, each.receiver)]
    keys = {each.receiver_id for each in shown}
    return render_template(
        "commissions/share.html",
        split=found,
        deal=found.deal,
        whole=whole,
        shares=shown,
        own=next((each for each in shown if permissions.is_own(actor, each.receiver)), None),
        accounts=[each for each in of_deal(session, found.deal) if each.receiver.id in keys],
        words=form or forms.WordsForm(formdata=None),
        fault=fault,
        labels=labels,
        acts=credit_labels.ACTS,
        plain=plain,
        receiver_name=receiver_name,
    )


@commissions.get("/commissions/years/<int:year>")
def of_year(year: int) -> str:
    """Show a broker's year: what the ledger holds by act, values, commission, papers."""
    return year_page(year)


def year_page(year: int, form: forms.PaperForm | None = None) -> str:
    """Return the page of a year; raises NotFound for one that is not there."""
    session, now = current_session(), request_now()
    today = day_of(now)
    if not FIRST_YEAR <= year <= today.year:
        raise NotFound(kind="year")
    user = session.get_one(User, _user_id())
    period = period_of(year, until=today)
    wanted = LedgerFilter(since=period.start, before=period.end)
    number = requested_page()
    entries, total = credit_queries.own_entries(
        session, user.id, wanted, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
    )
    lines = credit_queries.lines_of(session, entries, actor=current_actor())
    offered = form or forms.PaperForm(formdata=None, language=language())
    offered.offer(_papers(year, today.year))
    return render_template(
        "commissions/year.html",
        year=year,
        years=range(max(FIRST_YEAR, today.year - 4), today.year + 1),
        said={"year": year, **year_figures(session, user, period)},
        page=Page(lines, number, PAGE_SIZE, total),
        papers=paper_queries.papers_of(session, user.id, year=year),
        form=offered,
        over=year < today.year,
        acts=credit_labels.ACTS,
        labels=labels,
    )


def _papers(year: int, this_year: int) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = [("year", _("Yearly statement"))]
    if year < this_year:
        found.append(("certificate", _("Certificate of the year")))
    return found


@commissions.post("/commissions/years/<int:year>/papers")
@limiter.limit(ISSUE)
def issue(year: int) -> Answer:
    """Issue a paper: gather, make the file, and only then write, so that nobody waits for it."""
    form = forms.PaperForm()
    by, now = current_actor(), request_now()
    try:
        draft = draft_paper(
            current_session(),
            current_session().get_one(User, _user_id()),
            year=year,
            paper=form.paper.data or "",
            language=form.language.data or "",
            address=settings().base_url,
            signer=settings().certificate_signer,
            by=by,
            now=now,
        )
    except Invalid as error:
        form.take_errors(error)
        return year_page(year, form), 422
    digest = statements.print_file(draft.draft, folder=folder_of(settings().files_folder))
    try:
        with database().writing() as session:
            made = issue_paper(session, draft, pdf_sha256=digest, by=by, now=now)
            public_id = made.statement.public_id
    except Conflict:
        form.form_errors.append(_("Somebody took this number meanwhile; please try again."))
        return year_page(year, form), 409
    flash(_("The paper is issued; whoever gets it can check it by its code."), "success")
    return redirect(url_for("statements.show", public_id=public_id), 303)
