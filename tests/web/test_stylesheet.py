"""The design tokens: both dark themes agree, text can be read, and no rule is out of the system."""

from __future__ import annotations

import re

import pytest

from tenon.web.assets import STATIC

SHEET = (STATIC / "tenon.css").read_text(encoding="utf-8")
TOKEN = re.compile(r"--([\w-]+):\s*([^;]+);")
TEXT_GROUNDS = ("paper", "surface", "sunken")
READABLE = [
    *[(text, ground) for text in ("ink", "muted", "link", "timber") for ground in TEXT_GROUNDS],
    *[(tone, f"{tone}-soft") for tone in ("good", "warn", "bad", "info", "timber")],
    *[("ink", f"{tone}-soft") for tone in ("good", "warn", "bad", "info", "timber", "action")],
    ("bad", "surface"),
    ("bad", "paper"),
    ("surface", "timber"),
    ("on-action", "action"),
    ("on-action", "action-hover"),
]
VISIBLE = [
    ("line-strong", "surface"),
    ("line-strong", "paper"),
    ("focus", "surface"),
    ("focus", "paper"),
]


def block(selector: str, start: int = 0) -> dict[str, str]:
    """Return the tokens that a rule sets."""
    at = SHEET.index(selector + " {", start)
    return dict(TOKEN.findall(SHEET[at : SHEET.index("}", at)]))


LIGHT = block(":root")
DARK = LIGHT | block(':root[data-theme="dark"]')


def luminance(colour: str) -> float:
    """Return WCAG 2.2's relative luminance of ``#rrggbb``."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return WCAG 2.2's contrast ratio of two colours, at least 1."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_of_black_on_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_dark_is_the_same_by_choice_and_by_the_system() -> None:
    by_system = block(':root:not([data-theme="light"])')
    by_choice = block(':root[data-theme="dark"]')
    assert by_system == by_choice


def test_dark_changes_every_colour() -> None:
    colours = {name for name, value in LIGHT.items() if value.startswith("#")}
    assert colours <= set(block(':root[data-theme="dark"]'))


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), READABLE)
def test_text_can_be_read(theme: dict[str, str], text: str, ground: str) -> None:
    assert contrast(theme[text], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("line", "ground"), VISIBLE)
def test_controls_and_focus_can_be_seen(theme: dict[str, str], line: str, ground: str) -> None:
    assert contrast(theme[line], theme[ground]) >= 3


def test_colours_stand_in_tokens_only() -> None:
    rules = SHEET[SHEET.index("/* ---- elements") : SHEET.index("/* ---- print")]
    assert re.findall(r"#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(", rules) == []


def test_every_token_is_defined_and_used() -> None:
    assert set(re.findall(r"var\(--([\w-]+)\)", SHEET)) == set(LIGHT)
