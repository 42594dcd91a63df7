"""Words for codes: what the import format itself fixes, and what the site is asked for.

The closed lists of the format (kinds of organisation, deal forms ...) are here with their names in
both languages. Taxonomies (IPC, industries, regions ...) belong to the site, which passes in a
:class:`Vocabulary`; :class:`CodeShapes` is for checking a file where there is no site.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Protocol


class Vocabulary(Protocol):
    """Knows the terms of the taxonomies."""

    def resolve(self, scheme: str, text: str) -> str | None:
        """Return the code of a term, given its code or a label in either language, or None.

        Args:
            scheme: ``ipc``, ``hitech``, ``gbt4754``, ``region`` or ``country``.
            text: what stood in the file, stripped.
        """
        ...


_SHAPES: Mapping[str, re.Pattern[str]] = {
    "ipc": re.compile(r"[A-H](?:\d\d)?"),
    "hitech": re.compile(r"[1-8]"),
    "gbt4754": re.compile(r"[A-T]|\d\d"),
    "region": re.compile(r"\d{6}"),
    "country": re.compile(r"[A-Z]{2}"),
}


class CodeShapes:
    """A vocabulary that accepts every code of the right shape and no labels."""

    def resolve(self, scheme: str, text: str) -> str | None:
        """Return the code itself where it has its scheme's shape."""
        code = text.upper()
        shape = _SHAPES.get(scheme)
        return code if shape is not None and shape.fullmatch(code) else None


# scheme -> code -> other words for it. The code itself always counts.
_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "language": {
        "zh": ("中文", "汉语", "简体中文", "chinese", "zh-cn", "zh-hans", "zh_hans"),
        "en": ("英文", "英语", "english", "en-us", "en-gb"),
    },
    "organisation_kind": {
        "government": ("政府", "政府部门"),
        "enterprise": ("企业", "公司", "company", "firm"),
        "university": ("高校", "大学", "高等院校"),
        "institute": ("科研院所", "研究院所", "研究所", "研究院", "research institute"),
        "finance": ("金融机构", "金融", "投资机构", "investor"),
        "service": ("服务机构", "中介机构", "service provider"),
        "user": ("用户", "应用单位", "end user"),
    },
    "deal_form": {
        "assignment": ("转让", "技术转让", "transfer", "sale"),
        "licence_exclusive": ("独占许可", "exclusive licence", "exclusive license"),
        "licence_sole": ("排他许可", "sole licence", "sole license"),
        "licence_nonexclusive": (
            "普通许可", "许可", "licence", "license", "non-exclusive licence",
            "non-exclusive license", "nonexclusive",
        ),
        "licence_open": ("开放许可", "open licence", "open license"),
        "equity_contribution": ("作价入股", "作价投资", "技术入股"),
        "share_subscription": ("认股", "认股协议", "认股权", "warrant"),
        "pay_after_use": ("先使用后付费", "先用后付"),
        "invest_then_equity": ("先投后股",),
        "development_commissioned": ("委托开发", "技术开发", "commissioned development"),
        "development_cooperative": (
            "合作开发", "co-operative development", "cooperative development", "joint development",
        ),
        "consulting": ("技术咨询", "咨询", "consultancy"),
        "service": ("技术服务", "服务", "technical service"),
    },
    "price_kind": {
        "fixed": ("一口价", "固定价", "固定价格", "定价"),
        "range": ("价格区间", "区间"),
        "negotiable": ("面议", "协商", "议价", "by negotiation", "negotiation"),
    },
    "availability": {
        "open": ("可合作", "开放"),
        "limited": ("有限", "部分时间"),
        "closed": ("暂不合作", "关闭"),
    },
    "ip_kind": {
        "invention": ("发明", "发明专利", "patent", "invention patent"),
        "utility_model": ("实用新型", "实用新型专利"),
        "design": ("外观设计", "外观设计专利"),
        "software": ("软件著作权", "软著", "软件", "software copyright"),
        "plant_variety": ("植物新品种",),
        "layout_design": ("集成电路布图设计", "布图设计"),
        "trade_secret": ("商业秘密", "技术秘密"),
        "know_how": ("专有技术", "技术诀窍", "knowhow"),
        "other": ("其他", "其它"),
    },
    "ip_status": {
        "pending": ("申请中", "审查中", "实质审查", "公开", "applied"),
        "granted": ("已授权", "授权", "有效", "registered"),
        "lapsed": ("失效", "已失效", "终止", "expired"),
        "none": ("无", "未申请"),
    },
    "currency": {
        "CNY": ("人民币", "rmb", "元", "¥"),
        "USD": ("美元", "us$", "$"),
    },
}  # fmt: skip


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\s_-]+", "", folded)


_LOOKUP: Mapping[str, Mapping[str, str]] = {
    scheme: {_folded(word): code for code, words in terms.items() for word in (code, *words)}
    for scheme, terms in _WORDS.items()
}


def fixed_codes(scheme: str) -> tuple[str, ...]:
    """Return the codes of one of the format's own lists, in their usual order."""
    return tuple(_WORDS[scheme])


def is_fixed(scheme: str) -> bool:
    """Return whether the scheme is one of the format's own lists."""
    return scheme in _WORDS


def fixed_word(scheme: str, code: str, language: str) -> str:
    """Return how a template writes a code: a Chinese word for ``zh``, the code for ``en``."""
    return _WORDS[scheme][code][0] if language == "zh" else code


def fixed_code(scheme: str, text: str) -> str | None:
    """Return the code of a word of one of the format's own lists; None if unknown."""
    return _LOOKUP[scheme].get(_folded(text))


def resolve(scheme: str, text: str, vocabulary: Vocabulary) -> str | None:
    """Return the code of a word, whichever list it is of; None if unknown."""
    return fixed_code(scheme, text) if is_fixed(scheme) else vocabulary.resolve(scheme, text)
