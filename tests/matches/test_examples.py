"""From rows to examples: what counts, for how much, and on which page it was said."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tenon.listings.models import Listing
from tenon.matches.learning.examples import Examples, load_examples
from tenon.matches.learning.labels import gain_of
from tenon.matches.models import MatchFeedback, MatchImpression, MatchOutcome
from tests.factories.listings import make_achievement, make_need
from tests.matches.learnt import add, impression, word

DAY = timedelta(days=1)


@pytest.fixture
def need(session: Session) -> Listing:
    """Somebody's need."""
    return make_need(session, state="published")


@pytest.fixture
def results(session: Session) -> list[Listing]:
    """Three results of others."""
    return [make_achievement(session, state="published") for _ in range(3)]


def show(session: Session, need: Listing, results: list[Listing], now: datetime) -> None:
    """Show results to the need's organisation, in this order."""
    rows = [
        impression(need, result, now, position=at, place=at)
        for at, result in enumerate(results, start=1)
    ]
    add(session, MatchImpression, rows)


def gains(found: Examples) -> list[list[float]]:
    """The gains on each page, by position."""
    return [[one.gain for one in page.shown] for page in found.pages]


def outcome(need: Listing, result: Listing, now: datetime, **values: Any) -> dict[str, Any]:
    standard = {
        "need_id": need.id,
        "achievement_id": result.id,
        "kind": "met",
        "origin_kind": "meeting",
        "origin_id": 1,
        "own": False,
        "at": now,
    }
    return standard | values


def test_a_page_on_which_nothing_was_said_teaches_nothing(
    session: Session, need: Listing, results: list[Listing], now: datetime
) -> None:
    show(session, need, results, now)
    found = load_examples(session)
    assert found.pages == []
    assert [(one.position, one.shown, one.spoken) for one in found.tallies] == [
        (1, 1, 0),
        (2, 1, 0),
        (3, 1, 0),
    ]


def test_a_word_stands_on_the_last_page_before_it_and_settles_the_pair(
    session: Session, need: Listing, results: list[Listing], now: datetime
) -> None:
    for days in range(4):
        show(session, need, results, now + days * DAY)
    add(session, MatchFeedback, [word(need, results[1], now + 1.5 * DAY)])
    declined = word(need, results[2], now + 3 * DAY, kind="declined", reason="too_early")
    add(session, MatchFeedback, [declined])
    found = load_examples(session)
    assert gains(found) == [[0.0, 1.0, 0.0], [0.0, gain_of("declined", "too_early")]]
    assert [page.asker for page in found.pages] == [need.id, need.id]
    assert found.pages[1].day - found.pages[0].day == 2
    assert found.pages[0].shown[0].features == {"price": 1.0}
    assert found.pages[0].shown[0].relevance == pytest.approx(0.3)


def test_what_comes_later_raises_the_worth(
    session: Session, need: Listing, results: list[Listing], now: datetime
) -> None:
    show(session, need, results, now)
    add(session, MatchFeedback, [word(need, results[0], now), word(need, results[1], now)])
    add(session, MatchOutcome, [outcome(need, results[0], now + 30 * DAY, kind="introduced")])
    assert gains(load_examples(session)) == [[gain_of("introduced"), 1.0, 0.0]]
    add(session, MatchOutcome, [outcome(need, results[0], now + 90 * DAY, kind="paid")])
    add(session, MatchOutcome, [outcome(need, results[2], now + 2 * DAY, kind="signed")])
    assert gains(load_examples(session)) == [[gain_of("paid"), 1.0, gain_of("signed")]]


def test_words_of_ones_own_house_do_not_count(
    session: Session, need: Listing, results: list[Listing], now: datetime
) -> None:
    show(session, need, results, now)
    rows = [
        word(need, results[0], now, own=True),
        word(need, results[1], now),
    ]
    add(session, MatchFeedback, rows)
    add(session, MatchOutcome, [outcome(need, results[2], now, own=True)])
    found = load_examples(session)
    assert gains(found) == [[1.0]]
    assert found.own == 2
    assert sum(one.spoken for one in found.tallies) == 1


def test_only_own_words_are_as_none(
    session: Session, need: Listing, results: list[Listing], now: datetime
) -> None:
    show(session, need, results, now)
    add(session, MatchFeedback, [word(need, each, now, own=True) for each in results])
    found = load_examples(session)
    assert (found.pages, found.own) == ([], 3)


def test_a_word_without_a_page_is_told_and_left_out(
    session: Session, need: Listing, results: list[Listing], now: datetime
) -> None:
    show(session, need, results[:1], now)
    add(session, MatchFeedback, [word(need, results[1], now), word(need, results[0], now - DAY)])
    found = load_examples(session)
    assert (found.pages, found.unseen) == ([], 2)


def test_both_sides_have_pages_of_their_own(
    session: Session, need: Listing, results: list[Listing], now: datetime
) -> None:
    result = results[0]
    show(session, need, [result], now)
    theirs = {"side": "achievement", "organisation_id": result.organisation_id, "position": 4}
    add(session, MatchImpression, [impression(need, result, now, place=4, **theirs)])
    said = {"side": "achievement", "organisation_id": result.organisation_id}
    add(session, MatchFeedback, [word(need, result, now, **said)])
    (page,) = load_examples(session).pages
    assert page.asker == result.id
    assert [(one.position, one.gain) for one in page.shown] == [(4, 1.0)]
