"""Columns of a file of needs. Data only."""

from __future__ import annotations

from ingest.format.column import TEXT, TITLE, Column
from ingest.format.shared import (
    CURRENCY,
    DEAL_FORMS,
    EXTERNAL_ID,
    FIELDS,
    INDUSTRIES,
    LANGUAGE,
    ORGANISATION,
    REGION,
    URL,
)

NEEDS: tuple[Column, ...] = (
    EXTERNAL_ID,
    LANGUAGE,
    ORGANISATION,
    Column(
        "title", "标题", "text",
        "需求名称。",
        "Name of the need.",
        "变压器绕组在线测温", "On-line temperature measurement of transformer windings",
        required=True, limit=TITLE, aliases=("需求名称", "名称"),
    ),
    Column(
        "background", "背景", "text",
        "现在怎样做，难在哪里，希望达到什么。",
        "How it is done today, what is hard about it, what is hoped for.",
        "现用热电偶受强电磁场干扰，读数漂移。",
        "The thermocouples in use today drift in the strong electromagnetic field.",
        required=True, limit=TEXT, aliases=("需求背景", "需求描述", "背景描述"),
    ),
    Column(
        "requirements", "技术要求", "requirements",
        "可检验的指标，以分号分隔；前面加问号的为期望，其余为必须。",
        "Measurable requirements separated by semicolons; a leading question mark makes a wish.",
        "耐温≥200℃;误差≤1℃;?寿命≥10年",
        "temperature ≥ 200 °C;error ≤ 1 °C;?lifetime ≥ 10 years",
        limit=300, aliases=("技术指标", "指标要求"),
    ),
    Column(
        "deadline", "截止日期", "date",
        "形如 2027-03-31。",
        "Such as 2027-03-31.",
        "2027-12-31", "2027-12-31", aliases=("截止时间",),
    ),
    Column(
        "budget_min", "最低预算", "amount",
        "以元（或美元）计的数字。",
        "In currency units.",
        "200000", "200000", aliases=("预算下限",),
    ),
    Column(
        "budget_max", "最高预算", "amount",
        "以元（或美元）计的数字。",
        "In currency units.",
        "800000", "800000", aliases=("预算上限", "预算"),
    ),
    CURRENCY,
    Column(
        "readiness_sought", "期望成熟度", "number",
        "期望的技术成熟度 TRL，1 至 9。",
        "Technology readiness level sought, 1 to 9.",
        "6", "6", low=1, high=9, aliases=("成熟度", "trl"),
    ),
    DEAL_FORMS,
    REGION,
    FIELDS,
    INDUSTRIES,
    Column(
        "anonymous", "匿名", "boolean",
        "是或否；匿名需求只有经纪人知道企业是谁。",
        "true or false; only the broker knows whose an anonymous need is.",
        "否", "false", aliases=("是否匿名",),
    ),
    Column(
        "title_translated", "标题译文", "text",
        "标题的另一种语言。", "The title in the other language.",
        "On-line temperature measurement of transformer windings", "变压器绕组在线测温",
        limit=TITLE,
    ),
    Column(
        "background_translated", "背景译文", "text",
        "背景的另一种语言。", "The background in the other language.",
        "The thermocouples in use today drift in the strong electromagnetic field.",
        "现用热电偶受强电磁场干扰，读数漂移。", limit=TEXT,
    ),
    URL,
)  # fmt: skip
