"""A paper as a Word file: headings, numbered clauses, tables, signature blocks, page numbers.

The same paper gives the same bytes: the file's own date is the version's, and its parts are packed
in one order with one time. Knows no deal.
"""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from tenon.deals.papers.composing import say
from tenon.deals.papers.paper import Block, Paper, Part, Row

LATIN, CHINESE = "Arial", "SimSun"
_BOLD_CHINESE = "SimHei"
_INK, _GREY = RGBColor(0x22, 0x20, 0x1D), RGBColor(0x5F, 0x5A, 0x53)
_TRACES = ("extended-properties", "thumbnail")
_PACKED_AT = (1980, 1, 1, 0, 0, 0)
"""The earliest that a ZIP can say."""


def write_docx(paper: Paper) -> bytes:
    """Return a paper as a DOCX file."""
    document = Document()
    _set_up(document, paper)
    _title(document, paper)
    _table(document, paper.opening)
    for part in paper.parts:
        _part(document, part)
    if paper.blocks:
        _heading(document, paper.blocks_heading)
        for block in paper.blocks:
            _block(document, block)
    _footer(document, paper)
    _drop_traces(document)
    out = io.BytesIO()
    document.save(out)
    return _repacked(out.getvalue())


def _set_up(document: Any, paper: Paper) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.3)
    section.top_margin, section.bottom_margin = Cm(2.2), Cm(2.2)
    normal = document.styles["Normal"]
    normal.font.size = Pt(10.5)
    normal.font.color.rgb = _INK
    normal.paragraph_format.space_after = Pt(4)
    normal.paragraph_format.line_spacing = 1.3
    _font(normal, CHINESE)
    tag = "zh-CN" if paper.language == "zh" else "en-GB"
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), tag)
        language.set(qn("w:eastAsia"), "zh-CN")
    about = document.core_properties
    day = datetime.fromisoformat(paper.made_on).replace(tzinfo=UTC)
    about.title = f"{paper.title} · {paper.subtitle}"
    about.author = about.last_modified_by = about.comments = about.keywords = ""
    about.created = about.modified = day
    about.revision = 1
    about.language = tag


def _font(style: Any, chinese: str) -> None:
    style.font.name = LATIN
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), chinese)
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)


def _title(document: Any, paper: Paper) -> None:
    style = document.styles["Title"]
    _font(style, _BOLD_CHINESE)
    style.font.size, style.font.color.rgb = Pt(20), _INK
    borders = style.element.pPr.find(qn("w:pBdr")) if style.element.pPr is not None else None
    if borders is not None:
        style.element.pPr.remove(borders)
    heading = document.add_paragraph(paper.title, style="Title")
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    below = document.add_paragraph(paper.subtitle)
    below.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if paper.mark:
        mark = document.add_paragraph()
        mark.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = mark.add_run(paper.mark)
        run.bold = True
        run.font.color.rgb = _GREY


def _heading(document: Any, text: str) -> None:
    style = document.styles["Heading 2"]
    _font(style, _BOLD_CHINESE)
    style.font.size, style.font.color.rgb, style.font.bold = Pt(12), _INK, True
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(12), Pt(4)
    document.add_paragraph(text, style="Heading 2")


def _part(document: Any, part: Part) -> None:
    _heading(document, part.heading)
    if part.rows:
        _table(document, part.rows)
    for item in part.items:
        first, *rest = item.lines
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.left_indent = Cm(1.1)
        if item.number:
            paragraph.paragraph_format.first_line_indent = Cm(-1.1)
            paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(1.1))
            first = f"{item.number}\t{first}"
        paragraph.add_run(first)
        for line in rest:
            paragraph.add_run().add_break()
            paragraph.add_run(line)


def _table(document: Any, rows: tuple[Row, ...]) -> None:
    table = document.add_table(rows=0, cols=2)
    table.style = document.styles["Table Grid"]
    table.autofit = False
    for row in rows:
        cells = table.add_row().cells
        for cell, width in zip(cells, (Cm(4.6), Cm(11.8)), strict=True):
            cell.width = width
        cells[0].paragraphs[0].add_run(row.name).bold = True
        cells[1].text = "\n".join(row.lines)
        for cell in cells:
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.space_after = Pt(2)


def _block(document: Any, block: Block) -> None:
    who = document.add_paragraph()
    who.paragraph_format.space_before = Pt(10)
    who.paragraph_format.keep_with_next = True
    who.add_run(block.who).bold = True
    who.add_run(f"  {block.why}").font.color.rgb = _GREY
    for place, line in enumerate(block.lines, start=1):
        paragraph = document.add_paragraph(f"{line} ")
        paragraph.paragraph_format.keep_with_next = place < len(block.lines)
        paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(12))
        paragraph.add_run("\t").underline = True


def _footer(document: Any, paper: Paper) -> None:
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.style.font.size, paragraph.style.font.color.rgb = Pt(8), _GREY
    paragraph.add_run(paper.footer)
    paragraph.add_run().add_break()
    before, rest = say("page", paper.language, page="\0", pages="\1").split("\0")
    between, after = rest.split("\1")
    paragraph.add_run(before)
    _field(paragraph, "PAGE")
    paragraph.add_run(between)
    _field(paragraph, "NUMPAGES")
    paragraph.add_run(after)


def _field(paragraph: Any, code: str) -> None:
    """Add a field that the word processor fills in."""
    run = paragraph.add_run()
    for kind in ("begin", "separate", "end"):
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        run.element.append(mark)
        if kind == "begin":
            text = OxmlElement("w:instrText")
            text.set(qn("xml:space"), "preserve")
            text.text = code
            run.element.append(text)
        elif kind == "separate":
            shown = OxmlElement("w:t")
            shown.text = "1"
            run.element.append(shown)


def _drop_traces(document: Any) -> None:
    """Leave out what the library's empty document carries along: a program's name, a picture."""
    parts = document.part.package.rels
    for key in [key for key, each in parts.items() if each.reltype.rsplit("/", 1)[1] in _TRACES]:
        del parts[key]


def _repacked(content: bytes) -> bytes:
    """Return the same parts packed in one order with one time."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as read,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as write,
    ):
        names = sorted(read.namelist(), key=lambda name: (name != "[Content_Types].xml", name))
        for name in names:
            part = zipfile.ZipInfo(name, date_time=_PACKED_AT)
            part.compress_type = zipfile.ZIP_DEFLATED
            part.external_attr = 0o600 << 16
            write.writestr(part, read.read(name))
    return out.getvalue()
