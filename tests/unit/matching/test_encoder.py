"""The shipped encoder: shapes, hostile texts, damage, identity, and what it costs to load."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.encoder import (
    ENVIRONMENT_VARIABLE,
    REQUIRED_MARGIN,
    SHIPPED_MODEL,
    Encoder,
    UnsuitableEncoder,
    load_encoder,
    self_check,
)
from matching.encoders.static import (
    SCALES_FILE,
    WEIGHT_FILES,
    StaticEncoder,
    read_table,
    weights_digest,
)
from matching.errors import EncoderUnusable
from matching.training.folder import write_model


@pytest.fixture(scope="module")
def shipped() -> Encoder:
    return load_encoder(SHIPPED_MODEL)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    shutil.copytree(SHIPPED_MODEL, folder)
    return folder


def cosine(encoder: Encoder, left: str, right: str) -> float:
    return float(encoder.encode_queries([left])[0] @ encoder.encode_documents([right])[0])


def test_shipped_model_passes_the_self_check_by_a_wide_margin(shipped: Encoder) -> None:
    assert self_check(shipped) > 2 * REQUIRED_MARGIN


def test_shipped_model_folder_stays_under_fifty_megabytes() -> None:
    size = sum(path.stat().st_size for path in SHIPPED_MODEL.rglob("*") if path.is_file())
    assert size <= 50_000_000


def test_encoder_gives_unit_float32_rows(shipped: Encoder) -> None:
    vectors = shipped.encode_documents(["激光切割钢板", "laser cutting of steel", "水稻"])
    assert vectors.dtype == np.float32
    assert vectors.shape == (3, shipped.dimensions)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, rtol=1e-5)


def test_encoder_of_no_texts_gives_no_rows(shipped: Encoder) -> None:
    assert shipped.encode_queries([]).shape == (0, shipped.dimensions)


@pytest.mark.parametrize(
    "text", ["", " \n\t", "。，！？", "…---…", "\x00\x01\x7f", "Привет", "🙂🙃"]
)
def test_encoder_gives_zeros_where_no_word_is_known(shipped: Encoder, text: str) -> None:
    vectors = shipped.encode_queries([text, "电池"])
    assert not vectors[0].any()
    assert np.linalg.norm(vectors[1]) == pytest.approx(1.0, rel=1e-5)


@pytest.mark.parametrize("text", ["光", "a", "7"])
def test_encoder_takes_a_single_character(shipped: Encoder, text: str) -> None:
    vector = shipped.encode_queries([text])[0]
    assert np.isfinite(vector).all()


@pytest.mark.parametrize("unit", ["激光切割。", "激光", "laser ", "a", "\x00", "é", "\ud800"])
def test_encoder_takes_a_million_characters(shipped: Encoder, unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    vector = shipped.encode_documents([text])[0]
    assert np.isfinite(vector).all()


def test_encoder_of_a_long_text_is_that_of_its_repeated_sentence(shipped: Encoder) -> None:
    sentence = "用激光切割钢板。"
    assert cosine(shipped, sentence, sentence * 20_000) == pytest.approx(1.0, abs=1e-3)


def test_encoder_ignores_control_characters_between_words(shipped: Encoder) -> None:
    assert cosine(shipped, "激光\x00切割\x0b", "激光切割") == pytest.approx(1.0, abs=1e-3)


def test_encoder_takes_lone_surrogates(shipped: Encoder) -> None:
    assert cosine(shipped, "电池\udc80", "电池") == pytest.approx(1.0, abs=1e-5)


def test_encoder_reads_traditional_characters_as_simplified(shipped: Encoder) -> None:
    texts = ["雷射切割機與鋰電池的壽命", "雷射切割机与锂电池的寿命"]
    left, right = shipped.encode_queries(texts)
    np.testing.assert_array_equal(left, right)


def test_encoder_reads_full_width_and_capital_letters_as_plain_ones(shipped: Encoder) -> None:
    left, right = shipped.encode_queries(["ＧａＮ ＬＡＳＥＲ", "gan laser"])
    np.testing.assert_array_equal(left, right)


def test_encoder_gives_the_same_vector_alone_and_in_a_batch(shipped: Encoder) -> None:
    texts = ["激光切割", "", "a new drug for diabetes", "水稻" * 3000, "电池"]
    together = shipped.encode_documents(texts)
    alone = np.concatenate([shipped.encode_queries([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize(
    ("chinese", "same", "other"),
    [
        ("电池回收", "recycling of batteries", "milling of titanium alloys"),
        ("北斗导航终端", "BeiDou satellite navigation terminal", "apple juice concentrate"),
        ("水稻病害识别", "recognition of rice diseases", "bridge vibration under traffic"),
        ("降低注塑件翘曲", "reducing warpage of injection-moulded parts", "gene therapy"),
    ],
)
def test_encoder_puts_a_translation_before_another_subject(
    shipped: Encoder, chinese: str, same: str, other: str
) -> None:
    assert cosine(shipped, chinese, same) > cosine(shipped, chinese, other) + 0.1


def test_encoder_reads_an_unknown_english_word_by_its_pieces(shipped: Encoder) -> None:
    unknown = "nanophotolithographically"
    lead = cosine(shipped, unknown, "lithography") - cosine(shipped, unknown, "agriculture")
    assert lead > 0.1


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.text(st.characters(), max_size=60), max_size=5))
def test_encoder_rows_are_of_length_one_or_zero_for_any_text(
    shipped: Encoder, texts: list[str]
) -> None:
    vectors = shipped.encode_documents(texts)
    lengths = np.linalg.norm(vectors, axis=1)
    assert np.isfinite(vectors).all()
    assert all(length == 0.0 or abs(length - 1.0) < 1e-4 for length in lengths)


def test_encoder_is_loaded_without_torch_and_stays_small() -> None:
    program = (
        "import sys, numpy\n"
        "from matching.encoder import load_encoder\n"
        "load_encoder()\n"
        "print(sum(name in sys.modules for name in"
        " ('torch', 'sentence_transformers', 'transformers')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={}
    )
    assert done.stdout.strip() == "0"


def test_loader_follows_the_environment_variable(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    description = json.loads((copied / "model.json").read_text(encoding="utf-8"))
    (copied / "model.json").write_text(
        json.dumps({**description, "name": "another"}), encoding="utf-8"
    )
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(copied))
    assert load_encoder().id.startswith("another-")


@pytest.mark.parametrize("value", ["", "  "])
def test_loader_takes_the_shipped_model_where_the_variable_is_blank(
    shipped: Encoder, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, value)
    assert load_encoder().id == shipped.id


def test_encoder_id_is_the_name_and_the_digest_of_the_weights(shipped: Encoder) -> None:
    description = json.loads((SHIPPED_MODEL / "model.json").read_text(encoding="utf-8"))
    digest = weights_digest(SHIPPED_MODEL, description["chinese"])
    assert shipped.id == f"tenon-static-{digest[:12]}"


@pytest.mark.parametrize("name", [*WEIGHT_FILES, "model.json"])
def test_loader_refuses_a_truncated_file(copied: Path, name: str) -> None:
    content = (copied / name).read_bytes()
    (copied / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(EncoderUnusable):
        load_encoder(copied)


@pytest.mark.parametrize("name", WEIGHT_FILES)
def test_loader_refuses_altered_weights(copied: Path, name: str) -> None:
    content = bytearray((copied / name).read_bytes())
    content[-1] ^= 1
    (copied / name).write_bytes(content)
    with pytest.raises(EncoderUnusable, match=r"checksum|cannot read the model"):
        load_encoder(copied)


def test_loader_refuses_a_shifted_border_between_the_languages(copied: Path) -> None:
    description = json.loads((copied / "model.json").read_text(encoding="utf-8"))
    shifted = {**description, "chinese": description["chinese"] - 1}
    (copied / "model.json").write_text(json.dumps(shifted), encoding="utf-8")
    with pytest.raises(EncoderUnusable, match="checksum"):
        load_encoder(copied)


@pytest.mark.parametrize("name", [SCALES_FILE, "added_rows.npy", "added.npy"])
def test_loader_refuses_files_that_do_not_belong_together(copied: Path, name: str) -> None:
    np.save(copied / name, np.load(copied / name)[:-1])
    description = json.loads((copied / "model.json").read_text(encoding="utf-8"))
    description["weights_sha256"] = weights_digest(copied, description["chinese"])
    (copied / "model.json").write_text(json.dumps(description), encoding="utf-8")
    with pytest.raises(EncoderUnusable):
        load_encoder(copied)


@pytest.mark.parametrize("text", ["激光切割钢板", "a hot-rolled strip", "用heat pump烘干竹材"])
def test_encoder_sums_what_the_wide_table_holds(text: str) -> None:
    table = read_table(SHIPPED_MODEL)
    ids = table.tokenizer.encode(text, add_special_tokens=False).ids
    summed = table.wide()[ids].sum(axis=0)
    own = StaticEncoder(SHIPPED_MODEL).encode_queries([text])[0]
    np.testing.assert_allclose(own, summed / np.linalg.norm(summed), atol=1e-5)


def test_encoder_says_where_it_was_read_from(copied: Path) -> None:
    assert StaticEncoder(copied).folder == copied


def test_loader_refuses_another_format(copied: Path) -> None:
    description = json.loads((copied / "model.json").read_text(encoding="utf-8"))
    (copied / "model.json").write_text(
        json.dumps({**description, "format": "tenon-static-9"}), encoding="utf-8"
    )
    with pytest.raises(EncoderUnusable, match="tenon-static-9"):
        load_encoder(copied)


def test_loader_refuses_a_table_without_languages(tmp_path: Path) -> None:
    tokenizer = StaticEncoder(SHIPPED_MODEL)._table.tokenizer
    rows = tokenizer.get_vocab_size()
    noise = np.random.default_rng(1).normal(size=(rows, 8)).astype(np.float32)
    write_model(tmp_path, name="noise", tokenizer=tokenizer, table=noise, chinese=rows // 2)
    with pytest.raises(UnsuitableEncoder) as raised:
        load_encoder(tmp_path)
    assert raised.value.name == str(tmp_path)
    assert raised.value.margin < raised.value.required == REQUIRED_MARGIN
