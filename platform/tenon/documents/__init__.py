"""Documents for paper and for files: PDF from a template, and QR codes for them.

Knows no domain: rooms bring a template under ``templates/documents`` and what it shows. WeasyPrint
and its libraries are loaded when the first document is asked for, and no sooner: a site without
them runs, and says then what is missing.
"""

from tenon.documents.qr import qr_path
from tenon.documents.services import render_pdf
from tenon.errors import Unavailable

__all__ = ["Unavailable", "qr_path", "render_pdf"]
