"""A record of a file as the content of a listing, in the same normal form as one that was typed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ingest.records import AchievementRecord, NeedRecord
from tenon.listings.content import Content, RequirementEntry, RightEntry, Words

ListingRecord = AchievementRecord | NeedRecord


def content_of(
    record: ListingRecord, *, contributors: Sequence[str] = (), today: date | None = None
) -> Content:
    """Return the content that a record stands for.

    Args:
        record: of an achievement or a need.
        contributors: names for the external ids that the record gives.
        today: where given, a deadline before it is left out.
    """
    if isinstance(record, AchievementRecord):
        return _of_achievement(record, contributors)
    return _of_need(record, today)


def side_of(record: ListingRecord) -> str:
    """Return ``achievement`` or ``need``."""
    return "achievement" if isinstance(record, AchievementRecord) else "need"


def _coded(record: ListingRecord) -> tuple[tuple[str, str], ...]:
    industries = {("gbt4754", code) for code in record.industries}
    return tuple(sorted(industries | {(each.scheme, each.code) for each in record.fields}))


def _of_achievement(record: AchievementRecord, contributors: Sequence[str]) -> Content:
    translation = Words(
        record.title_translated,
        record.summary_translated,
        record.problem_translated,
        record.advantages_translated,
        record.applications_translated,
    )
    details = {
        "introduction": record.detail_introduction,
        "nda": record.detail_nda,
        "signed_in": record.detail_signed_in,
    }
    return Content(
        language=record.language,
        words=Words(
            record.title, record.summary, record.problem, record.advantages, record.applications
        ),
        translation=_if_titled(translation),
        readiness=record.readiness,
        fields=_coded(record),
        deal_forms=tuple(sorted(record.deal_forms)),
        money_kind=record.price_kind,
        money_low=record.price_min,
        money_high=record.price_max,
        currency=record.currency or "CNY",
        region=record.region,
        contributors=tuple(contributors),
        rights=tuple(
            RightEntry(each.kind, each.number, each.status, each.filed, each.granted, each.owner)
            for each in record.ip
        ),
        details={tier: text for tier, text in details.items() if text},
    )


def _of_need(record: NeedRecord, today: date | None) -> Content:
    deadline = record.deadline
    if deadline is not None and today is not None and deadline < today:
        deadline = None
    return Content(
        language=record.language,
        words=Words(record.title, record.background),
        translation=_if_titled(Words(record.title_translated, record.background_translated)),
        readiness=record.readiness_sought,
        fields=_coded(record),
        deal_forms=tuple(sorted(record.deal_forms)),
        money_kind=_budget_kind(record),
        money_low=record.budget_min,
        money_high=record.budget_max,
        currency=record.currency or "CNY",
        region=record.region,
        requirements=tuple(
            RequirementEntry(each.text, "must" if each.must else "wish")
            for each in record.requirements
        ),
        deadline=deadline,
        anonymous=record.anonymous,
    )


def _if_titled(words: Words) -> Words | None:
    """A translation without a title cannot stand by itself: it is not kept."""
    return words if words.title else None


def _budget_kind(record: NeedRecord) -> str | None:
    if record.budget_min is None and record.budget_max is None:
        return None
    return "fixed" if record.budget_min == record.budget_max else "range"
