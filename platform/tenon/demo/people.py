"""The demo's people, at least one of each role, invented, with passwords made at each loading.

Their sign-ins lie in a file of var/ that only its owner may read, never in the database.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Membership, Organisation, User
from tenon.accounts.passwords import hash_password
from tenon.accounts.services.people import create_person, grant_role
from tenon.actors import SYSTEM
from tenon.listings.models import Expert
from tenon.settings import Settings

SOURCE = "demo"
SIGN_INS = "demo-sign-ins.json"

SignIn = Mapping[str, str]
Imported = TypeVar("Imported", Organisation, Expert)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Who somebody is.

    Attributes:
        role: as the sign-in list and ``waiting.jsonl`` call it.
        name: invented.
        organisation: external id in the demo set; None for none.
        member_role: role in the organisation.
        site_role: broker or operator, if any.
        expert: external id of the page that is about them, if any.
    """

    role: str
    name: str
    organisation: str | None = None
    member_role: str = "editor"
    site_role: str | None = None
    expert: str | None = None

    @property
    def email(self) -> str:
        """Where nobody receives mail."""
        return f"{self.role}@demo.example"


PEOPLE: Sequence[DemoPerson] = (
    DemoPerson("researcher", "王样例", "A-ORG-01", expert="A-PER-01"),
    DemoPerson("institution", "周演习", "A-ORG-01", "administrator"),
    DemoPerson("company", "郑假设", "A-ORG-09"),
    DemoPerson("company-admin", "吴示范", "A-ORG-09", "administrator"),
    DemoPerson("inventor", "冯仿真", "A-ORG-01", "member", expert="A-PER-27"),
    DemoPerson("inventor-2", "彭试稿", "A-ORG-01", "member", expert="A-PER-30"),
    DemoPerson("firm", "冯虚设", "A-ORG-15"),
    DemoPerson("firm-admin", "蒋拟设", "A-ORG-15", "administrator"),
    DemoPerson("carmaker", "沈例证", "A-ORG-07", "administrator"),
    DemoPerson("optics", "韩仿写", "A-ORG-08", "administrator"),
    DemoPerson("investor", "杨试算", "A-ORG-14", "administrator"),
    DemoPerson("abroad", "Marlen Beispiel", "A-ORG-11", "administrator"),
    DemoPerson("broker", "楚摆渡", "B-ORG-15", site_role="broker"),
    DemoPerson("broker-2", "苏引线", site_role="broker"),
    DemoPerson("broker-3", "秦邻站", site_role="broker"),
    DemoPerson("liaison", "邓走访", site_role="broker"),
    DemoPerson("node-head", "唐节点", site_role="broker"),
    DemoPerson("head", "宋总览", site_role="broker"),
    DemoPerson("operator", "何值守", site_role="operator"),
)
CONTACTS: Sequence[DemoPerson] = (
    DemoPerson("photonics-office", "何虚拟", "A-ORG-03", "administrator"),
    DemoPerson("college-office", "吕示范", "B-ORG-01", "administrator"),
    DemoPerson("farm-office", "金仿真", "B-ORG-02", "administrator"),
    DemoPerson("materials-office", "施样例", "B-ORG-03", "administrator"),
    DemoPerson("chemistry-firm", "孔演示", "B-ORG-06", "administrator"),
    DemoPerson("food-firm", "曹例证", "B-ORG-07", "administrator"),
    DemoPerson("battery-firm", "张假设", "B-ORG-08", "administrator"),
)
"""Who acts for further houses in the demo's past; nobody can sign in as them."""


def make_people(session: Session, *, now: datetime) -> tuple[dict[str, User], list[SignIn]]:
    """Make the accounts; return role -> person, and what they sign in with."""
    made: dict[str, User] = {}
    sign_ins: list[SignIn] = []
    for person in (*PEOPLE, *CONTACTS):
        password = None if person in CONTACTS else secrets.token_urlsafe(12)
        user = create_person(
            session,
            email=person.email,
            name=person.name,
            language="zh",
            password_hash=None if password is None else hash_password(password),
            by=SYSTEM,
            now=now,
            demo=True,
        )
        _place(session, user, person, now)
        made[person.role] = user
        if password is None:
            continue
        sign_ins.append(
            {
                "role": person.role,
                "email": person.email,
                "password": password,
                "name": person.name,
            }
        )
    return made, sign_ins


def _place(session: Session, user: User, person: DemoPerson, now: datetime) -> None:
    """Give a person organisation, role on the site and expert page."""
    if person.organisation is not None:
        membership = Membership(
            user_id=user.id,
            organisation_id=_imported(session, Organisation, person.organisation).id,
            role=person.member_role,
            state="active",
            created_at=now,
            decided_at=now,
        )
        session.add(membership)
        user.acting_for_id = membership.organisation_id
    if person.expert is not None:
        _imported(session, Expert, person.expert).user_id = user.id
    if person.site_role is not None:
        grant_role(session, user=user, role=person.site_role, by=SYSTEM, now=now)
    session.flush()
    session.refresh(user, ["memberships", "roles"])


def house(session: Session, external_id: str) -> Organisation:
    """Return an organisation of the demo set."""
    return _imported(session, Organisation, external_id)


def _imported(session: Session, table: type[Imported], external_id: str) -> Imported:
    return session.scalars(
        sa.select(table).where(table.source == SOURCE, table.external_id == external_id)
    ).one()


def write_sign_ins(settings: Settings, found: Sequence[SignIn]) -> None:
    """Keep the sign-ins where only the file's owner may read them; whole or not at all."""
    settings.var.mkdir(parents=True, exist_ok=True)
    place = _file(settings)
    draft = place.with_name(f"{place.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    draft.replace(place)


def read_sign_ins(settings: Settings) -> list[SignIn]:
    """Return what was kept; nothing where no demo was loaded here."""
    try:
        found: list[SignIn] = json.loads(_file(settings).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return found


def _file(settings: Settings) -> Path:
    return settings.var / SIGN_INS
