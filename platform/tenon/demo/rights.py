"""Rights of the demo: shared ownership, annuities, a pledge, licences, grants to contributors.

Made through the same services as everybody's, after the deals, on what is still free.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.accounts.queries import actor_of
from tenon.demo import pairs
from tenon.demo.people import SOURCE
from tenon.listings.models import Listing
from tenon.rights import services
from tenon.rights.models import RightGrant
from tenon.rights.overlap import Scope
from tenon.rights.queries import Subject
from tenon.rights.services import Application, Member
from tenon.rights.shares import WHOLE, Owner

_SHARED, _KEPT, _PLEDGED = "A-ACH-043", "A-ACH-001", "A-ACH-035"
_AGREED, _PUBLISHED, _APPLIED = "A-ACH-014", "A-ACH-010", "A-ACH-044"
_PARTNER = "A-ORG-03"
_PUBLICITY = timedelta(days=20)


def write_rights(session: Session, people: Mapping[str, User], *, now: datetime) -> None:
    """Write down who owns, how rights stand, and what contributors apply for."""
    results = pairs.by_external_id(session, "achievement")
    head = people["institution"]
    _share(session, results[_SHARED], head, now=now)
    _keep(session, results[_KEPT], head, now=now)
    _pledge(session, results[_PLEDGED], head, now=now)
    _grant(session, results[_AGREED], people, "researcher", years=10, now=now - timedelta(days=120))
    _grant(session, results[_PUBLISHED], people, "inventor-2", years=12, now=now - _PUBLICITY / 4)
    _grant(session, results[_APPLIED], people, "inventor", share=Decimal(70), now=now)


def _share(session: Session, listing: Listing, head: User, *, now: datetime) -> None:
    """Let a partner own a part of a result and its patents, and license them once elsewhere."""
    partner = session.scalars(
        sa.select(Organisation).where(
            Organisation.source == SOURCE, Organisation.external_id == _PARTNER
        )
    ).one()
    wanted = [
        Owner(WHOLE - 30, organisation_id=listing.organisation_id),
        Owner(Decimal(30), organisation_id=partner.id),
    ]
    today = now.date()
    since = date(today.year - 2, 1, 1)
    by = actor_of(head)
    subjects: list[Subject] = [listing, *listing.ip_rights]
    for subject in subjects:
        services.record_owners(
            session, subject, wanted=wanted, valid_from=since, by=by, now=now, today=today
        )
    for right in listing.ip_rights[:1]:
        services.record_by_hand(
            session,
            right,
            scope=Scope("nonexclusive", frozenset({right.id}), ("DE",), ("食品分拣",), since),
            licensee="Beispiel Greiftechnik GmbH",
            by=by,
            now=now,
            today=today,
        )


def _keep(session: Session, listing: Listing, head: User, *, now: datetime) -> None:
    """Write down annuities: two paid, one due soon."""
    today = now.date()
    for right in listing.ip_rights:
        if right.status != "granted" or right.filed_on is None:
            continue
        due = today + timedelta(days=40)
        for back in (2, 1, 0):
            day = date(due.year - back, due.month, min(due.day, 28))
            services.record_annuity(
                session,
                right,
                year=max(1, day.year - right.filed_on.year),
                due_on=day,
                paid_on=None if back == 0 else day - timedelta(days=20),
                by=actor_of(head),
                now=now,
                today=today,
            )


def _pledge(session: Session, listing: Listing, head: User, *, now: datetime) -> None:
    """Pledge the patents of a result, with the bank's consent to licences."""
    today = now.date()
    for right in listing.ip_rights:
        services.record_pledge(
            session,
            right,
            pledgee="示例商业银行光谷支行",
            since=today - timedelta(days=200),
            until=today + timedelta(days=530),
            consent=True,
            by=actor_of(head),
            now=now,
            today=today,
        )


def _grant(
    session: Session,
    listing: Listing,
    people: Mapping[str, User],
    role: str,
    *,
    now: datetime,
    years: int | None = None,
    share: Decimal | None = None,
) -> None:
    """Apply for a contributor; a grant of use is published, an old one agreed as well."""
    contributor, head = people[role], people["institution"]
    grant = services.apply(
        session,
        listing,
        application=Application(
            kind="use" if years else "ownership",
            members=[Member(contributor.name, WHOLE, contributor.id)],
            statement="成果已完成中试，完成人拟与企业合作，自行组织转化和后续开发。",
            share=share,
            years=years,
        ),
        by=actor_of(contributor),
        now=now,
        today=now.date(),
    )
    if years is None:
        return
    by = actor_of(head)
    services.approve(session, grant, by=by, now=now)
    services.publicise(session, grant, by=by, now=now, today=now.date())
    if years > 10:
        _object(session, grant, people, now=now)
        return
    later = now + _PUBLICITY
    for person in (head, contributor):
        services.confirm(session, grant, by=actor_of(person), now=later, today=later.date())


def _object(
    session: Session, grant: RightGrant, people: Mapping[str, User], *, now: datetime
) -> None:
    later = now + timedelta(days=1)
    services.object_to(
        session,
        grant,
        text="本人参加了样件测试，请核实完成人名单是否完整。",
        by=actor_of(people["inventor"]),
        now=later,
        today=later.date(),
    )
