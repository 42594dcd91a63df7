"""Tasks: done, opened again, put off, in a series, given, told of, handed over."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tenon.accounts.personal_data import collect, erase
from tenon.desk.about import find_thing
from tenon.desk.days import following, today_of
from tenon.desk.handing_over import count, hand
from tenon.desk.models import DeskNote, DeskTask
from tenon.desk.notifying import tell_due
from tenon.desk.queries.people import staff
from tenon.desk.services import tasks as services
from tenon.desk.services.notes import change_note, remove_note, write_note
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.history.models import HistoryEntry
from tenon.network.handing_over import Receivers
from tenon.notices.models import Notice
from tests.desk.scenes import NOW, Desk, browser
from tests.factories.accounts import post

TODAY = date(2026, 11, 22)  # a Sunday
BEIJING = timezone(timedelta(hours=8))


def _set(session: Session, desk: Desk, **values: Any) -> DeskTask:
    standard: dict[str, Any] = {
        "title": "回电话",
        "due_on": TODAY,
        "by": desk.actor("broker"),
        "now": NOW,
    }
    return services.set_task(session, **standard | values)


def test_done_and_opened_again(session: Session, desk: Desk) -> None:
    by, task = desk.actor("broker"), _set(session, desk)
    assert services.do_tasks(session, [task], by=by, now=NOW) == [task]
    assert services.do_tasks(session, [task], by=by, now=NOW) == []
    services.reopen(session, task, by=by)
    assert task.done_at is None
    with pytest.raises(NotFound):
        services.do_tasks(session, [task], by=desk.actor("colleague"), now=NOW)


def test_a_series_goes_on_once_and_back(session: Session, desk: Desk) -> None:
    by = desk.actor("broker")
    task = _set(session, desk, repeats="monthly", due_on=date(2026, 12, 31))
    late = datetime(2027, 1, 5, tzinfo=BEIJING)
    services.do_tasks(session, [task], by=by, now=late)
    (later,) = session.scalars(sa.select(DeskTask).where(DeskTask.follows_id == task.id)).all()
    assert later.due_on == date(2027, 1, 31)
    services.reopen(session, task, by=by)
    assert session.scalar(sa.select(sa.func.count(DeskTask.id))) == 1
    services.do_tasks(session, [task], by=by, now=late)
    (later,) = session.scalars(sa.select(DeskTask).where(DeskTask.follows_id == task.id)).all()
    services.do_tasks(session, [later], by=by, now=late)
    services.reopen(session, task, by=by)  # the next was done already and stays
    services.do_tasks(session, [task], by=by, now=late)
    assert session.scalar(sa.select(sa.func.count(DeskTask.id))) == 3


def test_days_of_a_series() -> None:
    end = date(2027, 1, 31)
    assert following(end, "monthly", after=end) == date(2027, 2, 28)
    assert following(end, "monthly", after=date(2027, 2, 28)) == date(2027, 3, 31)
    assert following(TODAY, "weekly", after=TODAY + timedelta(days=8)) == date(2026, 12, 6)


def test_put_off_by_one_click(session: Session, desk: Desk) -> None:
    by, task = desk.actor("broker"), _set(session, desk)
    assert services.postpone(session, task, "tomorrow", by=by, now=NOW) == date(2026, 11, 23)
    friday = datetime(2026, 11, 27, 9, tzinfo=BEIJING)
    assert services.postpone(session, task, "working_day", by=by, now=friday) == date(2026, 11, 30)
    assert services.postpone(session, task, "week", by=by, now=NOW) == date(2026, 12, 7)
    with pytest.raises(NotFound):
        services.postpone(session, task, "never", by=by, now=NOW)


def test_what_is_refused(session: Session, desk: Desk) -> None:
    with pytest.raises(Invalid) as refused:
        _set(session, desk, title=" ", due_on=TODAY - timedelta(days=1), repeats="daily")
    assert refused.value.fields == {
        "title": "required", "due_on": "in_the_past", "repeats": "unknown_code",
    }  # fmt: skip
    with pytest.raises(Forbidden):
        _set(session, desk, by=desk.actor("member"))


def test_of_two_the_second_is_told(session: Session, desk: Desk) -> None:
    by, task = desk.actor("broker"), _set(session, desk)
    seen = task.version
    for title, raises in (("一", False), ("二", True)):
        change: dict[str, Any] = {
            "title": title, "due_on": TODAY, "detail": "", "repeats": None, "by": by, "now": NOW,
            "expected_version": seen,
        }  # fmt: skip
        if raises:
            with pytest.raises(Conflict):
                services.change_task(session, task, **change)
        else:
            services.change_task(session, task, **change)
    assert task.title == "一"


def test_a_head_gives_tasks_below_and_nobody_else(session: Session, desk: Desk) -> None:
    head, broker = desk.actor("head"), desk.people["broker"]
    names = {each.id for each in staff(session, by=head)}
    assert broker.id in names
    assert desk.people["sibling"].id in names  # below the same node
    assert list(staff(session, by=desk.actor("broker"))) == []
    task = _set(session, desk, by=head, owner_id=broker.id)
    notice = session.scalars(sa.select(Notice).where(Notice.user_id == broker.id)).one()
    assert notice.kind == "desk_task_given"
    services.do_tasks(session, [task], by=desk.actor("broker"), now=NOW)
    with pytest.raises(Invalid) as refused:
        _set(session, desk, by=desk.actor("colleague"), owner_id=broker.id)
    assert refused.value.fields == {"owner": "unknown_code"}


def test_told_once_on_the_morning(session: Session, desk: Desk) -> None:
    _set(session, desk)
    _set(session, desk, title="发邮件", due_on=TODAY + timedelta(days=1))
    done = _set(session, desk, title="办完的")
    services.do_tasks(session, [done], by=desk.actor("broker"), now=NOW)
    assert tell_due(session, now=datetime(2026, 11, 22, 6, 59, tzinfo=BEIJING)) == 0
    assert tell_due(session, now=datetime(2026, 11, 22, 7, 1, tzinfo=BEIJING)) == 1
    assert tell_due(session, now=datetime(2026, 11, 22, 8, 0, tzinfo=BEIJING)) == 0
    (notice,) = session.scalars(sa.select(Notice)).all()
    assert notice.facts == {"number": 1, "task": "回电话"}
    assert tell_due(session, now=datetime(2026, 11, 23, 8, 0, tzinfo=BEIJING)) == 1


def test_handed_over_by_firm(session: Session, desk: Desk) -> None:
    by, broker = desk.actor("broker"), desk.people["broker"]
    firm = find_thing(session, "organisation", desk.firm.public_id, by=by, now=NOW, language="zh")
    about, other = _set(session, desk, about=firm), _set(session, desk)
    done = _set(session, desk, title="办完的")
    services.do_tasks(session, [done], by=by, now=NOW)
    head, colleague = desk.people["head"], desk.people["colleague"]
    to = Receivers(head.id, {desk.firm.id: colleague.id})
    assert count(session, broker.id) == 2
    assert hand(session, broker.id, to, by=by, now=NOW) == 2
    for task in (about, other, done):
        session.refresh(task)
    assert (about.owner_id, other.owner_id, done.owner_id) == (colleague.id, head.id, broker.id)


def test_a_note_is_changed_and_taken_back_and_history_keeps_no_words(
    session: Session, desk: Desk
) -> None:
    by = desk.actor("broker")
    firm = find_thing(session, "organisation", desk.firm.public_id, by=by, now=NOW, language="zh")
    note = write_note(session, about=firm, text="甲", audience="place", by=by, now=NOW)
    seen = note.version
    change_note(session, note, text="乙", audience="me", by=by, now=NOW, expected_version=seen)
    with pytest.raises(Conflict):
        change_note(session, note, text="丙", audience="me", by=by, now=NOW, expected_version=seen)
    with pytest.raises(Forbidden):
        remove_note(session, note, by=desk.actor("operator"), now=NOW)
    remove_note(session, note, by=by, now=NOW)
    assert (note.text, note.removed_at) == ("", NOW)
    rows = session.scalars(
        sa.select(HistoryEntry)
        .where(HistoryEntry.chain_kind == "desk_note")
        .order_by(HistoryEntry.sequence)
    ).all()
    assert [row.kind for row in rows] == ["written", "changed", "removed"]
    assert not any("乙" in str(row.facts) for row in rows)


def test_own_data_out_and_erased(session: Session, desk: Desk) -> None:
    by, broker = desk.actor("broker"), desk.people["broker"]
    firm = find_thing(session, "organisation", desk.firm.public_id, by=by, now=NOW, language="zh")
    write_note(session, about=firm, text="只给自己", audience="me", by=by, now=NOW)
    write_note(session, about=firm, text="给站点", audience="place", by=by, now=NOW)
    _set(session, desk)
    held = collect(session, broker)["desk"]
    assert [each["text"] for each in held["notes"]] == ["只给自己", "给站点"]
    assert [each["title"] for each in held["tasks"]] == ["回电话"]
    erase(session, broker, NOW)
    left = session.scalars(sa.select(DeskNote)).all()
    assert [(each.text, each.author_id) for each in left] == [("给站点", None)]
    assert session.scalar(sa.select(sa.func.count(DeskTask.id))) == 0


def test_many_are_done_at_once_and_a_bad_day_comes_back(app: Flask, settled: Desk) -> None:
    client = browser(app, settled, "broker")
    for title in ("甲", "乙"):
        day = (today_of(datetime.now(BEIJING)) + timedelta(days=2)).isoformat()
        sent = post(
            client, "/desk/tasks", title=title, due_on=day, about="organisation",
            id=settled.firm.public_id, next="https://elsewhere.example/",
        )  # fmt: skip
        assert sent.headers["Location"] == "/desk/tasks"
    bad = post(client, "/desk/tasks", title="丙", due_on="31.12.")
    assert bad.status_code == 422
    assert 'value="丙"' in bad.text
    page = client.get("/desk/tasks?list=later").text
    assert page.count("示例精工机械") + page.count("Sample Precision Machines") >= 2
    keys = [part.split('"')[0] for part in page.split('name="chosen" value="')[1:]]
    assert post(client, "/desk/tasks/done", chosen=keys).status_code == 302
    assert "2 tasks are done." in client.get("/desk/tasks?list=done").text
    assert post(client, "/desk/tasks/done", chosen=["no-such-task"]).status_code == 404
