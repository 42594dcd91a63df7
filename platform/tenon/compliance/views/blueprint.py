"""The room's one blueprint, and what several of its pages need."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from flask import Blueprint, Response, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from tenon.accounts.models import User
from tenon.compliance.forms import RoomForm
from tenon.deals import services as deal_services
from tenon.deals.guards import RuleBroken
from tenon.deals.models import Deal, DealFile
from tenon.deals.services.talking import SIZE_LIMIT
from tenon.errors import Conflict, Invalid
from tenon.web.requests import current_actor, current_session, request_now, settings

compliance = Blueprint("compliance", __name__)

Answer = str | Response | BaseResponse | tuple[str, int]


def sent_paper(deal: Deal, kind: str = "evidence", *, private: bool = False) -> DealFile | None:
    """Keep the file that came with the form, if one did; raises Invalid at ``file``."""
    came = request.files.get("file")
    if came is None or not came.filename:
        return None
    return deal_services.add_file(
        current_session(),
        deal,
        kind=kind,
        name=came.filename,
        content=came.read(SIZE_LIMIT + 1),
        folder=settings().files_folder,
        private=private,
        by=current_actor(),
        now=request_now(),
    )


def saved(
    form: RoomForm,
    act: Callable[[], object],
    *,
    again: Callable[[RoomForm, bool], str],
    said: str,
    target: str,
) -> Answer:
    """Do what a form asks: back to ``target`` where it was done, the form again where not.

    ``again`` shows the form with what was typed; its second argument tells whether somebody was
    quicker.
    """
    session: Session = current_session()
    try:
        act()
    except Invalid as error:
        session.rollback()
        form.take_errors(error)
        return again(form, False), 422  # noqa: FBT003  # nobody was quicker
    except RuleBroken:
        raise
    except Conflict:
        session.rollback()
        return again(form, True), 409  # noqa: FBT003  # somebody was quicker
    flash(said, "success")
    return redirect(target, 303)


def page_of(deal: Deal, anchor: str | None = None) -> str:
    """Return the address of a deal's page of this room."""
    return url_for("compliance.of_deal", public_id=deal.public_id, _anchor=anchor)


def names_of(user_ids: set[int | None]) -> dict[int, str]:
    """Return user id -> name, of those who were not erased."""
    wanted = {each for each in user_ids if each is not None}
    if not wanted:
        return {}
    rows = current_session().execute(
        sa.select(User.id, User.name).where(User.id.in_(wanted), User.erased_at.is_(None))
    )
    return {key: name for key, name in rows if name}
