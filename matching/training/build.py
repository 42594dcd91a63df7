"""The recipe from sources to the folder that ships.

What it is for: one seeded call that does both stages, the base and what is laid over it, and
finds again what an earlier, interrupted run had finished.
What it must not know: test sets, command lines.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from matching.training import curriculum, lessons, student
from matching.training.curriculum import lessons_of
from matching.training.folder import write_model
from matching.training.glosses import Headword, read_dictionary
from matching.training.initial import Vectors
from matching.training.lessons import Schedule, teach
from matching.training.lexicon import Lexicon, build_lexicon
from matching.training.refinement import Second, refine
from matching.training.sources import Sources, read_sources
from matching.training.student import Student
from matching.training.teacher import load_teacher, teacher_vocabulary
from matching.training.written_text import SHIPPED as SHIPPED_TEXT
from matching.training.written_text import read_written

NAME = "tenon-static"


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the result.

    Attributes:
        sources: folder of the training files.
        work: folder for what a later run may find again; deleting it costs time alone.
        out: the model folder to write.
        dimensions: of the vectors.
        pieces: how many parts of English words to ask for.
        schedule: of the base's training.
        base: a base folder to take in place of building one.
        written: folder of the project's own training text.
        second: how the second stage learns.
    """

    sources: Path
    work: Path
    out: Path
    dimensions: int = 256
    pieces: int = 8000
    schedule: Schedule = field(default_factory=Schedule)
    base: Path | None = None
    written: Path = SHIPPED_TEXT
    second: Second = field(default_factory=Second)


def build(
    recipe: Recipe,
    *,
    dictionary: Mapping[str, Headword] | None = None,
    teacher_words: list[str] | None = None,
    quiet: bool = False,
) -> str:
    """Build the encoder.

    Args:
        recipe: what to build from and how.
        dictionary: headwords in place of CC-CEDICT's.
        teacher_words: English words that get a row in any case, in place of the teacher's.
        quiet: no progress bars.

    Returns:
        The sha256 of the weights.

    Raises:
        SourceMissing: a training file is not there.
        EncoderUnusable: the base that the recipe names cannot be read.
    """
    sources = read_sources(recipe.sources)
    written = read_written(recipe.written)
    headwords = read_dictionary() if dictionary is None else dictionary
    base = recipe.base
    if base is None:
        base = recipe.work / "base"
        words = teacher_vocabulary() if teacher_words is None else teacher_words
        _build_base(recipe, base, headwords, sources, words, quiet=quiet)
    return refine(
        base,
        recipe.out,
        headwords=headwords,
        sources=sources,
        written=written,
        second=recipe.second,
        quiet=quiet,
    )


def _build_base(
    recipe: Recipe,
    folder: Path,
    headwords: Mapping[str, Headword],
    sources: Sources,
    teacher_words: list[str],
    *,
    quiet: bool,
) -> None:
    lexicon = build_lexicon(
        headwords,
        sources,
        teacher_words=teacher_words,
        embed=load_teacher(recipe.schedule.threads),
        cache=recipe.work / "teacher",
        dimensions=recipe.dimensions,
        pieces=recipe.pieces,
        quiet=quiet,
    )
    table = _trained(lexicon, sources, recipe, quiet=quiet)
    chinese = len(lexicon.vocabulary.chinese)
    write_model(folder, name=NAME, tokenizer=lexicon.tokenizer, table=table, chinese=chinese)


def _trained(lexicon: Lexicon, sources: Sources, recipe: Recipe, *, quiet: bool) -> Vectors:
    """The trained table; taken from the work folder if the very same training was done."""
    path = recipe.work / "trained" / f"{_fingerprint(lexicon, sources, recipe)}.npy"
    if path.is_file():
        return np.asarray(np.load(path), dtype=np.float32)
    pupil = Student(lexicon.start)
    teach(pupil, lessons_of(lexicon, sources), recipe.schedule, quiet=quiet)
    table = pupil.table()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.npy")
    np.save(partial, table)
    partial.replace(path)
    return table


def _fingerprint(lexicon: Lexicon, sources: Sources, recipe: Recipe) -> str:
    """A name for the training's result, from what goes into it."""
    digest = hashlib.sha256()
    digest.update(lexicon.tokenizer.to_str().encode("utf-8"))
    digest.update(lexicon.start.base.tobytes())
    digest.update(repr(sources).encode("utf-8"))
    digest.update(json.dumps(asdict(recipe.schedule), sort_keys=True).encode("utf-8"))
    digest.update(str(recipe.dimensions).encode("ascii"))
    # What is taught and how is code: a change there is a change of the recipe.
    for module in (curriculum, lessons, student):
        digest.update(inspect.getsource(module).encode("utf-8"))
    return digest.hexdigest()[:24]
