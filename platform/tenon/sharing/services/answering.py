"""A contributor confirms the own share or says no; a signed paper stands for who has no account."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.documents import keeping
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.listings.services.attachments import shown_name
from tenon.sharing import permissions, queries
from tenon.sharing.models import Distribution, IncomeShare
from tenon.sharing.services.drafting import Receipt, check_file
from tenon.sharing.states import DISTRIBUTION

WORDS_LIMIT = 2000


def confirm(session: Session, distribution: Distribution, *, by: Actor, now: datetime) -> bool:
    """Confirm the actor's own share; return whether all have confirmed now.

    Raises NotFound, Forbidden, IllegalTransition, Conflict.
    """
    permissions.require(by, "confirm", distribution)
    _wait_for_others(session, distribution)
    share = _own(by, distribution)
    _answer(session, share, "confirmed", now=now)
    _record(session, distribution, share, "confirm_share", by=by, now=now)
    return _all_confirmed(session, distribution, by=by, now=now)


def dispute(
    session: Session, distribution: Distribution, *, words: str, by: Actor, now: datetime
) -> None:
    """Say no to the own share, with the reason; the distribution is to be written anew.

    Raises NotFound, Forbidden, IllegalTransition, Conflict, Invalid at ``words``.
    """
    permissions.require(by, "dispute", distribution)
    said = words.strip()
    if not said or len(said) > WORDS_LIMIT:
        raise Invalid({"words": "too_long" if said else "required"})
    _wait_for_others(session, distribution)
    share = _own(by, distribution)
    _answer(session, share, "disputed", words=said, now=now)
    facts = {"share": share.public_id}
    DISTRIBUTION.move(distribution, "dispute", by=by, now=now, facts=facts)


def confirm_by_paper(
    session: Session,
    distribution: Distribution,
    share_id: str,
    *,
    paper: Receipt,
    folder: Path,
    by: Actor,
    now: datetime,
) -> bool:
    """Confirm the share of a contributor without an account by the paper that they signed.

    For administrators of the institution. Return whether all have confirmed now. Raises NotFound,
    Forbidden, IllegalTransition, Conflict, Invalid at ``paper``.
    """
    if not permissions.works_on(by, distribution.deal):
        raise NotFound(kind="distribution")
    if not permissions.decides(by, distribution.deal):
        raise Forbidden(action="confirm_by_paper")
    share = queries.share(distribution, share_id)
    if share.user_id is not None:
        raise Forbidden("confirms_online")
    wrong: dict[str, str] = {}
    kept = check_file(paper, "paper", wrong)
    if kept is None:
        raise Invalid(wrong)
    _wait_for_others(session, distribution)
    _answer(
        session,
        share,
        "confirmed",
        now=now,
        paper_name=shown_name(paper.name, kept),
        paper_type=kept,
        paper_sha256=keeping.keep(folder, paper.content),
        paper_by=by.user_id,
    )
    _record(session, distribution, share, "confirm_by_paper", by=by, now=now)
    return _all_confirmed(session, distribution, by=by, now=now)


def _wait_for_others(session: Session, distribution: Distribution) -> None:
    """Let one answer at a time through, so that the last one sees that it is the last."""
    session.flush()
    result = session.execute(
        sa.update(Distribution)
        .where(Distribution.id == distribution.id, Distribution.state == "proposed")
        .values(version=Distribution.version + 1)
        .execution_options(synchronize_session=False)
    )
    if not result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("changed_meanwhile", kind="distribution")
    session.refresh(distribution, ["version", "state"])
    for share in distribution.shares:
        session.refresh(share)


def _own(actor: Actor, distribution: Distribution) -> IncomeShare:
    share = permissions.own_share(actor, distribution)
    if share is None or share.state != "waiting":
        raise Conflict("answered_meanwhile", kind="share")
    return share


def _answer(
    session: Session,
    share: IncomeShare,
    state: str,
    *,
    now: datetime,
    words: str | None = None,
    **columns: str | int | None,
) -> None:
    if share.state != "waiting":
        raise Conflict("answered_meanwhile", kind="share")
    share.state, share.answered_at, share.words = state, now, words
    for name, value in columns.items():
        setattr(share, name, value)
    session.flush()


def _all_confirmed(
    session: Session, distribution: Distribution, *, by: Actor, now: datetime
) -> bool:
    if any(share.state != "confirmed" for share in distribution.shares):
        return False
    DISTRIBUTION.move(distribution, "confirm", by=by, now=now, along={"confirmed_at": now})
    session.flush()
    return True


def _record(
    session: Session,
    distribution: Distribution,
    share: IncomeShare,
    kind: str,
    *,
    by: Actor,
    now: datetime,
) -> None:
    history.record(
        session,
        chain=("distribution", distribution.public_id),
        kind=kind,
        by=by,
        now=now,
        facts={"share": share.public_id, "minor": share.minor, "paper": share.paper_sha256},
    )
