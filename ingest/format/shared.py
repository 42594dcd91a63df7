"""Columns that achievements and needs have in common. Data only."""

from __future__ import annotations

from ingest.format.column import Column

EXTERNAL_ID = Column(
    "external_id", "编号", "text",
    "贵方系统中的唯一编号；再次导入时凭它更新同一条记录。",
    "Your own unique number; importing it again updates the same record.",
    "EXAMPLE", "EXAMPLE", required=True, limit=100, aliases=("外部编号", "id"),
)  # fmt: skip
LANGUAGE = Column(
    "language", "语言", "word",
    "正文所用语言：中文或英文。译文写入带“译文”的列。",
    "Language of the text: zh or en. A translation goes into the columns named translated.",
    "中文", "en", required=True, scheme="language", aliases=("正文语言",),
)  # fmt: skip
ORGANISATION = Column(
    "organisation", "所属机构", "text",
    "所属机构的编号（与机构文件中的编号一致）；不填则归导入者所在机构。",
    "The external_id of the organisation; if left empty, the importer's own organisation.",
    "", "", limit=100, aliases=("机构编号", "organization"),
)  # fmt: skip
DEAL_FORMS = Column(
    "deal_forms", "合作方式", "codes",
    "以分号分隔：转让、独占许可、排他许可、普通许可、开放许可、作价入股、认股、先使用后付费、"
    "先投后股、委托开发、合作开发、技术咨询、技术服务。",
    "Separated by semicolons: assignment, licence_exclusive, licence_sole, licence_nonexclusive, "
    "licence_open, equity_contribution, share_subscription, pay_after_use, invest_then_equity, "
    "development_commissioned, development_cooperative, consulting, service.",
    "普通许可;合作开发", "licence_nonexclusive;development_cooperative",
    scheme="deal_form", aliases=("转化方式", "交易方式"),
)  # fmt: skip
CURRENCY = Column(
    "currency", "币种", "word",
    "CNY 或 USD；中文条目不填为 CNY。",
    "CNY or USD; needed where an amount is given (Chinese rows default to CNY).",
    "CNY", "CNY", scheme="currency", aliases=("货币",),
)  # fmt: skip
REGION = Column(
    "region", "地区", "word",
    "六位行政区划代码（GB/T 2260）或名称，如 420100 或 武汉市。",
    "Six-digit code of GB/T 2260, or the name of the place, such as 420100.",
    "420100", "420100", scheme="region", aliases=("所在地区",),
)  # fmt: skip
FIELDS = Column(
    "fields", "技术领域", "codes",
    "体系:代码，以分号分隔，如 hitech:1（高新技术领域）、ipc:G02；也可写名称。",
    "scheme:code separated by semicolons, such as hitech:1 or ipc:G02; names are understood.",
    "hitech:1;ipc:G02", "hitech:1;ipc:G02", scheme="hitech ipc",
)  # fmt: skip
INDUSTRIES = Column(
    "industries", "行业", "codes",
    "国民经济行业分类（GB/T 4754）的门类或大类代码或名称，以分号分隔。",
    "Sections or divisions of GB/T 4754 by code or name, separated by semicolons.",
    "39;40", "39;40", scheme="gbt4754", aliases=("所属行业", "应用行业"),
)  # fmt: skip
URL = Column(
    "url", "链接", "url",
    "公开来源的网址，以 http:// 或 https:// 开头。",
    "Address of the public source; begins with http:// or https://.",
    "https://example.com/results/1", "https://example.com/results/1", limit=500,
    aliases=("来源链接",),
)  # fmt: skip
