"""An event with its broker, two houses and people; and browsers signed in as them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tenon.accounts.models import Organisation, User
from tenon.actors import Actor
from tenon.events.models import Event, Registration
from tenon.events.taking_part import services
from tenon.events.taking_part.services import Answers
from tenon.listings.models import Listing
from tests.factories.accounts import (
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
    sign_in,
)
from tests.factories.events import make_event
from tests.factories.listings import make_achievement, make_need

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cast:
    """An event run by ``broker``; a firm that needs, a university that has; others by name."""

    event: Event
    firm: Organisation
    university: Organisation
    need: Listing
    result: Listing
    people: Mapping[str, User]

    def actor(self, name: str) -> Actor:
        """Return the actor that a person is."""
        return actor_for(self.people[name])


def make_cast(session: Session, *, now: datetime, **columns: Any) -> Cast:
    """Make the cast; registration and wishes are open, the event begins in thirty days."""
    firm = make_organisation(session, kind="enterprise", name_zh="玄武岩机电", name_en="Basalt")
    university = make_organisation(session, name_zh="示例理工大学", name_en="Example Polytechnic")
    names = ("buyer", "colleague", "maker", "helper", "stranger", "nobody", "host_editor")
    people = {name: make_user(session, name=f"{name} person") for name in names}
    make_membership(session, people["buyer"], firm, "member")
    make_membership(session, people["colleague"], firm, "editor")
    make_membership(session, people["maker"], university, "member")
    make_membership(session, people["helper"], university, "editor")
    make_membership(session, people["stranger"], make_organisation(session), "editor")
    host = make_organisation(session, kind="service")
    make_membership(session, people["host_editor"], host, "editor")
    people["broker"] = grant_role(session, make_user(session, name="broker person"), "broker")
    event = make_event(
        session,
        organisation=host,
        owner=people["broker"],
        **{
            # nine o'clock in Wuhan, whatever the hour of the test
            "starts_at": (now + timedelta(days=30)).replace(hour=1, minute=0),
            "registration_until": now + timedelta(days=20),
            "requests_until": now + timedelta(days=25),
        }
        | columns,
    )
    need = make_need(session, organisation=firm, author=people["colleague"], state="published")
    result = make_achievement(
        session, organisation=university, author=people["helper"], state="published"
    )
    return Cast(event, firm, university, need, result, people)


def answers(**values: Any) -> Answers:
    """Answers that hold."""
    standard = {"group": "company", "seeks": "在线测温办法", "languages": ("zh",)}
    return Answers(**standard | values)


def register(
    session: Session, event: Event, user: User, *, now: datetime, house: int | None = None,
    by: User | None = None, **values: Any,
) -> Registration:  # fmt: skip
    """Register a person, who acts themselves unless somebody else does."""
    return services.register(
        session,
        event,
        user=user,
        organisation_id=house,
        answers=answers(**values),
        by=actor_for(by or user),
        now=now,
    )


def browser(app: Flask, user: User | None, language: str = "en") -> FlaskClient:
    """A browser signed in as a person, or as nobody."""
    client = app.test_client()
    if user is not None:
        sign_in(client, user)
    with client.session_transaction() as cookie:
        cookie["language"] = language
    return client


def words(answer: TestResponse) -> str:
    """The page's HTML with its entities as characters."""
    return unescape(answer.text)


def read_anew(session: Session, what: sa.Select[T]) -> T:
    """Read one thing anew, and hold no lock that a page would wait for."""
    session.commit()
    found = session.scalars(what.execution_options(populate_existing=True)).one()
    session.commit()
    return found
