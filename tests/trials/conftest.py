"""Fixtures: the cast of deals, a pay-after-use deal, a development with two milestones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tenon.deals.models import Deal
from tests.deals.cast import Cast
from tests.deals.conftest import _delivers, cast, committed, settled

__all__ = ["_delivers", "cast", "committed", "settled"]

MORNING = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)  # nine o'clock in Wuhan
TERMS: dict[str, Any] = {
    "licence_kind": "nonexclusive",
    "territory": ["CN"],
    "fields_of_use": ["*"],
    "trial_months": 6,
    "trial_scope": "一号线，试制品可以销售。",
    "insurance": "none",
    "triggers": ["date", "metric", "sales", "first_sale"],
    "trigger_date": "2026-11-30",
    "metric": "吨钢能耗（千克标煤）",
    "metric_direction": "at_most",
    "metric_target": "1.8",
    "trigger_sales": {"minor": 50_000_000, "currency": "CNY"},
    "extensions": 1,
    "extension_months": 3,
    "remind_days": 30,
    "payment_mode": "buy_out",
    "buy_out": {"minor": 30_000_000, "currency": "CNY"},
    "buy_out_days": 30,
    "duration": "fixed",
    "term_months": 60,
}
MILESTONES = [
    {"title": "方案", "criterion": "评审通过", "minor": 10_000_000, "due": "2026-07-31"},
    {"title": "样机", "criterion": "连续运行 72 小时", "minor": 20_000_000, "due": "2026-12-31"},
]

MakeDeal = Callable[..., Deal]


@pytest.fixture
def trial_deal() -> MakeDeal:
    """Make a pay-after-use deal at a state; terms may be given anew."""

    def make(session: Session, cast: Cast, *, state: str = "in_force.in_use", **terms: Any) -> Deal:
        return cast.deal(
            session,
            form="pay_after_use",
            state=state,
            terms={**TERMS, **terms},
            now=MORNING,
        )

    return make


@pytest.fixture
def works_deal() -> MakeDeal:
    """Make a commissioned development in force, with two milestones."""

    def make(session: Session, cast: Cast) -> Deal:
        return cast.deal(
            session,
            form="development_commissioned",
            state="in_force.working",
            terms={"milestones": MILESTONES},
            now=MORNING,
        )

    return make
