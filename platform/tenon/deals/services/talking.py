"""Messages and files of a deal, its broker, the people in charge."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import User
from tenon.accounts.queries import actor_of
from tenon.actors import Actor
from tenon.db import new_public_id
from tenon.deals import permissions
from tenon.deals.models import FILE_KINDS, Deal, DealFile, DealMessage
from tenon.deals.services.moving import change_columns
from tenon.documents import keeping
from tenon.errors import Forbidden, Invalid
from tenon.listings.media import sniff
from tenon.listings.services.attachments import shown_name
from tenon.outbox.services import emit

TEXT_LIMIT = 5000
SIZE_LIMIT = 20 * 1024 * 1024
MOST_FILES = 200


def say(session: Session, deal: Deal, *, text: str, by: Actor, now: datetime) -> DealMessage:
    """Write a message to all who read the deal; raises Forbidden, Invalid at ``text``."""
    permissions.require_read(by, deal)
    if not permissions.may_write(by, deal):
        raise Forbidden(action="write")
    words = text.strip()
    if not words:
        raise Invalid({"text": "required"})
    if len(words) > TEXT_LIMIT:
        raise Invalid({"text": "too_long"})
    speaker = permissions.side_of(by, deal) or "broker"
    message = DealMessage(
        deal_id=deal.id, speaker=speaker, author_id=by.user_id, text=words, at=now
    )
    session.add(message)
    deal.last_message_at = now
    session.flush()
    emit(session, "deals.said", {"id": message.id}, now=now)
    return message


def add_file(
    session: Session,
    deal: Deal,
    *,
    kind: str,
    name: str,
    content: bytes,
    folder: Path,
    private: bool = False,
    version_id: int | None = None,
    by: Actor,
    now: datetime,
) -> DealFile:
    """Keep a file with a deal; its hash is written to the deal's history.

    A private one is for the actor's own side. Raises Forbidden, Invalid at ``kind`` or ``file``
    (required, too_large, wrong_type, too_many).
    """
    permissions.require_read(by, deal)
    if not permissions.may_write(by, deal):
        raise Forbidden(action="write")
    if kind not in FILE_KINDS:
        raise Invalid({"kind": "unknown_code"})
    if not content:
        raise Invalid({"file": "required"})
    if len(content) > SIZE_LIMIT:
        raise Invalid({"file": "too_large"})
    media_type = sniff(content)
    if media_type is None:
        raise Invalid({"file": "wrong_type"})
    side = permissions.side_of(by, deal)
    digest = keeping.keep(folder, content)
    file = DealFile(
        public_id=new_public_id(),
        deal_id=deal.id,
        kind=kind,
        name=shown_name(name, media_type),
        media_type=media_type,
        size=len(content),
        sha256=digest,
        side=side,
        private=private and side is not None,
        version_id=version_id,
        uploaded_by=by.user_id,
        uploaded_at=now,
    )
    session.add(file)
    session.flush()
    facts = {"kind": kind, "sha256": digest, "side": side, "private": file.private}
    chain = ("deal", deal.public_id)
    history.record(session, chain=chain, kind="file", by=by, now=now, facts=facts)
    return file


def name_broker(
    session: Session,
    deal: Deal,
    *,
    broker: User,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Name the broker who looks after the deal, of neither side; raises Forbidden, Invalid."""
    if not permissions.may_assign_broker(by, deal):
        permissions.require_read(by, deal)
        raise Forbidden(action="name_broker")
    theirs = actor_of(broker)
    own = {deal.seller_organisation_id, deal.buyer_organisation_id} & set(theirs.memberships)
    if not theirs.broker or own or not broker.active:
        raise Invalid({"broker": "unknown_code"})
    change_columns(session, deal, expected_version=expected_version, broker_id=broker.id)
    chain = ("deal", deal.public_id)
    history.record(session, chain=chain, kind="name_broker", by=by, now=now, facts={})


def name_person_in_charge(
    session: Session,
    deal: Deal,
    *,
    side: str,
    person: User,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Name who is in charge on the actor's own side: one of its members; raises as above."""
    permissions.require_side(by, deal, side)
    house = deal.side_organisation_id(side)
    if house not in actor_of(person).memberships or not person.active:
        raise Invalid({"person": "unknown_code"})
    column = {f"{side}_user_id": person.id}
    change_columns(session, deal, expected_version=expected_version, **column)
    chain = ("deal", deal.public_id)
    history.record(session, chain=chain, kind="name_person", by=by, now=now, facts={"side": side})
