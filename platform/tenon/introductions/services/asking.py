"""The interested side: a proposal by a broker, three answers, a reply, a change of mind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import Organisation, User
from tenon.accounts.queries import actor_of
from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.introductions import permissions
from tenon.introductions.models import ORIGINS, Introduction
from tenon.introductions.services.closing import close
from tenon.introductions.services.moving import move, require_standing
from tenon.introductions.services.wording import (
    Answers,
    check_naming,
    check_text,
    fill_answers,
)
from tenon.introductions.services.writing import say
from tenon.introductions.stages import first_due
from tenon.introductions.states import INTRODUCTION
from tenon.listings.models import Listing
from tenon.listings.permissions import is_public, may_know_owner
from tenon.outbox import emit


def express_interest(
    session: Session,
    *,
    listing: Listing,
    answers: Answers,
    organisation_id: int,
    own_listing: Listing | None = None,
    unnamed: bool = False,
    origin: tuple[str, int | None] = ("listing", None),
    by: Actor,
    now: datetime,
) -> Introduction:
    """Ask for an introduction to those behind ``listing``; its broker checks it first.

    Args:
        session: writing.
        listing: public, of another organisation.
        answers: to the three questions; with them the interested side agrees that its name, its
            contact and the introduction tier of its own listing open once the other side accepts.
        organisation_id: the interested side; the actor writes for it.
        own_listing: the interested side's own public listing that it is for, of the other kind.
        unnamed: keep the interested side's name back until the other side accepts; always so for
            an anonymous need.
        origin: what it came from (one of ORIGINS) and its key.
        by: who asks.
        now: the moment.

    Raises:
        NotFound: one of the listings is not public, or is not whose it should be.
        Forbidden: the actor may not speak for the organisation, or it is not approved yet.
        Conflict: ``already_introduced`` where the pair has a live introduction.
        Invalid: at the answers.
    """
    if not by.at_least("editor", organisation_id):
        raise Forbidden(action="express")
    house = _require_pair(session, listing, own_listing, organisation_id, now=now)
    hidden = unnamed or (own_listing is not None and own_listing.anonymous)
    answers.check(session, house if hidden else None, by=by)
    introduction = _begin(listing, own_listing, house, state="checking", origin=origin, now=now)
    introduction.broker_id = _keeper(session, introduction)
    introduction.unnamed = hidden
    introduction.live_key = _key_of(introduction, unnamed=hidden)
    introduction.from_user_id, introduction.from_consented_at = by.user_id, now
    fill_answers(introduction, answers)
    _open_chain(session, introduction, "express", by=by, now=now)
    return introduction


def propose(
    session: Session,
    *,
    listing: Listing,
    organisation_id: int,
    own_listing: Listing | None = None,
    note: str,
    origin: tuple[str, int | None] = ("broker", None),
    by: Actor,
    now: datetime,
) -> Introduction:
    """Suggest to an organisation, as a broker, that it take interest in ``listing``.

    ``note`` says why, for that side alone. Proposing to both sides is proposing to either: the
    one that is to speak first gets the proposal. Raises as ``express_interest``; Forbidden for who
    is no broker, belongs to either side, or may not know whose ``own_listing`` it is.
    """
    concerned = {organisation_id, listing.organisation_id}
    if not (by.broker or by.operator) or by.user_id is None or concerned & set(by.memberships):
        raise Forbidden(action="propose")
    if own_listing is not None and not may_know_owner(by, own_listing):
        raise Forbidden(action="propose")
    house = _require_pair(session, listing, own_listing, organisation_id, now=now)
    introduction = _begin(listing, own_listing, house, state="proposed", origin=origin, now=now)
    introduction.proposer_id = by.user_id
    introduction.broker_id = _keeper(session, introduction)
    introduction.unnamed = own_listing is not None and own_listing.anonymous
    check_text(note, "note")
    check_naming(session, introduction, note, "note", by=by)
    _open_chain(session, introduction, "propose", by=by, now=now)
    say(
        session, introduction, text=note, kind="remark", speaker="broker", audience="from",
        field="note", by=by, now=now,
    )  # fmt: skip
    return introduction


def answer_proposal(
    session: Session,
    introduction: Introduction,
    *,
    answers: Answers,
    unnamed: bool | None = None,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Take up a proposal, or write anew what the broker gave back: the three answers.

    ``unnamed`` is as in express_interest; None leaves it as it was chosen. Raises Forbidden (also
    ``organisation_not_approved``), NotFound, IllegalTransition, Conflict, and Invalid at the
    answers; Conflict ``not_public`` where a listing has gone meanwhile, ``already_introduced``
    where the choice makes it the same as another that lives.
    """
    permissions.require(by, "express", introduction)
    require_standing(introduction, now=now)
    own = introduction.own_listing
    chosen = introduction.unnamed if unnamed is None else unnamed
    hidden = chosen or (own is not None and own.anonymous)
    answers.check(session, introduction.from_organisation if hidden else None, by=by)
    along: dict[str, Any] = {
        "from_user_id": by.user_id,
        "from_consented_at": now,
        "unnamed": hidden,
        "live_key": _key_of(introduction, unnamed=hidden),
        **answers.columns(),
    }
    with _one_at_a_time(session):
        move(
            introduction, "express", by=by, now=now, along=along, expected_version=expected_version
        )


def turn_down(
    session: Session,
    introduction: Introduction,
    *,
    reason: str,
    remark: str = "",
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Decline a broker's proposal with a categorised reason, which the broker reads."""
    close(
        session, introduction, "turn_down", reason=reason, remark=remark, by=by, now=now,
        along={"from_user_id": by.user_id}, expected_version=expected_version,
    )  # fmt: skip


def reply(
    session: Session,
    introduction: Introduction,
    *,
    text: str,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Answer what the other side asked back; it is for them to decide again."""
    permissions.require(by, "reply", introduction)
    say(session, introduction, text=text, kind="reply", speaker="from", by=by, now=now)
    move(introduction, "reply", by=by, now=now, expected_version=expected_version)


def withdraw(
    session: Session,  # noqa: ARG001  # every verb takes one
    introduction: Introduction,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Take the request back before it is accepted; a broker takes back an unanswered proposal."""
    permissions.require(by, "withdraw", introduction)
    move(introduction, "withdraw", by=by, now=now, expected_version=expected_version)


def _require_pair(
    session: Session,
    listing: Listing,
    own_listing: Listing | None,
    organisation_id: int,
    *,
    now: datetime,
) -> Organisation:
    """Check that the two may be introduced; return the interested side."""
    house = session.get(Organisation, organisation_id)
    if house is None:
        raise NotFound(kind="organisation")
    if house.state != "approved":
        raise Forbidden("organisation_not_approved")
    if not is_public(listing, now) or listing.organisation_id == organisation_id:
        raise NotFound(kind="listing")
    if own_listing is not None:
        fits = own_listing.side != listing.side and own_listing.organisation_id == organisation_id
        if not (fits and is_public(own_listing, now)):
            raise NotFound(kind="listing")
    return house


def _keeper(session: Session, introduction: Introduction) -> int | None:
    """Return the approached listing's broker, who checks it; None where they could not.

    Somebody who is a broker no more or belongs to a side may not; then any broker may take it.
    """
    key = introduction.listing.broker_id
    user = None if key is None else session.get(User, key)
    if user is None or not user.active:
        return None
    as_actor = actor_of(user)
    fit = as_actor.broker or as_actor.operator
    return key if fit and not permissions.is_party(as_actor, introduction) else None


def live_key(listing_id: int, own_listing_id: int | None, organisation_id: int) -> str:
    """Return the name of a pair, the same whichever side asks first.

    Two listings are a pair; without an own listing, an organisation and the listing are.
    """
    if own_listing_id is None:
        return f"listing:{listing_id}:organisation:{organisation_id}"
    low, high = sorted((listing_id, own_listing_id))
    return f"pair:{low}:{high}"


def _key_of(introduction: Introduction, *, unnamed: bool) -> str:
    """Return the live key of an introduction that is being asked for.

    A side that keeps back its name and has a listing that bears it is keyed by its organisation:
    named after the pair, the key would tell whoever asks the other way round who is unnamed.
    """
    own = introduction.own_listing
    told = own is not None and (own.anonymous or not unnamed)
    own_id = own.id if own is not None and told else None
    return live_key(introduction.listing.id, own_id, introduction.from_organisation_id)


@contextmanager
def _one_at_a_time(session: Session) -> Iterator[None]:
    """Write within a savepoint; of two that begin the same pair the database refuses the second."""
    try:
        with session.begin_nested():  # one pair of many that a broker proposes at once
            yield
    except sa.exc.IntegrityError as error:
        if "live_key" not in str(error.orig):
            raise
        raise Conflict("already_introduced", kind="introduction") from error


def _place_of(listing: Listing | None) -> int | None:
    """Return where in the service network a listing lies now: who has it, else where it came in."""
    if listing is None:
        return None
    return listing.handling_station_id or listing.station_id


def _begin(
    listing: Listing,
    own_listing: Listing | None,
    house: Organisation,
    *,
    state: str,
    origin: tuple[str, int | None],
    now: datetime,
) -> Introduction:
    if origin[0] not in ORIGINS:
        raise Invalid({"origin": "unknown_code"})
    own_id = None if own_listing is None else own_listing.id
    due_step, due_at = first_due(state, now)
    return Introduction(
        state=state,
        listing=listing,
        own_listing=own_listing,
        from_station_id=_place_of(own_listing),
        to_station_id=_place_of(listing),
        from_organisation=house,
        from_organisation_id=house.id,
        to_organisation=listing.organisation,
        to_organisation_id=listing.organisation_id,
        live_key=live_key(listing.id, own_id, house.id),
        origin_kind=origin[0],
        origin_id=origin[1],
        stage_since=now,
        due_step=due_step,
        due_at=due_at,
        created_at=now,
    )


def _open_chain(
    session: Session, introduction: Introduction, step: str, *, by: Actor, now: datetime
) -> None:
    """Write it, its first entry of history, and the message that tells people."""
    with _one_at_a_time(session):
        session.add(introduction)
        session.flush()
    history.record(
        session,
        chain=(INTRODUCTION.kind, introduction.public_id),
        kind=step,
        by=by,
        now=now,
        facts={
            "to": introduction.state,
            "listing": introduction.listing.public_id,
            "own_listing": introduction.own_listing.public_id if introduction.own_listing else None,
        },
    )
    payload = {"id": introduction.id, "change": step, "from": None, "to": introduction.state}
    emit(session, "introduction.moved", payload, now=now)
