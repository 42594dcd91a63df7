"""What was published and objected cannot be rewritten in the tables without being found out."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts import personal_data
from tenon.compliance.models import Objection, Publicity
from tenon.compliance.services import objecting, publishing
from tenon.history.proof import verify
from tests.compliance.cast import Cast, published
from tests.compliance.test_objections import SAID
from tests.factories.listings import NOW


@pytest.fixture(autouse=True)
def _told(session: Session, cast: Cast) -> None:
    """A price is published, and somebody objects."""
    found = publishing.running(session, published(session, cast))
    assert found is not None
    objecting.object_to(session, found, **SAID, by=cast.actor("nobody"), now=NOW)


def breaks(session: Session) -> list[str]:
    """What the proof finds."""
    session.flush()
    session.expire_all()
    return sorted(f"{each.what} {each.detail}" for each in verify(session))


def test_all_agrees_at_first_and_after_somebody_left(session: Session, cast: Cast) -> None:
    assert breaks(session) == []
    personal_data.erase(session, cast.people["nobody"], NOW)
    assert breaks(session) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            lambda row: {"body": row.body | {"price_words": "另议"}},
            "row_changed compliance_publicities: sha256",
        ),
        (lambda row: {"days": 3}, "row_changed compliance_publicities: days"),  # noqa: ARG005
    ],
)
def test_a_changed_publicity_is_found(session: Session, change: object, found: str) -> None:
    row = session.scalars(sa.select(Publicity)).one()
    session.execute(sa.update(Publicity).values(change(row)))  # type: ignore[operator]  # a lambda
    assert breaks(session) == [found]


def test_a_changed_objection_and_one_taken_away_are_found(session: Session) -> None:
    session.execute(sa.update(Objection).values(text="没有意见。"))
    assert breaks(session) == ["row_changed compliance_objections: sha256"]
    session.execute(sa.delete(Objection))
    assert breaks(session) == ["row_missing compliance_objections"]
