"""QR codes as an outline: the path draws every dark module and nothing in the quiet border."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from tenon.documents import qr_path
from tenon.documents.qr import QUIET

_RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z")


def _matrix(path: str, width: int) -> list[list[bool]]:
    rows = [[False] * width for _ in range(width)]
    assert _RUN.sub("", path) == ""
    for x, y, run, back in _RUN.findall(path):
        assert run == back
        for offset in range(int(run)):
            rows[int(y)][int(x) + offset] = True
    return rows


@given(st.text(min_size=1, max_size=120))
def test_path_draws_the_code_with_its_quiet_border(text: str) -> None:
    import qrcode

    path, width = qr_path(text)
    rows = _matrix(path, width)
    expected = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_Q, border=QUIET)
    expected.add_data(text)
    assert rows == [[bool(one) for one in row] for row in expected.get_matrix()]
    assert not any(any(row[:QUIET]) or any(row[-QUIET:]) for row in rows)
    assert not any(any(row) for row in rows[:QUIET] + rows[-QUIET:])
