"""What is asked, and by whom: a busy broker, an average one, a busy firm, a researcher."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Membership
from tenon.introductions.models import Introduction, IntroductionMessage
from tenon.introductions.states import ENDED_STATES, LIVE_STATES
from tenon.listings.models import Listing
from tools.bench.introductions.following import LONG_THREAD, SHORT_THREAD
from tools.bench.introductions.houses import Houses
from tools.bench.introductions.sizes import Sizes
from tools.bench.load import Question

PLAIN: Final = "/account"
"""One's own account: the layout with its menus and counts around a few lines of one's own."""

DIFFERENT: Final = 100
"""Introductions whose pages are asked for in turn, so that no cache alone answers."""

WORD: Final = quote("激光焊接")


@dataclass(frozen=True, slots=True)
class People:
    """Who asks: keys of people, and how many introductions each has to do with."""

    busy_broker: int
    broker: int
    firm: int
    researcher: int
    operator: int
    loads: Mapping[str, int]


def people(session: Session, sizes: Sizes) -> People:
    """Choose who asks, by what the database holds of each."""
    houses = Houses(sizes, ())
    brokers = _ranked(session, Introduction.broker_id)
    asking = _ranked(session, Introduction.from_organisation_id)
    firms = [(key, number) for key, number in asking if houses.is_firm(key)]
    institutions = [(key, number) for key, number in asking if not houses.is_firm(key)]
    middle = institutions[len(institutions) // 2]
    return People(
        busy_broker=brokers[0][0],
        broker=brokers[len(brokers) // 2][0],
        firm=houses.person_of(firms[0][0]),
        researcher=houses.person_of(middle[0], 1),
        operator=houses.first_operator,
        loads={
            "busy broker": brokers[0][1],
            "broker": brokers[len(brokers) // 2][1],
            "firm": _number_of(session, firms[0][0]),
            "researcher's institution": _number_of(session, middle[0]),
        },
    )


def _ranked(session: Session, column: Any) -> list[tuple[int, int]]:
    number = sa.func.count()
    rows = session.execute(
        sa.select(column, number)
        .where(column.is_not(None))
        .group_by(column)
        .order_by(number.desc(), column)
    )
    return [(key, count) for key, count in rows]


def _number_of(session: Session, organisation_id: int) -> int:
    row = Introduction
    either = sa.or_(
        row.from_organisation_id == organisation_id,
        sa.and_(row.to_organisation_id == organisation_id, row.passed_on_at.is_not(None)),
    )
    return session.scalar(sa.select(sa.func.count()).select_from(row).where(either)) or 0


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of page: who asks for it, and its addresses."""

    user_id: int
    paths: Sequence[str]

    def questions(self, cookie: Callable[[int], str]) -> list[Question]:
        """Return the questions with the cookie of who asks."""
        return [Question(path, cookie=cookie(self.user_id)) for path in self.paths]


def kinds(session: Session, who: People) -> dict[str, Kind]:
    """Return name -> kind of page."""
    board = "/introductions/board"
    found = {
        "board, busy broker": Kind(who.busy_broker, [board]),
        "board, broker": Kind(who.broker, [board]),
        "board, all": Kind(who.busy_broker, [f"{board}?whose=all"]),
        "board, mine": Kind(who.busy_broker, [f"{board}?whose=mine"]),
        "board, a title": Kind(who.busy_broker, [f"{board}?whose=all&q={WORD}"]),
        "board, one stage": Kind(
            who.busy_broker,
            [f"{board}?whose=all&stage={stage}" for stage in (*LIVE_STATES, "over")],
        ),
    }
    for name, length in (("5", SHORT_THREAD), ("200", LONG_THREAD)):
        mine = _threads(session, length, Introduction.broker_id == who.busy_broker)
        found[f"thread of {name}, broker"] = Kind(who.busy_broker, mine)
        found[f"thread of {name}, operator"] = Kind(who.operator, _threads(session, length))
    firm = _house_of(session, who.firm)
    found |= {
        "introduction, firm": Kind(who.firm, _own(session, firm)),
        "introductions, firm": Kind(who.firm, ["/introductions", "/introductions?group=over"]),
        "introductions, researcher": Kind(who.researcher, ["/introductions"]),
        "credit, busy broker": Kind(who.busy_broker, ["/credit"]),
        "inbox, busy broker": Kind(who.busy_broker, ["/notices"]),
        "listing, firm": Kind(who.firm, _listings(session)),
    }
    return found


def _threads(session: Session, length: int, *conditions: Any) -> list[str]:
    """Return addresses of introductions with about ``length`` messages, spread over all."""
    said = IntroductionMessage
    rows = session.scalars(
        sa.select(Introduction.public_id)
        .join(said, said.introduction_id == Introduction.id)
        .where(*conditions)
        .group_by(Introduction.id, Introduction.public_id)
        .having(sa.func.count() >= length, sa.func.count() <= length + 2)
        .order_by(Introduction.public_id)
        .limit(DIFFERENT)
    )
    return _addresses(rows)


def _own(session: Session, organisation_id: int) -> list[str]:
    return _addresses(
        session.scalars(
            sa.select(Introduction.public_id)
            .where(Introduction.from_organisation_id == organisation_id)
            .order_by(Introduction.public_id)
            .limit(DIFFERENT)
        )
    )


def _addresses(public_ids: Iterable[str]) -> list[str]:
    return [f"/introductions/{public_id}" for public_id in public_ids]


def _house_of(session: Session, user_id: int) -> int:
    return session.scalars(
        sa.select(Membership.organisation_id).where(Membership.user_id == user_id)
    ).one()


def _listings(session: Session) -> list[str]:
    """Return addresses of public results that many ask about."""
    number = sa.func.count()
    rows = session.scalars(
        sa.select(Listing.public_id)
        .join(Introduction, Introduction.listing_id == Listing.id)
        .where(Listing.state == "published", Introduction.state.not_in(ENDED_STATES))
        .group_by(Listing.id, Listing.public_id)
        .order_by(number.desc(), Listing.id)
        .limit(DIFFERENT)
    )
    return [f"/listings/{public_id}" for public_id in rows]
