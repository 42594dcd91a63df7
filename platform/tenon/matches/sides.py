"""Guess whether a text seeks something or offers it, by the words people use for either.

A need speaks of trouble, wishes and limits; a result of what was made and measured. Cues set by
hand and words fitted on texts of our own are counted, not understood: one click on the page puts
a wrong guess right. No other part of the site is known here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

Side = Literal["need", "achievement"]

FEW_CHARACTERS: Final = 60

# (weight, what it looks like). Weights were set by hand and are held by the demo set in a test.
_NEED: Final = [
    (
        3,
        (
            r"求购|征集|招标|揭榜|悬赏|需求方|寻求|急需|亟需|亟待|想找|想要|想求|求一|求.{0,12}(?:办法|方案|"
            r"技术|装置)|^\s*求[^。！？]{0,60}(?:办法|方法|方案|技术|装置)"
        ),
    ),
    (
        3,
        (
            r"我们?(?:厂|公司|工厂|车间|社|场|站|院)?(?:需要|希望|想|要找|缺)|谁(?:有|能)|有没有|能不能|"
            r"怎么(?:办|解决|才)"
        ),
    ),
    (
        2,
        r"希望|需要|要求|难题|困扰|头疼|瓶颈|痛点|预算|投诉|报废|停产|罚|赔|老是|总是|卡在|不敢|靠人工|人手",
    ),
    (
        1,
        (
            r"不能|不得|不超过|不低于|不大于|不小于|至少|最好|以内|以上|单价|成本要|每年|去年|现在|目前|班组|客户|"
            r"师傅|工人"
        ),
    ),
    (
        3,
        r"我(?:厂|社|司|矿|院|队)|请帮|两眼一抹黑|求(?:整套|一套|配方|工艺|办法|个)",
    ),
    (
        2,
        (
            r"[试装换用刷吹吃改](?:过|了)|没法|没人|没用|没有用|不了|不动|不清|不出|不够|不起|找不到|招不|跟不上|"
            r"白[省干费]|卡死|干着急"
        ),
    ),
    (
        1,
        (
            r"贵|慢|裂|堵|漏|断|坏|脆|糊|翻车|凑合|一年|一天|每月|每天|一个月|夜班|老板|谁也|十片|"
            r"合.{0,4}万|块钱|斤|姑娘|家属|上级|考核"
        ),
    ),
    (
        3,
        (
            r"\b(?:is|are|being) (?:needed|sought|solicited|desired)\b|\b(?:there is a need|"
            r"proposals? (?:is|are|should|must)|offerors?|solicit\w*)\b"
        ),
    ),
    (
        2,
        (
            r"\b(?:nobody|by hand|we'?ve tried|tried|complains?|phase (?:i|ii) (?:should|"
            r"deliverables|expected)|of interest|desirable)\b"
        ),
    ),
    (
        1,
        (
            r"\b(?:every (?:week|month|winter|summer|monsoon)|each (?:break|week)|jams?|leaks?|"
            r"breaks?|cracks?|men|crew|yard)\b"
        ),
    ),
    (
        3,
        (
            r"\b(?:looking for|seeking|in search of|wanted|request for|call for|does anyone|"
            r"is there a)\b"
        ),
    ),
    (
        3,
        (
            r"\bwe (?:need|want|seek|require|are after|would like|cannot|can't|lose|keep|"
            r"have to)\b"
        ),
    ),
    (
        2,
        (
            r"\b(?:need|needs|needed|must|should|budget|deadline|complain\w*|scrap\w*|trouble|"
            r"problem is|how (?:can|do) we)\b"
        ),
    ),
    (
        1,
        (
            r"\b(?:cannot|can't|won't|too (?:slow|costly|expensive|heavy|late)|every year|"
            r"last year|our (?:plant|line|customers?|workers?|crew|shop))\b"
        ),
    ),
]
_RESULT: Final = [
    (
        3,
        (
            r"本(?:成果|项目|发明|技术|产品|研究|系统|装置|方法)|我们(?:研制|研发|开发|提出|发明|做出)|课题组|"
            r"研究团队|实验室"
        ),
    ),
    (
        3,
        (
            r"研制(?:了|出|成)|已(?:授权|获|建成|完成|通过|在.{1,12}(?:试用|应用|运行))|授权专利|"
            r"发明专利|获奖|提出了|提出一种|开发了"
        ),
    ),
    (
        2,
        (
            r"采用|利用|基于|通过.{1,30}(?:实现|获得|得到)|制备|合成|样机|中试|仿真|实测|良率|优于|相比|"
            r"提高(?:了|到)|降低(?:了|到)"
        ),
    ),
    (
        2,
        r"一种|该(?:方法|装置|系统|技术)|制得|集成|耦合|原位|自适应|反演|机理",
    ),
    (
        1,
        (
            r"\d\s*(?:nm|μm|µm|mm|cm|dB|GHz|MHz|kHz|kW|mW|℃|°C|K|ns|ps|ms|V|%|％|"
            r"倍)(?![A-Za-z])"
        ),
    ),
    (
        2,
        (
            r"\b(?:we propose|proposes to|proposed (?:project|research|work|system)|this (?:phase|"
            r"sbir|sttr|small business|fast track)|the (?:goal|aim|objective) of this (?:project|"
            r"application|work)|project summary|abstract)\b"
        ),
    ),
    (
        1,
        r"可用于|适用于|应用于|带宽|灵敏度|精度达|效率达|响应时间|算法|模型|结构|工艺",
    ),
    (
        3,
        (
            r"\b(?:we|I) (?:have )?(?:developed?|built|made|invented?|demonstrated?|designed?|"
            r"present|propose|synthesi[sz]ed|show(?:ed)?)\b"
        ),
    ),
    (
        3,
        (
            r"\b(?:this (?:invention|technology|work|paper|project|method|device|system)|"
            r"our (?:method|device|prototype|technology|approach)|patent(?:ed|s)?)\b"
        ),
    ),
    (
        2,
        (
            r"\b(?:novel|prototype|achieves?|achieved|demonstrated|based on|enables?|licen[cs]\w+|"
            r"compared (?:with|to)|outperforms?|pilot)\b"
        ),
    ),
    (
        1,
        (
            r"\b(?:using|consists? of|comprises?|sensitivity|bandwidth|efficiency of|accuracy of|"
            r"yields?|applications?)\b"
        ),
    ),
]


WORDS_FILE: Final = Path(__file__).with_name("side_words.json")
"""Words with their log-odds for a need, fitted by ``tools/sides.py`` on texts of our own."""

_CUE: Final = 0.25
"""What a point of the hand-set cues counts beside the fitted words' log-odds."""

_LATIN = re.compile(r"[a-z]+(?:'[a-z]+)?")
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")


def marks(text: str) -> set[str]:
    """Return what a text is told by: English words and pairs of them, Chinese pairs of characters.

    Words that search leaves out (we, our, 我们) are the very ones that tell a side.
    """
    lowered = text.lower()
    latin = _LATIN.findall(lowered)
    found = {*latin, *(f"{one} {next_}" for one, next_ in pairwise(latin))}
    for run in _CHINESE.findall(lowered):
        found.update(run[start : start + 2] for start in range(len(run) - 1))
    return found


@cache
def _fitted() -> tuple[Mapping[str, float], float]:
    record = json.loads(WORDS_FILE.read_text(encoding="utf-8"))
    return record["words"], float(record["offset"])


def guess_side(text: str) -> Side:
    """Return which side a text seems to be.

    Where nothing speaks for either, a few words are what somebody looks for, and a paragraph
    describes what somebody made: laboratories write without "we", workshops do not.
    """
    lowered = text.lower()
    cues = _weight(_NEED, lowered) - _weight(_RESULT, lowered)
    words, offset = _fitted()
    fitted = [words[mark] for mark in marks(text) if mark in words]
    if not cues and not fitted:
        return "need" if len(text) <= FEW_CHARACTERS else "achievement"
    if len(text) <= FEW_CHARACTERS and not cues:
        offset = abs(offset)
    return "need" if _CUE * cues + sum(fitted) + offset > 0 else "achievement"


def _weight(cues: list[tuple[int, str]], text: str) -> int:
    """Sum the weights of the cues found; one that comes often counts three times at most."""
    return sum(weight * min(3, len(re.findall(pattern, text))) for weight, pattern in cues)
