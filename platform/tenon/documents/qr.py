"""QR codes as the outline of an SVG path, sharp at any size in a document and on a page."""

from __future__ import annotations

import qrcode

QUIET = 4  # modules of white around it, as the standard (ISO/IEC 18004) asks


def qr_path(text: str) -> tuple[str, int]:
    """Return the path of a QR code's dark modules, and the width of the drawing in modules.

    A quarter of it may be dirty and it can still be read (level Q). The path goes into
    ``<svg viewBox="0 0 width width"><path d="..."/></svg>``.
    """
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_Q, border=QUIET)
    code.add_data(text)
    matrix = code.get_matrix()
    parts = [
        f"M{start} {y}h{width}v1h-{width}z"
        for y, row in enumerate(matrix)
        for start, width in _runs(row)
    ]
    return "".join(parts), len(matrix)


def _runs(row: list[bool]) -> list[tuple[int, int]]:
    """Return (start, length) of the dark stretches of a row."""
    found: list[tuple[int, int]] = []
    for x, dark in enumerate(row):
        if not dark:
            continue
        if found and sum(found[-1]) == x:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((x, 1))
    return found
