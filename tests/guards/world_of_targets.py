"""What the walk over all routes asks for of targets: one of the owning organisation, its own."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from tenon.insight.targets.saying import Said
from tenon.insight.targets.setting import set_target
from tests.factories import accounts, listings
from tests.guards.world import World


def make_targets(session: Session, world: World) -> None:
    """A target of results that the owning organisation is to publish, not public."""
    own = world.people["editor"].memberships[0].organisation
    said = Said(
        measure="achievements_published",
        value=40,
        period="year",
        first=date(2026, 1, 1),
        last=date(2026, 12, 31),
        scope="institution",
        organisation_id=own.id,
        source_document="示例行动方案",
        source_sentence="全年发布成果 40 项。",
    )
    by = accounts.actor_for(world.people["operator"])
    world.things.target = set_target(session, said, by=by, now=listings.NOW).public_id
