"""A file's encoding is proved, not guessed."""

from __future__ import annotations

import io

import pytest

from ingest.encodings import detect
from ingest.errors import FileError

CHINESE = "编号,标题\n1,耐高温光纤光栅温度传感器，用于变压器绕组在线测温\n2,高强度铝合金压铸\n"


def detected(content: bytes) -> str:
    return detect(lambda: io.BytesIO(content))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (CHINESE.encode(), "utf-8"),
        (CHINESE.encode("utf-8-sig"), "utf-8-sig"),
        (CHINESE.encode("utf-16"), "utf-16"),
        (("external_id,title\n" + CHINESE).encode("utf-16-le"), "utf-16-le"),
        (("external_id,title\n" + CHINESE).encode("utf-16-be"), "utf-16-be"),
        (CHINESE.encode("gb18030"), "gb18030"),
        (CHINESE.encode("gbk"), "gb18030"),
        (b"plain ascii", "utf-8"),
    ],
)
def test_detect_accepts_what_spreadsheets_write(content: bytes, name: str) -> None:
    assert detected(content) == name


@pytest.mark.parametrize(
    "content",
    [
        "名\ncafé à la crème, déjà vu, naïveté élan\n".encode("latin-1", "replace"),
        "編號,標題\n光纖光柵溫度感測器用於變壓器繞組線上測溫與監控系統\n".encode("big5"),
        "番号,題名\nこれは日本語のテキストで、温度センサーの説明です\n".encode("shift_jis"),
        bytes(range(128, 256)) * 4,
    ],
)
def test_detect_refuses_other_encodings(content: bytes) -> None:
    with pytest.raises(FileError) as caught:
        detected(content)
    assert caught.value.code == "encoding_unknown"


def test_detect_names_the_line_where_utf8_breaks() -> None:
    lines = ["编号,标题", *(f"{n},激光熔覆修复轧辊" for n in range(5_000))]
    content = "\n".join(lines).encode() + b"\n7,\xff\xfe\n" + "完".encode()
    with pytest.raises(FileError) as caught:
        detected(content)
    assert caught.value.line == 5_002


def test_detect_sees_a_character_cut_off_at_the_end() -> None:
    with pytest.raises(FileError) as caught:
        detected("a\nb\n激".encode()[:-1])
    assert caught.value.line == 3


def test_detect_reads_past_a_character_split_between_chunks() -> None:
    assert detected(("a" + "激" * 200_000).encode()) == "utf-8"
    assert detected(("a" + "激" * 200_000).encode("gb18030")) == "gb18030"
