"""Phrases in which people ask for figures, with what each asks for; written for this project.

Each row: the phrase, the code of the quantity (None where the table of quantities has no name for
it), the comparison, and the figures in base units (K, m, kg, s, Pa, W, J, shares of 1, bits, CNY).
``..`` is a range, ``~`` about a figure, ``=`` a figure that neither words nor the quantity direct.
"""

from __future__ import annotations

from typing import Final

Row = tuple[str, str | None, str, float, float | None]

DAY: Final = 86_400.0
YEAR: Final = 31_556_952.0
TONNE: Final = 1_000.0
MU: Final = 2_000 / 3
KWH: Final = 3.6e6


def least(text: str, quantity: str | None, value: float) -> Row:
    """Return a row of "at least"."""
    return text, quantity, ">=", value, None


def most(text: str, quantity: str | None, value: float) -> Row:
    """Return a row of "at most"."""
    return text, quantity, "<=", value, None


def between(text: str, quantity: str | None, low: float, high: float) -> Row:
    """Return a row of a range."""
    return text, quantity, "..", low, high


def about(text: str, quantity: str | None, value: float) -> Row:
    """Return a row of about a figure."""
    return text, quantity, "~", value, None


CHINESE: Final[list[Row]] = [
    # temperature
    least("耐温≥200℃", "heat_resistance", 473.15),
    least("耐温不低于200摄氏度", "heat_resistance", 473.15),
    least("能扛住600℃的高温", "heat_resistance", 873.15),
    least("耐受600 ℃", "heat_resistance", 873.15),
    most("最低工作温度-40℃", "cold_resistance", 233.15),
    between("工作温度-40℃~+85℃", "operating_temperature", 233.15, 358.15),
    between("工作温度零下四十度到八十五度", "operating_temperature", 233.15, 358.15),
    most("固化温度低于一百二十度", "process_temperature", 393.15),
    between("固化温度120±5℃", "process_temperature", 388.15, 398.15),
    most("控温精度±0.5℃", "temperature_accuracy", 0.5),
    most("温差不超过2℃", "temperature_accuracy", 2),
    least("不低於200℃的耐溫", "heat_resistance", 473.15),
    # money
    most("成本低于30元/kg", "price", 30),
    most("处理成本控制在每吨800元以内", "price", 0.8),
    most("单台价格低于6万元", "price", 60_000),
    most("售价不超过3.5万元/台", "price", 35_000),
    most("每亩投入不高于200元", "price", 200 / MU),
    most("度电成本≤0.25元/千瓦时", "price", 0.25 / KWH),
    most("吨水处理成本≤1.2元", "price", 1.2 / TONNE),
    most("造价五十万元以内", "price", 5e5),
    most("预算不超过一百二十万元", "price", 1.2e6),
    most("运行费用小于等于2元/吨", "price", 2 / TONNE),
    between("单价3~5万元", "price", 3e4, 5e4),
    # times and counts
    least("寿命10^6次以上", "life", 1e6),
    least("循环寿命≥10万次", "life", 1e5),
    least("疲劳寿命1.2×10^6次以上", "life", 1.2e6),
    least("插拔寿命大于等于5000次", "life", 5000),
    least("连续运行一千小时以上", "life", 3.6e6),
    least("使用寿命两万五千小时", "life", 9e7),
    between("保质期3-5年", "life", 3 * YEAR, 5 * YEAR),
    least("质保期不少于三年", "life", 3 * YEAR),
    least("货架期达到半年", "life", YEAR / 2),
    most("响应时间≤50ms", "duration", 0.05),
    most("检测30分钟内出结果", "duration", 1800),
    most("交货期不超过15个工作日", "duration", 15 * DAY),
    most("换型时间压到10分钟", "duration", 600),
    between("反应时间2至4小时", "duration", 7200, 14_400),
    about("充电时间约2小时", "duration", 7200),
    # lengths
    between("粒径30-50 μm", "size", 30e-6, 50e-6),
    between("粒径在30微米到50微米之间", "size", 30e-6, 50e-6),
    between("膜厚10～20纳米", "thickness", 1e-8, 2e-8),
    most("定位精度±0.02 mm", "precision", 2e-5),
    most("定位精度优于0.02毫米", "precision", 2e-5),
    most("测量误差小于5丝", "precision", 5e-5),
    most("表面粗糙度Ra≤0.8 μm", "roughness", 8e-7),
    least("探测距离≥80 m", "distance", 80),
    least("续航里程500公里以上", "distance", 5e5),
    most("线宽小于7 nm", "size", 7e-9),
    least("孔径不小于3英寸", "size", 0.0762),
    # areas, volumes, masses
    most("占地不超过2亩", "area", 2 * MU),
    most("占地面积≤500㎡", "area", 500),
    most("整机重量不超过12公斤", "weight", 12),
    most("整机重量低于3斤", "weight", 1.5),
    least("有效容积50升以上", "volume", 0.05),
    # throughput and speed
    least("日处理量≥500吨", "output", 500 * TONNE / DAY),
    least("处理能力20吨/天", "output", 20 * TONNE / DAY),
    least("年产10万吨", "output", 1e5 * TONNE / YEAR),
    least("每小时加工不少于1200件", "output", 1200 / 3600),
    least("流量不小于30 m³/h", "output", 30 / 3600),
    least("风量≥3万立方米/小时", "output", 30_000 / 3600),
    least("焊速不低于12 m/min", "speed", 0.2),
    least("焊接速度达到2米/分钟", "speed", 2 / 60),
    least("车速≥60公里/小时", "speed", 60 / 3.6),
    least("转速达到2万转/分", "rotation", 20_000 / 60),
    least("转速≥12000rpm", "rotation", 200),
    least("刷新不低于10帧/s", "frame_rate", 10),
    # mechanics
    least("抗压强度≥42.5兆帕", "strength", 42.5e6),
    least("抗拉强度不低于1.2GPa", "strength", 1.2e9),
    least("附着力5 MPa以上", "adhesion", 5e6),
    least("剥离强度≥8N/mm", "adhesion", 8000),
    least("输出扭矩≥2.5 kN·m", "torque", 2500),
    least("承载不低于3吨", "load", 3000),
    least("硬度≥HRC58", "hardness", 58),
    least("硬度58HRC以上", "hardness", 58),
    least("显微硬度大于HV900", "hardness", 900),
    most("真空度优于5×10⁻⁴ Pa", "vacuum", 5e-4),
    # shares
    least("识别准确率95%以上", "accuracy", 0.95),
    least("去除率百分之九十以上", "yield", 0.9),
    least("良率做到98%", "yield", 0.98),
    most("误报率不高于5‰", "error", 0.005),
    most("漏检率低于万分之一", "error", 1e-4),
    most("氯离子残留≤10 ppm", "impurity", 1e-5),
    least("纯度99.99 wt%以上", "purity", 0.9999),
    least("能耗降低20%以上", "reduction_energy", 0.2),
    least("效率提高3倍以上", "growth", 3),
    most("含水率降至12%以下", "moisture", 0.12),
    # concentrations and dosage
    most("出水COD≤50 mg/L", "concentration", 0.05),
    most("颗粒物排放浓度低于5毫克/立方米", "concentration", 5e-6),
    most("检出限优于0.1 μg/L", "concentration", 1e-7),
    most("镉含量≤0.2 mg/kg", "purity", 2e-7),
    most("亩用量不超过30公斤", "dosage", 30 / MU),
    # energy and electricity
    most("电耗≤450 kWh/t", "specific_energy_use", 450 * KWH / TONNE),
    most("吨水电耗不超过0.4千瓦时", "specific_energy_use", 0.4 * KWH / TONNE),
    most("待机功耗小于5毫瓦", "power_use", 0.005),
    least("输出功率不低于6千瓦", "power", 6000),
    least("能量密度≥300Wh/kg", "energy_density", 300 * 3600),
    least("击穿强度≥40 kV/mm", "dielectric_strength", 4e7),
    least("导热系数≥5 W/(m·K)", "conductivity", 5),
    least("接触角大于150°", "angle", 2.617993877991494),
    # sound, light, radio, data
    most("噪声< 30 dB(A)", "noise", 30),
    most("噪音不大于55分贝", "noise", 55),
    least("照度不低于500勒克斯", "illuminance", 500),
    most("接收灵敏度优于-110 dBm", "radio_sensitivity", -110),
    least("传输速率≥10Gbps", "data_rate", 1e10),
    least("带宽不低于200兆字节/秒", "data_rate", 1.6e9),
    least("存储容量≥2TB", "data_size", 1.6e13),
    between("pH值6~9", "ph", 6, 9),
    between("pH 6-9", "ph", 6, 9),
    least("防护等级不低于IP67", "protection", 67),
]

ENGLISH: Final[list[Row]] = [
    # temperature
    least("survives 600 °C", "heat_resistance", 873.15),
    least("heat resistance of at least 473.15 K", "heat_resistance", 473.15),
    least("withstands 500 °F", "heat_resistance", 533.15),
    most("cure temperature no higher than 80 °C", "process_temperature", 353.15),
    between("operating temperature from -40 to 85 °C", "operating_temperature", 233.15, 358.15),
    between("process temperature 25 ± 2 °C", "process_temperature", 296.15, 300.15),
    most("temperature stability within 0.1 K", "temperature_accuracy", 0.1),
    # money
    most("cost below 30 CNY/kg", "price", 30),
    most("price under $20 per kg", "price", 20),
    most("unit cost of no more than USD 5", "price", 5),
    most("capex below 1.5 million USD", "price", 1.5e6),
    most("price at most RMB 30", "price", 30),
    most("costs up to 12 euros per square metre", "price", 12),
    # times and counts
    least("runs for 5,000 h", "life", 1.8e7),
    least("service life of at least three years", "life", 3 * YEAR),
    least("lifetime of not less than 10^5 cycles", "life", 1e5),
    least("lasts 1.2e6 cycles", "life", 1.2e6),
    least("works for twenty-five years", "life", 25 * YEAR),
    least("operates for a thousand hours without service", "life", 3.6e6),
    most("response time less than or equal to 10 ms", "duration", 0.01),
    most("result within 30 minutes", "duration", 1800),
    most("delivery time of 3 weeks or less", "duration", 21 * DAY),
    between("cycle time between 30 and 45 seconds", "duration", 30, 45),
    least("flexural life of a million cycles", "life", 1e6),
    # lengths
    between("particle size 30-50 μm", "size", 30e-6, 50e-6),
    between("grain size of 30 to 50 microns", "size", 30e-6, 50e-6),
    most("positioning accuracy ±0.02 mm", "precision", 2e-5),
    most("repeatability better than 5 µm", "precision", 5e-6),
    least("detection range over 80 metres", "distance", 80),
    most("thickness no greater than 0.5 in", "thickness", 0.0127),
    least("range of 300 miles or more", "distance", 482_803.2),
    # masses, throughput, speed
    most("weight not exceeding 25 lb", "weight", 11.339_809_25),
    least("throughput of at least 20 t/d", "output", 20 * TONNE / DAY),
    least("capacity: 50 tonnes per day minimum", "output", 50 * TONNE / DAY),
    least("flow rate above 12 L/min", "output", 2e-4),
    least("welding speed at least 12 m/min", "speed", 0.2),
    least("speed of up to 60 km/h", "speed", 60 / 3.6),
    least("rotational speed exceeding 20,000 rpm", "rotation", 20_000 / 60),
    least("at least 1,200 pieces per hour output", "output", 1200 / 3600),
    least("frame rate no lower than 30 fps", "frame_rate", 30),
    # mechanics
    least("tensile strength ≥ 1.2 GPa", "strength", 1.2e9),
    least("compressive strength of 6,000 psi or higher", "strength", 41_368_543.76),
    most("pressure drop below 2 bar", "pressure_drop", 2e5),
    least("hardness 58 HRC minimum", "hardness", 58),
    least("hardness above HV 900", "hardness", 900),
    least("torque of 45 N·m", "torque", 45),
    # shares
    least("at least 95 % correct", "accuracy", 0.95),
    least("accuracy no less than 95 percent", "accuracy", 0.95),
    most("error rate below 0.5 %", "error", 0.005),
    most("false alarm rate no more than 2 per cent", "error", 0.02),
    most("drift error within 5 ppm", "error", 5e-6),
    least("purity > 99.99 wt%", "purity", 0.9999),
    least("removal of 90 % or better", "yield", 0.9),
    least("reduces energy use by at least 20 %", "reduction_energy", 0.2),
    # concentrations, energy, electricity, light, radio, data
    most("effluent concentration ≤ 50 mg/L", "concentration", 0.05),
    most("detection limit of 5 ppb", "concentration", 5e-9),
    most("energy consumption under 450 kWh/t", "specific_energy_use", 450 * KWH / TONNE),
    least("energy density of 300 Wh/kg", "energy_density", 300 * 3600),
    least("thermal conductivity ≥ 5 W/m·K", "conductivity", 5),
    most("noise level < 30 dB(A)", "noise", 30),
    least("illuminance of at least 500 lux", "illuminance", 500),
    least("data rate ≥ 10 Gbit/s", "data_rate", 1e10),
    least("bandwidth over 200 MB/s", "data_rate", 1.6e9),
    between("pH between 6 and 9", "ph", 6, 9),
    least("ingress protection class IP67 or better", "protection", 67),
    most("standby power consumption < 5 mW", "power_use", 0.005),
]

PHRASES: Final = CHINESE + ENGLISH
