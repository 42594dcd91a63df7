"""What a person wants to be told, where and when: read, and changed. Never commits.

Only what differs from a kind's default is kept, so that a default that changes later reaches
everybody who never chose otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import User
from tenon.accounts.queries import actor_of
from tenon.actors import Actor
from tenon.errors import Forbidden, Invalid, NotFound
from tenon.notices import planning, schedules, wording
from tenon.notices.models import NoticeChoice, NoticeSchedule
from tenon.notices.planning import MINUTES_A_DAY, WAYS, Quiet
from tenon.notices.wording import Kind

EVERYTHING = "all"


@dataclass(frozen=True, slots=True)
class Choice:
    """Where a kind reaches a person: shown in the site or not; ``now``, ``digest`` or ``off``."""

    in_site: bool
    mail: str


@dataclass(frozen=True, slots=True)
class Hours:
    """A person's hours: quiet ones as minutes of the day (both None for none), the digest's."""

    quiet_begins: int | None
    quiet_ends: int | None
    digest_hour: int


def choice_of(kind: Kind, kept: tuple[bool | None, str | None] | None) -> Choice:
    """Return what holds for a kind, given what a person's row says (in_site, mail), if any."""
    in_site, mail = kept or (None, None)
    return Choice(
        kind.essential or in_site is not False,
        planning.way(kind.mail, mail, essential=kind.essential),
    )


def chosen(
    session: Session, user_ids: Iterable[int], *, kind: str | None = None
) -> Mapping[tuple[int, str], tuple[bool | None, str | None]]:
    """Return (person, kind) -> (in_site, mail) as kept, for those who chose otherwise."""
    wanted = sa.select(
        NoticeChoice.user_id, NoticeChoice.kind, NoticeChoice.in_site, NoticeChoice.mail
    ).where(NoticeChoice.user_id.in_(list(user_ids)))
    if kind is not None:
        wanted = wanted.where(NoticeChoice.kind == kind)
    return {(row.user_id, row.kind): (row.in_site, row.mail) for row in session.execute(wanted)}


def choices(session: Session, user_id: int) -> Mapping[str, Choice]:
    """Return kind -> what holds for a person, for every kind."""
    kept = chosen(session, [user_id])
    return {
        kind.code: choice_of(kind, kept.get((user_id, kind.code)))
        for members in wording.groups().values()
        for kind in members
    }


def hours(session: Session, user_id: int) -> Hours:
    """Return a person's hours."""
    row = session.get(NoticeSchedule, user_id)
    if row is None:
        return Hours(planning.NIGHT.begins, planning.NIGHT.ends, planning.DIGEST_HOUR)
    return Hours(row.quiet_begins, row.quiet_ends, row.digest_hour)


def choose(
    session: Session,
    *,
    user_id: int,
    kind_or_group: str,
    mail: str,
    now: datetime,
    by: Actor | None = None,
) -> int:
    """Set how a kind, a group of kinds or ``all`` is mailed to a person; return how many changed.

    ``off`` makes an essential kind daily, which is as little as there is. ``by`` defaults to the
    person: the link in their mail is their authority.

    Raises NotFound for an unknown kind, group or person, Invalid for an unknown way.
    """
    user = session.get(User, user_id)
    kinds = _named(kind_or_group)
    if user is None or not kinds:
        raise NotFound(kind="notice_kind")
    if mail not in WAYS:
        raise Invalid({"mail": "unknown_code"})
    before = choices(session, user_id)
    wanted = {
        kind.code: Choice(
            before[kind.code].in_site, planning.way(kind.mail, mail, essential=kind.essential)
        )
        for kind in kinds
    }
    return _keep(session, user, wanted, before, by=by or actor_of(user), now=now)


def _named(kind_or_group: str) -> list[Kind]:
    kind = wording.kind_of(kind_or_group)
    if kind is not None:
        return [kind]
    groups = wording.groups()
    if kind_or_group == EVERYTHING:
        return [kind for members in groups.values() for kind in members]
    return groups.get(kind_or_group, [])


def change_choices(
    session: Session, *, wanted: Mapping[str, Choice], times: Hours, by: Actor, now: datetime
) -> int:
    """Keep a person's own choices and hours; return how many kinds changed.

    Raises Invalid with fields ``mail_<kind>``, ``quiet_begins``, ``quiet_ends`` or
    ``digest_hour``, Forbidden for a visitor.
    """
    if by.user_id is None:
        raise Forbidden
    errors = _wrong_hours(times)
    for code, choice in wanted.items():
        kind = wording.kind_of(code)
        if kind is None or choice.mail not in WAYS:
            errors[f"mail_{code}"] = "unknown_code"
        elif kind.essential and (choice.mail == "off" or not choice.in_site):
            errors[f"mail_{code}"] = "cannot_be_off"
    if errors:
        raise Invalid(errors)
    user = session.get_one(User, by.user_id)
    changed = _keep(session, user, wanted, choices(session, user.id), by=by, now=now)
    _set_hours(session, user, times, by=by, now=now)
    return changed


def _wrong_hours(times: Hours) -> dict[str, str]:
    begins, ends = times.quiet_begins, times.quiet_ends
    errors = {
        name: "out_of_range"
        for name, value in (("quiet_begins", begins), ("quiet_ends", ends))
        if value is not None and not 0 <= value < MINUTES_A_DAY
    }
    if (begins is None) != (ends is None):
        errors["quiet_ends" if ends is None else "quiet_begins"] = "required"
    elif begins is not None and begins == ends:
        errors["quiet_ends"] = "same_hour"
    if not 0 <= times.digest_hour <= 23:
        errors["digest_hour"] = "out_of_range"
    if errors or begins is None or ends is None:
        return errors
    asleep = Quiet(begins, ends).holds(times.digest_hour * 60)
    return {"digest_hour": "in_quiet_hours"} if asleep else {}


def _set_hours(session: Session, user: User, times: Hours, *, by: Actor, now: datetime) -> None:
    row = schedules.lock(session, user.id)
    if times == Hours(row.quiet_begins, row.quiet_ends, row.digest_hour):
        return
    row.quiet_begins, row.quiet_ends = times.quiet_begins, times.quiet_ends
    row.digest_hour = times.digest_hour
    if row.digest_at is not None:  # what waits, waits for the new hour
        row.digest_at = None
        schedules.plan_digest(row, now)
    session.flush()
    history.record(session, chain=("user", user.public_id), kind="notice_hours", by=by, now=now)


def _keep(
    session: Session,
    user: User,
    wanted: Mapping[str, Choice],
    before: Mapping[str, Choice],
    *,
    by: Actor,
    now: datetime,
) -> int:
    """Write what differs from the defaults, and forget what no longer does."""
    changed = sorted(code for code, choice in wanted.items() if choice != before[code])
    if not changed:
        return 0
    session.execute(
        sa.delete(NoticeChoice)
        .where(NoticeChoice.user_id == user.id, NoticeChoice.kind.in_(changed))
        .execution_options(synchronize_session=False)
    )
    rows = [row for code in changed if (row := _row(user.id, code, wanted[code])) is not None]
    if rows:
        session.execute(sa.insert(NoticeChoice), rows)
    facts = {"kinds": {code: wanted[code].mail for code in changed}}
    chain = ("user", user.public_id)
    history.record(session, chain=chain, kind="notices_chosen", by=by, now=now, facts=facts)
    return len(changed)


def _row(user_id: int, code: str, choice: Choice) -> dict[str, object] | None:
    kind = wording.kind_of(code)
    default = choice_of(kind, None) if kind is not None else None
    if default is None or choice == default:
        return None
    return {
        "user_id": user_id,
        "kind": code,
        "in_site": None if choice.in_site == default.in_site else choice.in_site,
        "mail": None if choice.mail == default.mail else choice.mail,
    }
