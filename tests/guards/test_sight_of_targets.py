"""Who may know of a broker's own target: sight goes down the tree, and never to siblings."""

from __future__ import annotations

from datetime import datetime

from flask import Flask
from sqlalchemy.orm import Session

from tenon.insight.targets.saying import Said
from tenon.insight.targets.setting import set_target
from tests.guards.sight_scene import ROLES, Scene, browser_of

AIMED = {"station", "node", "centre", "operator"}
"""Who may know of a target set for the broker at the station: they, who is above, operators."""


def test_a_broker_s_own_target_is_known_upwards_and_not_sideways(
    app: Flask, scene: tuple[Session, Scene], now: datetime
) -> None:
    session, made = scene
    said = Said(
        measure="needs_collected", value=7013, period="year", scope="broker",
        first=now.date().replace(month=1, day=1), last=now.date().replace(month=12, day=31),
        broker_id=made.people["station"].id,
    )  # fmt: skip
    target = set_target(session, said, by=made.actor("operator"), now=now)
    session.commit()
    knowing, listing = set(), set()
    for role in ROLES:
        client = browser_of(app, made, role)
        answer = client.get(f"/targets/{target.public_id}")
        assert answer.status_code in (200, 404), role
        if answer.status_code == 200:
            knowing.add(role)
        listed = (
            client.get("/targets?scope=broker").text + client.get("/targets?standing=past").text
        )
        if "7,013" in listed or target.public_id in listed:
            listing.add(role)
    assert knowing == listing == AIMED
