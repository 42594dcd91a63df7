"""What people write in an introduction: lengths, and no name where it is kept back.

Knows no stage. An anonymous firm's own words are read by others before it consents, so its own
name in them is refused at the field.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, lazyload

from tenon.accounts.models import Organisation, User
from tenon.actors import Actor
from tenon.errors import Invalid
from tenon.introductions import permissions
from tenon.introductions.models import DECLINE_REASONS, Introduction
from tenon.introductions.services.naming import says_who

LEAST, LONGEST = 10, 1_500
LONGEST_MESSAGE = 4_000
LONGEST_SIGNATORY = 200
QUESTIONS = ("interest", "offer", "proposal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The three questions of an expression of interest, answered.

    Attributes:
        interest: what interests us in this listing.
        offer: what we bring.
        proposal: what we propose to do next.
        language: that they are written in: ``zh`` or ``en``.
    """

    interest: str
    offer: str
    proposal: str
    language: str = "zh"

    def columns(self) -> Mapping[str, str]:
        """Return the columns that hold them."""
        return {name: getattr(self, name).strip() for name in QUESTIONS} | {
            "language": self.language
        }

    def check(self, session: Session, unnamed: Organisation | None, *, by: Actor) -> None:
        """Raise Invalid at each answer that is too short, too long, or names who is unnamed."""
        faults: dict[str, str] = {}
        for name in QUESTIONS:
            text = getattr(self, name).strip()
            if not text:
                faults[name] = "required"
            elif len(text) < LEAST:
                faults[name] = "too_short"
            elif len(text) > LONGEST:
                faults[name] = "too_long"
            elif unnamed is not None and gives_away(session, text, unnamed, by=by):
                faults[name] = "names_you"
        if self.language not in ("zh", "en"):
            faults["language"] = "unknown_code"
        if faults:
            raise Invalid(faults)


def fill_answers(introduction: Introduction, answers: Answers) -> None:
    """Write the answers into an introduction that is being made."""
    for name, value in answers.columns().items():
        setattr(introduction, name, value)


def check_text(text: str, field: str, *, least: int = 1, longest: int = LONGEST_MESSAGE) -> None:
    """Raise Invalid at ``field`` where a text is empty, too short or too long."""
    length = len(text.strip())
    if not length:
        raise Invalid({field: "required"})
    if length < least:
        raise Invalid({field: "too_short"})
    if length > longest:
        raise Invalid({field: "too_long"})


def check_reason(reason: str, remark: str, *, known: tuple[str, ...] = DECLINE_REASONS) -> None:
    """Raise Invalid at ``reason`` or ``remark``; ``other`` says nothing without a remark."""
    faults: dict[str, str] = {}
    if not reason:
        faults["reason"] = "required"
    elif reason not in known:
        faults["reason"] = "unknown_code"
    elif reason == "other" and not remark.strip():
        faults["remark"] = "required"
    if len(remark) > LONGEST:
        faults["remark"] = "too_long"
    if faults:
        raise Invalid(faults)


def check_naming(
    session: Session, introduction: Introduction, text: str, field: str, *, by: Actor
) -> None:
    """Raise Invalid at ``field`` where a text names a side whose name is still kept back.

    A side may not name itself (``names_you``), nor a broker one whose name they know
    (``names_unnamed``): others read it. What a writer does not know is not looked for, since the
    answer would tell them that they had guessed right.
    """
    if introduction.opened_at is not None:
        return
    own = permissions.side_of(by, introduction)
    for side in ("from", "to"):
        if (own or side) != side or not introduction.keeps_name_back(side):
            continue
        if not permissions.may_know_name(by, introduction, side):
            continue
        house = introduction.from_organisation if side == "from" else introduction.to_organisation
        people = _people(introduction, side) | ({by.user_id} if own else set())
        if _names(session, text, house, people):
            raise Invalid({field: "names_you" if own else "names_unnamed"})


def gives_away(session: Session, text: str, house: Organisation, *, by: Actor) -> bool:
    """Whether a text holds the organisation's name or address, or the writer's; see naming.py."""
    return _names(session, text, house, {by.user_id})


def _names(
    session: Session, text: str, house: Organisation, people: Collection[int | None]
) -> bool:
    found = session.scalars(
        sa.select(User)
        .where(User.id.in_([key for key in people if key is not None]))
        .options(lazyload(User.roles), lazyload(User.memberships))
    ).all()
    return says_who(text, house, found)


def _people(introduction: Introduction, side: str) -> set[int | None]:
    """Return who has spoken for a side, and who wrote the listing that it brings."""
    brought = introduction.listing_of(side)
    spoke = introduction.from_user_id if side == "from" else introduction.to_user_id
    return {spoke, brought.author_id if brought is not None else None}
