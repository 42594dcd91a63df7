"""A site with its index, a postbox, and searches that people keep."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from matching.engine import MatchEngine
from tenon.accounts.models import User
from tenon.listings.models import Listing
from tenon.searches.models import SavedSearch
from tenon.searches.services import keeping
from tests.factories.accounts import actor_for
from tests.matches.conftest import background, encoder, engine, index, site
from tests.notices.conftest import box

__all__ = ["background", "box", "encoder", "engine", "index", "site"]

Keep = Callable[..., SavedSearch]


@pytest.fixture
def keep(session: Session, engine: MatchEngine, now: datetime) -> Keep:  # the fixture of this name
    """Keep a search for somebody."""

    def made(
        user: User,
        name: str = "测温",
        *,
        text: str = "",
        side: str | None = None,
        listing: Listing | None = None,
        rhythm: str = "now",
        organisation_id: int | None = None,
        at: datetime = now,
        side_: str = "",
        **chosen: str,
    ) -> SavedSearch:
        kind = "listing" if listing is not None else "box" if side else "browse"
        draft = keeping.Draft(
            kind=kind,
            name=name,
            rhythm=rhythm,
            text=text,
            side=side,
            chosen=_chosen(side_, chosen),
            listing=listing,
            organisation_id=organisation_id,
        )
        return keeping.keep(session, engine, draft, by=actor_for(user), now=at)

    return made


def _chosen(side: str, others: dict[str, str]) -> dict[str, list[str]]:
    named = others | ({"side": side} if side else {})
    return {code: values.split(",") for code, values in named.items()}
