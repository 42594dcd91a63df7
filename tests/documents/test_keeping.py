"""Files under their hash: whole or not at all, and given back only unharmed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tenon.documents import keeping


@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(content=st.binary(max_size=200))
def test_what_is_kept_is_read_back_under_its_hash(tmp_path: Path, content: bytes) -> None:
    digest = keeping.keep(tmp_path, content)
    assert digest == hashlib.sha256(content).hexdigest()
    assert keeping.read(tmp_path, digest) == content
    assert keeping.keep(tmp_path, content) == digest
    keeping.forget(tmp_path, digest)
    assert keeping.read(tmp_path, digest) is None
    keeping.forget(tmp_path, digest)


def test_a_harmed_file_is_not_given_back_and_is_written_anew(tmp_path: Path) -> None:
    digest = keeping.keep(tmp_path, b"whole")
    keeping.place(tmp_path, digest).write_bytes(b"half")
    assert keeping.read(tmp_path, digest) is None
    assert keeping.keep(tmp_path, b"whole") == digest
    assert keeping.read(tmp_path, digest) == b"whole"


def test_a_write_that_is_cut_off_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        keeping.keep(tmp_path, b"whole")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_only_hashes_name_files(tmp_path: Path, digest: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        keeping.place(tmp_path, digest)
