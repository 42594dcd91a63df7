"""Mail that comes back: told once each, addresses taken out and let in again, read from files."""

from __future__ import annotations

import email
import json
import mailbox
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.services import erasure
from tenon.actors import SYSTEM
from tenon.cli import tenon
from tenon.db import Database
from tenon.errors import Forbidden, Invalid, NotFound
from tenon.history import HistoryEntry
from tenon.notices import bounces, delivery, intake, reports, returns
from tenon.notices.bounce_models import MailBounce, UnreachableAddress
from tenon.notices.bounces import Bounce
from tenon.notices.mailers import FileMailer
from tenon.notices.models import Mail
from tenon.notices.sending import HELD_BACK
from tenon.outbox.dispatcher import drain
from tests.factories.accounts import actor_for, grant_role, make_user
from tests.notices import report_samples
from tests.notices.mails import KEY, rows, sending_to, write
from tests.notices.smtp_server import SmtpServer, running


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with running() as made, sending_to(made, "bounces@tenon.example"):
        yield made


@pytest.fixture
def lan(database: Database, server: SmtpServer) -> User:
    with database.writing() as session:
        made = make_user(session, email="lan@example.org")
        session.refresh(made, ["memberships", "roles"])
        return made


def _mail(database: Database, lan: User, now: datetime, kind: str = "notice") -> Mail:
    (key,) = write(database, lan.email, now=now, user=lan, kind=kind)
    with database.reading() as session:
        return session.get_one(Mail, key)


def _take(database: Database, data: bytes, now: datetime) -> str:
    with database.writing() as session:
        return intake.take(session, intake.parse(data), now=now)


def _bounces(database: Database) -> list[tuple[str, str, str, str]]:
    with database.reading() as session:
        found = session.scalars(sa.select(MailBounce).order_by(MailBounce.id))
        return [(each.kind, each.source, each.status, each.reason) for each in found]


def _out(database: Database, lan: User) -> UnreachableAddress | None:
    with database.reading() as session:
        return bounces.obstacle(session, lan)


@pytest.mark.parametrize(
    ("style", "status", "reason"),
    [
        ("postfix", "5.1.1", "550 5.1.1 ... ... is not known here (in reply to RCPT TO command)"),
        ("exchange", "5.1.10", "550 5.1.10 no such recipient for ..."),
        (
            "qmail",
            "5.0.0",
            (
                "198.51.100.7 does not like recipient. Remote host said: 550 ... is gone "
                "Giving up on 198.51.100.7."
            ),
        ),
    ],
)
@pytest.mark.parametrize("found_by", ["token", "message id"])
def test_report_of_each_style_is_recorded_once(
    database: Database,
    lan: User,
    now: datetime,
    style: str,
    status: str,
    reason: str,
    found_by: str,
) -> None:
    mail = _mail(database, lan, now)
    address = returns.return_address(mail.id) or ""
    write_report = getattr(report_samples, style)
    data = (
        write_report("<of-nobody@elsewhere.example>", to=address)
        if found_by == "token"
        else write_report(mail.message_id)
    )
    assert _take(database, data, now) == "recorded"
    assert _take(database, data, now) == "known"
    assert _bounces(database) == [("hard", "report", status, reason)]
    out = _out(database, lan)
    assert out is not None
    assert (out.user_id, out.bounces) == (lan.id, 1)


def test_token_survives_other_case_and_nobody_can_make_one(
    database: Database, lan: User, now: datetime
) -> None:
    mail = _mail(database, lan, now)
    address = returns.return_address(mail.id) or ""
    assert returns.mail_id_in(f"<{address.upper()}>") == mail.id
    forged = address.replace(f"+{mail.id}-", f"+{mail.id + 1}-")
    assert returns.mail_id_in(forged) is None
    assert _take(database, report_samples.postfix("<x@y>", to=forged), now) == "unknown"
    assert len(address.rpartition("@")[0]) <= 64
    delivery.use(delivery.Delivery(FileMailer("a@b", Path()), "https://tenon.example", KEY))
    assert returns.return_address(mail.id) is None


def test_envelope_carries_the_token_and_the_mail_does_not(
    database: Database, lan: User, server: SmtpServer, now: datetime
) -> None:
    mail = _mail(database, lan, now)
    drain(database, now=now)
    (taken,) = server.taken
    assert taken.sender == returns.return_address(mail.id)
    message = email.message_from_bytes(taken.data)
    assert message["To"] == lan.email
    assert "bounces" not in message.as_string()
    assert message["List-Unsubscribe"].startswith("<https://tenon.example/unsubscribe/")


def test_delay_is_no_bounce_and_a_holiday_no_report(
    database: Database, lan: User, now: datetime
) -> None:
    mail = _mail(database, lan, now)
    delay = report_samples.postfix(mail.message_id, action="delayed", status="4.4.1")
    assert _take(database, delay, now) == "delayed"
    assert _take(database, report_samples.ON_HOLIDAY, now) == "other"
    assert _take(database, report_samples.postfix("<nobody@here>"), now) == "unknown"
    assert _bounces(database) == []


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("5.1.1", "hard"),
        ("5.1.10", "hard"),
        ("5.2.1", "hard"),
        ("5.4.4", "hard"),
        ("550", "hard"),
        ("5.2.2", "soft"),
        ("5.3.4", "soft"),
        ("5.7.1", "soft"),
        ("4.2.2", "soft"),
        ("552", "soft"),
        ("451", "soft"),
    ],
)
def test_what_says_that_the_address_is_of_no_use(status: str, kind: str) -> None:
    assert Bounce(status=status, reason="", source="answer").kind == kind
    assert Bounce(status=status, reason="", source="answer", recipient=False).kind == "soft"


def _soft(database: Database, lan: User, now: datetime) -> None:
    mail = _mail(database, lan, now)
    data = report_samples.postfix(mail.message_id, status="5.2.2", said="552 5.2.2 full")
    assert _take(database, data, now) == "recorded"


def test_five_soft_ones_in_a_week_take_an_address_out(
    database: Database, lan: User, now: datetime
) -> None:
    for day in (0, 3, 6, 9, 12, 15):  # never five within a week
        _soft(database, lan, now + timedelta(days=day))
    assert _out(database, lan) is None
    for day in (16, 17):
        _soft(database, lan, now + timedelta(days=day))
    assert _out(database, lan) is None
    _soft(database, lan, now + timedelta(days=18))
    out = _out(database, lan)
    assert out is not None
    assert (out.kind, out.bounces, out.reason) == (
        "soft",
        5,
        "552 5.2.2 full (in reply to RCPT TO command)",
    )


def test_unreachable_gets_no_notices_but_mails_about_the_account(
    database: Database, lan: User, server: SmtpServer, now: datetime
) -> None:
    server.refusals[lan.email] = ["550 5.1.1 gone", "250 back again"]
    _mail(database, lan, now)
    drain(database, now=now)
    _mail(database, lan, now)
    _mail(database, lan, now, kind="account")
    drain(database, now=now)
    first, notice, account = rows(database)
    assert (first.problem, first.failed_at) == ("550 5.1.1 gone", now)
    assert (notice.problem, notice.failed_at, notice.sent_at) == (HELD_BACK, now, None)
    assert account.sent_at == now
    assert len(server.taken) == 1


def test_another_address_is_another_matter(database: Database, lan: User, now: datetime) -> None:
    _take(database, report_samples.postfix(_mail(database, lan, now).message_id), now)
    with database.writing() as session:
        session.get_one(User, lan.id).email = "new@example.org"
    with database.reading() as session:
        assert bounces.obstacle(session, session.get_one(User, lan.id)) is None
        assert not bounces.is_unreachable(session, "new@example.org")
        assert bounces.is_unreachable(session, "LAN@example.org")
        ((_each, person),), total = bounces.unreachable(session, limit=5)
        assert (person, total) == (None, 1)


def test_operator_lets_in_with_a_reason_that_stays_in_the_history(
    database: Database, lan: User, session: Session, now: datetime
) -> None:
    _take(database, report_samples.postfix(_mail(database, lan, now).message_id), now)
    out = _out(database, lan)
    assert out is not None
    operator = actor_for(grant_role(session, make_user(session), "operator"))
    with pytest.raises(Forbidden):
        bounces.lift(session, obstacle_id=out.id, reason="x", by=actor_for(lan), now=now)
    with pytest.raises(Invalid):
        bounces.lift(session, obstacle_id=out.id, reason=" ", by=operator, now=now)
    bounces.lift(session, obstacle_id=out.id, reason="They rang.", by=operator, now=now)
    with pytest.raises(NotFound):
        bounces.lift(session, obstacle_id=out.id, reason="again", by=operator, now=now)
    session.commit()
    with database.reading() as reading:
        entry = reading.scalars(
            sa.select(HistoryEntry).where(HistoryEntry.kind == "mail_let_in")
        ).one()
        assert entry.chain_id == lan.public_id
        assert entry.facts == {"status": "5.1.1", "bounces": 1, "reason": "They rang."}
        assert "example.org" not in json.dumps(entry.facts)
    assert _out(database, lan) is None
    # What came before counts no more: four soft ones do not add to it.
    for _number in range(4):
        _soft(database, lan, now)
    assert _out(database, lan) is None


def test_person_says_that_their_own_address_works(
    database: Database, lan: User, session: Session, now: datetime
) -> None:
    _take(database, report_samples.postfix(_mail(database, lan, now).message_id), now)
    with pytest.raises(Forbidden):
        bounces.confirm(session, user=lan, by=SYSTEM, now=now)
    assert bounces.confirm(session, user=lan, by=actor_for(lan), now=now)
    assert not bounces.confirm(session, user=lan, by=actor_for(lan), now=now)
    session.commit()
    assert _out(database, lan) is None


def test_erasure_forgets_bounces_and_the_files_of_mails(
    database: Database, lan: User, now: datetime, tmp_path: Path
) -> None:
    mailer = FileMailer("Tenon <tenon@tenon.example>", tmp_path / "mail")
    delivery.use(delivery.Delivery(mailer, "https://tenon.example", KEY))
    mail = _mail(database, lan, now)
    with database.writing() as session:
        other = make_user(session)
    _mail(database, other, now)
    drain(database, now=now)
    assert len(list(mailer.folder.iterdir())) == 2
    _take(database, report_samples.postfix(mail.message_id), now)
    with database.writing() as session:
        erasure.erase_person(session, user=session.get_one(User, lan.id), by=SYSTEM, now=now)
    drain(database, now=now)
    (left,) = mailer.folder.iterdir()
    assert lan.email.encode() not in left.read_bytes()
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(MailBounce.id))) == 0
        assert session.scalar(sa.select(sa.func.count(UnreachableAddress.id))) == 0


def test_old_bounces_are_forgotten_unless_they_keep_an_address_out(
    database: Database, lan: User, now: datetime
) -> None:
    _soft(database, lan, now)
    with database.writing() as session:
        assert bounces.forget_old(session, before=now) == 0
        assert bounces.forget_old(session, before=now + timedelta(seconds=1)) == 1
    _take(database, report_samples.postfix(_mail(database, lan, now).message_id), now)
    with database.writing() as session:
        assert bounces.forget_old(session, before=now + timedelta(days=1)) == 0


@pytest.fixture
def environment(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: SmtpServer
) -> None:
    for name, value in {
        "VAR": str(tmp_path / "var"),
        "DATABASE_URL": database_url,
        "SECRET_KEY": KEY,
        "MAIL_BOUNCES_TO": "bounces@tenon.example",
    }.items():
        monkeypatch.setenv(f"TENON_{name}", value)


def _run(*words: str, given: bytes = b"") -> tuple[int, str]:
    result = CliRunner().invoke(tenon, ["mail", "bounces", *words], input=given)
    return result.exit_code, result.output


@pytest.mark.usefixtures("environment")
def test_command_reads_a_folder_and_names_what_it_cannot_read(
    database: Database, lan: User, now: datetime, tmp_path: Path
) -> None:
    first, second = _mail(database, lan, now), _mail(database, lan, now)
    folder = tmp_path / "back"
    (folder / "new").mkdir(parents=True)
    (folder / "new" / "1").write_bytes(report_samples.postfix(first.message_id))
    (folder / "2.eml").write_bytes(report_samples.qmail(second.message_id))
    (folder / "3.eml").write_bytes(report_samples.ON_HOLIDAY)
    (folder / "4.eml").write_bytes(b"")
    (folder / "5.eml").write_bytes(b"\x00\xff\xfe binary")
    code, output = _run(str(folder), "--json")
    found = json.loads(output)
    assert code == 3
    assert (found["recorded"], found["other"]) == (2, 1)
    assert [Path(name).name for name in found["unreadable"]] == ["4.eml", "5.eml"]
    code, output = _run(str(folder))
    assert "2 known already" in output
    assert "recorded" not in output
    assert len(_bounces(database)) == 2


@pytest.mark.usefixtures("environment")
def test_command_reads_an_mbox_and_standard_input(
    database: Database, lan: User, now: datetime, tmp_path: Path
) -> None:
    mails = [_mail(database, lan, now) for _ in range(3)]
    box = mailbox.mbox(tmp_path / "box")
    for mail in mails[:2]:
        box.add(report_samples.exchange(mail.message_id))
    box.close()
    assert _run(str(tmp_path / "box")) == (0, "     2 bounces recorded\n")
    given = report_samples.postfix(mails[2].message_id)
    assert _run("-", given=given) == (0, "     1 bounces recorded\n")
    assert _run("-", given=b"")[0] == 3


def test_command_asks_the_mail_server_to_call_again_where_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TENON_VAR", str(tmp_path))
    monkeypatch.setenv("TENON_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert _run("-", given=report_samples.postfix("<x@y>"))[0] == 75


def test_reports_that_make_no_sense_are_none() -> None:
    for data in (b"From: a\n\n", b"Content-Type: multipart/report; boundary=x\n\n--x\n"):
        assert reports.read(email.message_from_bytes(data)) is None
