"""What a deal's accepted terms say about reports and royalties, as the formulas understand it.

What a form obliges to report stands in its data (obligations with source ``reports``); this reads
the term values that they name. Reads the database for the version in force and for the day of the
step that starts the clock; writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.deals import forms
from tenon.deals.forms.schema import Form, Obligation
from tenon.deals.lasting import last_day
from tenon.deals.models import Deal, TermVersion
from tenon.deals.queries import accepted_terms
from tenon.formulas.periods import Period, periods
from tenon.formulas.royalty import Base, Minimum, Mode, Stacking, Terms, Tier, Window, percent
from tenon.history import HistoryEntry
from tenon.notices import delivery
from tenon.payments.obligations.crediting import left_for_royalties

MONTHS: Final = {"quarter": 3, "half_year": 6, "year": 12}
MODES: Final[Mapping[str, Mode]] = {"marginal": "marginal", "whole_rate": "whole"}
WINDOWS: Final[Mapping[str, Window]] = {"report": "period", "year": "year", "term": "licence"}
BASES: Final[Mapping[str, Base]] = {
    "net_sales": "net_sales",
    "gross_sales": "gross_sales",
    "product_price": "product_price",
    "new_output": "new_output",
    "new_profit": "new_profit",
}
ENDING_STEPS: Final = ("buy_out",)
"""Steps after which no royalty runs."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What is to be reported, and how the royalty of it is computed.

    Attributes:
        version: the accepted terms that it rests on.
        terms: for ``formulas.royalty``; ``terms.starts`` and ``ends`` bound the periods.
        kind: of the obligation that a statement makes: ``royalty``, or ``sublicence`` where only
            that income is shared.
        currency: of every amount of a report.
        months: of a period.
        report_days: from a period's end to the day on which its report is due.
        payment_days: from that day to the day on which the royalty is due.
        deductions: kinds that may be taken off gross sales.
        one_per_unit: whether a lot bears one royalty however often it is reported.
        vat_mode: ``added`` on top of what a statement comes to, ``included`` in it, ``exempt``.
        vat_rate: in percent.
        codes: role -> code of the term that says it, for the statement's sources.
    """

    version: TermVersion
    terms: Terms
    kind: str
    currency: str
    months: int
    report_days: int
    payment_days: int
    deductions: tuple[str, ...]
    one_per_unit: bool
    vat_mode: str
    vat_rate: Decimal
    codes: Mapping[str, str]

    @property
    def base(self) -> str:
        """What the rate is multiplied with."""
        return self.terms.base

    def periods_from(self, start: date, until: date) -> tuple[Period, ...]:
        """Return the periods from a day on that begin by ``until``, up to the end of the terms."""
        end = self.terms.ends or date(until.year + 1, 12, 31)
        if end < start:
            return ()
        found = periods(start, end, months=self.months, starts=self.terms.year_starts)
        return tuple(each for each in found if each.start <= until)

    def due_on(self, period_end: date) -> date:
        """Return the day on which the report of a period is due."""
        return period_end + timedelta(days=self.report_days)

    def pay_on(self, period_end: date) -> date:
        """Return the day on which the royalty of a period is due."""
        return self.due_on(period_end) + timedelta(days=self.payment_days)


def agreed(session: Session, deal: Deal) -> Agreed | None:
    """Return what is to be reported; None where nothing is, or its clock has not started."""
    version = accepted_terms(session, deal)
    if version is None:
        return None
    form = forms.get(version.form)
    sources = _sources(form, version.values)
    if not sources:
        return None
    days = _days_of_steps(session, deal, {each.after for each in sources} | set(ENDING_STEPS))
    starts = days.get(sources[0].after)
    if starts is None:
        return None
    last = last_day(session, deal, version.values)
    ends = _earliest(last, deal.ended_on, *(days.get(step) for step in ENDING_STEPS))
    if ends is not None and ends < starts:
        return None
    credit = left_for_royalties(session, deal, version.values)
    return agreed_by(version, form, currency=deal.currency, starts=starts, ends=ends, credit=credit)


def agreed_by(
    version: TermVersion,
    form: Form,
    *,
    currency: str,
    starts: date,
    ends: date | None,
    credit: int = 0,
) -> Agreed:
    """Return what terms say, with the days between which they hold.

    ``credit`` is the trial fee that is set off against royalties; no other fee is.

    Raises ValueError where they do not say how to compute: a version is checked before it is
    accepted, so this is a fault of the form's data.
    """
    values = version.values
    sources = _sources(form, values)
    running = next((each for each in sources if each.kind != "sublicence"), None)
    shared = next((each for each in sources if each.kind == "sublicence"), None)
    first = running or shared
    if first is None:
        raise ValueError(f"{form.code} obliges to report nothing")
    codes = {**(shared.terms if shared else {}), **(running.terms if running else {})}
    if shared is not None:
        codes["sublicence"] = shared.terms["rate"]
    read = _Reader(values, codes)
    minimum = next((each for each in form.obligations if each.kind == "minimum"), None)
    if running is not None and minimum is not None:
        codes.update({f"minimum_{role}": code for role, code in minimum.terms.items()})
    return Agreed(
        version=version,
        terms=replace(
            _terms(read, starts, ends, running=running is not None, shared=shared is not None),
            creditable=credit,
        ),
        kind="sublicence" if running is None else "royalty",
        currency=currency,
        months=MONTHS.get(str(read("period") or "quarter"), 3),
        report_days=int(read("days") or 0),
        payment_days=int(read("payment_days") or 0),
        deductions=tuple(read("deductions") or ()) if read("base") == "net_sales" else (),
        one_per_unit=bool(read("one_per_unit")),
        vat_mode=str(read.code("vat_mode") or "added"),
        vat_rate=Decimal(str(read.code("vat_rate") or 0)),
        codes=codes,
    )


class _Reader:
    """The value of the term that plays a role."""

    def __init__(self, values: Mapping[str, Any], codes: Mapping[str, str]) -> None:
        self._values, self._codes = values, codes

    def __call__(self, role: str) -> Any:
        code = self._codes.get(role)
        return None if code is None else self._values.get(code)

    def minor(self, role: str) -> int | None:
        """Return an amount in minor units."""
        value = self(role)
        return value["minor"] if isinstance(value, Mapping) else None

    def rate(self, role: str) -> Fraction | None:
        """Return a percentage as a share."""
        value = self(role)
        return None if value is None else percent(str(value))

    def code(self, name: str) -> Any:
        """Return the value of a term by its own code."""
        return self._values.get(name)


def _terms(read: _Reader, starts: date, ends: date | None, *, running: bool, shared: bool) -> Terms:
    scheme = str(read("scheme") or "flat") if running else "none"
    tiered = scheme == "tiers"
    stacking = read.rate("stacking_share") if running else None
    return Terms(
        tiers=_tiers(read, scheme),
        starts=starts,
        ends=ends,
        by_year=tuple(percent(str(each)) for each in read("by_year") or ())
        if scheme == "by_year"
        else (),
        base=BASES[str(read("base"))] if running else "none",
        mode=MODES[str(read("tier_mode"))] if tiered else None,
        window=WINDOWS[str(read("tier_period"))] if tiered else None,
        stacking=None
        if not stacking
        else Stacking(stacking, read.rate("stacking_floor") or Fraction(0)),
        sublicence_share=(read.rate("sublicence") or Fraction(0)) if shared else Fraction(0),
        minimum=_minimum(read) if running else None,
        cap_year=read.minor("cap_annual") or None,
        cap_total=read.minor("cap_total") or None,
    )


def _tiers(read: _Reader, scheme: str) -> tuple[Tier, ...]:
    if scheme == "tiers":
        rows = read("tiers") or ()
        return tuple(Tier(int(each["from"]), percent(str(each["rate"]))) for each in rows)
    rate = read.rate("rate") if scheme == "flat" else Fraction(0)
    return (Tier(0, rate or Fraction(0)),)


def _minimum(read: _Reader) -> Minimum | None:
    amount = read.minor("minimum_amount")
    if not amount:
        return None
    since = read("minimum_starts")
    return Minimum(
        (amount,),
        prorate=read("minimum_prorate") or "months",
        starts=None if since is None else date.fromisoformat(since),
    )


def _sources(form: Form, values: Mapping[str, Any]) -> list[Obligation]:
    """Return what the form obliges to report, the running royalty first."""
    found = [
        each
        for each in form.obligations
        if each.source == "reports" and (each.when is None or each.when.holds(values))
    ]
    return sorted(found, key=lambda each: each.kind == "sublicence")


def _days_of_steps(session: Session, deal: Deal, steps: Iterable[str]) -> dict[str, date]:
    """Return the day on which each of these steps of the deal was last taken."""
    zone = delivery.current().zone
    taken = (
        sa.select(HistoryEntry.kind, HistoryEntry.at)
        .where(
            HistoryEntry.chain_kind == "deal",
            HistoryEntry.chain_id == deal.public_id,
            HistoryEntry.kind.in_(sorted(steps)),
        )
        .order_by(HistoryEntry.sequence)
    )
    found = {kind: at.astimezone(zone).date() for kind, at in session.execute(taken)}
    if deal.signed_on is not None:
        found["signed"] = deal.signed_on
    if deal.effective_on is not None:
        found["effective"] = deal.effective_on
    return found


def _earliest(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)
