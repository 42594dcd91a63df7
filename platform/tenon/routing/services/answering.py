"""A firm gets its answer: a broker writes, or an introduction for the need reaches somebody."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tenon.actors import SYSTEM, Actor
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.introductions.models import Introduction
from tenon.routing import notifying
from tenon.routing.models import NeedCase, NeedReply
from tenon.routing.permissions import may_see_case
from tenon.routing.queries.cases import case_of
from tenon.routing.queries.places import site_day
from tenon.routing.services.assigning import may_work
from tenon.routing.services.moving import move

TEXT_LIMIT = 5000


def reply(
    session: Session,
    case: NeedCase,
    *,
    text: str,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> NeedReply:
    """Write to the firm: its people read it on the need's page and are told.

    Raises NotFound and Forbidden for who does not answer for the case, Conflict for one that is
    closed, Invalid at ``text``.
    """
    if not may_work(session, by, case, now=now):
        if not may_see_case(by, case, today=site_day(now)):
            raise NotFound(kind="need_case")
        raise Forbidden(action="reply")
    if case.state == "closed":
        raise Conflict("case_closed", kind="need_case")
    if not text:
        raise Invalid({"text": "required"})
    if len(text) > TEXT_LIMIT:
        raise Invalid({"text": "too_long"})
    if expected_version is not None and case.version != expected_version:
        raise Conflict("changed_meanwhile", kind="need_case")
    written = NeedReply(case_id=case.id, author_id=by.user_id, text=text, at=now)
    session.add(written)
    session.flush()
    _answered(session, case, "reply", by=by, now=now)
    notifying.tell_reply(session, case, now=now)
    return written


def follow_introduction(
    session: Session, introduction: Introduction, *, step: str, now: datetime
) -> None:
    """Note that an introduction answered a need.

    One that was proposed answers the firm that got the proposal, one that was passed on both
    sides' needs.
    """
    if step == "propose":
        answered, how = [introduction.own_listing_id], "proposed"
    elif step == "pass_on":
        answered, how = [introduction.own_listing_id, introduction.listing_id], "passed_on"
    else:
        return
    for key in answered:
        case = None if key is None else case_of(session, key)
        if case is not None:
            _answered(session, case, how, by=SYSTEM, now=now)


def _answered(session: Session, case: NeedCase, how: str, *, by: Actor, now: datetime) -> None:
    """Note the first answer; what was answered or closed stays as it is."""
    if case.state != "open":
        return
    move(
        session,
        case,
        "answered",
        reasons=[{"code": f"by_{how}"}],
        state="answered",
        answered_at=now,
        answered_how=how,
        by=by,
        now=now,
    )
