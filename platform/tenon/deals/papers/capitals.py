"""Amounts in the characters that Chinese contracts write beside the figures: 伍拾万元整."""

from __future__ import annotations

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_MYRIADS = ("", "万", "亿", "万亿")


def capitals(fen: int) -> str:
    """Return an amount of fen in capital characters, without the name of the currency.

    Raises ValueError for a negative amount, and from 10^16 yuan on.
    """
    if fen < 0 or fen >= 10**18:
        raise ValueError(f"{fen} fen cannot be written in capitals")
    yuan, rest = divmod(fen, 100)
    jiao, cent = divmod(rest, 10)
    written = f"{_whole(yuan)}元" if yuan or not rest else ""
    if not rest:
        return f"{written}整"
    if jiao:
        written += f"{_DIGITS[jiao]}角"
    elif yuan:
        written += "零"
    return written + (f"{_DIGITS[cent]}分" if cent else "整")


def _whole(number: int) -> str:
    """Return a whole number: groups of four figures, a 零 where figures in between are missing."""
    if number == 0:
        return _DIGITS[0]
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    written = ""
    gap = False
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        if group == 0:
            gap = True
            continue
        if written and (gap or group < 1000):
            written += _DIGITS[0]
        written += _group(group) + _MYRIADS[index]
        gap = False
    return written


def _group(number: int) -> str:
    """Return 1 to 9999."""
    written, gap = "", False
    for index in (3, 2, 1, 0):
        digit = number // 10**index % 10
        if digit == 0:
            gap = bool(written)
            continue
        written += (_DIGITS[0] if gap else "") + _DIGITS[digit] + _PLACES[index]
        gap = False
    return written
