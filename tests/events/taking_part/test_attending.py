"""At a hybrid event everybody says whether they come or attend online, and may change it."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tenon.errors import Invalid
from tenon.events.models import Registration
from tenon.events.taking_part import personal, services
from tenon.outbox.models import OutboxMessage
from tests.events.taking_part.cast import (
    Cast,
    answers,
    browser,
    make_cast,
    read_anew,
    register,
    words,
)
from tests.factories.accounts import actor_for, post
from tests.factories.events import make_registration

FILLED = {"group": "company", "seeks": "在线测温", "languages": "zh", "organisation": ""}
ASKED = "How do you attend?"


@pytest.fixture
def hybrid(committed: Session, settled: Cast) -> Cast:
    """The event is one that some attend online, committed."""
    settled.event.mode = "hybrid"
    committed.commit()
    return settled


def _part(session: Session, cast: Cast) -> Registration:
    return read_anew(session, sa.select(Registration).filter_by(user_id=cast.people["buyer"].id))


def test_only_a_hybrid_event_asks(app: Flask, settled: Cast, committed: Session) -> None:
    client = browser(app, settled.people["buyer"])
    place = f"/events/{settled.event.public_id}"
    assert ASKED not in words(client.get(f"{place}/register"))
    assert post(client, f"{place}/register", **FILLED, attends="online").status_code == 303
    assert not _part(committed, settled).online
    assert "Attends" not in words(client.get(f"{place}/my-part"))


def test_it_is_chosen_shown_and_changed(app: Flask, hybrid: Cast, committed: Session) -> None:
    client = browser(app, hybrid.people["buyer"])
    place = f"/events/{hybrid.event.public_id}"
    page = words(client.get(f"{place}/register"))
    assert ASKED in page
    assert re.search(r'name="attends"[^>]*value="on_site"[^>]*checked|checked[^>]*on_site', page)
    refused = post(client, f"{place}/register", **FILLED)
    assert refused.status_code == 422
    assert 'id="attends-error"' in refused.text
    assert "在线测温</textarea>" in words(refused)
    assert post(client, f"{place}/register", **FILLED, attends="moon").status_code == 422
    assert post(client, f"{place}/register", **FILLED, attends="online").status_code == 303
    part = _part(committed, hybrid)
    assert part.online
    assert "Attends online" in words(client.get(f"{place}/my-part"))
    edit = f"/events/parts/{part.public_id}/edit"
    changed = FILLED | {"attends": "on_site", "version": str(part.version)}
    assert post(client, edit, **changed).status_code == 303
    assert not _part(committed, hybrid).online
    topics = committed.scalars(sa.select(OutboxMessage.topic)).all()
    assert topics.count("event_registration.attends_changed") == 1


def test_a_listing_brought_later_changes_nothing_of_it(
    app: Flask, hybrid: Cast, committed: Session
) -> None:
    client = browser(app, hybrid.people["buyer"])
    sent = FILLED | {"attends": "online", "organisation": hybrid.firm.public_id}
    post(client, f"/events/{hybrid.event.public_id}/register", **sent)
    part = _part(committed, hybrid)
    brought = post(client, f"/events/parts/{part.public_id}/bring", listing=hybrid.need.public_id)
    assert brought.status_code == 303
    assert _part(committed, hybrid).online


def test_the_organiser_says_it_for_whom_they_register_and_sees_it(
    app: Flask, hybrid: Cast, committed: Session
) -> None:
    client = browser(app, hybrid.people["broker"])
    place = f"/events/{hybrid.event.public_id}/people"
    assert "How do they attend?" in words(client.get(place))
    sent = {"email": hybrid.people["buyer"].email, "group": "company", "attends": ""}
    assert post(client, f"{place}/enter", **sent).status_code == 422
    assert post(client, f"{place}/enter", **sent | {"attends": "online"}).status_code == 303
    part = _part(committed, hybrid)
    assert part.online
    assert "Attends online" in words(client.get(place))
    given = post(
        client, f"{place}/tables", seating="give", tables="1", chosen=f"{part.public_id}:1"
    )
    assert "need no table" in words(client.get(given.location))
    assert _part(committed, hybrid).table_id is None


def test_an_editor_says_it_for_a_colleague(session: Session, now: datetime) -> None:
    cast = make_cast(session, now=now, mode="hybrid")
    colleague = cast.people["colleague"]
    part = register(
        session, cast.event, cast.people["buyer"], now=now, house=cast.firm.id, by=colleague,
        attends="online",
    )  # fmt: skip
    assert part.online
    with pytest.raises(Invalid) as refused:
        services.change(
            session, part, answers=answers(attends=""), by=actor_for(colleague), now=now
        )
    assert refused.value.fields == {"attends": "required"}


def test_one_may_download_it_and_it_counts_at_a_hybrid_event_only(
    session: Session, now: datetime
) -> None:
    cast = make_cast(session, now=now, mode="hybrid")
    user = cast.people["buyer"]
    part = make_registration(session, cast.event, user=user, attends="online")
    assert personal.collect(session, user)["registrations"][0]["attends"] == "online"
    assert part.online
    cast.event.mode = "on_site"
    assert not part.online
    assert part.attends == "online"  # for when the event is hybrid again
