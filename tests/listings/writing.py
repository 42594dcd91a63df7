"""Contents that can be handed in, for tests that go through the services."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tenon.listings.content import Content, RequirementEntry, Words

ACHIEVEMENT = Content(
    language="zh",
    words=Words(
        title="高温光纤测温装置",
        summary="装置在二百摄氏度以上的管道外壁连续测温，误差小于零点五摄氏度。",
        problem="热电偶寿命短。",
        advantages="寿命由三个月延长到五年。",
        applications="石化管道。",
    ),
    readiness=6,
    fields=(("hitech", "1"), ("gbt4754", "39")),
    deal_forms=("licence_sole",),
    region="420111",
)
NEED = Content(
    language="zh",
    words=Words(
        title="求高温管道测温办法",
        summary="蒸汽管道外壁测温靠人工，每班漏报两三次，想要连续测温的装置。",
    ),
    requirements=(RequirementEntry("耐温≥200℃"), RequirementEntry("价格低于6万元", "wish")),
    deal_forms=("licence_nonexclusive",),
)


def achievement(**changes: Any) -> Content:
    """A complete achievement with these parts changed; ``title`` and the like go to its words."""
    return _changed(ACHIEVEMENT, changes)


def need(**changes: Any) -> Content:
    """A complete need with these parts changed."""
    return _changed(NEED, changes)


def _changed(content: Content, changes: dict[str, Any]) -> Content:
    parts = {name: changes.pop(name) for name in list(changes) if name in Words.__slots__}
    return replace(content, words=replace(content.words, **parts), **changes)
