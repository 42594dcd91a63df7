"""The meetings at events in a deal's timeline: those that led to it, and later ones about it.

What each side said of a meeting stays with that side and the organiser.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.deals.permissions import may_read
from tenon.deals.timeline import Item, source
from tenon.events.models import Meeting
from tenon.events.permissions import may_see, may_see_meeting
from tenon.events.results.queries.meetings import meetings_of_deal
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows

_TITLES = {
    "planned": N_("Both sides are to meet at “%(event)s”"),
    "held": N_("Both sides met at “%(event)s”"),
    "no_show": N_("At “%(event)s” a meeting did not come about: somebody was absent"),
}


@source("events")
def items(session: Session, deal: Deal, actor: Actor) -> list[Item]:
    """Return the deal's meetings whose event the actor may see, to those who read the deal."""
    if not may_read(actor, deal):
        return []
    return [
        Item(
            each.slot.starts_at,
            "meeting",
            _TITLES[each.state],
            {"event": {"zh": each.event.title("zh"), "en": each.event.title("en")}},
            _path(actor, each),
        )
        for each in meetings_of_deal(session, deal)
        if may_see(actor, each.event)
    ]


def _path(actor: Actor, meeting: Meeting) -> str:
    if may_see_meeting(actor, meeting):
        return f"/events/meetings/{meeting.public_id}/outcome"
    return f"/events/{meeting.event.public_id}"
