"""Every setting has a heading in docs/settings.md, and every heading there is a setting."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields

from tenon.settings import Settings
from tests.guards.checkout import ROOT


def test_every_setting_has_its_heading_with_its_default() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    headings = re.findall(r"^### `(TENON_\w+)`$", text, re.MULTILINE)
    assert headings == [f"TENON_{item.name.upper()}" for item in fields(Settings)]
    sections = dict(zip(headings, re.split(r"^### .*$", text, flags=re.MULTILINE)[1:], strict=True))
    for item in fields(Settings):
        if item.default is not MISSING and item.default != "":
            truth = {"True": "yes", "False": "no"}
            words = truth.get(str(item.default), item.default)
            said = sections[f"TENON_{item.name.upper()}"]
            assert f"Default: `{words}`" in said, item.name
