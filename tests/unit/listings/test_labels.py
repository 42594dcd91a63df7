"""Every code that the tables know has words."""

from __future__ import annotations

import pytest

from tenon.listings import labels, models
from tenon.listings.states import LISTING, STATES


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (labels.SIDES, (*models.SIDES, "expert")),
        (labels.STATES, STATES),
        (labels.DEAL_FORMS, models.DEAL_FORMS),
        (labels.TIERS, models.TIERS),
        (labels.TIER_KEYS, models.TIERS),
        (labels.PRICE_KINDS, models.MONEY_KINDS),
        (labels.IP_KINDS, models.IP_KINDS),
        (labels.IP_STATUSES, models.IP_STATUSES),
        (labels.AVAILABILITY, models.AVAILABILITY),
        (labels.COMPARISONS, models.COMPARISONS),
        (labels.OBLIGATIONS, models.OBLIGATIONS),
        (labels.OUTCOMES, models.OUTCOMES),
    ],
)
def test_labels_cover_the_codes_in_order(words: dict[str, object], codes: tuple[str, ...]) -> None:
    assert tuple(words) == codes


def test_labels_word_every_step() -> None:
    assert set(LISTING.changes) <= set(labels.EVENTS)


def test_label_of_nothing_is_empty() -> None:
    assert labels.label("state", None) == ""
