"""Development sets: questions with known answers that no published figure is measured on.

What it is for: from the training files that an encoder was NOT trained on, from the demo set
and from the judged set to retrieval tasks of the kinds that the site meets: a need against
results in the same and in the other language, a long call against texts, names, sentences
inside paragraphs.
What it must not know: weights, indexes, the test sets and the listings.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from matching.documents import Document, Language, Side
from matching.sentences import sentences
from matching.text import detect_language

REPOSITORY: Final = Path(__file__).resolve().parents[2]
TRAINING_TEXTS: Final = REPOSITORY.parent / "shared" / "data" / "train"
DEMO: Final = REPOSITORY / "platform" / "tenon" / "demo" / "set"
JUDGED: Final = REPOSITORY / "matching" / "judged"

HELD_ONE_IN: Final = 8
"""One in so many pairs of each training file is held out of the encoder that is tuned with."""

HELD_BY: Final[Mapping[str, str]] = {
    "tatoeba_zh_en": "en",
    "nsfc_disciplines": "name",
    "sbir_topics_unpaired": "title",
}
"""The training files that pairs are held out of, and the field that decides which."""

SERVES: Final = 2
"""The demo set's grade of a result that serves the need."""

SENTENCES_A_PARAGRAPH: Final = 6
HANDFUL: Final = 15
"""Documents of an index that has only just begun."""

LONGEST_TITLE_QUERY: Final = 60
LEAST_CALL: Final = 600

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """One question of a set.

    Attributes:
        text: what is asked.
        language: of the text.
        answers: keys of documents with their grades, above 0; empty where nothing fits.
    """

    text: str
    language: Language
    answers: Mapping[int, float]


@dataclass(frozen=True)
class DevelopmentSet:
    """Documents and questions.

    Attributes:
        name: shown in tables.
        documents: keys count from 0, one document a key.
        questions: those of the set.
        kind: what the figures stand for: ``needs`` (weighed most), ``same`` language,
            ``across`` languages, ``long`` calls, or ``bands``: over few documents, for bands.
    """

    name: str
    kind: str
    documents: tuple[Document, ...]
    questions: tuple[Question, ...]


def is_held(text: str) -> bool:
    """Whether the pair that this text decides about is held out of training."""
    return int(hashlib.sha256(text.encode("utf-8")).hexdigest()[:8], 16) % HELD_ONE_IN == 0


def write_reduced_sources(source: Path, target: Path) -> dict[str, tuple[int, int]]:
    """Copy the training files without what is held out; returns rows before and after by file.

    An encoder that is built from ``target`` (``python -m matching.training build --sources``)
    has not seen the pairs that these sets ask for.

    Raises:
        OSError: a file is not there.
    """
    target.mkdir(parents=True, exist_ok=True)
    counts = {}
    for name in (*HELD_BY, "csl_titles"):
        rows = list(read_rows(source / f"{name}.jsonl.gz"))
        kept = [row for row in rows if name not in HELD_BY or not is_held(str(row[HELD_BY[name]]))]
        with gzip.open(target / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in kept)
        counts[name] = (len(rows), len(kept))
    return counts


def read_rows(path: Path) -> Iterator[Row]:
    """Read JSON Lines, packed or not.

    Raises:
        OSError, ValueError: not there, or no JSON Lines.
    """
    content = path.read_bytes()
    text = gzip.decompress(content) if path.suffix == ".gz" else content
    for line in text.decode("utf-8").split("\n"):
        if line.strip():
            yield json.loads(line)


def all_sets(
    texts: Path = TRAINING_TEXTS, demo: Path = DEMO, judged: Path = JUDGED, *, seed: int = 20261122
) -> list[DevelopmentSet]:
    """Return every development set; the same seed gives the same sets."""
    rng = np.random.default_rng(seed)
    abstracts = [str(row["text"]) for row in read_rows(texts / "csldcp.jsonl.gz")]
    calls = [
        (str(row["title"]), str(row["text"]))
        for row in read_rows(texts / "sbir_topics_unpaired.jsonl.gz")
        if row.get("title") and row.get("text")
    ]
    strangers = [*abstracts, *(text for _, text in calls)]
    return [
        *needs_of_judged(judged, strangers),
        *needs_of_demo(demo, strangers),
        *_alone(needs_of_judged(judged, ()), rng),
        *_alone(needs_of_demo(demo, ()), rng),
        opening_of_abstracts(abstracts, rng),
        *titles_and_halves(calls),
        *names(texts / "nsfc_disciplines.jsonl.gz"),
        *paragraphs(texts / "tatoeba_zh_en.jsonl.gz", rng),
    ]


def _alone(sets: Sequence[DevelopmentSet], rng: np.random.Generator) -> Iterator[DevelopmentSet]:
    """The same needs over the set's own few hundred documents, and over a handful of them."""
    for one in sets:
        yield replace(one, name=f"{one.name}-alone", kind="bands")
        drawn = set(rng.choice(len(one.documents), size=HANDFUL, replace=False).tolist())
        few = [one.documents[key] for key in sorted(drawn)]
        questions = tuple(
            replace(
                asked, answers={key: grade for key, grade in asked.answers.items() if key in drawn}
            )
            for asked in one.questions
        )
        yield DevelopmentSet(f"{one.name}-handful", "bands", tuple(few), questions)


def needs_of_judged(folder: Path, strangers: Sequence[str]) -> list[DevelopmentSet]:
    """The project's own judged needs, in each language, among strangers."""
    rows = list(read_rows(folder / "corpus.jsonl"))
    place = {str(row["_id"]): key for key, row in enumerate(rows)}
    documents = [
        _document(key, str(row["text"]), str(row.get("title") or ""))
        for key, row in enumerate(rows)
    ]
    grades: dict[str, dict[int, float]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        if float(grade) > 0:
            grades.setdefault(query, {})[place[document]] = float(grade)
    questions = [
        _question(str(row["text"]), grades.get(str(row["_id"]), {}))
        for name in ("queries.jsonl", "unanswered.jsonl")
        for row in read_rows(folder / name)
    ]
    return _by_language("judged", documents, questions, strangers)


def needs_of_demo(folder: Path, strangers: Sequence[str]) -> list[DevelopmentSet]:
    """The demo set's needs, as written and as translated, among strangers."""
    rows = list(_rows_of(folder, "achievements"))
    place = {str(row["external_id"]): key for key, row in enumerate(rows)}
    documents = [
        _document(
            key,
            "\n".join(
                str(row[part])
                for part in ("summary", "problem", "advantages", "applications")
                if row.get(part)
            ),
            str(row["title"]),
        )
        for key, row in enumerate(rows)
    ]
    grades: dict[str, dict[int, float]] = {}
    for row in _rows_of(folder, "pairs"):
        own = grades.setdefault(str(row["need"]), {})
        if row["achievement"] is not None and int(row["grade"]) > 0:
            own[place[str(row["achievement"])]] = float(row["grade"])
    questions = []
    for row in _rows_of(folder, "needs"):
        answers = grades.get(str(row["external_id"]), {})
        questions.append(_question(f"{row['title']}\n{row['background']}", answers))
        if row.get("title_translated") and row.get("background_translated"):
            text = f"{row['title_translated']}\n{row['background_translated']}"
            questions.append(_question(text, answers))
    return _by_language("demo", documents, questions, strangers)


def _rows_of(folder: Path, kind: str) -> Iterator[Row]:
    for path in sorted(folder.glob(f"?_{kind}.jsonl")):
        yield from read_rows(path)


def _by_language(
    name: str, documents: list[Document], questions: list[Question], strangers: Sequence[str]
) -> list[DevelopmentSet]:
    """One set for each language that is asked in, all over the same documents."""
    whole = (*documents, *_documents(strangers, start=len(documents)))
    return [
        DevelopmentSet(
            f"{name}-{language}",
            "needs",
            whole,
            tuple(question for question in questions if question.language == language),
        )
        for language in ("zh", "en")
    ]


def opening_of_abstracts(abstracts: Sequence[str], rng: np.random.Generator) -> DevelopmentSet:
    """Chinese: the first sentence of an abstract asks for the rest of it."""
    pairs = []
    for text in abstracts:
        first, *rest = sentences(text) or [""]
        if rest and len("".join(rest)) > 2 * len(first):
            pairs.append((first[:LONGEST_TITLE_QUERY], "".join(rest)))
    asked = sorted(rng.choice(len(pairs), size=400, replace=False).tolist())
    documents = _documents([rest for _, rest in pairs])
    questions = tuple(Question(pairs[key][0], "zh", {key: 1.0}) for key in asked)
    return DevelopmentSet("openings-zh", "same", documents, questions)


def titles_and_halves(calls: Sequence[tuple[str, str]]) -> list[DevelopmentSet]:
    """English: the title of a call asks for its text, and its first half for the second."""
    held = [key for key, (title, _) in enumerate(calls) if is_held(title)]
    texts = [text for _, text in calls]
    tails = [text[len(text) // 2 :] for text in texts]
    titles = tuple(Question(calls[key][0], "en", {key: 1.0}) for key in held)
    heads = tuple(
        Question(texts[key][: len(texts[key]) // 2], "en", {key: 1.0})
        for key in held
        if len(texts[key]) >= LEAST_CALL
    )
    return [
        DevelopmentSet("titles-en", "same", _documents(texts), titles),
        DevelopmentSet("halves-en", "long", _documents(tails), heads),
    ]


def names(path: Path) -> list[DevelopmentSet]:
    """Names of disciplines ask for their twins in the other language."""
    rows = [row for row in read_rows(path) if row.get("name") and row.get("name_en")]
    held = [key for key, row in enumerate(rows) if is_held(str(row["name"]))]
    return [
        _twins("names-zh-en", rows, held, ("name", "name_en")),
        _twins("names-en-zh", rows, held, ("name_en", "name")),
    ]


def _twins(
    name: str, rows: Sequence[Row], held: Sequence[int], fields: tuple[str, str]
) -> DevelopmentSet:
    asked, found = ([str(row[one]) for row in rows] for one in fields)
    keys_of: dict[str, list[int]] = {}
    for key, text in enumerate(found):
        keys_of.setdefault(text.lower(), []).append(key)
    return DevelopmentSet(
        name,
        "across",
        _documents(found),
        tuple(
            _question(asked[key], dict.fromkeys(keys_of[found[key].lower()], 1.0)) for key in held
        ),
    )


def paragraphs(path: Path, rng: np.random.Generator) -> list[DevelopmentSet]:
    """A sentence asks for the paragraph of the other language that holds its translation."""
    pairs = {str(row["en"]): str(row["zh"]) for row in read_rows(path) if is_held(str(row["en"]))}
    both = [(zh, en) for en, zh in pairs.items() if len(en.split()) >= 6 and len(zh) >= 8]
    order = rng.permutation(len(both))
    groups = [
        [both[place] for place in order[start : start + SENTENCES_A_PARAGRAPH]]
        for start in range(0, len(both), SENTENCES_A_PARAGRAPH)
    ]
    found = []
    for name, asked, answer, joint in (("zh-en", 0, 1, " "), ("en-zh", 1, 0, "")):
        documents = _documents([joint.join(pair[answer] for pair in group) for group in groups])
        questions = tuple(
            _question(group[0][asked], {key: 1.0}) for key, group in enumerate(groups)
        )
        found.append(DevelopmentSet(f"paragraphs-{name}", "across", documents, questions))
    return found


def _question(text: str, answers: Mapping[int, float]) -> Question:
    return Question(text, detect_language(text), answers)


def _documents(texts: Iterable[str], *, start: int = 0) -> tuple[Document, ...]:
    return tuple(_document(key, text) for key, text in enumerate(texts, start))


def _document(key: int, text: str, title: str = "", side: Side = "achievement") -> Document:
    return Document(key, side, detect_language(f"{title}\n{text}"), title, text)
