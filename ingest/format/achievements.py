"""Columns of a file of achievements. Data only."""

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

ACHIEVEMENTS: tuple[Column, ...] = (
    EXTERNAL_ID,
    LANGUAGE,
    ORGANISATION,
    Column(
        "title", "标题", "text",
        "成果名称。",
        "Name of the result.",
        "耐高温光纤光栅温度传感器", "High-temperature fibre Bragg grating sensor",
        required=True, limit=TITLE, aliases=("成果名称", "名称"),
    ),
    Column(
        "summary", "摘要", "text",
        "公开的成果简介：做到了什么，指标如何。",
        "Public summary: what was achieved, with figures.",
        "传感器可在 300 ℃ 下长期工作，误差小于 0.5 ℃。",
        "The sensor works at 300 °C for years with an error below 0.5 °C.",
        required=True, limit=TEXT, aliases=("成果简介", "简介", "成果摘要"),
    ),
    Column(
        "problem", "解决的问题", "text",
        "解决了什么问题。",
        "The problem it solves.",
        "热电偶在强电磁场中失准。", "Thermocouples drift in strong electromagnetic fields.",
        limit=TEXT, aliases=("技术问题",),
    ),
    Column(
        "advantages", "优势", "text",
        "与现有做法相比的优势，尽量给出数字。",
        "Advantages against today's practice, with figures where possible.",
        "寿命为热电偶的 3 倍。", "Lasts three times as long as a thermocouple.",
        limit=TEXT, aliases=("技术优势", "创新点"),
    ),
    Column(
        "applications", "应用场景", "text",
        "可以用在哪里。",
        "Where it can be used.",
        "变压器、锅炉、电池组测温。", "Transformers, boilers, battery packs.",
        limit=TEXT, aliases=("应用领域", "应用前景"),
    ),
    Column(
        "readiness", "成熟度", "number",
        "技术成熟度 TRL，1 至 9。",
        "Technology readiness level, 1 to 9.",
        "6", "6", low=1, high=9, aliases=("技术成熟度", "trl"),
    ),
    FIELDS,
    INDUSTRIES,
    DEAL_FORMS,
    Column(
        "price_kind", "报价方式", "word",
        "一口价、价格区间、面议之一；不填则按金额判断。",
        "One of fixed, range, negotiable; if left empty, told from the amounts.",
        "价格区间", "range", scheme="price_kind", aliases=("定价方式",),
    ),
    Column(
        "price_min", "最低价格", "amount",
        "以元（或美元）计的数字；一口价填在此列。",
        "In currency units; a fixed price goes here.",
        "300000", "300000", aliases=("价格", "最低报价"),
    ),
    Column(
        "price_max", "最高价格", "amount",
        "以元（或美元）计的数字。",
        "In currency units.",
        "500000", "500000", aliases=("最高报价",),
    ),
    CURRENCY,
    REGION,
    Column(
        "contributors", "完成人", "keys",
        "完成人的编号（与人员文件中的编号一致），以分号分隔。",
        "The external_ids of the contributors, as in the file of people, separated by semicolons.",
        "", "", limit=100, aliases=("完成人编号",),
    ),
    Column(
        "ip", "知识产权", "ip",
        "号码|类型|状态|申请日|授权日|权利人，多项以分号分隔。",
        "number|kind|status|filed|granted|owner, several separated by semicolons.",
        "ZL202010000001.1|发明|已授权|2020-03-01|2022-06-10|江城示例大学",
        "ZL202010000001.1|invention|granted|2020-03-01|2022-06-10|Rivertown Example University",
        limit=300, aliases=("专利",),
    ),
    Column(
        "detail_signed_in", "登录可见内容", "text",
        "登录用户可见的补充内容。",
        "Further detail for those who have signed in.",
        limit=TEXT,
    ),
    Column(
        "detail_introduction", "对接后可见内容", "text",
        "对接成功后才公开的内容。",
        "Further detail for those who have been introduced.",
        limit=TEXT, aliases=("引荐后可见内容",),
    ),
    Column(
        "detail_nda", "保密协议后可见内容", "text",
        "签署保密协议后才公开的内容。",
        "Further detail for those who have signed a confidentiality agreement.",
        limit=TEXT,
    ),
    Column(
        "title_translated", "标题译文", "text",
        "标题的另一种语言。", "The title in the other language.",
        "High-temperature fibre Bragg grating sensor", "耐高温光纤光栅温度传感器", limit=TITLE,
    ),
    Column(
        "summary_translated", "摘要译文", "text",
        "摘要的另一种语言。", "The summary in the other language.",
        "The sensor works at 300 °C for years with an error below 0.5 °C.",
        "传感器可在 300 ℃ 下长期工作，误差小于 0.5 ℃。", limit=TEXT,
    ),
    Column(
        "problem_translated", "问题译文", "text",
        "解决的问题的另一种语言。", "The problem in the other language.", limit=TEXT,
    ),
    Column(
        "advantages_translated", "优势译文", "text",
        "优势的另一种语言。", "The advantages in the other language.", limit=TEXT,
    ),
    Column(
        "applications_translated", "应用译文", "text",
        "应用场景的另一种语言。", "The applications in the other language.", limit=TEXT,
    ),
    URL,
)  # fmt: skip
