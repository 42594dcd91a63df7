"""Plainly artificial words in both languages: names, titles, answers, messages. Knows no table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tools.bench.introductions.drawing import Chance

_SUBJECTS: Final = (
    ("污水深度处理", "deep treatment of waste water"),
    ("电池隔膜", "battery separators"),
    ("耐磨涂层", "wear-resistant coatings"),
    ("稻谷干燥", "drying of rice"),
    ("机床主轴监测", "monitoring of machine spindles"),
    ("桥梁裂缝检测", "finding cracks in bridges"),
    ("酶法水解", "hydrolysis by enzymes"),
    ("激光焊接", "laser welding"),
    ("果蔬保鲜", "keeping fruit fresh"),
    ("废热回收", "recovery of waste heat"),
    ("微型传感器", "tiny sensors"),
    ("高温合金铸造", "casting of hot alloys"),
    ("光学镀膜", "optical coatings"),
    ("粉尘抑制", "holding dust down"),
    ("农机导航", "guidance of farm machines"),
    ("膜分离", "separation by membranes"),
)
_MANNERS: Final = (
    ("低能耗工艺", "a process that takes little energy"),
    ("在线测量方法", "a way to measure while running"),
    ("小型装置", "a small device"),
    ("软件模型", "a model in software"),
    ("新型材料", "a new material"),
    ("改造方案", "a plan for rebuilding"),
    ("中试数据", "figures of a pilot run"),
    ("检测标准", "a standard for testing"),
)
_CLAUSES: Final[Mapping[str, Sequence[str]]] = {
    "zh": (
        "这是生成的样例文字，不代表任何真实单位。",
        "我们有一条中试线，可以安排为期两周的试验。",
        "现有做法每班要停机一次，希望把停机时间减半。",
        "请说明样品的数量和交付时间。",
        "我们可以先签保密协议，再交换图纸和试验报告。",
        "建议先开一次线上会议，双方各派一名技术人员。",
        "试验结果与预期一致，误差在百分之三以内。",
        "预算还需要内部批准，预计下个月有答复。",
        "我们关心的是在高湿度下能否稳定运行。",
        "附上上次讨论的要点，请确认是否有遗漏。",
        "第一批样品已经寄出，请查收后告诉我们。",
        "希望以许可方式合作，也可以委托开发。",
    ),
    "en": (
        "This is generated sample text and stands for no real house.",
        "We have a pilot line and can give it two weeks of trials.",
        "At present each shift stops once; we want to halve that.",
        "Please say how many samples there are and when they come.",
        "We can sign the agreement first and exchange drawings after.",
        "An online meeting with one engineer from each side would be a start.",
        "The trial agrees with what was expected, within three per cent.",
        "The budget waits for approval in our house until next month.",
        "What matters to us is steady running at high humidity.",
        "Here are the points of our last talk; is anything missing?",
        "The first samples are on their way; tell us once they arrive.",
        "A licence would suit us, or development on commission.",
    ),
}
_VARIANTS: Final = 2_000


class Sentences:
    """Titles and passages, composed once and drawn from a pool: cheap by the million."""

    def __init__(self, chance: Chance) -> None:
        self._pool = {
            language: [
                " ".join(chance.pick(clauses) for _ in range(2 + number % 3))
                for number in range(_VARIANTS)
            ]
            for language, clauses in _CLAUSES.items()
        }
        self._chance = chance

    def passage(self, language: str) -> str:
        """Return two to four sentences."""
        return self._chance.pick(self._pool[language])

    def title(self, number: int) -> dict[str, str]:
        """Return language -> the title of a listing; ``number`` makes it one of a kind."""
        subject = self._chance.pick(_SUBJECTS)
        manner = self._chance.pick(_MANNERS)
        return {
            "zh": f"样例{number:06d}：{subject[0]}的{manner[0]}",
            "en": f"Sample {number:06d}: {manner[1]} for {subject[1]}",
        }
