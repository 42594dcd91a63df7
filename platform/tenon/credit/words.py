"""Acts, kinds of thing and outcomes in both languages, as facts of a notice keep them.

Words for pages stand in labels.py; these are kept with a notice in both languages, since its
reader's language is not its writer's. Knows no table.
"""

from __future__ import annotations

from collections.abc import Mapping

Both = Mapping[str, str]

ACTS: Mapping[str, Both] = {
    "collected": {"zh": "收集", "en": "collected"},
    "written": {"zh": "撰写", "en": "written up"},
    "introduced": {"zh": "引荐", "en": "introduced"},
    "hosted": {"zh": "主持对接", "en": "hosted"},
    "closed": {"zh": "促成交易", "en": "closed"},
}
THINGS: Mapping[str, Both] = {
    "listing": {"zh": "一条需求或成果", "en": "a need or an achievement"},
    "introduction": {"zh": "一次引荐", "en": "an introduction"},
    "meeting": {"zh": "一次会面", "en": "a meeting"},
    "deal": {"zh": "一笔交易", "en": "a deal"},
}
OUTCOMES: Mapping[str, Both] = {
    "uphold": {"zh": "原记录维持不变", "en": "the entry stands"},
    "amend": {"zh": "改记为提出异议的人", "en": "the credit goes to whoever disputed it"},
    "share": {"zh": "改记为共同贡献", "en": "the credit is shared"},
    "set_aside": {"zh": "原记录撤销", "en": "the entry is struck"},
}
