"""PDF files: Chinese that can be read back, fonts inside, the same bytes twice, no way out."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pypdf
import pytest
from jinja2 import UndefinedError

from tenon import paths
from tenon.documents import render_pdf, words
from tests.guards.checkout import ROOT

LETTER = """{% extends "documents/base.html" %}
{% block title %}{{ title }}{% endblock %}
{% block content %}<h1>{{ title }}</h1><p>{{ _('Search') }}</p>
{% for line in lines %}<p>{{ line }}</p>{% endfor %}{{ more|default('')|safe }}{% endblock %}
"""


@pytest.fixture
def letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A template of the test's own beside the real frame of all documents."""
    folder = tmp_path / "templates" / "documents"
    folder.mkdir(parents=True)
    for name in ("base.html", "page.css"):
        (folder / name).write_text((paths.templates() / "documents" / name).read_text())
    (folder / "letter.html").write_text(LETTER)
    monkeypatch.setattr(paths, "templates", lambda: tmp_path / "templates")
    words.environment.cache_clear()
    yield "letter.html"
    words.environment.cache_clear()


def _context(**more: Any) -> dict[str, Any]:
    return {"title": "贡献证明", "lines": ["耐高温聚酰亚胺薄膜", "Polyimide <film>"], **more}


def _read(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(content))


def _fonts(page: pypdf.PageObject) -> list[Any]:
    fonts = page["/Resources"]["/Font"]  # type: ignore[index]  # the page's dictionary
    return [fonts[name]["/DescendantFonts"][0].get_object() for name in fonts]


def test_chinese_can_be_read_back_and_words_are_in_the_language_asked_for(letter: str) -> None:
    chinese = _read(render_pdf(letter, _context(), "zh")).pages[0].extract_text()
    english = _read(render_pdf(letter, _context(), "en")).pages[0].extract_text()
    assert "耐高温聚酰亚胺薄膜" in chinese
    assert "Polyimide <film>" in chinese
    assert "搜索" in chinese
    assert "Search" in english
    assert "1 / 1" in chinese


def test_every_font_is_inside_the_file(letter: str) -> None:
    page = _read(render_pdf(letter, _context(), "zh")).pages[0]
    fonts = _fonts(page)
    assert fonts
    for font in fonts:
        held = font["/FontDescriptor"].get_object()
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(held)
        assert "CJK-SC" in str(font["/BaseFont"])


def test_pages_are_a4_and_numbered(letter: str) -> None:
    pages = _read(render_pdf(letter, _context(lines=["一行"] * 120), "zh")).pages
    assert len(pages) > 1
    assert [round(float(side) / 72 * 25.4) for side in pages[0].mediabox[2:]] == [210, 297]
    assert all(f"{n} / {len(pages)}" in page.extract_text() for n, page in enumerate(pages, 1))


def test_same_content_gives_the_same_bytes_in_threads_and_in_another_process(
    letter: str, tmp_path: Path
) -> None:
    first = render_pdf(letter, _context(), "zh")
    with ThreadPoolExecutor(4) as pool:
        again = list(pool.map(lambda _: render_pdf(letter, _context(), "zh"), range(4)))
    assert set(again) == {first}
    code = (
        "import sys, pathlib; from tenon import paths\n"
        f"paths.templates = lambda: pathlib.Path({str(tmp_path / 'templates')!r})\n"
        "from tenon.documents import render_pdf\n"
        f"sys.stdout.buffer.write(render_pdf({letter!r}, {_context()!r}, 'zh'))"
    )
    other = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "America/Lima", "LC_ALL": "C"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=other)
    assert done.stdout == first
    assert render_pdf(letter, _context(title="另一份"), "zh") != first


def test_file_says_its_title_and_nothing_else_about_itself(letter: str) -> None:
    read = _read(render_pdf(letter, _context(), "zh"))
    assert {name: str(text) for name, text in (read.metadata or {}).items()} == {
        "/Title": "贡献证明"
    }
    assert read.xmp_metadata is None
    assert "/ID" not in read.trailer


@pytest.mark.parametrize(
    "more",
    [
        '<img src="http://127.0.0.1:{port}/x.png">',
        '<link rel="stylesheet" href="http://127.0.0.1:{port}/x.css">',
        '<style>@import url("http://127.0.0.1:{port}/x.css");</style>',
        '<style>p {{ background: url("//127.0.0.1:{port}/x.png") }}</style>',
        '<img src="file:///etc/hostname">',
        '<img src="../../../../etc/hostname.png">',
        '<img src="data:image/png;base64,AAAA">',
    ],
)
def test_nothing_is_fetched_from_elsewhere(letter: str, more: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        asked = more.format(port=server.getsockname()[1])
        with pytest.raises(ValueError, match="may not load"):
            render_pdf(letter, _context(more=asked), "zh")
        server.settimeout(0.05)
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_name_that_is_missing_fails(letter: str) -> None:
    with pytest.raises(UndefinedError):
        render_pdf(letter, {"title": "x"}, "zh")


WITHOUT_LIBRARIES = """
import cffi
real = cffi.FFI.dlopen
def refuse(self, name, flags=0):
    raise OSError(f"cannot load library {name!r}")
cffi.FFI.dlopen = refuse
"""
ASK = """
from tenon.documents import Unavailable, render_pdf
try:
    print(len(render_pdf("base.html", {}, "zh")))
except Unavailable as error:
    print("SAID", error.code, error.facts["packages"])
"""


def _said(code: str, **environ: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **environ},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


def test_says_which_libraries_are_missing() -> None:
    assert _said(WITHOUT_LIBRARIES + ASK) == (
        "SAID pdf_libraries libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
    )


def test_says_which_fonts_are_missing_instead_of_crashing(tmp_path: Path) -> None:
    (tmp_path / "fonts.conf").write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{tmp_path}</dir><cachedir>{tmp_path}</cachedir></fontconfig>"
    )
    said = _said(ASK, FONTCONFIG_FILE=str(tmp_path / "fonts.conf"))
    assert said == "SAID pdf_fonts fonts-noto-cjk"


def test_importing_the_room_and_the_site_loads_no_library() -> None:
    code = "import sys, tenon.app, tenon.documents; print('weasyprint' in sys.modules)"
    assert _said(code) == "False"
