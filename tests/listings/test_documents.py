"""What reaches the index: the public tier, both languages, and no name of an anonymous firm."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from matching.documents import Document, Facets
from tenon.listings.documents import (
    documents_of,
    documents_of_expert,
    expert_key,
    is_expert_key,
)
from tests.factories.accounts import make_organisation
from tests.factories.listings import make_achievement, make_expert, make_need

PUBLISHED = 20779  # 2026-11-22 as days since 1970-01-01


def test_documents_of_achievement_one_per_language_with_facets(session: Session) -> None:
    university = make_organisation(session)
    listing = make_achievement(
        session,
        organisation=university,
        state="published",
        title="甲",
        summary="乙",
        problem=None,
        advantages="丙",
        applications=None,
        readiness=6,
        fields=[("ipc", "G02"), ("gbt4754", "39")],
        deal_forms=["licence_sole", "assignment"],
        region="420111",
        money_kind="range",
        money_low=100,
        money_high=200,
        details={"nda": "秘密配方"},
        translated={"title": "A", "summary": "B"},
    )
    facets = Facets(
        organisation=university.id,
        organisation_kind="university",
        fields=("ipc:G02", "ipc:G"),
        industries=("39", "C"),
        region=("420111", "420100", "420000"),
        readiness=6,
        deal_forms=("assignment", "licence_sole"),
        price_low=100,
        price_high=200,
        currency="CNY",
        published=PUBLISHED,
        expires=PUBLISHED + 365,
    )
    assert documents_of(listing) == [
        Document(listing.id, "achievement", "zh", "甲", "乙\n丙", facets, 1),
        Document(listing.id, "achievement", "en", "A", "B", facets, 1),
    ]


def test_documents_of_anonymous_need_carry_the_owner_as_a_number_only(session: Session) -> None:
    firm = make_organisation(
        session, kind="enterprise", name_zh="隐名电缆厂", name_en="Hidden Cable Works"
    )
    need = make_need(
        session,
        organisation=firm,
        state="published",
        anonymous=True,
        requirements=["耐温≥200℃", "?价格低"],
        deadline=date(2026, 12, 1),
        translated={"title": "Cable", "summary": "Heat"},
    )
    found = documents_of(need)
    assert [document.facets.organisation for document in found] == [firm.id, firm.id]
    assert [document.facets.requirements for document in found] == [("耐温≥200℃", "?价格低")] * 2
    assert found[0].text.endswith("耐温≥200℃\n价格低")
    assert found[1].text == "Heat"
    assert found[0].facets.expires == PUBLISHED + 9
    written = str([document.to_record() for document in found])
    assert "隐名" not in written
    assert "Hidden" not in written


def test_documents_of_expert_name_fields_and_results(session: Session) -> None:
    institute = make_organisation(session, kind="institute", region="420100")
    expert = make_expert(session, organisation=institute, fields=[("hitech", "4")])
    result = make_achievement(session, organisation=institute, title="结果", state="published")
    assert documents_of_expert(expert, [result]) == [
        Document(
            key=expert_key(expert.id),
            side="expert",
            language="zh",
            title="云舒 教授",
            text="研究光纤传感与高温测量。\n新材料\n结果",
            facets=Facets(
                organisation=institute.id,
                organisation_kind="institute",
                fields=("hitech:4",),
                region=("420100", "420000"),
                published=(datetime(2026, 11, 22, tzinfo=UTC).date() - date(1970, 1, 1)).days,
            ),
            version=1,
        )
    ]
    assert is_expert_key(expert_key(expert.id))
    assert not is_expert_key(result.id)
