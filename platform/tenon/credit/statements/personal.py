"""What statements hold about a person, and how they forget them.

A statement stays when its person goes, so that a copy on paper can still be told from a forgery:
its code, its hashes and its totals. The name and the file go, and the digests in it mean nothing
without the person's salt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import settings
from tenon.accounts.models import User
from tenon.accounts.personal_data import Enclosure, collects, encloses, erases
from tenon.credit.statements.codes import written
from tenon.credit.statements.models import CreditStatement
from tenon.credit.statements.queries import statements_of
from tenon.documents import keeping
from tenon.outbox import emit


def folder_of(files: Path) -> Path:
    """Return where statements' files lie below the folder of all files."""
    return files / "statements"


@collects("statements")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return the person's statements with what they say."""
    return {
        "statements": [
            {
                "code": written(each.code),
                "name": each.name,
                "issued_at": each.issued_at.isoformat(),
                "revoked_at": each.revoked_at.isoformat() if each.revoked_at else None,
                "reason": each.revocation,
                "content": each.content,
                "content_sha256": each.content_sha256,
                "pdf_sha256": each.pdf_sha256,
            }
            for each in statements_of(session, user.id)
        ]
    }


@encloses("statements")
def enclose(session: Session, user: User) -> Iterable[Enclosure]:
    """Return the person's files."""
    folder = folder_of(settings.load().files_folder)
    for each in statements_of(session, user.id):
        path = keeping.place(folder, each.pdf_sha256)
        yield Enclosure(f"statements/{written(each.code)}.pdf", path)


@erases("statements")
def erase(session: Session, user: User, now: datetime) -> None:
    """Empty the name on the person's statements, and have their files deleted after the commit."""
    session.execute(sa.select(User.id).where(User.id == user.id).with_for_update())
    for each in statements_of(session, user.id):
        emit(session, "statements.file_dropped", {"sha256": each.pdf_sha256}, now=now)
    session.execute(
        sa.update(CreditStatement)
        .where(CreditStatement.user_id == user.id)
        .values(name="")
        .execution_options(synchronize_session="fetch")
    )
