"""What a camera sees, as a file that Chromium takes for one."""

from __future__ import annotations

from pathlib import Path

import qrcode

WIDTH, HEIGHT, DOT, FRAMES = 640, 480, 8, 10
WHITE, BLACK, NO_COLOUR = 235, 16, 128


def show_code(film: Path, code: str) -> None:
    """Write a film (YUV4MPEG2, 4:2:0) of a sheet with a QR code in its middle."""
    made = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_Q, border=0)
    made.add_data(code)
    matrix = made.get_matrix()
    side = len(matrix) * DOT
    left, top = (WIDTH - side) // 2, (HEIGHT - side) // 2
    rows = [bytearray([WHITE] * WIDTH) for _row in range(HEIGHT)]
    for y, line in enumerate(matrix):
        dots = b"".join(bytes([BLACK if dark else WHITE]) * DOT for dark in line)
        for row in rows[top + y * DOT : top + (y + 1) * DOT]:
            row[left : left + side] = dots
    colour = bytes([NO_COLOUR]) * (WIDTH // 2 * HEIGHT // 2 * 2)
    picture = b"FRAME\n" + b"".join(rows) + colour
    film.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip C420\n".encode() + picture * FRAMES)
