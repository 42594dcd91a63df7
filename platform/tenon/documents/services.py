"""Make a PDF of a template, or say what this machine lacks for it. Must not know any room.

Rendering takes a tenth of a second for a page and more for long tables, so whoever needs a
document twice keeps the file. It is done one at a time in a process: the libraries below share
their fonts, and a long table takes memory.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Protocol, cast

from tenon import paths
from tenon.documents.words import environment
from tenon.errors import Unavailable

log = logging.getLogger("tenon.documents")

# Debian's names; docs/operations.md says the same.
LIBRARIES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
FONTS = ("fonts-noto-cjk",)
_one_at_a_time = threading.Lock()


class Printer(Protocol):
    """What the module that needs the libraries offers."""

    def has_chinese_font(self) -> bool:
        """Whether it can write Chinese on this machine."""
        ...

    def print_html(self, html: str, base: str) -> bytes:
        """Return the PDF of a page."""
        ...


def render_pdf(template: str, context: Mapping[str, Any], language: str) -> bytes:
    """Return ``templates/documents/<template>`` as a PDF in ``language`` (``zh`` or ``en``).

    The same template, context and fonts give the same bytes: no date, no random id. Nothing is
    fetched but files beside the template and the site's own static files.

    Raises:
        Unavailable: ``pdf_libraries`` or ``pdf_fonts``, with ``packages`` to install; nobody but
            whoever runs the machine can help.
        ValueError: the template asked for something from elsewhere.
        jinja2.UndefinedError: the context lacks a name that the template uses.
    """
    html = environment(language).get_template(f"documents/{template}").render(**context)
    printer = _printer()
    base = (paths.templates() / "documents").as_uri() + "/"
    with _one_at_a_time:
        if not printer.has_chinese_font():
            log.error("no font has Chinese characters: install %s", " ".join(FONTS))
            raise Unavailable("pdf_fonts", packages=" ".join(FONTS))
        return printer.print_html(html, base)


def _printer() -> Printer:
    try:
        return cast("Printer", import_module("tenon.documents.printing"))
    except (ImportError, OSError) as error:
        log.error("PDF files cannot be made here (%s): install %s", error, " ".join(LIBRARIES))
        raise Unavailable("pdf_libraries", packages=" ".join(LIBRARIES)) from error
