"""Introductions of the demo at every stage, and those of earlier years, so that no board is empty.

Made through the same services as everybody's, from ``set/introductions.jsonl`` and
``set/past.jsonl``; each line is one introduction with its steps, dated back by days.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.queries import actor_of
from tenon.actors import Actor
from tenon.credit.models import CreditEntry
from tenon.credit.services import dispute
from tenon.demo.people import SOURCE
from tenon.introductions import services
from tenon.introductions.models import Introduction
from tenon.introductions.services import Answers
from tenon.listings.models import ConfidentialDetail, Listing

FILES = tuple(
    Path(__file__).parent / "set" / name for name in ("past.jsonl", "introductions.jsonl")
)

People = Mapping[str, User]
Step = Callable[[Session, Introduction, Mapping[str, Any], Actor, datetime], object]


def write_introductions(session: Session, people: People, *, now: datetime) -> list[Introduction]:
    """Begin every introduction of the files and take it as far as they say."""
    return [_write(session, row, people, now) for row in _rows()]


def listings_since() -> dict[str, int]:
    """Return how many days ago each listing was first introduced, by external id."""
    found: dict[str, int] = {}
    for row in _rows():
        for name in {row["listing"], row.get("own", row["listing"])}:
            found[name] = max(found.get(name, 0), row["days_ago"])
    return found


def _rows() -> list[dict[str, Any]]:
    return [
        json.loads(line) for file in FILES for line in file.read_text(encoding="utf-8").splitlines()
    ]


def _write(session: Session, row: Mapping[str, Any], people: People, now: datetime) -> Introduction:
    listing = _listing(session, row["listing"])
    own = _listing(session, row["own"]) if "own" in row else None
    for each in (listing, own):
        if each is not None and each.broker_id is None:
            each.broker_id = people[row.get("broker", "broker")].id
    if "nda" in row:
        listing.details.append(ConfidentialDetail(tier="nda", text=row["nda"]))
    introduction = _begin(session, row, listing, own, people, now)
    key = introduction.broker_id
    keeper = people["broker"] if key is None else session.get_one(User, key)
    for step in row["steps"]:
        by = actor_of(people[step["by"]] if "by" in step else keeper)
        at = now - timedelta(days=step["days_ago"])
        _STEPS[step["do"]](session, introduction, step, by, at)
    return introduction


def _begin(
    session: Session,
    row: Mapping[str, Any],
    listing: Listing,
    own: Listing | None,
    people: People,
    now: datetime,
) -> Introduction:
    by = actor_of(people[row["by"]])
    at = now - timedelta(days=row["days_ago"])
    if "note" in row and own is not None:
        return services.propose(
            session,
            listing=listing,
            own_listing=own,
            organisation_id=own.organisation_id,
            note=row["note"],
            by=by,
            now=at,
        )
    return services.express_interest(
        session,
        listing=listing,
        own_listing=own,
        organisation_id=by.organisation_id or 0,
        answers=Answers(
            interest=row["interest"] + row.get("interest_more", ""),
            offer=row["offer"],
            proposal=row["proposal"],
            language=row.get("language", "zh"),
        ),
        origin=("match", None) if own is not None else ("listing", None),
        by=by,
        now=at,
    )


def _pass_on(
    session: Session, it: Introduction, _step: Mapping[str, Any], by: Actor, at: datetime
) -> None:
    services.pass_on(session, it, by=by, now=at)


def _give_back(
    session: Session, it: Introduction, step: Mapping[str, Any], by: Actor, at: datetime
) -> None:
    services.give_back(session, it, remark=step["remark"], by=by, now=at)


def _ask_back(
    session: Session, it: Introduction, step: Mapping[str, Any], by: Actor, at: datetime
) -> None:
    services.ask_back(session, it, text=step["text"], by=by, now=at)


def _reply(
    session: Session, it: Introduction, step: Mapping[str, Any], by: Actor, at: datetime
) -> None:
    services.reply(session, it, text=step["text"], by=by, now=at)


def _accept(
    session: Session, it: Introduction, _step: Mapping[str, Any], by: Actor, at: datetime
) -> None:
    services.accept(session, it, consent=True, by=by, now=at)


def _decline(
    session: Session, it: Introduction, step: Mapping[str, Any], by: Actor, at: datetime
) -> None:
    services.decline(session, it, reason=step["reason"], remark=step["remark"], by=by, now=at)


def _confirm(
    session: Session, it: Introduction, step: Mapping[str, Any], by: Actor, at: datetime
) -> None:
    services.confirm_agreement(
        session,
        it,
        signatory=step["signatory"],
        sha256=services.agreement_of(it).sha256,
        confirmed=True,
        by=by,
        now=at,
    )


def _say(
    session: Session, it: Introduction, step: Mapping[str, Any], by: Actor, at: datetime
) -> None:
    services.write_message(session, it, text=step["text"], by=by, now=at)


def _withdraw(
    session: Session, it: Introduction, _step: Mapping[str, Any], by: Actor, at: datetime
) -> None:
    services.withdraw(session, it, by=by, now=at)


def _dispute(
    session: Session, it: Introduction, step: Mapping[str, Any], by: Actor, at: datetime
) -> None:
    credited = sa.select(CreditEntry).where(
        CreditEntry.thing_kind == "introduction", CreditEntry.thing_id == it.public_id
    )
    entry = session.scalars(credited).one()
    dispute(session, entry, claim=step["claim"], reason=step["text"], by=by, now=at)


def _end(
    session: Session, it: Introduction, step: Mapping[str, Any], by: Actor, at: datetime
) -> None:
    remark = step.get("remark", "")
    services.end(session, it, reason=step["reason"], remark=remark, by=by, now=at)


_STEPS: Mapping[str, Step] = {
    "pass_on": _pass_on,
    "give_back": _give_back,
    "ask_back": _ask_back,
    "reply": _reply,
    "accept": _accept,
    "decline": _decline,
    "confirm": _confirm,
    "say": _say,
    "withdraw": _withdraw,
    "end": _end,
    "dispute": _dispute,
}


def _listing(session: Session, external_id: str) -> Listing:
    wanted = sa.select(Listing).where(Listing.source == SOURCE, Listing.external_id == external_id)
    return session.scalars(wanted).one()
