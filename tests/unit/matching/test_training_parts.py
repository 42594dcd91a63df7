"""The recipe's parts, each by itself."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from matching.encoders.static import read_table
from matching.training.folder import quantise, write_model, write_refined
from matching.training.glosses import Entry, Headword, alias_target, clean_gloss, headwords
from matching.training.growth import Grown, Limits, grow
from matching.training.initial import Vectors, piece_vectors
from matching.training.lessons import contrast
from matching.training.mixtures import joined
from matching.training.refined import Refined, refinement_of
from matching.training.sources import Sources
from matching.training.student import bags_of
from matching.training.teacher import SHARD, WIDTH, embed_all
from matching.training.vocabulary import (
    START,
    Vocabulary,
    build_tokenizer,
    choose_chinese,
    choose_english,
)
from matching.training.written_text import Written


def grown_slice(rows: int) -> Grown:
    """A base of three Chinese and two English words, and one new term."""
    vocabulary = Vocabulary(("激光", "合", "金"), ("laser", "alloy"), (), {})
    table = np.eye(6, 4, dtype=np.float32)
    written = Written((("合金", "alloy"),), ())
    nothing = Sources(pairs=(("激光", "laser"),), names=(), topics=(), titles=())
    limits = Limits(restored=0, rows=rows)
    return grow(build_tokenizer(vocabulary), table, {}, nothing, written, limits)


def test_grow_appends_new_words_and_opens_the_most_frequent() -> None:
    grown = grown_slice(rows=3)
    assert grown.base == 6
    assert grown.tokens[6:] == ["合金"]
    assert grown.group.tolist() == [1, 0, 0, 0, 1, 1, 0]
    # The new word itself, and the words seen most often.
    assert grown.open.tolist()[-1] == 6
    assert grown.open.size == 3


def test_refined_student_starts_as_its_base() -> None:
    grown = grown_slice(rows=3)
    np.testing.assert_allclose(Refined(grown).table(), grown.table, atol=1e-6)


def test_refined_student_corrects_open_rows_alone() -> None:
    grown = grown_slice(rows=2)
    student = Refined(grown)
    with torch.no_grad():
        student.corrections.weight.fill_(1.0)
    moved = np.flatnonzero(np.abs(student.table() - grown.table).max(axis=1) > 1e-6)
    assert moved.tolist() == grown.open.tolist()


def test_refinement_written_and_read_is_the_students_table(tmp_path: Path) -> None:
    grown = grown_slice(rows=3)
    vocabulary = Vocabulary(("激光", "合", "金"), ("laser", "alloy"), (), {})
    base = tmp_path / "base"
    write_model(
        base, name="t", tokenizer=build_tokenizer(vocabulary), table=grown.table[:6], chinese=3
    )
    student = Refined(grown)
    rng = np.random.default_rng(5)
    with torch.no_grad():
        for part in (student.matrices, student.log_weights.weight, student.corrections.weight):
            part.add_(torch.from_numpy(rng.normal(0, 0.1, part.shape)).float())
    over = refinement_of(student, grown)
    write_refined(tmp_path / "out", base=base, tokenizer=grown.tokenizer, over=over)
    np.testing.assert_allclose(read_table(tmp_path / "out").wide(), student.table(), atol=0.02)


BAGS = st.lists(st.lists(st.integers(1, 50), max_size=5), min_size=3, max_size=3)


@settings(max_examples=50, deadline=None)
@given(st.lists(BAGS, min_size=1, max_size=4))
def test_joined_bags_hold_all_texts_end_to_end(parts: list[list[list[int]]]) -> None:
    whole = joined([bags_of(part) for part in parts])
    for place in range(3):
        expected = [row for part in parts for row in part[place]]
        assert whole.flat[whole.starts[place] : whole.starts[place + 1]].tolist() == expected


def test_contrast_counts_strangers_against_the_left_texts_alone() -> None:
    vectors = torch.nn.functional.normalize(torch.ones(2, 4), dim=1)
    alone = torch.eye(2, dtype=torch.bool)
    strangers = vectors[:1]
    # Forth among three equal ones, back among two.
    expected = (np.log(3) + np.log(2)) / 2
    assert contrast(vectors, vectors, alone, strangers).item() == pytest.approx(expected, abs=1e-5)


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
@example(np.full((5, 8), 1e-45, np.float32))
@example(np.full((5, 8), 2e-43, np.float32))
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
