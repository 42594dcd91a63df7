"""Recorded owners are held to the history: whoever rewrites a share is found out."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.services import erase_person
from tenon.actors import SYSTEM
from tenon.history.proof import verify
from tenon.rights.models import Ownership, OwnershipShare
from tests.factories.listings import NOW
from tests.rights.stage import Cast, confirm_all, make_cast, publicised


@pytest.fixture
def cast(session: Session) -> Cast:
    made = make_cast(session)
    confirm_all(session, made, publicised(session, made))
    session.flush()
    return made


def found(session: Session) -> set[tuple[str, str, str]]:
    session.flush()
    return {(each.chain.split("/")[0], each.what, each.detail) for each in verify(session)}


def test_what_the_services_wrote_holds(session: Session, cast: Cast) -> None:
    assert cast.right.id
    assert found(session) == set()


def test_a_share_that_was_rewritten_is_found(session: Session, cast: Cast) -> None:
    parts = sa.select(OwnershipShare).join(Ownership, Ownership.id == OwnershipShare.ownership_id)
    mine = parts.where(
        Ownership.ip_right_id == cast.right.id, OwnershipShare.user_id == cast.first.id
    )
    session.scalars(mine).one().share = Decimal(43)
    [(kind, what, detail)] = found(session)
    assert (kind, what) == ("ip_right", "row_changed")
    assert "shares" in detail


def test_a_version_that_was_taken_away_is_found(session: Session, cast: Cast) -> None:
    version = session.scalars(
        sa.select(Ownership).where(Ownership.listing_id == cast.listing.id)
    ).one()
    session.delete(version)
    assert {(kind, what) for kind, what, _ in found(session)} == {
        ("achievement_rights", "row_missing")
    }


def test_who_left_breaks_no_proof(session: Session, cast: Cast) -> None:
    user = session.get_one(User, cast.first.id)
    erase_person(session, user=user, by=SYSTEM, now=NOW)
    session.expire_all()
    assert found(session) == set()
