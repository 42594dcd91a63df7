"""Needs' requirements against results' sentences, with the verdict a broker would give.

Written for this project. Each row: requirement, text of the result, verdict, the figure that
decides (None where none does).
"""

from __future__ import annotations

from typing import Final

from matching.results import Verdict

MET, PARTLY, NOT_MET = Verdict.MET, Verdict.PARTLY, Verdict.NOT_MET
NOT_STATED, NOT_COMPARABLE = Verdict.NOT_STATED, Verdict.NOT_COMPARABLE

Row = tuple[str, str, Verdict, str | None]

VERDICTS: Final[list[Row]] = [
    # the same quantity in other units
    ("耐温≥200℃", "The binder is stable; its heat resistance is 473.15 K.", MET, "473.15 K"),
    ("heat resistance of at least 473.15 K", "该胶耐温200℃。", MET, "200℃"),
    ("耐温≥200℃", "heat resistance of 473.14 K", NOT_MET, "473.14 K"),
    ("survives 600 °C", "这种陶瓷能耐受650℃的烟气。", MET, "650℃"),
    ("survives 600 °C", "The seal withstands 1,000 °F.", NOT_MET, "1,000 °F"),
    ("成本低于30元/kg", "批量生产后成本约2.6万元/吨。", MET, "2.6万元/吨"),
    ("成本低于30元/kg", "成本为0.05元/g。", NOT_MET, "0.05元/g"),
    ("吨水处理成本≤1.2元", "运行成本0.9元/吨。", MET, "0.9元/吨"),
    ("吨水处理成本≤1.2元", "每立方米水的运行成本为0.9元。", NOT_COMPARABLE, "0.9元"),
    ("电耗≤450 kWh/t", "单位电耗0.4千瓦时/公斤。", MET, "0.4千瓦时/公斤"),
    ("焊速不低于12 m/min", "焊接速度可达0.25 m/s。", MET, "0.25 m/s"),
    ("焊接速度达到2米/分钟", "The welding speed is 1.5 m/min.", NOT_MET, "1.5 m/min"),
    ("车速≥60公里/小时", "巡检车最高时速20 m/s。", MET, "20 m/s"),
    ("转速≥12000rpm", "主轴转速180转/秒。", NOT_MET, "180转/秒"),
    ("日处理量≥500吨", "单线处理能力25 t/h。", MET, "25 t/h"),
    ("日处理量≥500吨", "示范线日处理300吨。", NOT_MET, "300吨"),
    ("每小时加工不少于1200件", "产能20件/分钟。", MET, "20件/分钟"),
    ("flow rate above 12 L/min", "流量0.9 m³/h。", MET, "0.9 m³/h"),
    ("带宽不低于200兆字节/秒", "the bus has a bandwidth of 1.2 Gbit/s", NOT_MET, "1.2 Gbit/s"),
    ("data rate ≥ 10 Gbit/s", "传输速率达到1.5 GB/s。", MET, "1.5 GB/s"),
    ("thickness no greater than 0.5 in", "壁厚12毫米。", MET, "12毫米"),
    ("占地不超过2亩", "装置占地1200平方米。", MET, "1200平方米"),
    ("亩用量不超过30公斤", "推荐用量400 kg/公顷。", MET, "400 kg/公顷"),
    ("compressive strength of 6,000 psi or higher", "抗压强度42.5兆帕。", MET, "42.5兆帕"),
    ("输出扭矩≥2.5 kN·m", "关节扭矩达到1800 N·m。", NOT_MET, "1800 N·m"),
    ("能量密度≥300Wh/kg", "电芯能量密度为1.2 MJ/kg。", MET, "1.2 MJ/kg"),
    # numbers in words and powers
    ("寿命10^6次以上", "疲劳寿命超过一百二十万次。", MET, "一百二十万次"),
    ("寿命10^6次以上", "循环寿命3×10^5次。", NOT_MET, "3×10^5次"),
    ("寿命10^6次以上", "The spring has a life of two million cycles.", MET, "two million cycles"),
    ("service life of at least three years", "使用寿命五年。", MET, "五年"),
    ("service life of at least three years", "使用寿命30个月。", NOT_MET, "30个月"),
    ("连续运行一千小时以上", "样机已连续运行45天。", MET, "45天"),
    ("保质期3-5年", "常温保质期48个月。", MET, "48个月"),
    ("漏检率低于万分之一", "漏检率为50 ppm。", MET, "50 ppm"),
    ("误报率不高于5‰", "false alarm rate of 0.8 %", NOT_MET, "0.8 %"),
    ("去除率百分之九十以上", "磷的去除率为93.4%。", MET, "93.4%"),
    # which way is better
    ("定位精度优于0.02毫米", "重复定位精度±8 μm。", MET, "±8 μm"),
    ("定位精度优于0.02毫米", "positioning accuracy of 0.05 mm", NOT_MET, "0.05 mm"),
    ("检出限优于0.1 μg/L", "检出限0.02 ppb。", NOT_COMPARABLE, "0.02 ppb"),
    ("真空度优于5×10⁻⁴ Pa", "极限真空1×10⁻⁵ Pa。", MET, "1×10⁻⁵ Pa"),
    ("接收灵敏度优于-110 dBm", "接收灵敏度-118 dBm。", MET, "-118 dBm"),
    ("接收灵敏度优于-110 dBm", "接收灵敏度为-95 dBm。", NOT_MET, "-95 dBm"),
    ("noise level < 30 dB(A)", "整机噪声28分贝。", MET, "28分贝"),
    ("噪音不大于55分贝", "Noise at one metre is 61 dB(A).", NOT_MET, "61 dB(A)"),
    ("防护等级不低于IP67", "外壳防护等级IP68。", MET, "IP68"),
    ("防护等级不低于IP67", "the enclosure is rated IP54", NOT_MET, "IP54"),
    # ranges
    ("粒径30-50 μm", "粒径分布在35至45微米。", MET, "35至45微米"),
    ("粒径30-50 μm", "particle size of 20 to 40 µm", PARTLY, "20 to 40 µm"),
    ("粒径30-50 μm", "粒径约5 μm。", NOT_MET, "5 μm"),
    ("pH 6-9", "出水pH为7.2。", MET, "7.2"),
    ("pH 6-9", "废液pH值1~2。", NOT_MET, "pH值1~2"),
    ("固化温度120±5℃", "固化温度为122 ℃。", MET, "122 ℃"),
    ("工作温度-40~85℃", "可在-20~60℃的环境温度下使用。", PARTLY, "-20~60℃"),
    ("良率做到98%", "中试良率96%~99%。", PARTLY, "96%~99%"),
    # hardness scales do not convert into one another
    ("硬度58HRC以上", "渗层硬度60 HRC。", MET, "60 HRC"),
    ("硬度58HRC以上", "表面硬度HV1100。", NOT_COMPARABLE, "HV1100"),
    ("hardness above HV 900", "镀层硬度为1050 HV。", MET, "1050 HV"),
    # of another kind
    ("耐温≥200℃", "该涂层的耐温达到5级。", NOT_COMPARABLE, "5级"),
    ("重量不超过12公斤", "整机重量为300 N。", NOT_COMPARABLE, "300 N"),
    ("续航里程500公里以上", "续航时间6小时。", NOT_STATED, None),
    # not stated: other quantities, other people's figures
    ("耐温≥200℃", "炉内温度保持在800℃，样品在空气中冷却。", NOT_STATED, None),
    ("耐温≥200℃", "现有胶黏剂耐温只有150℃。", NOT_STATED, None),
    ("成本低于30元/kg", "项目总投资30万元。", NOT_COMPARABLE, "30万元"),
    ("探测距离≥80 m", "外形长度120 mm。", NOT_STATED, None),
    ("准确率95%以上", "样本中95%来自三家医院。", NOT_STATED, None),
    ("响应时间≤50ms", "The response is fast and repeatable.", NOT_STATED, None),
    ("噪声< 30 dB(A)", "放大器增益为30 dB。", NOT_STATED, None),
    ("寿命10^6次以上", "已供货300台。", NOT_STATED, None),
]
