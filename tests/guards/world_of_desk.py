"""What the walk over all routes asks for of the desk: a broker's note, task and ready remark."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tenon.desk.models import DeskNote, DeskTask
from tenon.listings.models import Listing, OwnRemark
from tests.factories.listings import NOW
from tests.guards.world import World


def make_desk(session: Session, world: World, shown: Listing) -> None:
    """Make one of each about the published listing, written by the broker."""
    broker, things = world.people["broker"], world.things
    note = DeskNote(
        about_kind="listing",
        about_id=shown.id,
        organisation_id=shown.organisation_id,
        author_id=broker.id,
        audience="up",
        text="电话里说预算已定。",
        created_at=NOW,
        changed_at=NOW,
    )
    task = DeskTask(
        title="回电话",
        due_on=NOW.date(),
        owner_id=broker.id,
        created_by=broker.id,
        created_at=NOW,
    )
    remark = OwnRemark(user_id=broker.id, language="zh", text="请写明预算。", created_at=NOW)
    session.add_all([note, task, remark])
    session.flush()
    things.desk_note, things.desk_task = note.public_id, task.public_id
    things.own_remark = remark.public_id
