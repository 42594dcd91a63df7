"""The recipe: its parts, and the whole of it on a small slice with the real teacher."""

from __future__ import annotations

import gzip
import itertools
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sentence_transformers import SentenceTransformer

from matching.encoder import SHIPPED_MODEL
from matching.encoders.static import StaticEncoder
from matching.training.__main__ import main
from matching.training.build import Recipe, build
from matching.training.folder import quantise
from matching.training.glosses import Entry, Headword, alias_target, clean_gloss, headwords
from matching.training.initial import Vectors, piece_vectors
from matching.training.lessons import Schedule, contrast
from matching.training.sources import SourceMissing, Sources, read_sources
from matching.training.student import bags_of
from matching.training.teacher import SHARD, WIDTH, embed_all
from matching.training.vocabulary import (
    START,
    Vocabulary,
    build_tokenizer,
    choose_chinese,
    choose_english,
)

MATERIALS = {
    "钢板": "steel plate",
    "铝合金": "aluminium alloy",
    "陶瓷": "ceramic",
    "玻璃": "glass",
    "塑料": "plastic",
    "橡胶": "rubber",
    "木材": "timber",
    "石墨": "graphite",
}
METHODS = {
    "激光": "laser",
    "切割": "cutting",
    "焊接": "welding",
    "铸造": "casting",
    "涂层": "coating",
    "检测": "inspection",
    "回收": "recycling",
    "干燥": "drying",
}
WORDS = {**MATERIALS, **METHODS, "的": "of", "用于": "used for", "设备": "equipment"}
DICTIONARY = {word: Headword(word, (gloss,), is_marginal=False) for word, gloss in WORDS.items()}


def write_lines(path: Path, rows: Sequence[dict[str, str]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture(scope="module")
def slice_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Training files in the real form, made of every material with every method."""
    folder = tmp_path_factory.mktemp("sources")
    crossed = list(itertools.product(MATERIALS.items(), METHODS.items()))
    pairs = [
        {"zh": f"用于{zh_a}的{zh_b}设备", "en": f"Equipment used for {en_b} of {en_a}."}
        for (zh_a, en_a), (zh_b, en_b) in crossed
    ]
    topics = [
        {"title": f"{en_b} of {en_a}", "text": f"We seek {en_b} for {en_a}. The {en_a} is thin."}
        for (_, en_a), (_, en_b) in crossed
    ]
    write_lines(folder / "tatoeba_zh_en.jsonl.gz", pairs)
    write_lines(folder / "sbir_topics_unpaired.jsonl.gz", topics)
    names = [{"name": word, "name_en": gloss} for word, gloss in WORDS.items()]
    write_lines(folder / "nsfc_disciplines.jsonl.gz", [*names, {"name": "无译名", "name_en": ""}])
    titles = [{"title": row["zh"], "category": "工程"} for row in pairs]
    write_lines(folder / "csl_titles.jsonl.gz", titles)
    return folder


def small_recipe(sources: Path, base: Path, *, seed: int = 7) -> Recipe:
    return Recipe(
        sources=sources,
        work=base / "work",
        out=base / "model",
        dimensions=32,
        pieces=120,
        schedule=Schedule(steps=40, rate=1e-2, seed=seed, threads=1),
    )


@pytest.fixture(scope="module")
def built(slice_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Recipe, str]:
    recipe = small_recipe(slice_folder, tmp_path_factory.mktemp("build"))
    return recipe, build(recipe, dictionary=DICTIONARY, teacher_words=["laser"], quiet=True)


def test_build_makes_an_encoder_that_finds_every_translation(built: tuple[Recipe, str]) -> None:
    encoder = StaticEncoder(built[0].out)
    chinese = encoder.encode_queries([f"{zh}{method}" for zh in MATERIALS for method in METHODS])
    english = encoder.encode_documents(
        [f"{method} {en}" for en in MATERIALS.values() for method in METHODS.values()]
    )
    found = (chinese @ english.T).argmax(axis=1)
    assert (found == np.arange(len(found))).mean() > 0.95


def test_build_with_the_same_seed_gives_the_same_weights(
    built: tuple[Recipe, str], tmp_path: Path
) -> None:
    again = small_recipe(built[0].sources, tmp_path)
    assert build(again, dictionary=DICTIONARY, teacher_words=["laser"], quiet=True) == built[1]


def test_build_with_another_seed_gives_other_weights(
    built: tuple[Recipe, str], tmp_path: Path
) -> None:
    other = small_recipe(built[0].sources, tmp_path, seed=8)
    assert build(other, dictionary=DICTIONARY, teacher_words=["laser"], quiet=True) != built[1]


def test_build_takes_up_what_an_earlier_run_left(
    built: tuple[Recipe, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("trained a second time")

    monkeypatch.setattr("matching.training.build.teach", refuse)
    recipe = Recipe(
        sources=built[0].sources,
        work=built[0].work,
        out=tmp_path,
        dimensions=built[0].dimensions,
        pieces=built[0].pieces,
        schedule=built[0].schedule,
    )
    assert build(recipe, dictionary=DICTIONARY, teacher_words=["laser"], quiet=True) == built[1]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> SentenceTransformer:
    folder = tmp_path_factory.mktemp("plain")
    assert main(["export", "--out", str(folder)]) == 0
    return SentenceTransformer(str(folder), device="cpu")


@pytest.mark.parametrize(
    "text",
    [
        "激光切割钢板时如何减小热影响区？",
        "制备GaN器件，用于5G通信，耐温≥200℃",
        "A photolithographic mask aligner with sub-micron overlay.",
        "水稻病害的图像识别 rice disease recognition",
    ],
)
def test_exported_folder_gives_the_vectors_of_the_shipped_model(
    plain: SentenceTransformer, text: str
) -> None:
    own = StaticEncoder(SHIPPED_MODEL).encode_documents([text])[0]
    theirs = np.asarray(plain.encode([text]), dtype=np.float32)[0]
    assert float(own @ theirs) > 0.9999


def test_build_command_names_the_missing_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["build", "--out", str(tmp_path / "out"), "--sources", str(tmp_path)])
    assert code == 1
    assert "tatoeba_zh_en.jsonl.gz is missing" in capsys.readouterr().err


def test_export_command_names_a_folder_without_a_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["export", "--out", str(tmp_path / "out"), "--model", str(tmp_path)])
    assert code == 1
    assert f"cannot read the model in {tmp_path}" in capsys.readouterr().err


def test_read_sources_leaves_out_names_without_a_translation(slice_folder: Path) -> None:
    assert len(read_sources(slice_folder).names) == len(WORDS)


def test_read_sources_refuses_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing) as raised:
        read_sources(tmp_path)
    assert raised.value.path == tmp_path / "tatoeba_zh_en.jsonl.gz"


@pytest.mark.parametrize(
    ("definition", "meaning"),
    [
        ("to crush", "crush"),
        ("(literary) to compel sb", "compel somebody"),
        ("jet (math.)", "jet (math.)"),
        ("CL:個|个[ge4]", ""),
        ("variant of 鍬|锹[qiao1]", ""),
        ("see 激光[ji1 guang1]", ""),
        ("county in Yongzhou 永州[Yong3 zhou1], Hunan", "county in Yongzhou , Hunan"),
        ("[ge4]", ""),
    ],
)  # fmt: skip
def test_clean_gloss_keeps_the_meaning_alone(definition: str, meaning: str) -> None:
    assert clean_gloss(definition) == meaning


def test_alias_target_is_simplified() -> None:
    assert alias_target("variant of 鍬|锹[qiao1]") == "锹"
    assert alias_target("old variant of 鐵[tie3]") == "铁"
    assert alias_target("spade") is None


def test_headwords_merge_entries_and_follow_pointers() -> None:
    found = headwords(
        [
            Entry("锹", ["shovel", "spade"]),
            Entry("鍫", ["variant of 鍬|锹[qiao1]"]),
            Entry("李", ["surname Li"]),
            Entry("李", ["plum"]),
            Entry("江永", ["Jiangyong county in Yongzhou 永州[Yong3 zhou1], Hunan"]),
            Entry("守株待兔", ["to wait idly for luck (idiom)"]),
            Entry("只", ["CL:個|个[ge4]"]),
        ]
    )
    assert found == {
        "锹": Headword("锹", ("shovel", "spade"), is_marginal=False),
        "鍫": Headword("鍫", ("shovel", "spade"), is_marginal=False),
        "李": Headword("李", ("plum", "surname Li"), is_marginal=False),
        "江永": Headword("江永", ("Jiangyong county in Yongzhou , Hunan",), is_marginal=True),
        "守株待兔": Headword("守株待兔", ("wait idly for luck",), is_marginal=True),
    }


def test_choose_chinese_keeps_marginal_words_that_the_texts_contain() -> None:
    entries = {
        "激光": Headword("激光", ("laser",), is_marginal=False),
        "光": Headword("光", ("light",), is_marginal=False),
        "光学": Headword("光学", ("optics",), is_marginal=False),
        "武汉": Headword("武汉", ("Wuhan",), is_marginal=True),
        "江永": Headword("江永", ("Jiangyong",), is_marginal=True),
        "㹠": Headword("㹠", ("suckling pig",), is_marginal=False),
        "b超": Headword("b超", ("ultrasound scan",), is_marginal=False),
    }
    assert choose_chinese(entries, ["武汉的激光"]) == ["激光", "光", "光学", "武汉"]


def test_choose_english_keeps_repeated_words_and_those_of_the_teacher() -> None:
    chosen = choose_english(["laser beam", "laser"], ["A beam of light."], ["plasma", "##ing"])
    assert chosen == ["beam", "laser", "plasma"]


def test_tokenizer_prefers_whole_words_and_marks_where_latin_words_begin() -> None:
    chinese = ("激光", "激", "光", "器件", "激光器")
    vocabulary = Vocabulary(chinese, ("gan", "photo"), (START, "lith", "ic", "5", "g"), {"激光": 9})
    tokenizer = build_tokenizer(vocabulary)
    tokens = tokenizer.encode("GaN激光器件，photolithic 5G", add_special_tokens=False).tokens
    assert tokens == [
        f"{START}gan", "激光", "器件", f"{START}photo", "lith", "ic", START, "5", "g",
    ]  # fmt: skip


def test_tokenizer_numbers_are_row_numbers() -> None:
    vocabulary = Vocabulary(("激光", "电池"), ("laser",), ("a",), {})
    tokenizer = build_tokenizer(vocabulary)
    assert [tokenizer.id_to_token(row) for row in range(5)] == vocabulary.rows()


def test_piece_vectors_add_up_to_the_words_they_came_from() -> None:
    rng = np.random.default_rng(3)
    parts = rng.normal(size=(6, 4)).astype(np.float32)
    cuts = [list(pair) for pair in itertools.combinations(range(6), 2)]
    words = np.stack([parts[cut].sum(axis=0) for cut in cuts])
    np.testing.assert_allclose(piece_vectors(cuts, words, 6, ridge=1e-9), parts, atol=1e-4)


@settings(max_examples=50, deadline=None)
@given(arrays(np.float32, (5, 8), elements=st.floats(-100, 100, width=32)))
def test_quantise_is_within_half_a_step(table: Vectors) -> None:
    vectors, scales = quantise(table)
    error = np.abs(vectors.astype(np.float32) * scales[:, None] - table)
    assert (error <= np.abs(table).max(axis=1, keepdims=True) / 254 * 1.001 + 1e-6).all()


def test_bags_leave_out_the_unknown_and_can_be_taken_in_any_order() -> None:
    bags = bags_of([[3, 0, 4], [], [5, 6, 7], [0]])
    taken = bags.take(np.asarray([2, 0, 1]))
    assert taken.flat.tolist() == [5, 6, 7, 3, 4]
    assert taken.starts.tolist() == [0, 3, 5, 5]


def test_contrast_counts_equal_texts_as_no_negatives() -> None:
    vectors = torch.nn.functional.normalize(torch.ones(2, 4), dim=1)
    alone = torch.eye(2, dtype=torch.bool)
    assert contrast(vectors, vectors, alone).item() == pytest.approx(np.log(2), abs=1e-5)
    every = torch.ones(2, 2, dtype=torch.bool)
    assert contrast(vectors, vectors, every).item() == pytest.approx(0.0, abs=1e-5)


def test_embed_all_goes_on_after_an_interruption(tmp_path: Path) -> None:
    texts = [f"text {number}" for number in range(SHARD + 10)]
    calls: list[int] = []

    def embed(batch: Sequence[str]) -> Vectors:
        calls.append(len(batch))
        if len(calls) == 2:
            raise KeyboardInterrupt
        lengths = np.asarray([len(text) for text in batch], dtype=np.float32)
        return np.repeat(lengths[:, None], WIDTH, axis=1)

    with pytest.raises(KeyboardInterrupt):
        embed_all(texts, cache=tmp_path, name="test", embed=embed, quiet=True)
    vectors = embed_all(texts, cache=tmp_path, name="test", embed=embed, quiet=True)
    assert calls == [SHARD, 10, 10]
    assert vectors[:, 0].tolist() == [len(text) for text in texts]


def test_sources_list_every_text_of_a_language() -> None:
    sources = Sources(
        pairs=(("激光", "laser"),),
        names=(("光学", "optics"),),
        topics=(("title", "text"),),
        titles=(("论文", "工程"),),
    )
    assert list(sources.chinese()) == ["激光", "光学", "论文"]
    assert list(sources.english()) == ["laser", "optics", "title", "text"]
