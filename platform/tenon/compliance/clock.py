"""The compliance clock: every date of a deal, or of all of one's deals, in one order.

Reads only; shows nothing that the reader may not read. ``ics`` writes the same as a calendar file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from tenon.actors import Actor
from tenon.compliance import permissions
from tenon.compliance.days import day_of
from tenon.compliance.models import Approval, Contributor, Duty, FirstRefusal, Publicity
from tenon.compliance.notifying import duty_names
from tenon.deals.forms.schema import Words
from tenon.deals.models import Deal
from tenon.deals.queries.deals import readable_by

MOST = 500
_LINE = 75


@dataclass(frozen=True, slots=True)
class Date:
    """One date of a deal.

    Attributes:
        kind: publicity, first_refusal, approval, duty, effect, end.
        on: the day; of an approval, the day on which it was asked for.
        deal: whose date it is.
        what: a duty's or step's name, in both languages; None where the kind says all.
        path: where it is seen to.
        key: names it for ever, for calendars.
        late: whether its day has passed and it is still open.
    """

    kind: str
    on: date
    deal: Deal
    what: Words | None
    path: str
    key: str
    late: bool = False


def of_deal(session: Session, deal: Deal, actor: Actor, *, now: datetime) -> list[Date]:
    """Return a deal's dates that are still open, the next first."""
    return _gather(session, actor, Deal.id == deal.id, now=now)


def of_actor(session: Session, actor: Actor, *, now: datetime) -> list[Date]:
    """Return the open dates of every deal that the actor reads, the next first."""
    return _gather(session, actor, readable_by(actor), now=now)


def _gather(
    session: Session, actor: Actor, where: sa.ColumnElement[bool], *, now: datetime
) -> list[Date]:
    today = day_of(now)
    sources: tuple[Callable[..., Iterator[Date]], ...] = (
        _publicities,
        _first_refusals,
        _approvals,
        _duties,
        _terms,
    )
    found = [each for source in sources for each in source(session, actor, where, today)]
    return sorted(found, key=lambda each: (each.on, each.kind, each.key))[:MOST]


def _page(deal: Deal) -> str:
    return f"/deals/{deal.public_id}/compliance"


def _publicities(
    session: Session,
    actor: Actor,  # noqa: ARG001  # one signature for all
    where: sa.ColumnElement[bool],
    today: date,  # noqa: ARG001  # one signature for all
) -> Iterator[Date]:
    rows = session.scalars(
        sa.select(Publicity)
        .join(Publicity.deal)
        .where(where, Publicity.state == "running", Deal.stage == "publicity")
        .options(contains_eager(Publicity.deal))
        .limit(MOST)
    )
    for each in rows:
        key = f"publicity-{each.public_id}"
        path = f"/publicities/{each.public_id}"
        yield Date("publicity", each.last_on, each.deal, None, path, key)


def _first_refusals(
    session: Session,
    actor: Actor,  # noqa: ARG001  # one signature for all
    where: sa.ColumnElement[bool],
    today: date,
) -> Iterator[Date]:
    rows = session.scalars(
        sa.select(FirstRefusal)
        .join(FirstRefusal.deal)
        .join(FirstRefusal.contributor)
        .where(
            where,
            FirstRefusal.answer.is_(None),
            FirstRefusal.until >= today,
            Deal.stage.in_(permissions.OPEN_FOR_APPROVAL),
        )
        .options(contains_eager(FirstRefusal.deal), contains_eager(FirstRefusal.contributor))
        .order_by(Contributor.position)
        .limit(MOST)
    )
    told: set[tuple[int, date]] = set()
    for each in rows:
        if (each.deal_id, each.until) not in told:  # contributors are asked together
            told.add((each.deal_id, each.until))
            key = f"first-refusal-{each.public_id}"
            yield Date("first_refusal", each.until, each.deal, None, _page(each.deal), key)


def _approvals(
    session: Session,
    actor: Actor,
    where: sa.ColumnElement[bool],
    today: date,  # noqa: ARG001  # one signature for all
) -> Iterator[Date]:
    rows = session.scalars(
        sa.select(Approval)
        .join(Approval.deal)
        .where(
            where,
            Approval.state == "waiting",
            Deal.stage.in_(permissions.OPEN_FOR_APPROVAL),
        )
        .options(contains_eager(Approval.deal))
        .limit(MOST)
    )
    for each in rows:
        if permissions.may_see_approvals(actor, each.deal, each.side):
            names = Words(each.name_zh, each.name_en)
            path = f"{_page(each.deal)}#approvals"
            key = f"approval-{each.public_id}"
            yield Date("approval", day_of(each.asked_at), each.deal, names, path, key)


def _duties(
    session: Session,
    actor: Actor,  # noqa: ARG001  # one signature for all
    where: sa.ColumnElement[bool],
    today: date,
) -> Iterator[Date]:
    rows = session.scalars(
        sa.select(Duty)
        .join(Duty.deal)
        .where(
            where,
            Duty.state == "open",
            Duty.due_on.is_not(None),
            Deal.stage.in_(("signed", "in_force", "completed")),
        )
        .options(contains_eager(Duty.deal))
        .order_by(Duty.due_on)
        .limit(MOST)
    )
    for each in rows:
        if each.due_on is not None:
            names = duty_names(each.deal, each.code)
            path = f"{_page(each.deal)}#duties"
            late = each.due_on < today
            yield Date("duty", each.due_on, each.deal, names, path, f"duty-{each.public_id}", late)


def _terms(
    session: Session,
    actor: Actor,  # noqa: ARG001  # one signature for all
    where: sa.ColumnElement[bool],
    today: date,
) -> Iterator[Date]:
    rows = session.scalars(
        sa.select(Deal)
        .where(where, Deal.stage.in_(("signed", "in_force")))
        .where(sa.or_(Deal.ends_on.is_not(None), Deal.stage == "signed"))
        .order_by(Deal.ends_on)
        .limit(MOST)
    )
    for deal in rows:
        path = f"/deals/{deal.public_id}"
        if deal.stage == "signed" and deal.effective_on is not None:
            key = f"effect-{deal.public_id}"
            yield Date("effect", deal.effective_on, deal, None, path, key)
        if deal.ends_on is not None:
            key = f"end-{deal.public_id}"
            yield Date("end", deal.ends_on, deal, None, path, key, deal.ends_on < today)


def ics(dates: Iterable[tuple[Date, str]], *, base_url: str, now: datetime) -> str:
    """Return a calendar file (RFC 5545) of dates and what each is called: days without a clock.

    A day has no zone, so that no calendar moves it.
    """
    stamp = f"{now:%Y%m%dT%H%M%SZ}"
    host = base_url.split("//", 1)[-1]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Tenon//Deadlines//EN",
        "CALSCALE:GREGORIAN",
    ]
    for each, words in dates:
        following = each.on + timedelta(days=1)
        lines += [
            "BEGIN:VEVENT",
            f"UID:{each.key}@{host}",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{each.on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{following:%Y%m%d}",
            f"SUMMARY:{_escaped(words)}",
            f"URL:{base_url}{each.path}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\r", "").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Fold a line at 75 bytes, never within a character."""
    parts, part, size = [], "", 0
    for sign in line:
        width = len(sign.encode())
        if size + width > _LINE:
            parts.append(part)
            part, size = " ", 1
        part, size = part + sign, size + width
    return "\r\n".join([*parts, part])
