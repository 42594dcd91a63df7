"""Columns of a file of people. Data only."""

from __future__ import annotations

from ingest.format.column import TEXT, Column

PEOPLE: tuple[Column, ...] = (
    Column(
        "external_id", "编号", "text",
        "贵方系统中的唯一编号；再次导入时凭它更新同一条记录。",
        "Your own unique number; importing it again updates the same record.",
        "P-001", "P-001", required=True, limit=100, aliases=("外部编号", "工号", "id"),
    ),
    Column(
        "name_zh", "中文姓名", "text",
        "中文姓名与英文姓名至少填一项。",
        "Name in Chinese; at least one of the two names is needed.",
        "示例老师", "示例老师", limit=120, aliases=("姓名",),
    ),
    Column(
        "name_en", "英文姓名", "text",
        "英文姓名。",
        "Name in English.",
        "Example Lecturer", "Example Lecturer", limit=120, aliases=("name",),
    ),
    Column(
        "organisation", "所属机构", "text",
        "所属机构的编号（与机构文件中的编号一致）。",
        "The external_id of the organisation, as in the file of organisations.",
        "ORG-001", "ORG-001", limit=100, aliases=("机构编号", "organization"),
    ),
    Column(
        "title_zh", "中文职务", "text",
        "职称或职务。",
        "Position, in Chinese.",
        "教授", "教授", limit=120, aliases=("职务", "职称"),
    ),
    Column(
        "title_en", "英文职务", "text",
        "英文职称或职务。",
        "Position, in English.",
        "Professor", "Professor", limit=120, aliases=("position",),
    ),
    Column(
        "email", "邮箱", "email",
        "联系邮箱；只核对格式，站点不保存。",
        "Address for mail; its form is checked, the site does not keep it.",
        "lecturer@example.com", "lecturer@example.com", limit=254,
        aliases=("电子邮箱", "电子邮件", "e-mail"),
    ),
    Column(
        "fields", "技术领域", "codes",
        "体系:代码，以分号分隔，如 hitech:1（高新技术领域）、ipc:G02；也可写名称。",
        "scheme:code separated by semicolons, such as hitech:1 or ipc:G02; names are understood.",
        "hitech:1;ipc:G02", "hitech:1;ipc:G02", scheme="hitech ipc", aliases=("研究领域",),
    ),
    Column(
        "languages", "工作语言", "keys",
        "两位语言代码，以分号分隔，如 zh;en。",
        "Two-letter codes of languages, separated by semicolons, such as zh;en.",
        "zh;en", "zh;en", limit=2, aliases=("语言",),
    ),
    Column(
        "availability", "合作意愿", "word",
        "可合作、有限、暂不合作之一；不填为有限。",
        "One of open, limited, closed; limited if left empty.",
        "可合作", "open", scheme="availability",
    ),
    Column(
        "bio_zh", "中文简历", "text",
        "中文介绍。",
        "A description in Chinese.",
        "从事光纤传感研究。", "从事光纤传感研究。", limit=TEXT,
        aliases=("简历", "个人简介", "中文简介"),
    ),
    Column(
        "bio_en", "英文简历", "text",
        "英文介绍。",
        "A description in English.",
        "Works on optical fibre sensing.", "Works on optical fibre sensing.", limit=TEXT,
        aliases=("bio", "英文简介"),
    ),
)  # fmt: skip
