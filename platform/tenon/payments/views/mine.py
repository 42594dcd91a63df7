"""What is due to and by an organisation over all its deals, as a page and a file; totals."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping

from flask import Response, render_template, request
from flask_babel import gettext as _

from ingest.cells import write_csv
from tenon.money import Money
from tenon.payments.models import Obligation
from tenon.payments.queries import lists
from tenon.payments.queries.lists import Own, Totals
from tenon.payments.views.blueprint import payments, today
from tenon.payments.views.display import state_words, title_of
from tenon.web.languages import language
from tenon.web.limits import UPLOAD, limiter
from tenon.web.pagination import PAGE_SIZE, Page, requested_page
from tenon.web.requests import current_actor, current_session

LONGEST_FILE = 20_000  # lines


@payments.get("/payments")
def mine() -> str:
    """Show what is due to and by the organisation acted for."""
    ended = request.args.get("show") == "ended"
    found = _own(ended=ended)
    side = request.args.get("side")
    only_pays = bool(found) and not any(each.receives for each in found)
    receives = side != "pays" if side else not only_pays
    listed = [each for each in found if each.receives == receives]
    number = requested_page()
    part = listed[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    return render_template(
        "payments/mine.html",
        page=Page(part, number, PAGE_SIZE, len(listed)),
        counts={side: sum(each.receives == side for each in found) for side in (True, False)},
        totals=_totals(found),
        receives=receives,
        ended=ended,
    )


@payments.get("/payments.csv")
@limiter.limit(UPLOAD)
def export() -> Response:
    """Return all of it as a file that a spreadsheet opens without evaluating anything."""
    stream = io.StringIO(newline="")
    head = [
        _("Deal"),
        _("Due to us"),
        _("Other side"),
        _("Sum owed"),
        _("State"),
        _("Due day"),
        _("Currency"),
        _("Net"),
        _("VAT"),
        _("To pay in all"),
        _("Paid"),
        _("Still open"),
        _("Obligation number"),
    ]
    found = [*_own(ended=False), *_own(ended=True)][:LONGEST_FILE]
    write_csv(stream, head, (_line(each) for each in found))
    answer = Response(stream.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="payments.csv"'
    return answer


@payments.get("/payments/totals")
def totals() -> str:
    """Show an operator what the site's deals owe and paid, by currency, and no deal's own."""
    return render_template("payments/totals.html", totals=lists.site_totals(current_session()))


def _own(*, ended: bool) -> list[Own]:
    actor = current_actor()
    organisation = actor.organisation_id or 0  # the fence lets nobody else in
    return lists.of_organisation(current_session(), actor, organisation, today=today(), ended=ended)


def _totals(found: Iterable[Own]) -> Mapping[tuple[bool, str], Totals]:
    sums: dict[tuple[bool, str], Totals] = {}
    for each in found:
        sums.setdefault((each.receives, each.row.owed.currency), Totals()).add(each.row)
    return dict(sorted(sums.items(), key=lambda pair: (not pair[0][0], pair[0][1])))


def _line(each: Own) -> tuple[str, ...]:
    owed, standing = each.row.owed, each.row.standing
    booked = owed.booked_on is not None
    sums = (
        (standing.net, standing.vat, standing.charged, standing.paid, standing.open)
        if booked
        else (owed.net_minor, owed.vat_minor, owed.gross_minor, 0, 0)
    )
    return (
        owed.deal.title,
        _("yes") if each.receives else _("no"),
        _other(owed, receives=each.receives),
        title_of(owed),
        state_words(each.row.look),
        "" if owed.due_on is None else owed.due_on.isoformat(),
        owed.currency,
        *(str(Money(minor, owed.currency).amount) for minor in sums),
        owed.public_id,
    )


def _other(owed: Obligation, *, receives: bool) -> str:
    side = owed.debtor if receives else owed.creditor
    return owed.deal.side_organisation(side).name(language())
