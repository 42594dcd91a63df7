"""Columns of a file of organisations. Data only."""

from __future__ import annotations

from ingest.format.column import TEXT, Column

ORGANISATIONS: tuple[Column, ...] = (
    Column(
        "external_id", "编号", "text",
        "贵方系统中的唯一编号；再次导入时凭它更新同一条记录。",
        "Your own unique number; importing it again updates the same record.",
        "ORG-001", "ORG-001", required=True, limit=100, aliases=("外部编号", "id"),
    ),
    Column(
        "kind", "机构类型", "word",
        "政府、企业、高校、科研院所、金融机构、服务机构、用户之一。",
        "One of government, enterprise, university, institute, finance, service, user.",
        "企业", "enterprise", required=True, scheme="organisation_kind", aliases=("类型",),
    ),
    Column(
        "name_zh", "中文名称", "text",
        "中文全称；中文名称与英文名称至少填一项。",
        "Full name in Chinese; at least one of the two names is needed.",
        "江城示例光电有限公司", "江城示例光电有限公司", aliases=("名称", "机构名称"),
    ),
    Column(
        "name_en", "英文名称", "text",
        "英文全称。",
        "Full name in English.",
        "Rivertown Example Photonics Ltd", "Rivertown Example Photonics Ltd", aliases=("name",),
    ),
    Column(
        "region", "地区", "word",
        "六位行政区划代码（GB/T 2260）或名称，如 420100 或 武汉市。",
        "Six-digit code of GB/T 2260, or the name of the place, such as 420100.",
        "420100", "420100", scheme="region", aliases=("所在地区", "行政区划"),
    ),
    Column(
        "country", "国家", "word",
        "两位国家代码（ISO 3166）或名称；不填为空。",
        "Two-letter code of ISO 3166, or the name of the country.",
        "CN", "CN", scheme="country", aliases=("国家或地区",),
    ),
    Column(
        "industries", "行业", "codes",
        "国民经济行业分类（GB/T 4754）的门类或大类代码或名称，以分号分隔。",
        "Sections or divisions of GB/T 4754 by code or name, separated by semicolons.",
        "39;40", "39;40", scheme="gbt4754", aliases=("所属行业",),
    ),
    Column(
        "website", "网址", "url",
        "以 http:// 或 https:// 开头。",
        "Begins with http:// or https://.",
        "https://example.com", "https://example.com", limit=300, aliases=("网站", "官网"),
    ),
    Column(
        "about_zh", "中文简介", "text",
        "中文介绍。",
        "A description in Chinese.",
        "生产光通信器件。", "生产光通信器件。", limit=TEXT, aliases=("简介",),
    ),
    Column(
        "about_en", "英文简介", "text",
        "英文介绍。",
        "A description in English.",
        "Makes optical communication devices.", "Makes optical communication devices.",
        limit=TEXT, aliases=("about",),
    ),
)  # fmt: skip
