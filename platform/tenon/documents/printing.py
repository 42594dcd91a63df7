"""HTML to PDF by WeasyPrint: the one module that loads its libraries; import it where it is used.

Knows nothing of templates or languages.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import gc
import logging
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from tenon import paths
from tenon.web.assets import STATIC

# Its remarks on style sheets (a property that print does not know) concern nobody who runs a site.
logging.getLogger("weasyprint").setLevel(logging.ERROR)
logging.getLogger("fontTools").setLevel(logging.ERROR)
_TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png"}


class _Refused(FatalURLFetchingError):  # type: ignore[misc]  # the base is untyped
    """Something outside the site's own files was asked for; ends the rendering."""


class OwnFiles(URLFetcher):  # type: ignore[misc]  # the base is untyped
    """Opens files of templates/documents and of the static folder, and nothing else."""

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:  # noqa: ARG002  # theirs
        """Return one of the site's own files; raises for every other address."""
        parts = urlsplit(url)
        if parts.scheme != "file" or parts.netloc:
            raise _Refused(url)
        path = Path(url2pathname(parts.path)).resolve()
        roots = ((paths.templates() / "documents").resolve(), STATIC.resolve())
        kind = _TYPES.get(path.suffix)
        if kind is None or not any(path.is_relative_to(root) for root in roots):
            raise _Refused(url)
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})


def has_chinese_font() -> bool:
    """Whether this machine has a font with the characters of simplified Chinese.

    Ask before printing: without any font Pango ends the whole process.
    """
    return _fonts_for(b":lang=zh-cn") > 0


def _fonts_for(pattern: bytes) -> int:
    """Count the fonts that fit a pattern of fontconfig's."""
    library = _fontconfig()
    config = library.FcInitLoadConfigAndFonts()
    wanted = library.FcNameParse(pattern)
    wishes = library.FcObjectSetCreate()
    found = library.FcFontList(config, wanted, wishes)
    try:
        return int(found.contents.nfont) if found else 0
    finally:
        if found:
            library.FcFontSetDestroy(found)
        library.FcObjectSetDestroy(wishes)
        library.FcPatternDestroy(wanted)
        library.FcConfigDestroy(config)


class _FontSet(ctypes.Structure):
    """The head of fontconfig's FcFontSet."""

    _fields_ = (("nfont", ctypes.c_int), ("sfont", ctypes.c_int), ("fonts", ctypes.c_void_p))


@cache
def _fontconfig() -> ctypes.CDLL:
    """Load the library that WeasyPrint has loaded already, with the calls that count fonts."""
    name = ctypes.util.find_library("fontconfig") or "libfontconfig.so.1"
    library = ctypes.CDLL(name)
    pointer = ctypes.c_void_p
    library.FcInitLoadConfigAndFonts.restype = pointer
    library.FcNameParse.argtypes, library.FcNameParse.restype = [ctypes.c_char_p], pointer
    library.FcObjectSetCreate.restype = pointer
    library.FcFontList.argtypes = [pointer, pointer, pointer]
    library.FcFontList.restype = ctypes.POINTER(_FontSet)
    library.FcFontSetDestroy.argtypes = [ctypes.POINTER(_FontSet)]
    for name in ("FcObjectSetDestroy", "FcPatternDestroy", "FcConfigDestroy"):
        getattr(library, name).argtypes = [pointer]
        getattr(library, name).restype = None
    return library


def print_html(html: str, base: str) -> bytes:
    """Return the PDF of a page; there must be fonts (``has_chinese_font``).

    ``base`` is the address that relative addresses of the page stand to. Raises ValueError where
    the page asks for a file that is not the site's own.
    """
    try:
        page = HTML(string=html, base_url=base, url_fetcher=OwnFiles())
        document = page.render(font_config=FontConfiguration())
        content: bytes = document.write_pdf(finisher=_without_traces)
    except _Refused as refused:
        raise ValueError(f"a document may not load {refused}") from None
    # The document points to itself and holds the fonts whole, 20 MB each.
    del page, document
    gc.collect()
    return content


def _without_traces(_document: Any, pdf: Any) -> None:
    """Leave no name of the program that wrote it, nor its version."""
    pdf.info.pop("Producer", None)
