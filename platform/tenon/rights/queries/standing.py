"""How an IP right stands on a day: its term, and what warns against or forbids dealing in it.

Every point names its source. Terms and grace are rows of the table of rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.formulas.days import months_later, years_later
from tenon.listings.models import IpRight
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.rights.models import Annuity, Condition, Pledge
from tenon.rules.queries import find_rule

TERM_RULES = {
    "invention": "patent_term_invention",
    "utility_model": "patent_term_utility_model",
    "design": "patent_term_design",
}
PATENTS = frozenset(TERM_RULES)
ACTS = ("licence", "assignment", "open_licence")
_SOON = timedelta(days=365)
_DUE_SOON = timedelta(days=60)
_RULES_85 = (
    "《专利法实施细则》第八十五条至第八十八条",
    "Implementing Rules of the Patent Law, articles 85-88",
)
_CIVIL_865 = ("《民法典》第八百六十五条", "Civil Code, article 865")
_ANNUITY = (
    "《专利法》第四十三条、第四十四条（一般知识，待核对）",
    "Patent Law, articles 43 and 44 (general knowledge, to be checked)",
)
_PLEDGE = (
    "《民法典》第四百四十四条（一般知识，待核对）",
    "Civil Code, article 444 (general knowledge, to be checked)",
)
_SUSPENDED = (
    "《专利法实施细则》关于中止程序的规定（一般知识，待核对）",
    "Implementing Rules of the Patent Law on suspension (general knowledge, to be checked)",
)


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that warns or blocks.

    Attributes:
        code: names it.
        message: a marked message with placeholders of ``facts``.
        source_zh, source_en: where the rule stands; empty for plain facts.
    """

    code: str
    message: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    source_zh: str = ""
    source_en: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a right stands.

    Attributes:
        term_end: its last day; None where it has no term or the day of filing is not known.
        blocks: what forbids the act asked about.
        warnings: what the parties should know.
    """

    term_end: date | None
    blocks: tuple[Point, ...]
    warnings: tuple[Point, ...]

    @property
    def clear(self) -> bool:
        """Whether nothing forbids the act."""
        return not self.blocks


def standing(session: Session, ip_right: IpRight, *, on: date, act: str = "licence") -> Standing:
    """Return how a right stands on a day for a licence, an assignment or an open licence.

    Raises ValueError for an act that is none of ``ACTS``.
    """
    if act not in ACTS:
        raise ValueError(act)
    ends = term_end(session, ip_right)
    points = [
        *_of_term(ip_right, ends, on),
        *_of_annuities(session, ip_right, on),
        *_of_pledges(session, ip_right, on),
        *_of_conditions(session, ip_right, on, act),
    ]
    if act == "open_licence":
        points += _of_open_licence(session, ip_right, on)
    return Standing(
        ends,
        tuple(point for blocks, point in points if blocks),
        tuple(point for blocks, point in points if not blocks),
    )


def term_end(session: Session, ip_right: IpRight) -> date | None:
    """Return the last day of a patent's term, by the rule of the day of filing; None if unknown."""
    code = TERM_RULES.get(ip_right.kind)
    if code is None or ip_right.filed_on is None:
        return None
    found = find_rule(session, code, jurisdiction=None, on=ip_right.filed_on)
    if found is None:
        return None
    return years_later(ip_right.filed_on, found.number) - timedelta(days=1)


def _of_term(right: IpRight, ends: date | None, on: date) -> Iterator[tuple[bool, Point]]:
    if right.status == "lapsed":
        yield True, Point("lapsed", N_("The right has lapsed."), {}, *_CIVIL_865)
    if right.kind not in PATENTS:
        return
    if ends is None:
        yield False, Point("term_unknown", N_("Its day of filing is not known, nor its term."))
    elif ends < on:
        message = N_("The patent expired on %(day)s.")
        yield True, Point("expired", message, {"day": ends.isoformat()}, *_CIVIL_865)
    elif ends - on <= _SOON:
        message = N_("The patent expires on %(day)s; a licence ends with it.")
        yield False, Point("expires_soon", message, {"day": ends.isoformat()}, *_CIVIL_865)
    if right.status == "pending":
        yield False, Point("pending", N_("This is an application: no patent is granted yet."))


def _of_annuities(session: Session, right: IpRight, on: date) -> Iterator[tuple[bool, Point]]:
    grace = find_rule(session, "annuity_grace_months", jurisdiction=None, on=on)
    months = 0 if grace is None else grace.number
    for fee in annuities(session, right):
        if fee.paid_on is not None and fee.paid_on <= on:
            continue
        facts = {"year": fee.year, "day": fee.due_on.isoformat()}
        if months_later(fee.due_on, months) < on:
            message = N_("The annuity of year %(year)s, due on %(day)s, was not paid in time.")
            yield True, Point("annuity_unpaid", message, facts, *_ANNUITY)
        elif fee.due_on < on:
            message = N_(
                "The annuity of year %(year)s, due on %(day)s, is late; it may still be paid with "
                "a surcharge."
            )
            yield False, Point("annuity_late", message, facts, *_ANNUITY)
        elif fee.due_on - on <= _DUE_SOON:
            message = N_("The annuity of year %(year)s is due on %(day)s.")
            yield False, Point("annuity_due", message, facts)


def _of_pledges(session: Session, right: IpRight, on: date) -> Iterator[tuple[bool, Point]]:
    for pledge in pledges(session, right, on=on):
        if pledge.consent:
            message = N_("The patent is pledged; the pledgee consents to dealing in it.")
            yield False, Point("pledged", message, {}, *_PLEDGE)
        else:
            message = N_("The patent is pledged, and the pledgee has not consented.")
            yield True, Point("pledged_without_consent", message, {}, *_PLEDGE)


def _of_conditions(
    session: Session, right: IpRight, on: date, act: str
) -> Iterator[tuple[bool, Point]]:
    now = conditions(session, right, on=on)
    if any(each.kind == "suspended" for each in now):
        message = N_("Proceedings on this right are suspended: its title is in dispute or seized.")
        # While title is in dispute the register enters no transfer; a licence is the parties' risk.
        yield act != "licence", Point("suspended", message, {}, *_SUSPENDED)
    if any(each.kind == "invalidation" for each in now):
        yield False, Point("invalidation", N_("An action to declare it invalid is pending."))
    if right.kind not in PATENTS or any(each.kind == "evaluation_report" for each in now):
        return
    rule = find_rule(session, "open_licence_report_kinds", jurisdiction=None, on=on)
    if rule is not None and right.kind in rule.codes:
        message = N_("There is no evaluation report; this kind of patent is granted unexamined.")
        yield act == "open_licence", Point("no_report", message, {}, rule.source_zh, rule.source_en)


def _of_open_licence(session: Session, right: IpRight, on: date) -> list[tuple[bool, Point]]:
    found: list[tuple[bool, Point]] = []
    if right.kind not in PATENTS or right.status != "granted":
        message = N_("Only a granted patent can be declared open.")
        found.append((True, Point("not_granted", message, {}, *_RULES_85)))
    late = [each for each in annuities(session, right) if each.due_on < on and not each.paid_on]
    if late:
        message = N_("An annuity is not paid, so no open licence is possible.")
        found.append((True, Point("annuity_open", message, {}, *_RULES_85)))
    return found


def annuities(session: Session, right: IpRight) -> Sequence[Annuity]:
    """Return the annuities on record, by year."""
    wanted = sa.select(Annuity).where(Annuity.ip_right_id == right.id)
    return session.scalars(wanted.order_by(Annuity.year)).all()


def pledges(session: Session, right: IpRight, *, on: date | None = None) -> Sequence[Pledge]:
    """Return the pledges on record, or those that hold on a day; oldest first."""
    wanted = sa.select(Pledge).where(Pledge.ip_right_id == right.id)
    if on is not None:
        wanted = wanted.where(
            Pledge.since <= on, sa.or_(Pledge.until.is_(None), Pledge.until >= on)
        )
    return session.scalars(wanted.order_by(Pledge.since, Pledge.id)).all()


def conditions(session: Session, right: IpRight, *, on: date | None = None) -> Sequence[Condition]:
    """Return suspensions, reports and actions on record, or those that hold on a day."""
    wanted = sa.select(Condition).where(Condition.ip_right_id == right.id)
    if on is not None:
        wanted = wanted.where(
            Condition.since <= on, sa.or_(Condition.until.is_(None), Condition.until >= on)
        )
    return session.scalars(wanted.order_by(Condition.since, Condition.id)).all()
