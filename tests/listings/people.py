"""The people of the listings room's tests: one of each role, in one university and one firm."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.actors import Actor
from tests.factories.accounts import (
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
)


@dataclass(frozen=True, slots=True)
class People:
    """Users with the organisations they belong to; ``actor`` gives who they act as."""

    university: Organisation
    firm: Organisation
    researcher: User
    administrator: User
    reader: User
    engineer: User
    broker: User
    second_broker: User
    operator: User
    stranger: User

    def actor(self, name: str) -> Actor:
        """The actor that the person of this name is."""
        return actor_for(getattr(self, name))


def make_people(session: Session) -> People:
    """Make one of each.

    Researcher (editor), administrator and reader (member) of a university; a firm's engineer
    (editor); two brokers and an operator of no organisation; a person without any role.
    """
    university = make_organisation(session)
    firm = make_organisation(session, kind="enterprise", name_zh="示例电缆有限公司")
    people = People(
        university=university,
        firm=firm,
        researcher=make_user(session, name="Researcher"),
        administrator=make_user(session, name="Administrator"),
        reader=make_user(session, name="Reader"),
        engineer=make_user(session, name="Engineer"),
        broker=grant_role(session, make_user(session, name="Broker"), "broker"),
        second_broker=grant_role(session, make_user(session, name="Second broker"), "broker"),
        operator=grant_role(session, make_user(session, name="Operator"), "operator"),
        stranger=make_user(session, name="Stranger"),
    )
    make_membership(session, people.researcher, university, "editor")
    make_membership(session, people.administrator, university, "administrator")
    make_membership(session, people.reader, university, "member")
    make_membership(session, people.engineer, firm, "editor")
    return people
