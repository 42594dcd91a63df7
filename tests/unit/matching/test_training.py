"""The whole recipe on a small slice with the real teacher."""

from __future__ import annotations

import gzip
import itertools
import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from matching.encoder import SHIPPED_MODEL
from matching.encoders.static import VECTORS_FILE, StaticEncoder, read_table
from matching.training.__main__ import main
from matching.training.build import Recipe, build
from matching.training.glosses import Headword
from matching.training.growth import Limits
from matching.training.lessons import Schedule
from matching.training.refinement import Second
from matching.training.sources import SourceMissing, read_sources
from matching.training.written_text import read_written

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


TERMS = {"高熵合金": "high-entropy alloy", "激光熔覆": "laser cladding", "激光": "laser"}


@pytest.fixture(scope="module")
def written_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's own text in its real form."""
    folder = tmp_path_factory.mktemp("written")
    rows = [f"{chinese}\t{english}\tmaterials\n" for chinese, english in TERMS.items()]
    (folder / "terms.tsv").write_text("zh\ten\tfield\n" + "".join(rows), encoding="utf-8")
    needs = [
        {
            "need_zh": f"{zh}{zh_method}总是不好",
            "need_en": f"our {method} of {en} fails",
            "result_zh": f"用于{zh}的{zh_method}设备",
            "result_en": f"equipment for {method} of {en}",
            "field": "materials",
        }
        for (zh, en), (zh_method, method) in zip(MATERIALS.items(), METHODS.items(), strict=True)
    ]
    lines = [json.dumps(need, ensure_ascii=False) for need in needs]
    (folder / "pairs.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def small_recipe(sources: Path, written: Path, base: Path, *, seed: int = 7) -> Recipe:
    short = Schedule(steps=20, rate=1e-2, seed=seed, threads=1)
    return Recipe(
        sources=sources,
        written=written,
        second=Second(limits=Limits(restored=5, rows=30), schedule=short),
        work=base / "work",
        out=base / "model",
        dimensions=32,
        pieces=120,
        schedule=Schedule(steps=40, rate=1e-2, seed=seed, threads=1),
    )


@pytest.fixture(scope="module")
def built(
    slice_folder: Path, written_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Recipe, str]:
    recipe = small_recipe(slice_folder, written_folder, tmp_path_factory.mktemp("build"))
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
    again = small_recipe(built[0].sources, built[0].written, tmp_path)
    assert build(again, dictionary=DICTIONARY, teacher_words=["laser"], quiet=True) == built[1]


def test_build_with_another_seed_gives_other_weights(
    built: tuple[Recipe, str], tmp_path: Path
) -> None:
    other = small_recipe(built[0].sources, built[0].written, tmp_path, seed=8)
    assert build(other, dictionary=DICTIONARY, teacher_words=["laser"], quiet=True) != built[1]


def test_build_takes_up_what_an_earlier_run_left(
    built: tuple[Recipe, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("trained a second time")

    monkeypatch.setattr("matching.training.build.teach", refuse)
    recipe = replace(built[0], out=tmp_path)
    assert build(recipe, dictionary=DICTIONARY, teacher_words=["laser"], quiet=True) == built[1]


def test_build_over_a_given_base_is_the_build_of_both_stages(
    built: tuple[Recipe, str], tmp_path: Path
) -> None:
    recipe = replace(built[0], base=built[0].work / "base", work=tmp_path, out=tmp_path / "out")
    assert build(recipe, dictionary=DICTIONARY, quiet=True) == built[1]


def test_second_stage_leaves_the_large_file_of_the_base_alone(built: tuple[Recipe, str]) -> None:
    base = built[0].work / "base"
    assert (base / VECTORS_FILE).read_bytes() == (built[0].out / VECTORS_FILE).read_bytes()
    assert read_table(base).digest != built[1]


def test_second_stage_gives_terms_a_row_of_their_own(built: tuple[Recipe, str]) -> None:
    tokens = read_table(built[0].out).tokenizer.encode("高熵合金与激光熔覆").tokens
    assert "高熵合金" in tokens
    encoder = StaticEncoder(built[0].out)
    term = encoder.encode_queries(["高熵合金"])[0]
    same, other = encoder.encode_documents(["high-entropy alloy", "drying of timber"])
    assert float(term @ same) > float(term @ other) + 0.3


def test_second_stage_keeps_within_its_limit_of_rows(built: tuple[Recipe, str]) -> None:
    assert read_table(built[0].out).added.shape[0] <= built[0].second.limits.rows


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


def test_read_written_reads_terms_and_needs(written_folder: Path) -> None:
    written = read_written(written_folder)
    assert dict(written.terms) == TERMS
    assert len(written.served) == len(MATERIALS)
    assert written.served[0].result_zh in written.chinese()
    assert written.served[0].need_en in written.english()


@pytest.mark.parametrize("name", ["terms.tsv", "pairs.jsonl"])
def test_read_written_names_the_missing_file(
    written_folder: Path, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "written"
    shutil.copytree(written_folder, folder)
    (folder / name).unlink()
    with pytest.raises(SourceMissing) as raised:
        read_written(folder)
    assert raised.value.path == folder / name


def test_shipped_text_is_read_whole_and_has_both_languages() -> None:
    written = read_written()
    assert len(written.terms) > 3000
    assert len(written.served) > 200
    assert all(re.search("[\u4e00-\u9fff]", text) for text in written.chinese())
    assert all(re.search("[A-Za-z]", text) for text in written.english())


def test_read_sources_leaves_out_names_without_a_translation(slice_folder: Path) -> None:
    assert len(read_sources(slice_folder).names) == len(WORDS)


def test_read_sources_refuses_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing) as raised:
        read_sources(tmp_path)
    assert raised.value.path == tmp_path / "tatoeba_zh_en.jsonl.gz"
