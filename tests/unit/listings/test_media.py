"""Kinds of files are told by their bytes."""

from __future__ import annotations

import io
import zipfile

import pytest

from tenon.listings.media import sniff
from tenon.listings.services.attachments import place, shown_name


def _archive(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return stream.getvalue()


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF0000WEBPVP8 ", "image/webp"),
        ("测试，读数 1\t2\r\n".encode(), "text/plain"),
        (_archive("[Content_Types].xml", "word/document.xml"), _WORD),
        (_archive("xl/workbook.xml"), _SHEET),
        (_archive("word/document.xml", "word/vbaProject.bin"), None),
        (_archive("readme.txt"), None),
        (b"PK\x03\x04 broken", None),
        (b"MZ\x90\x00", None),
        (b"<svg xmlns=''>", None),
        (b" \n<!doctype html>", None),
        (b"\x00\x01", None),
        (b"   ", None),
    ],
    ids=lambda value: str(value)[:20] if isinstance(value, str) else "",
)
def test_sniff_tells_by_content(content: bytes, kind: str | None) -> None:
    assert sniff(content) == kind


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("报告.PDF", "报告.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\temp\\a\r\nb.exe", "ab.pdf"),
        ("...", "file.pdf"),
        ("", "file.pdf"),
        ("x" * 300 + ".pdf", "x" * 120 + ".pdf"),
        ('a"<b>;c.pdf', "abc.pdf"),
    ],
)
def test_shown_name_is_harmless_and_fits_the_content(name: str, shown: str) -> None:
    assert shown_name(name, "application/pdf") == shown


@pytest.mark.parametrize("digest", ["", "../x", "g" * 64, "A" * 64, "a" * 63])
def test_place_takes_hashes_alone(tmp_path_factory: pytest.TempPathFactory, digest: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        place(tmp_path_factory.getbasetemp(), digest)
