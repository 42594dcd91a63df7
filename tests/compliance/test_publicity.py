"""Publicity: what must be published, for how long, what it says, what stands in the way."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.compliance.models import Publicity
from tenon.compliance.services import publishing, sheets, watching
from tenon.deals.guards import RuleBroken, open_points
from tenon.deals.models import Deal
from tenon.deals.services import step_of, take_step
from tenon.errors import IllegalTransition, Invalid
from tenon.notices.models import Notice
from tests.compliance.cast import Cast, agreed, declare, make_cast, open_deal, published
from tests.factories.listings import NOW

SHANGHAI = ZoneInfo("Asia/Shanghai")


def refused(session: Session, deal: Deal, step: str, now: datetime = NOW) -> dict[str, str]:
    """Guard -> message of what stands in the way of a step."""
    points = open_points(session, deal, step_of(deal, step), now=now)
    return {each.guard: each.message for each in points}


def test_a_state_founded_university_must_publish_an_agreed_price(
    session: Session, cast: Cast
) -> None:
    deal = agreed(session, cast)
    points = open_points(session, deal, step_of(deal, "clear"), now=NOW)
    mine = next(each for each in points if each.guard == "publicity_over")
    assert mine.facts == {"days": 15}
    assert "第十八条" in mine.source_zh
    assert "article 18" in mine.source_en
    assert mine.path.endswith("/compliance#publicity")


def test_zhejiang_cites_its_own_article(session: Session) -> None:
    cast = make_cast(session, seller={"region": "330100"})
    deal = agreed(session, cast)
    points = open_points(session, deal, step_of(deal, "clear"), now=NOW)
    mine = next(each for each in points if each.guard == "publicity_over")
    assert "第十七条" in mine.source_zh


@pytest.mark.parametrize(
    "seller",
    [{"kind": "enterprise"}, {"state_founded": False}, {"kind": "university", "country": "DE"}],
)
def test_who_is_not_state_founded_need_not_publish(
    session: Session, seller: dict[str, object]
) -> None:
    cast = make_cast(session, seller=seller)
    deal = agreed(session, cast)
    assert "publicity_over" not in refused(session, deal, "clear")
    assert "publicity_applies" in refused(session, deal, "publish")


@pytest.mark.parametrize("form", ["consulting", "service"])
def test_work_for_hire_disposes_of_nothing(session: Session, cast: Cast, form: str) -> None:
    deal = open_deal(session, cast, form)
    assert "publicity_over" not in refused(session, deal, "clear")


def test_publicity_needs_each_contributors_declaration(session: Session, cast: Cast) -> None:
    deal = agreed(session, cast)
    with pytest.raises(RuleBroken) as told:
        take_step(session, deal, "publish", by=cast.actor("seller_editor"), now=NOW)
    assert [each.facts for each in told.value.refusals] == [{"count": 2}]
    declare(session, cast, deal)
    take_step(session, deal, "publish", by=cast.actor("seller_editor"), now=NOW)
    assert deal.stage == "publicity"


def test_publicity_says_what_the_rule_asks_and_no_more(session: Session, cast: Cast) -> None:
    deal = published(session, cast)
    found = publishing.running(session, deal)
    assert found is not None
    body = found.body
    assert body["name"] == deal.title
    assert body["summary"].startswith("装置在200℃以上")
    assert body["price"] == {"minor": 60_000_000, "currency": "CNY", "rate": None}
    assert [each["name"] for each in body["contributors"]] == ["云舒", "林外"]
    assert body["buyer"] is None
    assert "石英机电" not in str(body)
    assert "term_months" not in str(body)
    assert "2026年12月7日" in body["procedure"]["zh"]
    assert "7 December 2026" in body["procedure"]["en"]
    assert found.sha256 == publishing.hash_of(body)


def test_a_related_buyer_is_named(session: Session, cast: Cast) -> None:
    deal = agreed(session, cast)
    first, second = sheets.contributors(session, deal)
    by = cast.actor("seller_editor")
    with pytest.raises(Invalid) as told:
        sheets.declare_relation(session, deal, first, relation="related", by=by, now=NOW)
    assert told.value.fields == {"detail": "required"}
    detail = "持有受让方百分之五的股权"
    sheets.declare_relation(session, deal, first, relation="related", detail=detail, by=by, now=NOW)
    sheets.declare_relation(session, deal, second, relation="none", by=by, now=NOW)
    take_step(session, deal, "publish", by=by, now=NOW)
    found = publishing.running(session, deal)
    assert found is not None
    assert found.body["buyer"] == {"zh": "石英机电有限公司", "en": "Quartz Electrics"}
    assert found.body["contributors"][0]["detail"] == detail


def test_the_day_of_the_start_does_not_count_and_the_last_is_whole(
    session: Session, cast: Cast
) -> None:
    start = datetime(2026, 12, 1, 23, 59, tzinfo=SHANGHAI)
    deal = published(session, cast, now=start)
    found = publishing.running(session, deal)
    assert found is not None
    assert found.last_on.isoformat() == "2026-12-16"
    last_moment = datetime(2026, 12, 16, 23, 59, 59, tzinfo=SHANGHAI)
    assert "publicity_over" in refused(session, deal, "clear", last_moment)
    assert "publicity_over" not in refused(
        session, deal, "clear", last_moment + timedelta(seconds=1)
    )


def test_new_terms_stop_the_publicity_and_ask_for_another(session: Session, cast: Cast) -> None:
    deal = published(session, cast)
    by = cast.actor("seller_editor")
    take_step(session, deal, "reopen", reason="price", by=by, now=NOW)
    assert publishing.running(session, deal) is None
    later = NOW + timedelta(days=30)
    agreed(session, cast, deal=deal, now=later, up_front={"minor": 1_000, "currency": "CNY"})
    assert "publicity_over" in refused(session, deal, "clear", later)
    take_step(session, deal, "publish", by=by, now=later)
    states = session.scalars(sa.select(Publicity.state).order_by(Publicity.id)).all()
    assert states == ["stopped", "running"]


def test_nothing_declared_changes_while_it_is_published(session: Session, cast: Cast) -> None:
    deal = published(session, cast)
    by, first = cast.actor("seller_editor"), sheets.contributors(session, deal)[0]
    with pytest.raises(IllegalTransition):
        sheets.declare_relation(session, deal, first, relation="is_buyer", by=by, now=NOW)
    with pytest.raises(IllegalTransition):
        sheets.set_route(session, deal, sheets.Route(route="agreement"), by=by, now=NOW)
    with pytest.raises(IllegalTransition):
        sheets.add_contributor(session, deal, name="后补", by=by, now=NOW)


def test_the_end_is_told_once_and_the_deal_is_cleared(session: Session, cast: Cast) -> None:
    deal = published(session, cast)
    over = NOW + timedelta(days=16)
    assert watching.end_publicities(session, now=over - timedelta(days=1)) == 0
    assert watching.end_publicities(session, now=over) == 1
    assert watching.end_publicities(session, now=over) == 0
    assert deal.stage == "signing"
    told = session.scalars(sa.select(Notice.user_id).where(Notice.kind == "publicity_over")).all()
    assert told == [cast.people["seller_administrator"].id]


def test_openings_are_counted_by_day_and_by_nothing_else(session: Session, cast: Cast) -> None:
    deal = published(session, cast)
    found = publishing.running(session, deal)
    assert found is not None
    for moment in (NOW, NOW, NOW + timedelta(days=1)):
        publishing.note_opening(session, found, now=moment)
    rows = session.execute(sa.text("SELECT * FROM compliance_openings ORDER BY day")).mappings()
    assert [(sorted(dict(row)), row["times"]) for row in rows] == [
        (["day", "publicity_id", "times"], 2),
        (["day", "publicity_id", "times"], 1),
    ]
