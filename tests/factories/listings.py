"""Achievements, needs and experts for tests; nothing happens that is not asked for.

No history, version or outbox row is written: a test that wants those goes through the services.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.listings.models import (
    ConfidentialDetail,
    Expert,
    ExpertField,
    IpRight,
    Listing,
    ListingContributor,
    ListingDealForm,
    ListingField,
    ListingText,
    Requirement,
)
from tenon.listings.states import PUBLIC_STATES
from tests.factories.accounts import make_organisation

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
TEXT_PARTS = ("problem", "advantages", "applications")


def make_achievement(
    session: Session,
    *,
    organisation: Organisation | None = None,
    author: User | None = None,
    **values: Any,
) -> Listing:
    """A draft in Chinese; flushed. ``state="published"`` also sets the moments that go with it."""
    standard = {
        "title": "面向高温管道的光纤测温装置",
        "summary": "装置在200℃以上的管道外壁连续测温，误差小于0.5℃。",
        "problem": "热电偶在高温管道上寿命短，更换须停产。",
        "advantages": "寿命由三个月延长到五年，更换不停产。",
        "applications": "石化、热电与冶金管道。",
        "readiness": 6,
    }
    owner = organisation or make_organisation(session)
    return _make(session, "achievement", owner, author, standard | values)


def make_need(
    session: Session,
    *,
    organisation: Organisation | None = None,
    author: User | None = None,
    **values: Any,
) -> Listing:
    """A draft in Chinese, of a firm; flushed. ``requirements`` takes texts or Requirement rows."""
    standard = {
        "title": "求高温管道在线测温办法",
        "summary": "蒸汽管道外壁测温靠人工，漏报多，想要连续测温。",
        "requirements": ["耐温≥200℃"],
    }
    owner = organisation or make_organisation(session, kind="enterprise", name_zh=_name("示例制造"))
    return _make(session, "need", owner, author, standard | values)


def _name(stem: str) -> str:
    return f"{stem}{uuid.uuid4().hex[:6]}"


def _make(
    session: Session,
    side: str,
    organisation: Organisation,
    author: User | None,
    values: dict[str, Any],
) -> Listing:
    details: dict[str, str] = values.pop("details", {})
    translated: dict[str, str] | None = values.pop("translated", None)
    text = {key: values.pop(key, None) for key in ("title", "summary", *TEXT_PARTS)}
    fields: Iterable[tuple[str, str]] = values.pop("fields", ())
    forms: Iterable[str] = values.pop("deal_forms", ())
    requirements: Sequence[str | Requirement] = values.pop("requirements", ())
    contributors: Sequence[str | Expert] = values.pop("contributors", ())
    rights: Iterable[IpRight] = values.pop("ip_rights", ())
    listing = Listing(
        side=side,
        organisation=organisation,
        author_id=None if author is None else author.id,
        **{"language": "zh", "created_at": NOW, "updated_at": NOW}
        | _moments(values.get("state", "draft"))
        | values,
    )
    listing.texts = [ListingText(language=listing.language, **text)]
    if translated is not None:
        other = "en" if listing.language == "zh" else "zh"
        listing.texts.append(ListingText(language=other, **translated))
    listing.fields = [ListingField(scheme=scheme, code=code) for scheme, code in fields]
    listing.deal_forms = [ListingDealForm(form=form) for form in forms]
    listing.requirements = [
        _requirement(position, each) for position, each in enumerate(requirements, start=1)
    ]
    listing.contributors = [
        _contributor(position, each) for position, each in enumerate(contributors, start=1)
    ]
    listing.details = [ConfidentialDetail(tier=tier, text=words) for tier, words in details.items()]
    listing.ip_rights = list(rights)
    session.add(listing)
    session.flush()
    return listing


def _moments(state: str) -> dict[str, Any]:
    if state in {"draft", "approved"}:
        return {}
    moments: dict[str, Any] = {"submitted_at": NOW}
    if state in PUBLIC_STATES or state in {"concluded", "expired"}:
        moments["reviewed_version"] = 1
        moments["published_at"] = NOW
        moments["expires_at"] = NOW + timedelta(days=-1 if state == "expired" else 365)
    return moments


def _requirement(position: int, given: str | Requirement) -> Requirement:
    if isinstance(given, Requirement):
        given.position = position
        return given
    return Requirement(
        position=position,
        text=given.removeprefix("?"),
        comparison="free",
        obligation="wish" if given.startswith("?") else "must",
    )


def make_requirement(text: str, **values: Any) -> Requirement:
    """An understood requirement, not in a session: 耐温≥200℃ unless told otherwise."""
    standard = {
        "quantity": "耐温",
        "comparison": "at_least",
        "low": Decimal(200),
        "unit": "℃",
        "obligation": "must",
    }
    return Requirement(text=text, **standard | values)


def _contributor(position: int, given: str | Expert) -> ListingContributor:
    if isinstance(given, Expert):
        return ListingContributor(position=position, name=given.name("zh"), expert_id=given.id)
    return ListingContributor(position=position, name=given)


def make_ip_right(session: Session, **values: Any) -> IpRight:
    """A granted invention patent; flushed."""
    standard = {
        "kind": "invention",
        "number": f"CN{uuid.uuid4().int % 10**12:012d}",
        "status": "granted",
    }
    right = IpRight(**standard | values)
    session.add(right)
    session.flush()
    return right


def make_expert(
    session: Session,
    *,
    organisation: Organisation | None = None,
    user: User | None = None,
    fields: Iterable[tuple[str, str]] = (),
    **values: Any,
) -> Expert:
    """A published page of a researcher; flushed."""
    standard = {
        "name_zh": "云舒",
        "title_zh": "教授",
        "bio_zh": "研究光纤传感与高温测量。",
        "languages": ["zh", "en"],
        "published": True,
        "created_at": NOW,
        "updated_at": NOW,
    }
    expert = Expert(
        organisation=organisation,
        user_id=None if user is None else user.id,
        **standard | values,
    )
    expert.fields = [ExpertField(scheme=scheme, code=code) for scheme, code in fields]
    session.add(expert)
    session.flush()
    return expert
