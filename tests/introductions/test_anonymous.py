"""An anonymous firm on either side: before it consents its name is nowhere that others can look.

Rows, messages, mails and their headers, logs, index files, downloads, statements of credit; the
pages are in test_anonymous_pages.py.
"""

from __future__ import annotations

import email
import email.policy
import logging
from datetime import date, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collect
from tenon.credit.models import CreditDispute, CreditEntry
from tenon.credit.statements import services as statements
from tenon.credit.statements.content import Period
from tenon.db import Database
from tenon.history import HistoryEntry
from tenon.notices.models import Mail, Notice
from tenon.outbox.models import OutboxMessage
from tenon.settings import Settings
from tests.introductions.cast import Cast, take
from tests.introductions.scenes import (
    INSIDERS,
    KEEPER,
    SCENES,
    TITLE,
    Work,
    roles_of,
    secrets_of,
    staged,
)


@pytest.mark.parametrize(("side", "end"), SCENES)
def test_nothing_that_is_kept_or_sent_names_it(
    database: Database,
    settings: Settings,
    work: Work,
    now: datetime,
    caplog: pytest.LogCaptureFixture,
    side: str,
    end: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    with database.writing() as session:
        cast, _it = staged(session, side, end, now)
    work(now)
    secrets = secrets_of(cast)

    def found_in(*texts: object) -> list[str]:
        return [word for word in secrets if any(word in str(text) for text in texts)]

    insiders = {cast.people[role].id for role in (*INSIDERS, KEEPER)}
    with database.reading() as session:
        assert found_in(*session.scalars(sa.select(HistoryEntry.facts))) == []
        assert found_in(*session.scalars(sa.select(OutboxMessage.payload))) == []
        notices = session.scalars(sa.select(Notice).where(Notice.user_id.not_in(insiders))).all()
        alone = end == "turned_down"  # nobody but its own broker hears of that
        assert notices or alone
        assert found_in(*[(each.facts, each.path) for each in notices]) == []
        mails = session.scalars(
            sa.select(Mail).where(sa.or_(Mail.user_id.is_(None), Mail.user_id.not_in(insiders)))
        ).all()
        assert mails or alone
        assert found_in(*[(m.subject, m.text, m.html, m.message_id) for m in mails]) == []
        assert session.scalars(sa.select(CreditEntry)).all() == []
        assert session.scalars(sa.select(CreditDispute)).all() == []
        for role, person in cast.people.items():
            if role not in INSIDERS and role != KEEPER:
                known = collect(session, session.get_one(User, person.id))
                assert found_in(known) == [], role
    assert _letters_to_others(settings, cast, secrets) > 0 or alone
    held = [file.read_bytes() for file in settings.index_folder.rglob("*") if file.is_file()]
    assert held
    assert [word for word in secrets if any(word.encode() in each for each in held)] == []
    assert found_in(caplog.text) == []


def _letters_to_others(settings: Settings, cast: Cast, secrets: tuple[str, ...]) -> int:
    """Look into each mail as it is sent, headers and all; return how many went to others."""
    own = {cast.people[role].email for role in (*INSIDERS, KEEPER)}
    count = 0
    for file in settings.mail_folder.glob("*.eml"):
        letter = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        if str(letter["To"]) in own:
            continue
        count += 1
        parts = [str(part.get_content()) for part in letter.walk() if not part.is_multipart()]
        whole = "\n".join([*(f"{name}: {value}" for name, value in letter.items()), *parts])
        assert [word for word in secrets if word in whole] == [], file.name
    return count


@pytest.mark.parametrize("side", ["from", "to"])
def test_a_brokers_statement_does_not_tell_whom_they_introduced(
    session: Session, now: datetime, side: str
) -> None:
    """Once open, both sides know; whoever is shown the broker's statement does not."""
    cast, it = staged(session, side, "asked", now)
    take(session, it, "accept", by=cast.actor(roles_of(side)["answers"]), now=now)
    for role in {KEEPER, roles_of(side)["checks"]}:
        made = statements.draft(
            session,
            cast.people[role],
            period=Period(date(2026, 1, 1), date(2026, 11, 22)),
            purpose="reward",
            language="zh",
            address="https://tenon.example",
            by=cast.actor(role),
            now=now,
        )
        assert [each["act"] for each in made.content["entries"]] == ["introduced"]
        assert [word for word in (*secrets_of(cast), TITLE) if word in str(made.content)] == []
