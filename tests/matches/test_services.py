"""What organisations say of matches: one live word each, told to the other side, in history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from tenon.history.models import HistoryEntry
from tenon.listings.models import Listing
from tenon.matches import personal, services
from tenon.matches.models import DECLINE_REASONS, MatchFeedback
from tenon.matches.notifying import REASONS
from tenon.notices import wording
from tenon.notices.models import Notice
from tests.factories.accounts import actor_for, make_membership, make_organisation, make_user
from tests.factories.listings import make_achievement, make_need


@dataclass
class Pair:
    """A need and an achievement, each with an editor of its organisation."""

    need: Listing
    achievement: Listing
    buyer: User
    seller: User

    @property
    def actor(self) -> Actor:
        """The need's editor."""
        return actor_for(self.buyer)


@pytest.fixture
def pair(session: Session, site: object) -> Pair:
    """A published need and achievement of two organisations."""
    buyer, seller = make_user(session), make_user(session)
    firm = make_organisation(
        session, kind="enterprise", name_zh="某某制造", name_en="Somewhat Works"
    )
    school = make_organisation(session)
    make_membership(session, buyer, firm, role="editor")
    make_membership(session, seller, school, role="editor")
    return Pair(
        make_need(session, organisation=firm, author=buyer, state="published"),
        make_achievement(session, organisation=school, author=seller, state="published"),
        buyer,
        seller,
    )


def _words(session: Session) -> list[MatchFeedback]:
    return list(session.scalars(sa.select(MatchFeedback)))


def _notices(session: Session, user: User) -> list[Notice]:
    return list(session.scalars(sa.select(Notice).where(Notice.user_id == user.id)))


def _history(session: Session, listing: Listing) -> list[str]:
    return list(
        session.scalars(
            sa.select(HistoryEntry.kind)
            .where(HistoryEntry.chain_id == listing.public_id)
            .order_by(HistoryEntry.sequence)
        )
    )


def test_interest_is_kept_recorded_and_told(session: Session, pair: Pair, now: datetime) -> None:
    services.give_feedback(
        session,
        listing=pair.need,
        other=pair.achievement,
        kind="interested",
        position=3,
        by=pair.actor,
        now=now,
    )
    (word,) = _words(session)
    assert (word.need_id, word.achievement_id) == (pair.need.id, pair.achievement.id)
    assert (word.side, word.kind, word.reason, word.position, word.own) == (
        "need",
        "interested",
        None,
        3,
        False,
    )
    assert _history(session, pair.need) == ["match_interested"]
    (notice,) = _notices(session, pair.seller)
    told = wording.words(notice.kind, notice.facts, "en")
    assert "Somewhat Works is interested" in told
    assert notice.path == f"/listings/{pair.achievement.public_id}/matches"
    assert _notices(session, pair.buyer) == []


def test_anonymous_firm_is_not_named_to_the_other_side(
    session: Session, pair: Pair, now: datetime
) -> None:
    pair.need.anonymous = True
    services.give_feedback(
        session,
        listing=pair.need,
        other=pair.achievement,
        kind="interested",
        by=pair.actor,
        now=now,
    )
    (notice,) = _notices(session, pair.seller)
    for language in ("zh", "en"):
        told = wording.words(notice.kind, notice.facts, language)
        assert "某某制造" not in told
        assert "Somewhat Works" not in told
    assert "Somewhat Works" not in str(notice.facts)


def test_a_later_word_replaces_the_earlier_and_both_are_history(
    session: Session, pair: Pair, now: datetime
) -> None:
    for kind, reason in (("declined", "too_early"), ("declined", "other"), ("interested", None)):
        services.give_feedback(
            session,
            listing=pair.need,
            other=pair.achievement,
            kind=kind,
            reason=reason,
            by=pair.actor,
            now=now,
        )
    (word,) = _words(session)
    assert (word.kind, word.reason) == ("interested", None)
    assert _history(session, pair.need) == ["match_declined", "match_declined", "match_interested"]
    assert len(_notices(session, pair.seller)) == 3


def test_saying_the_same_twice_tells_once(session: Session, pair: Pair, now: datetime) -> None:
    for _ in range(2):
        services.give_feedback(
            session,
            listing=pair.need,
            other=pair.achievement,
            kind="interested",
            by=pair.actor,
            now=now,
        )
    assert len(_words(session)) == 1
    assert _history(session, pair.need) == ["match_interested"]
    assert len(_notices(session, pair.seller)) == 1


def test_both_sides_have_a_word_of_their_own(session: Session, pair: Pair, now: datetime) -> None:
    for listing, other, who in (
        (pair.need, pair.achievement, pair.buyer),
        (pair.achievement, pair.need, pair.seller),
    ):
        services.give_feedback(
            session,
            listing=listing,
            other=other,
            kind="interested",
            by=actor_for(who),
            now=now,
        )
    assert sorted(word.side for word in _words(session)) == ["achievement", "need"]


def test_word_between_two_houses_of_one_person_is_flagged_own(
    session: Session, pair: Pair, now: datetime
) -> None:
    make_membership(session, pair.buyer, pair.achievement.organisation, role="member")
    word = services.give_feedback(
        session,
        listing=pair.need,
        other=pair.achievement,
        kind="interested",
        by=pair.actor,
        now=now,
    )
    assert word.own


@pytest.mark.parametrize("reason", DECLINE_REASONS)
def test_every_reason_reaches_the_author_in_words_without_a_name(
    session: Session, pair: Pair, now: datetime, reason: str
) -> None:
    services.give_feedback(
        session,
        listing=pair.need,
        other=pair.achievement,
        kind="declined",
        reason=reason,
        remark="只给同事看",
        by=pair.actor,
        now=now,
    )
    (notice,) = _notices(session, pair.seller)
    for language in ("zh", "en"):
        told = wording.words(notice.kind, notice.facts, language)
        assert REASONS[reason][language] in told
        assert "某某" not in told
        assert "Somewhat" not in told
        assert "只给同事看" not in told


@pytest.mark.parametrize(
    ("kind", "reason", "field"),
    [
        ("declined", None, "reason"),
        ("declined", "too_dear", "reason"),
        ("interested", "too_early", "reason"),
        ("maybe", None, "kind"),
    ],
)
def test_nonsense_is_refused(
    session: Session, pair: Pair, now: datetime, kind: str, reason: str | None, field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        services.give_feedback(
            session,
            listing=pair.need,
            other=pair.achievement,
            kind=kind,
            reason=reason,
            by=pair.actor,
            now=now,
        )
    assert list(caught.value.fields) == [field]
    assert _words(session) == []


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda pair: setattr(pair.achievement, "state", "withdrawn"), NotFound),
        (lambda pair: setattr(pair.achievement, "state", "draft"), NotFound),
        (lambda pair: setattr(pair.need, "state", "draft"), Conflict),
        (lambda pair: setattr(pair, "achievement", pair.need), NotFound),
        (
            lambda pair: setattr(pair.achievement, "organisation_id", pair.need.organisation_id),
            NotFound,
        ),
        (
            lambda pair: setattr(
                pair.achievement, "expires_at", datetime.fromisoformat("2026-11-22T07:00:00+00:00")
            ),
            NotFound,
        ),
    ],
)
def test_word_on_what_is_no_pair_is_refused(
    session: Session, pair: Pair, now: datetime, change: object, error: type[DomainError]
) -> None:
    assert callable(change)
    change(pair)
    with pytest.raises(error):
        services.give_feedback(
            session,
            listing=pair.need,
            other=pair.achievement,
            kind="interested",
            by=pair.actor,
            now=now,
        )
    assert _words(session) == []


def test_only_editors_of_the_owner_may_speak(session: Session, pair: Pair, now: datetime) -> None:
    reader = make_user(session)
    make_membership(session, reader, pair.need.organisation, role="member")
    for who in (reader, pair.seller):
        with pytest.raises(Forbidden):
            services.give_feedback(
                session,
                listing=pair.need,
                other=pair.achievement,
                kind="interested",
                by=actor_for(who),
                now=now,
            )
        with pytest.raises(Forbidden):
            services.withdraw_feedback(
                session, listing=pair.need, other=pair.achievement, by=actor_for(who), now=now
            )


def test_word_taken_back_is_gone_and_remembered(
    session: Session, pair: Pair, now: datetime
) -> None:
    services.give_feedback(
        session,
        listing=pair.need,
        other=pair.achievement,
        kind="interested",
        by=pair.actor,
        now=now,
    )
    services.withdraw_feedback(
        session, listing=pair.need, other=pair.achievement, by=pair.actor, now=now
    )
    assert _words(session) == []
    assert _history(session, pair.need) == ["match_interested", "match_unsaid"]
    with pytest.raises(NotFound):
        services.withdraw_feedback(
            session, listing=pair.need, other=pair.achievement, by=pair.actor, now=now
        )


def test_without_an_author_the_owners_administrators_are_told(
    session: Session, pair: Pair, now: datetime
) -> None:
    head = make_user(session)
    make_membership(session, head, pair.achievement.organisation, role="administrator")
    pair.achievement.author_id = None
    services.give_feedback(
        session,
        listing=pair.need,
        other=pair.achievement,
        kind="interested",
        by=pair.actor,
        now=now,
    )
    assert len(_notices(session, head)) == 1
    assert _notices(session, pair.seller) == []


def test_colleague_who_speaks_at_the_same_moment_is_told(
    session: Session, pair: Pair, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def say() -> None:
        services.give_feedback(
            session,
            listing=pair.need,
            other=pair.achievement,
            kind="interested",
            by=pair.actor,
            now=now,
        )

    say()
    # The second looked before the first had written.
    monkeypatch.setattr(services, "_own_word", lambda *_: None)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        say()


def test_personal_data_go_out_and_are_forgotten(
    session: Session, pair: Pair, now: datetime
) -> None:
    services.give_feedback(
        session,
        listing=pair.need,
        other=pair.achievement,
        kind="declined",
        reason="other",
        remark="我的看法",
        by=pair.actor,
        now=now,
    )
    (held,) = personal.collect(session, pair.buyer)["feedback"]
    assert held["remark"] == "我的看法"
    personal.erase(session, pair.buyer, now)
    session.expire_all()
    (word,) = _words(session)
    assert (word.kind, word.user_id, word.remark) == ("declined", None, None)
