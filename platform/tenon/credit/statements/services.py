"""Issue a statement, give its file out, revoke it. Never commits.

Issuing takes three steps, so that no writer waits while the file is made: ``draft`` reads,
``print_file`` makes the PDF, ``issue`` writes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import LANGUAGES, User
from tenon.actors import Actor
from tenon.credit.statements import permissions
from tenon.credit.statements.codes import new_code
from tenon.credit.statements.content import (
    MOST_ENTRIES,
    Period,
    gather,
    hash_of,
    standing_entries,
)
from tenon.credit.statements.models import PURPOSES, REVOCATIONS, CreditStatement
from tenon.credit.statements.papers import Paper
from tenon.credit.statements.printing import print_statement
from tenon.credit.statements.proving import CHAIN, issued_facts
from tenon.credit.statements.telling import tell_issued, tell_revoked
from tenon.db import new_public_id
from tenon.documents import keeping
from tenon.errors import Conflict, Invalid, NotFound

FORM = 1  # of the content; a later form gets another number


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement that is not written down yet.

    Attributes:
        user_id: whom it is about.
        name: the person's, as on the paper.
        content: what it says, frozen.
    """

    user_id: int
    name: str
    content: Mapping[str, Any]


def draft(
    session: Session,
    user: User,
    *,
    period: Period,
    purpose: str,
    language: str,
    address: str,
    by: Actor,
    now: datetime,
    paper: Paper | None = None,
    said: Mapping[str, Any] | None = None,
) -> Draft:
    """Gather what the ledger says of a person for a period; writes nothing.

    ``address`` is how the site is reached, which is who issues. A ``paper`` of another room carries
    what that room says (``said``), and may rest on no entry at all. Raises NotFound for anybody but
    the person and operators; Invalid: ``since`` or ``until`` (out_of_order, in_the_future),
    ``purpose``, ``language``, or for the whole form no_name, no_entries, too_many_entries.
    """
    if not permissions.may_issue(by, user):
        raise NotFound(kind="user")
    _check(period, purpose, language, now)
    if not user.name.strip():
        raise Invalid({"": "no_name"})
    found = standing_entries(session, user.id, period)
    if not found and paper is None:
        raise Invalid({"": "no_entries"})
    most = MOST_ENTRIES if paper is None else paper.most
    if len(found) > most:
        raise Invalid({"": "too_many_entries"}, most=most)
    content = {
        "form": FORM,
        "code": new_code(),
        "issuer": address,
        "asked_by": _asked_by(by, user),
        "since": period.since.isoformat(),
        "until": period.until.isoformat(),
        "zone": period.zone.key,
        "purpose": purpose,
        "language": language,
        "issued_at": now.isoformat(),
        **gather(session, user, found, period),
    }
    if paper is not None:
        content |= {"paper": paper.code, "said": dict(said or {})}
    return Draft(user.id, user.name, content)


def _asked_by(by: Actor, user: User) -> str:
    if by.system:
        return "site"
    return "person" if by.user_id == user.id else "operator"


def _check(period: Period, purpose: str, language: str, now: datetime) -> None:
    faults = {}
    if period.until < period.since:
        faults["until"] = "period_out_of_order"
    elif period.until > period.day(now):
        faults["until"] = "in_the_future"
    if purpose not in PURPOSES:
        faults["purpose"] = "unknown_code"
    if language not in LANGUAGES:
        faults["language"] = "unknown_code"
    if faults:
        raise Invalid(faults)


def print_file(draft: Draft, *, folder: Path) -> str:
    """Make the PDF, keep it under its SHA-256 in ``folder``, and return that.

    Raises Unavailable where this machine cannot make one.
    """
    return keeping.keep(folder, print_statement(draft.content, draft.name))


def issue(
    session: Session, draft: Draft, *, pdf_sha256: str, by: Actor, now: datetime
) -> CreditStatement:
    """Write a statement down, whose file is kept already; raises NotFound for an erased person."""
    content = draft.content
    # Locked, so that an erasure at the same moment comes before or after, never between.
    user = session.get(User, draft.user_id, with_for_update=True, populate_existing=True)
    if user is None or not permissions.may_issue(by, user):
        raise NotFound(kind="user")
    made = CreditStatement(
        public_id=new_public_id(),
        code=content["code"],
        user=user,
        name=draft.name,
        since=date.fromisoformat(content["since"]),
        until=date.fromisoformat(content["until"]),
        purpose=content["purpose"],
        language=content["language"],
        content=dict(content),
        content_sha256=hash_of(content),
        pdf_sha256=pdf_sha256,
        issued_at=now,
    )
    session.add(made)
    session.flush()
    facts = issued_facts(made)
    history.record(
        session, chain=(CHAIN, made.public_id), kind="issued", by=by, now=now, facts=facts
    )
    if by.user_id != user.id and not by.system:
        tell_issued(session, made, now=now)
    return made


def file_of(statement: CreditStatement, *, folder: Path) -> bytes:
    """Return a statement's PDF as it was given out.

    A file that was lost or harmed is made again and given out if it comes out the same; another
    version of the fonts or of WeasyPrint may differ. Raises Conflict ``statement_file_gone`` then,
    and for a person who was erased.
    """
    kept = keeping.read(folder, statement.pdf_sha256)
    if kept is not None:
        return kept
    if statement.name:
        again = print_statement(statement.content, statement.name)
        if hashlib.sha256(again).hexdigest() == statement.pdf_sha256:
            keeping.keep(folder, again)
            return again
    raise Conflict("statement_file_gone")


def revoke(
    session: Session, statement: CreditStatement, *, reason: str, by: Actor, now: datetime
) -> None:
    """Say that a statement counts no longer; that is final.

    Raises NotFound for anybody but the person and operators, Invalid ``reason``, Conflict where it
    is revoked already.
    """
    if not permissions.may_see(by, statement):
        raise NotFound(kind="statement")
    if reason not in REVOCATIONS:
        raise Invalid({"reason": "unknown_code"})
    session.refresh(statement, with_for_update=True)
    if statement.revoked_at is not None:
        raise Conflict("changed_meanwhile")
    statement.revoked_at, statement.revocation = now, reason
    session.flush()
    facts = {"reason": reason}
    history.record(
        session, chain=(CHAIN, statement.public_id), kind="revoked", by=by, now=now, facts=facts
    )
    if by.user_id != statement.user_id:
        tell_revoked(session, statement, now=now)
